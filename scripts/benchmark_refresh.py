"""The feature build of one new month against the whole build.

python scripts/benchmark_refresh.py CONFIG DUMP... [--repeats 3]

The last dump is the new month. Both builds run in this process, one after the other, and what counts is their ratio
of processor time: it hardly depends on what else the machine does. Every column and every row must be equal, or the
command ends with 1. Takes about two minutes on the handbook's six dumps.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.command_line import parser_of, show
from bench.timing import Usage, timed

from fraud.config import RunConfig, load_config
from fraud.data import TransactionStore, ingest_dumps, open_store
from fraud.features import FeatureTable, Recipe, prepare_features
from fraud.workspace import Workspace


def main(arguments: Sequence[str] | None = None) -> int:
    """Build both ways again and again; print seconds, ratio and whether the tables are equal."""
    parser = parser_of(__doc__)
    parser.add_argument("config", type=Path, help="of the dumps")
    parser.add_argument("dumps", nargs="+", help="two or more, the new month last")
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args(arguments)
    config = load_config(args.config)
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    all_equal = True
    with TemporaryDirectory() as scratch:
        store = stored(args.dumps, config, Path(scratch))
        for repeat in range(args.repeats):
            new, whole = (Path(scratch) / f"{name}-{repeat}" for name in ("new", "whole"))
            build(store, new, recipe, store.version - 1)
            (everything, all_usage), (refreshed, new_usage) = (
                build(store, folder, recipe, store.version) for folder in (whole, new)
            )
            equal = everything.read().equals(refreshed.read())
            all_equal = all_equal and equal
            show(
                f"whole {all_usage.core_seconds:.2f} s, new month {new_usage.core_seconds:.2f} s of processor time: "
                f"ratio {new_usage.core_seconds / all_usage.core_seconds:.2f}; equal: {equal}"
            )
    return 0 if all_equal else 1


def stored(dumps: Sequence[str], config: RunConfig, folder: Path) -> TransactionStore:
    """A store of two versions: all dumps but the last, then all."""
    workspace = Workspace(folder)
    for given in (dumps[:-1], dumps[-1:]):
        ingest_dumps(
            given,
            dataset=config.dataset.name,
            columns=config.columns,
            labels=config.labels,
            workspace=workspace,
            accept=config.dataset.accept,
        )
    return open_store(workspace, config.dataset)


def build(store: TransactionStore, folder: Path, recipe: Recipe, version: int) -> tuple[FeatureTable, Usage]:
    """The feature table of a version of the store; where the folder holds an earlier one, only what is new is made."""
    return timed(lambda: prepare_features(store.scan(version), folder, recipe=recipe, store_version=version))


if __name__ == "__main__":
    sys.exit(main())
