"""The same as `fraud prepare`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["prepare", *sys.argv[1:]])
