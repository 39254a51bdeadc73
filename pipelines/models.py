"""List the registered models."""

import sys
from pathlib import Path
from typing import Any

from rich.table import Table

from fraud.config import load_config
from fraud.workspace import Workspace
from pipelines.options import ConfigPath, Overrides, WorkspacePath, console, say


def models(*, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """Every registered model with its headline figures, the champion marked."""
    from fraud.lifecycle.registry import Registry

    settings = load_config(config, overrides)
    versions = Registry(Workspace(workspace).registry, settings.dataset.name).versions()
    if not versions:
        say(f"models: none registered for '{settings.dataset.name}'; make one with `fraud run`")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("version", "in use", "strategy", "recall", "registered", "report"):
        table.add_column(heading)
    for one in versions:
        mark = "champion" if one.is_champion else ""
        created = f"{one.created:%Y-%m-%d %H:%M}"
        table.add_row(str(one.version), mark, one.strategy, _recall(one.figures), created, one.run_id)
    console.print(table)


def _recall(figures: Any) -> str:
    recall = figures.get("recall")
    return f"{recall['mean']:.3f} ({recall['low']:.3f} to {recall['high']:.3f})" if recall else ""


if __name__ == "__main__":
    from pipelines.cli import main

    main(["models", *sys.argv[1:]])
