"""The same as `fraud inspect`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["inspect", *sys.argv[1:]])
