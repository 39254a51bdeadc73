"""A dump -> ranked alerts by the champion."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import polars as pl
from cyclopts import Parameter

from fraud.config import load_config
from fraud.errors import ConfigError, ModelError
from fraud.workspace import Workspace
from pipelines.options import ConfigPath, Overrides, WorkspacePath, progress_bar, say, warn

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
    from fraud.data.eras import Era
    from fraud.data.pseudonyms import pseudonyms_for
    from fraud.data.store import TransactionStore
    from fraud.features.table import Recipe
    from fraud.lifecycle.alert_file import FORMATS, write_alerts
    from fraud.lifecycle.registry import Registry
    from fraud.lifecycle.scoring import late_note, policy_note, read_unlabelled, score_transactions

    settings, place = load_config(config, overrides), Workspace(workspace)
    if out.suffix not in FORMATS:
        raise ConfigError(f"--out {out}: must end in {' or '.join(FORMATS)}")
    registry = Registry(place.registry, settings.dataset.name)
    champion = registry.champion()
    if champion is None:
        raise ModelError(f"score: '{settings.dataset.name}' has no champion yet; make one with `fraud run`")
    columns = settings.columns
    store = TransactionStore.of(place, settings.dataset.name, settings.dataset.store)
    stored = store.scan()
    era = Era(*stored.select(pl.col("event_time").min(), pl.col("event_time").max().alias("last")).collect().row(0))
    with TemporaryDirectory() as scratch, progress_bar("score") as step:
        new = read_unlabelled(
            dumps,
            Path(scratch),
            columns=columns,
            labels=settings.labels,
            stored=era,
            store=store,
            accept=settings.dataset.accept,
            pseudonyms=pseudonyms_for(
                place,
                settings.dataset.name,
                wanted=settings.privacy.pseudonymise,
                address=settings.dataset.store,
            ),
        )
        late = late_note(new.rows, stored, era.last)
        recipe = Recipe.of(columns, labels=settings.labels, windows=settings.features.windows)
        bundle = registry.load(champion.version)
        alerts = score_transactions(bundle, new.rows, stored, recipe, policy=settings.policy, progress=step)
    write_alerts(alerts, out)
    for warning in (*new.warnings, late, policy_note(bundle, settings.policy)):
        if warning:
            warn(warning)
    say(
        f"score: {len(alerts):,} transactions by champion {champion.version} ({champion.strategy}), "
        f"{int(alerts['alert'].sum()):,} alerts, {new.rejected:,} rows rejected: {out}"
    )


if __name__ == "__main__":
    from pipelines.cli import main

    main(["score", *sys.argv[1:]])
