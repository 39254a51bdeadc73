"""The same as `fraud report`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["report", *sys.argv[1:]])
