"""Which registered model is in use: list them, put one into use, go back to the former one."""

from fraud.config import RunConfig
from fraud.lifecycle import RegisteredModel, Registry
from fraud.workspace import Workspace


def registry_of(config: RunConfig, *, workspace: Workspace) -> Registry:
    """The registry of a data set: its ``versions()``, ``champion()`` and ``champion_periods()``."""
    return Registry(workspace.registry, config.dataset.name)


def promote(version: int, config: RunConfig, *, workspace: Workspace) -> None:
    """Put a registered model into use.

    Raises:
        ModelError: there is no such version.
        StoreError: another process writes to the data set.
    """
    with workspace.lock(config.dataset.name, "fraud promote"):
        registry_of(config, workspace=workspace).promote(version)


def rollback(config: RunConfig, *, workspace: Workspace) -> RegisteredModel:
    """Undo the last promotion; the model that is in use again.

    Raises:
        ModelError: there was no champion before this one.
        StoreError: another process writes to the data set.
    """
    with workspace.lock(config.dataset.name, "fraud rollback"):
        return registry_of(config, workspace=workspace).rollback()
