"""Make a registered model the champion."""

from pathlib import Path

from fraud.cli.options import ConfigPath, Overrides, WorkspacePath, show
from fraud.config import load_config
from fraud.workspace import Workspace


def promote(version: int, *, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """Put a registered model into use; `fraud rollback` undoes it.

    Args:
        version: as `fraud models` lists it.
        config: the run's TOML file.
        workspace: folder of data/ and reports/.
        overrides: any key of the configuration.
    """
    from fraud import stages

    settings = load_config(config, overrides)
    stages.promote(version, settings, workspace=Workspace(workspace))
    show(f"promote: version {version} is the champion of '{settings.dataset.name}'")
