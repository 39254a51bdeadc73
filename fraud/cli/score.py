"""A dump -> ranked alerts by the champion."""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import polars as pl
from cyclopts import Parameter

from fraud.cli.options import ConfigPath, Overrides, WorkspacePath, progress_bar, say, warn
from fraud.config import RunConfig, load_config
from fraud.errors import ModelError
from fraud.text import counted
from fraud.workspace import Workspace

if TYPE_CHECKING:
    from fraud.model import Bundle

Out = Annotated[Path, Parameter(help="Where the alerts go: .csv or .parquet.")]


def score(*dumps: str, out: Out, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """Score new transactions with the store's history, the highest score first; nothing is stored.

    Args:
        dumps: files, globs or folders; labels, if they have any, are not read.
        out: alerts.csv or alerts.parquet.
        config: the run's TOML file.
        workspace: folder of data/ and reports/.
        overrides: any key of the configuration.
    """
    from fraud.data import find_dumps
    from fraud.lifecycle import Registry
    from fraud.scoring import check_out, policy_note, write_alerts

    settings, place = load_config(config, overrides), Workspace(workspace)
    check_out(out, dumps=find_dumps(dumps), kept=_kept(place, settings))
    registry = Registry(place.registry, settings.dataset.name)
    champion = registry.champion()
    if champion is None:
        raise ModelError(f"score: '{settings.dataset.name}' has no champion yet; make one with `fraud run`")
    bundle = registry.load(champion.version)
    alerts, rejected, warnings = _score(dumps, bundle, settings, place)
    write_alerts(alerts, out)
    for warning in (*warnings, policy_note(bundle, settings.policy)):
        if warning:
            warn(warning)
    raised = counted(int(alerts["alert"].sum()), "alert")
    say(
        f"score: {counted(len(alerts), 'transaction')} by champion {champion.version} ({champion.strategy}), {raised}, "
        f"{counted(rejected, 'row')} rejected: {out}"
    )


def _score(
    dumps: Sequence[str], bundle: "Bundle", settings: RunConfig, place: Workspace
) -> tuple[pl.DataFrame, int, tuple[str | None, ...]]:
    """The alerts; how many rows broke the contract; what is to be said of the dumps."""
    from fraud.data import EventRange, TransactionStore, pseudonyms_for
    from fraud.features import Limits, Recipe
    from fraud.scoring import ScoringRequest, late_note, read_unlabelled, score_transactions

    name, address = settings.dataset.name, settings.dataset.store
    store = TransactionStore.of(place, name, address)
    stored = store.scan()
    era = EventRange(
        *stored.select(pl.col("event_time").min(), pl.col("event_time").max().alias("last")).collect().row(0)
    )
    recipe = Recipe.of(settings.columns, labels=settings.labels, windows=settings.features.windows)
    with TemporaryDirectory() as scratch, progress_bar("score") as step:
        new = read_unlabelled(
            dumps,
            Path(scratch),
            columns=settings.columns,
            labels=settings.labels,
            stored=era,
            store=store,
            accept=settings.dataset.accept,
            pseudonyms=pseudonyms_for(place, name, wanted=settings.privacy.pseudonymise, address=address),
        )
        asked = ScoringRequest.among(new.rows, stored, Path(scratch) / "asked")
        late = late_note(asked, era.last)
        alerts = score_transactions(
            bundle, asked, recipe, policy=settings.policy, limits=Limits.of(settings.engine), progress=step
        )
    return alerts, new.rejected, (*new.warnings, late)


def _kept(place: Workspace, settings: RunConfig) -> list[Path]:
    """Folders of the workspace in which nothing but what was stored may lie; the store's own where it is elsewhere."""
    name, address = settings.dataset.name, settings.dataset.store
    own = [place.store(name), place.quarantine(name), place.features(name), place.training_jobs(name)]
    elsewhere = [Path(address)] if address and "://" not in address else []
    return [*(folder.parent for folder in own), place.pseudonyms, place.registry, *elsewhere]


if __name__ == "__main__":
    from fraud.cli.main import main

    main(["score", *sys.argv[1:]])
