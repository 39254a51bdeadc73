"""The same as `fraud simulate`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["simulate", *sys.argv[1:]])
