"""Dumps -> store -> features -> comparison -> report; the champion is registered."""

from pathlib import Path

from fraud.cli.options import AsOf, ConfigPath, Overrides, WorkspacePath, configured, show, shown_progress
from fraud.cli.summary import show_report
from fraud.config import RunConfig
from fraud.stages import Report
from fraud.workspace import Workspace

NOT_IN_USE = 4
"""Exit code of a run whose model is not shown to rank fraud better than chance."""


def run(
    *dumps: str,
    config: ConfigPath,
    workspace: WorkspacePath = Path(),
    as_of: AsOf = None,
    **overrides: Overrides,
) -> int:
    """From raw dumps to a report on fraud recall, with one command; the chosen model becomes the champion."""
    report = run_and_show(dumps, configured(config, overrides, as_of), Workspace(workspace))
    return 0 if report.record["champion"]["in_use"] else NOT_IN_USE


def run_and_show(dumps: tuple[str, ...], config: RunConfig, workspace: Workspace) -> Report:
    """Run, and show what it found."""
    from fraud import stages

    with shown_progress() as shown:
        report = stages.run(dumps, config, workspace=workspace, on_progress=shown)
    show_report(report)
    champion = report.record["champion"]
    if champion["in_use"]:
        show(f"champion: version {champion['version']}, {champion['strategy']}")
    else:
        show(
            f"no new champion: version {champion['version']}, {champion['strategy']}, is registered and not in use, as "
            f"it is not shown to rank fraud better than chance; `fraud promote {champion['version']}` uses it anyway"
        )
    return report
