"""Bring the former champion back."""

from pathlib import Path

from fraud.cli.options import ConfigPath, Overrides, WorkspacePath, show
from fraud.config import load_config
from fraud.workspace import Workspace


def rollback(*, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """Undo the last promotion."""
    from fraud import stages

    settings = load_config(config, overrides)
    model = stages.rollback(settings, workspace=Workspace(workspace))
    show(f"rollback: version {model.version} ({model.strategy}) is the champion of '{settings.dataset.name}' again")
