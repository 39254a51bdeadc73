"""The feature build of one, four and sixteen million transactions, from a file to the table: in memory, and on disk."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from bench.inputs import handbook_config
from fraud.features.out_of_core import Limits
from fraud.features.prepare import prepare_features
from fraud.features.recipe import Recipe

IN_MEMORY, ON_DISK = Limits(memory_rows=10**9), Limits(memory_rows=1_000_000)


def prepare(folder: Path, *, rows: int, limits: Limits) -> Callable[[], None]:
    """``prepare_features``, as ``fraud prepare`` calls it."""
    config = handbook_config()
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    place = TemporaryDirectory(dir=folder)
    transactions = pl.scan_parquet(folder / f"growth-{rows}.parquet")

    def work() -> None:
        prepare_features(transactions, Path(place.name), recipe=recipe, store_version=0, limits=limits)

    return work


memory_1000000 = partial(prepare, rows=1_000_000, limits=IN_MEMORY)
memory_4000000 = partial(prepare, rows=4_000_000, limits=IN_MEMORY)
memory_16000000 = partial(prepare, rows=16_000_000, limits=IN_MEMORY)
disk_4000000 = partial(prepare, rows=4_000_000, limits=ON_DISK)
disk_16000000 = partial(prepare, rows=16_000_000, limits=ON_DISK)
