"""The same as `fraud promote`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["promote", *sys.argv[1:]])
