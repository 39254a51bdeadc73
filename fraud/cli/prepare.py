"""Store -> point-in-time feature table."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fraud.cli.options import AsOf, ConfigPath, Overrides, WorkspacePath, configured, progress_bar, say
from fraud.config import RunConfig
from fraud.text import counted
from fraud.workspace import Workspace

if TYPE_CHECKING:
    from fraud.features import FeatureTable


def prepare(
    *, config: ConfigPath, workspace: WorkspacePath = Path(), as_of: AsOf = None, **overrides: Overrides
) -> None:
    """Build the features of every stored transaction, each from what was known at its own moment."""
    prepare_in(Workspace(workspace), configured(config, overrides, as_of))


def prepare_in(workspace: Workspace, config: RunConfig) -> "FeatureTable":
    """The feature table of the store's current version, read as of the day that the configuration names."""
    from fraud.data import TransactionStore
    from fraud.features import Limits, Recipe, parse_moment, prepare_features

    store = TransactionStore.of(workspace, config.dataset.name, config.dataset.store)
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    began = time.perf_counter()
    with workspace.lock(config.dataset.name, "fraud prepare"), progress_bar("prepare") as step:
        version = store.version
        table = prepare_features(
            store.scan(version),
            workspace.features(config.dataset.name),
            recipe=recipe,
            store_version=version,
            store_contents=store.contents(version),
            limits=Limits.of(config.engine),
            progress=step,
        )
    features = len(table.numeric) + len(table.categorical)
    size = f"{counted(table.transactions, 'row')} x {counted(features, 'feature')}"
    say(f"prepare: {size} in {time.perf_counter() - began:.1f} s")
    moment = parse_moment(config.split.as_of)
    if moment is not None:
        say(f"prepare: read as of {moment:%Y-%m-%d %H:%M}: nothing later is used, labels included")
    return table.as_known(moment)


if __name__ == "__main__":
    from fraud.cli.main import main

    main(["prepare", *sys.argv[1:]])
