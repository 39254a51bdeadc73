"""The same as `fraud ingest`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["ingest", *sys.argv[1:]])
