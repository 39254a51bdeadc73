"""The feature build of one new month against the whole build: `python scripts/benchmark_refresh.py CONFIG DUMP...`.

The last dump is the new month. Both builds run in this process, one after the other, and what counts is their ratio
of processor time: it hardly depends on what else the machine does. Every column and every row must be equal.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from fraud.config import load_config
from fraud.data.ingest import ingest_dumps
from fraud.data.store.table import TransactionStore, open_store
from fraud.features.prepare import prepare_features
from fraud.features.recipe import Recipe
from fraud.features.table import FeatureTable
from fraud.workspace import Workspace

REPEATS = 3


def main() -> None:
    """Ingest, build both ways ``REPEATS`` times, print seconds, ratio and whether the tables are equal."""
    config = load_config(Path(sys.argv[1]))
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    with TemporaryDirectory() as folder:
        place = Workspace(Path(folder))
        for dumps in (sys.argv[2:-1], sys.argv[-1:]):
            ingest_dumps(
                dumps,
                dataset=config.dataset.name,
                columns=config.columns,
                labels=config.labels,
                workspace=place,
                accept=config.dataset.accept,
            )
        store = open_store(place, config.dataset)
        for repeat in range(REPEATS):
            new, whole = (Path(folder) / f"{name}-{repeat}" for name in ("new", "whole"))
            _build(store, new, recipe, store.version - 1)
            (all_seconds, everything), (new_seconds, refreshed) = (
                _build(store, path, recipe, store.version) for path in (whole, new)
            )
            equal = everything.read().equals(refreshed.read())
            sys.stdout.write(
                f"whole {all_seconds:.2f} s, new month {new_seconds:.2f} s of processor time: "
                f"ratio {new_seconds / all_seconds:.2f}; equal: {equal}\n"
            )


def _build(store: TransactionStore, folder: Path, recipe: Recipe, version: int) -> tuple[float, FeatureTable]:
    began = time.process_time()
    table = prepare_features(store.scan(version), folder, recipe=recipe, store_version=version)
    return time.process_time() - began, table


if __name__ == "__main__":
    main()
