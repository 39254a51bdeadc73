"""Dumps -> store -> features -> comparison -> report; the champion is registered."""

import shutil
import sys
from pathlib import Path

from fraud.config import RunConfig, load_config
from fraud.workspace import Workspace
from pipelines.options import ConfigPath, Overrides, WorkspacePath, say


def run(*dumps: str, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """From raw dumps to a report on fraud recall, with one command; the winner becomes the champion."""
    run_in(Workspace(workspace), load_config(config, overrides), dumps)


def run_in(workspace: Workspace, config: RunConfig, dumps: tuple[str, ...]) -> Path:
    """Ingest, prepare, compare, register and report; the path of the page."""
    from fraud.imbalance.strategies import get_strategy
    from fraud.lifecycle.registry import Registry
    from pipelines.compare import compare_in
    from pipelines.ingest import ingest_into
    from pipelines.prepare import prepare_in
    from pipelines.report import publish

    for strategy in config.comparison.strategies:
        get_strategy(strategy)  # a wrong name is said before the work, not after it
    warnings = ingest_into(workspace, config, dumps)
    prepare_in(workspace, config)
    compared = compare_in(workspace, config, warnings=warnings)
    registry = Registry(workspace.registry, config.dataset.name)
    figures = compared.bundle.provenance["figures"]
    version = registry.register(compared.bundle, run_id=compared.run_id, figures=figures)
    registry.promote(version)
    report = compared.report | {"champion": compared.report["champion"] | {"version": version}}
    page = publish(workspace, config, run_id=compared.run_id, report=report, evidence=compared.evidence)
    say(f"champion: version {version}, {compared.bundle.strategy}")
    shutil.rmtree(compared.cells, ignore_errors=True)
    return page


if __name__ == "__main__":
    from pipelines.cli import main

    main(["run", *sys.argv[1:]])
