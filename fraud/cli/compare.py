"""Strategies x seeds -> evidence and report."""

from pathlib import Path

from fraud.cli.options import AsOf, ConfigPath, Overrides, WorkspacePath, configured, shown_progress
from fraud.cli.summary import show_report
from fraud.workspace import Workspace


def compare(
    *, config: ConfigPath, workspace: WorkspacePath = Path(), as_of: AsOf = None, **overrides: Overrides
) -> None:
    """Train every strategy with every seed on the stored transactions, judge them at one operating point, report.

    A comparison that was stopped goes on where it was when the same command is given again.
    """
    from fraud import stages

    settings = configured(config, overrides, as_of)
    with shown_progress() as shown:
        report = stages.compare(settings, workspace=Workspace(workspace), on_progress=shown)
    show_report(report)
