"""``python -m fraud STAGE`` is ``fraud STAGE``, for programs that start modules, as torchrun does."""

from fraud.cli.main import main

if __name__ == "__main__":
    main()
