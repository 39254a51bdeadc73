"""The feature build of three sizes of transactions, from a file to the table: in memory, and on disk."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from bench.inputs import handbook_config
from bench.sizes import Sizes
from fraud.features import Limits, Recipe, prepare_features


def prepare(folder: Path, *, size: int, on_disk: bool) -> Callable[[], None]:
    """``prepare_features``, as ``fraud prepare`` calls it, of the ``size``-th of ``Sizes.growth_rows``."""
    config, sizes = handbook_config(), Sizes.of(folder)
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    limits = Limits(memory_rows=sizes.memory_rows if on_disk else 10**9)
    transactions = pl.scan_parquet(folder / f"growth-{sizes.growth_rows[size]}.parquet")

    def work() -> None:
        with TemporaryDirectory(dir=folder) as made:
            prepare_features(transactions, Path(made), recipe=recipe, store_version=0, limits=limits)

    return work


memory_small = partial(prepare, size=0, on_disk=False)
memory_middle = partial(prepare, size=1, on_disk=False)
memory_large = partial(prepare, size=2, on_disk=False)
disk_middle = partial(prepare, size=1, on_disk=True)
disk_large = partial(prepare, size=2, on_disk=True)
