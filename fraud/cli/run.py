"""Dumps -> store -> features -> comparison -> report; the champion is registered."""

from pathlib import Path

from fraud.cli.options import AsOf, ConfigPath, Overrides, WorkspacePath, configured, show, shown_progress
from fraud.cli.summary import show_report
from fraud.config import RunConfig
from fraud.workspace import Workspace


def run(
    *dumps: str,
    config: ConfigPath,
    workspace: WorkspacePath = Path(),
    as_of: AsOf = None,
    **overrides: Overrides,
) -> None:
    """From raw dumps to a report on fraud recall, with one command; the winner becomes the champion."""
    run_and_show(dumps, configured(config, overrides, as_of), Workspace(workspace))


def run_and_show(dumps: tuple[str, ...], config: RunConfig, workspace: Workspace) -> Path:
    """Run, and show what it found; the path of the page."""
    from fraud import stages

    with shown_progress() as shown:
        report = stages.run(dumps, config, workspace=workspace, on_progress=shown)
    show_report(report)
    champion = report.record["champion"]
    show(f"champion: version {champion['version']}, {champion['strategy']}")
    return report.page
