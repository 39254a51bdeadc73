"""The same as `fraud demo`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["demo", *sys.argv[1:]])
