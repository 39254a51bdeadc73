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
    from fraud.features.build import prepare_features

    store = TransactionStore(workspace.store(config.dataset.name))
    folder, columns, windows = workspace.features(config.dataset.name), config.columns, config.features.windows
    began = time.perf_counter()
    table = prepare_features(
        store.scan(),
        folder,
        store_version=store.version,
        entities=columns.entity_names,
        numeric=columns.numeric,
        categorical=columns.categorical,
        windows=windows,
        has_amount=columns.amount is not None,
        delay_days=config.labels.delay_days if columns.label_time else None,
        has_calendar=not columns.event_time.is_row_order,
    )
    features = len(table.numeric) + len(table.categorical)
    say(f"prepare: {table.transactions:,} rows x {features} features in {time.perf_counter() - began:.1f} s")
    return table


if __name__ == "__main__":
    from pipelines.cli import main

    main(["prepare", *sys.argv[1:]])
