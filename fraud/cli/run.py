"""Dumps -> store -> features -> comparison -> report; the champion is registered."""

import sys
from pathlib import Path

from fraud.cli.options import AsOf, ConfigPath, Overrides, WorkspacePath, configured, say
from fraud.config import RunConfig
from fraud.errors import ConfigError
from fraud.workspace import Workspace


def run(
    *dumps: str,
    config: ConfigPath,
    workspace: WorkspacePath = Path(),
    as_of: AsOf = None,
    **overrides: Overrides,
) -> None:
    """From raw dumps to a report on fraud recall, with one command; the winner becomes the champion."""
    run_in(Workspace(workspace), configured(config, overrides, as_of), dumps)


def run_in(workspace: Workspace, config: RunConfig, dumps: tuple[str, ...]) -> Path:
    """Ingest, prepare, compare, register and report; the path of the page."""
    from fraud.imbalance import get_strategy

    for strategy in config.comparison.strategies:
        get_strategy(strategy)  # a wrong name is said before the work, not after it
    with workspace.lock(config.dataset.name, "fraud run"):
        return _run_locked(workspace, config, dumps)


def _check_labelled(workspace: Workspace, config: RunConfig) -> None:
    """See that something may be labelled, before anything is stored under a mapping that must be mended."""
    from fraud.data import TransactionStore

    name, address = config.dataset.name, config.dataset.store
    if config.columns.is_fraud is None and not TransactionStore.of(workspace, name, address).exists:
        raise ConfigError(
            f"[columns]: no is_fraud, and nothing is stored of '{name}': expected the column that says what was fraud; "
            "set is_fraud, or store transactions and their labels with `fraud ingest` first"
        )


def _run_locked(workspace: Workspace, config: RunConfig, dumps: tuple[str, ...]) -> Path:
    from fraud.cli.compare import compare_in
    from fraud.cli.ingest import ingest_into
    from fraud.cli.prepare import prepare_in
    from fraud.cli.report import publish
    from fraud.lifecycle import Registry, card_of

    _check_labelled(workspace, config)
    registry = Registry(workspace.registry, config.dataset.name)
    registry.versions()  # a registry out of reach is said before the work, not after it
    warnings = ingest_into(workspace, config, dumps)
    compared = compare_in(workspace, config, prepare_in(workspace, config), warnings=warnings)
    bundle, attempt = compared.bundle, compared.attempt
    card = card_of(bundle, compared.report)
    version = registry.register(bundle, run_id=attempt.run_id, figures=bundle.provenance["figures"], card=card)
    report = compared.report | {"champion": compared.report["champion"] | {"version": version}}
    page = publish(workspace, config, run_id=attempt.run_id, report=report, evidence=compared.evidence)
    registry.promote(version, how="run")  # last: nothing is in use before its report says why
    say(f"champion: version {version}, {bundle.strategy}")
    attempt.end()
    return page


if __name__ == "__main__":
    from fraud.cli.main import main

    main(["run", *sys.argv[1:]])
