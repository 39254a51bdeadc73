"""The feature build of one, four and sixteen million transactions, from a file to the table on disk."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from bench.inputs import handbook_config
from fraud.features.build import prepare_features
from fraud.features.table import Recipe


def prepare(folder: Path, *, rows: int) -> Callable[[], None]:
    """``prepare_features``, as ``fraud prepare`` calls it."""
    config = handbook_config()
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    place = TemporaryDirectory(dir=folder)
    transactions = pl.scan_parquet(folder / f"growth-{rows}.parquet")

    def work() -> None:
        prepare_features(transactions, Path(place.name), recipe=recipe, store_version=0)

    return work


rows_1000000 = partial(prepare, rows=1_000_000)
rows_4000000 = partial(prepare, rows=4_000_000)
rows_16000000 = partial(prepare, rows=16_000_000)
