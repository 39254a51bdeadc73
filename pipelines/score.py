"""A dump -> ranked alerts by the champion."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import polars as pl
from cyclopts import Parameter

from fraud.config import load_config
from fraud.errors import ConfigError, ModelError, StoreError
from fraud.workspace import Workspace
from pipelines.options import ConfigPath, Overrides, WorkspacePath, say

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
    from fraud.data.store import TransactionStore
    from fraud.features.table import Recipe
    from fraud.lifecycle.registry import Registry
    from fraud.lifecycle.scoring import read_unlabelled, score_transactions

    settings, place = load_config(config, overrides), Workspace(workspace)
    if out.suffix not in {".csv", ".parquet"}:
        raise ConfigError(f"--out {out}: must end in .csv or .parquet")
    registry = Registry(place.registry, settings.dataset.name)
    champion = registry.champion()
    if champion is None:
        raise ModelError(f"score: '{settings.dataset.name}' has no champion yet; make one with `fraud run`")
    columns = settings.columns
    stored = TransactionStore(place.store(settings.dataset.name)).scan()
    last_event = stored.select(pl.col("event_time").max()).collect().item()
    with TemporaryDirectory() as scratch:
        new, rejected = read_unlabelled(
            dumps, Path(scratch), columns=columns, labels=settings.labels, last_event=last_event
        )
        recipe = Recipe.of(columns, labels=settings.labels, windows=settings.features.windows)
        alerts = score_transactions(registry.load(champion.version), new, stored, recipe)
    _write(alerts, out)
    say(
        f"score: {len(alerts):,} transactions by champion {champion.version} ({champion.strategy}), "
        f"{int(alerts['alert'].sum()):,} alerts, {rejected:,} rows rejected: {out}"
    )


def _write(alerts: pl.DataFrame, out: Path) -> None:
    """Write the file whole or not at all."""
    beside = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix == ".csv":
            alerts.write_csv(beside)
        else:
            alerts.write_parquet(beside)
        os.replace(beside, out)
    except OSError as error:
        raise StoreError(f"{out}: cannot be written ({error.strerror}); give another path") from None
    finally:
        beside.unlink(missing_ok=True)


if __name__ == "__main__":
    from pipelines.cli import main

    main(["score", *sys.argv[1:]])
