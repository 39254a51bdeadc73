"""A dump -> ranked alerts by the champion."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from fraud.config import RunConfig
from fraud.data import EventRange, find_dumps, pseudonyms_for
from fraud.errors import ModelError
from fraud.features import Limits, Recipe
from fraud.lifecycle import Registry
from fraud.model import Bundle
from fraud.scoring import (
    ScoringRequest,
    check_out,
    late_note,
    policy_note,
    read_unlabelled,
    score_transactions,
    write_alerts,
)
from fraud.stages.dumps import Dumps, dump_paths
from fraud.stages.progress import OnProgress, ignore, steps_of
from fraud.stages.run_record import store_of
from fraud.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class ScoreResult:
    """Scored transactions."""

    alerts: pl.DataFrame
    """One row a transaction, the highest score first: ``rank``, ``transaction_id``, ``event_time``, the entities,
    ``probability``, ``alert`` (at the champion's threshold), ``reason_1`` to ``reason_3``; where there are amounts,
    ``amount`` and ``expected_loss``; with a daily budget of alerts, ``in_budget``; where an alert is a card on a day,
    its highest transaction alone is marked, and ``others_that_day`` counts the others."""
    version: int
    """Of the champion."""
    strategy: str
    """That the champion was trained with."""
    rejected: int
    """Rows that broke the contract and are not scored."""
    warnings: tuple[str, ...]
    """What to know before the alerts are used, a sentence each."""


def score(
    dumps: Dumps,
    config: RunConfig,
    *,
    workspace: Workspace,
    out: Path | None = None,
    on_progress: OnProgress = ignore,
) -> ScoreResult:
    """Score new transactions with the store's history by the champion; nothing is stored.

    Args:
        dumps: files, globs or folders; or frames. Labels, if they have any, are not read.
        config: of the run that made the champion.
        workspace: where store and registry are.
        out: a .csv or .parquet file that the alerts are written to, whole or not at all.
        on_progress: called at each step.

    Raises:
        ModelError: there is no champion, or it needs other features than the configuration makes.
        ConfigError: ``out`` ends in something else, is one of the dumps, or lies among the workspace's data.
        DumpError: a dump cannot be read or mapped, or lies before the store or years after it.
    """
    with dump_paths(dumps) as paths:
        if out is not None:
            check_out(out, dumps=find_dumps(paths), kept=_kept(workspace, config))
        registry = Registry(workspace.registry, config.dataset.name)
        champion = registry.champion()
        if champion is None:
            raise ModelError(f"score: '{registry.name}' has no champion yet; make one with `fraud run`")
        bundle = registry.load(champion.version)
        alerts, rejected, warnings = _score(paths, bundle, config, workspace, on_progress)
    if out is not None:
        write_alerts(alerts, out)
    notes = (*warnings, policy_note(bundle, config.policy))
    return ScoreResult(
        alerts=alerts,
        version=champion.version,
        strategy=champion.strategy,
        rejected=rejected,
        warnings=tuple(note for note in notes if note),
    )


def _score(
    paths: Sequence[str], bundle: Bundle, config: RunConfig, workspace: Workspace, on_progress: OnProgress
) -> tuple[pl.DataFrame, int, tuple[str | None, ...]]:
    """The alerts, the number of rows that broke the contract, and the warnings about the dumps."""
    name, address = config.dataset.name, config.dataset.store
    store = store_of(workspace, config)
    stored = store.scan()
    events = EventRange(
        *stored.select(pl.col("event_time").min(), pl.col("event_time").max().alias("last")).collect().row(0)
    )
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    with TemporaryDirectory() as scratch, steps_of("score", on_progress) as step:
        new = read_unlabelled(
            paths,
            Path(scratch),
            columns=config.columns,
            labels=config.labels,
            stored=events,
            store=store,
            accept=config.dataset.accept,
            pseudonyms=pseudonyms_for(workspace, name, wanted=config.privacy.pseudonymise, address=address),
        )
        request = ScoringRequest.among(new.rows, stored, Path(scratch) / "request")
        late = late_note(request, events.last)
        alerts = score_transactions(
            bundle, request, recipe, policy=config.policy, limits=Limits.of(config.engine), progress=step
        )
    return alerts, new.rejected, (*new.warnings, late)


def _kept(workspace: Workspace, config: RunConfig) -> list[Path]:
    """Folders of the workspace in which nothing but what was stored may lie; the store's own where it is elsewhere."""
    name, address = config.dataset.name, config.dataset.store
    own = [workspace.store(name), workspace.quarantine(name), workspace.features(name), workspace.training_jobs(name)]
    elsewhere = [Path(address)] if address and "://" not in address else []
    return [*(folder.parent for folder in own), workspace.pseudonyms, workspace.registry, *elsewhere]
