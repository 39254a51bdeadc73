"""The same as `fraud compare`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["compare", *sys.argv[1:]])
