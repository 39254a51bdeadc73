"""Dumps -> store."""

from pathlib import Path

from fraud.cli.options import ConfigPath, Overrides, WorkspacePath, shown_progress
from fraud.config import load_config
from fraud.workspace import Workspace


def ingest(*dumps: str, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """Read, check and store dumps; the same dump twice changes nothing, later labels update earlier rows."""
    from fraud import stages

    settings = load_config(config, overrides)
    with shown_progress() as shown:
        stages.ingest(dumps, settings, workspace=Workspace(workspace), on_progress=shown)
