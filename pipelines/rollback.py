"""The same as `fraud rollback`."""

import sys

from fraud.cli.main import main

if __name__ == "__main__":
    main(["rollback", *sys.argv[1:]])
