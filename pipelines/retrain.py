"""The same as `fraud retrain`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["retrain", *sys.argv[1:]])
