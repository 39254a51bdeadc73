"""The stages as scripts of a checkout: `python -m pipelines.STAGE` is `fraud STAGE`."""
