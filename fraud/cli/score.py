"""A dump -> ranked alerts by the champion."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from fraud.cli.options import ConfigPath, Overrides, WorkspacePath, show, shown_progress, warn
from fraud.config import load_config
from fraud.text import counted
from fraud.workspace import Workspace

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
    from fraud import stages

    settings = load_config(config, overrides)
    with shown_progress() as shown:
        found = stages.score(dumps, settings, workspace=Workspace(workspace), out=out, on_progress=shown)
    for warning in found.warnings:
        warn(warning)
    raised = counted(int(found.alerts["alert"].sum()), "alert")
    show(
        f"score: {counted(len(found.alerts), 'transaction')} by champion {found.version} ({found.strategy}), {raised}, "
        f"{counted(found.rejected, 'row')} rejected: {out}"
    )
