"""The same as `fraud train`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
