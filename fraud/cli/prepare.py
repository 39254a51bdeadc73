"""Store -> point-in-time feature table."""

from pathlib import Path

from fraud.cli.options import AsOf, ConfigPath, Overrides, WorkspacePath, configured, shown_progress
from fraud.workspace import Workspace


def prepare(
    *, config: ConfigPath, workspace: WorkspacePath = Path(), as_of: AsOf = None, **overrides: Overrides
) -> None:
    """Build the features of every stored transaction, each from what was known at its own moment."""
    from fraud import stages

    settings = configured(config, overrides, as_of)
    with shown_progress() as shown:
        stages.prepare(settings, workspace=Workspace(workspace), on_progress=shown)
