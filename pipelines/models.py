"""The same as `fraud models`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["models", *sys.argv[1:]])
