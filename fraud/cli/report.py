"""Render a run's report again."""

from pathlib import Path

from fraud.cli.options import WorkspacePath, show
from fraud.workspace import Workspace


def report(run: str, *, workspace: WorkspacePath = Path()) -> None:
    """Render a run's report again from its record.

    Args:
        run: id of the run, or its folder.
        workspace: folder of data/ and reports/.
    """
    from fraud import stages

    show(f"report: {stages.render_again(run, workspace=Workspace(workspace))}")
