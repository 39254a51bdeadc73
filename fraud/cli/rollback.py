"""Bring the former champion back."""

import sys
from pathlib import Path

from fraud.cli.options import ConfigPath, Overrides, WorkspacePath, say
from fraud.config import load_config
from fraud.workspace import Workspace


def rollback(*, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """Undo the last promotion."""
    from fraud import stages

    settings = load_config(config, overrides)
    model = stages.rollback(settings, workspace=Workspace(workspace))
    say(f"rollback: version {model.version} ({model.strategy}) is the champion of '{settings.dataset.name}' again")


if __name__ == "__main__":
    from fraud.cli.main import main

    main(["rollback", *sys.argv[1:]])
