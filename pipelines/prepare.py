"""Store -> point-in-time feature table."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fraud.config import RunConfig, load_config
from fraud.workspace import Workspace
from pipelines.options import ConfigPath, Overrides, WorkspacePath, say

if TYPE_CHECKING:
    from fraud.features.table import FeatureTable


def prepare(*, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """Build the features of every stored transaction, each from what was known at its own moment."""
    prepare_in(Workspace(workspace), load_config(config, overrides))


def prepare_in(workspace: Workspace, config: RunConfig) -> "FeatureTable":
    """The feature table of the store's current version."""
    from fraud.data.store import TransactionStore
    from fraud.features.build import Recipe, prepare_features

    store = TransactionStore(workspace.store(config.dataset.name))
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    began = time.perf_counter()
    table = prepare_features(
        store.scan(), workspace.features(config.dataset.name), recipe=recipe, store_version=store.version
    )
    features = len(table.numeric) + len(table.categorical)
    say(f"prepare: {table.transactions:,} rows x {features} features in {time.perf_counter() - began:.1f} s")
    return table


if __name__ == "__main__":
    from pipelines.cli import main

    main(["prepare", *sys.argv[1:]])
