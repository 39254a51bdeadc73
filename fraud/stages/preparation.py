"""Store -> point-in-time feature table."""

import time

from fraud.config import RunConfig
from fraud.data import open_store
from fraud.features import FeatureTable, Limits, Recipe, parse_moment, prepare_features
from fraud.stages.progress import OnProgress, Progress, ignore, steps_of
from fraud.text import counted
from fraud.workspace import Workspace


def prepare(config: RunConfig, *, workspace: Workspace, on_progress: OnProgress = ignore) -> FeatureTable:
    """The feature table of the store's current version, read as of the day that the configuration names.

    Args:
        config: of the run.
        workspace: where the store and the features are.
        on_progress: called at each step.

    Raises:
        StoreError: nothing is stored, the store cannot be read, or another process writes to the data set.
    """
    moment = parse_moment(config.split.as_of)
    store = open_store(workspace, config.dataset)
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    began = time.perf_counter()
    with workspace.lock(config.dataset.name, "fraud prepare"), steps_of("prepare", on_progress) as step:
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
    sentence = f"prepare: {counted(table.transactions, 'row')} x {counted(features, 'feature')}"
    on_progress(Progress(stage="prepare", text=f"{sentence} in {time.perf_counter() - began:.1f} s", is_result=True))
    if moment is not None:
        text = f"prepare: read as of {moment:%Y-%m-%d %H:%M}: nothing later is used, labels included"
        on_progress(Progress(stage="prepare", text=text, is_result=True))
    return table.as_known(moment)
