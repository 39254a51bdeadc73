"""The same as `fraud score`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["score", *sys.argv[1:]])
