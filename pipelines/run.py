"""The same as `fraud run`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["run", *sys.argv[1:]])
