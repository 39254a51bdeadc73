"""The registry: every model, and who was champion from when to when."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from fraud.cli.options import ConfigPath, Overrides, WorkspacePath, console, show
from fraud.config import load_config
from fraud.workspace import Workspace

if TYPE_CHECKING:
    from fraud.lifecycle import ChampionPeriod, RegisteredModel


def models(*, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """Every registered model: what it found on which window, and when it was the champion."""
    from fraud import stages

    settings = load_config(config, overrides)
    registry = stages.registry_of(settings, workspace=Workspace(workspace))
    versions = registry.versions()
    if not versions:
        show(f"models: none registered for '{settings.dataset.name}'; make one with `fraud run`")
        return
    console.print(_models(versions, registry.champion_periods()))


def _models(versions: Sequence["RegisteredModel"], champion_periods: Sequence["ChampionPeriod"]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("version", "alias", "strategy", "recall", "judged on", "registered", "in use (UTC)", "report"):
        table.add_column(heading)
    for one in versions:
        ruled = "; ".join(_span(period) for period in champion_periods if period.version == one.version)
        created = f"{one.created:%Y-%m-%d}"
        aliases = ", ".join(one.aliases)
        recall, window = _recall(one.figures), _window(one.window)
        table.add_row(str(one.version), aliases, one.strategy, recall, window, created, ruled or "never", one.run_id)
    return table


def _span(period: "ChampionPeriod") -> str:
    end = f"to {period.until:%Y-%m-%d %H:%M}" if period.until else "on"
    return f"from {period.since:%Y-%m-%d %H:%M} {end}"


def _recall(figures: Mapping[str, Any]) -> str:
    recall = figures.get("recall")
    if not recall:
        return ""
    if recall["low"] is None or recall["high"] is None:
        return f"{recall['mean']:.3f}"
    return f"{recall['mean']:.3f} ({recall['low']:.3f} to {recall['high']:.3f})"


def _window(window: Mapping[str, str]) -> str:
    """First and last day; the end is exclusive."""
    if not window:
        return ""
    start, end = (datetime.fromisoformat(window[name]) for name in ("from", "to"))
    return f"{start:%Y-%m-%d} to {end - timedelta(microseconds=1):%Y-%m-%d}"
