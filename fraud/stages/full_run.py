"""Dumps -> store -> features -> comparison -> report; the champion is registered."""

from fraud.config import RunConfig
from fraud.errors import ConfigError
from fraud.imbalance import get_strategy
from fraud.lifecycle import Registry, card_of
from fraud.stages.comparison import compare_features
from fraud.stages.dumps import Dumps
from fraud.stages.ingestion import ingest
from fraud.stages.preparation import prepare
from fraud.stages.progress import OnProgress, ignore
from fraud.stages.report import Report
from fraud.stages.run_folder import publish
from fraud.stages.run_record import store_of
from fraud.workspace import Workspace


def run(dumps: Dumps, config: RunConfig, *, workspace: Workspace, on_progress: OnProgress = ignore) -> Report:
    """From raw dumps to a report on fraud recall; the chosen model becomes the champion.

    A model that is not shown to rank fraud better than chance is registered without becoming the champion.

    A run that was stopped goes on where it was when it is called again with the same dumps and configuration.

    Args:
        dumps: files, globs or folders; or frames.
        config: of the run.
        workspace: where everything is kept.
        on_progress: called at each step.

    Raises:
        FraudError: the configuration, the data or the workspace is at fault; the message names it.
    """
    for strategy in config.comparison.strategies:
        get_strategy(strategy)  # a wrong name is reported before the work, not after it
    with workspace.lock(config.dataset.name, "fraud run"):
        _check_labelled(workspace, config)
        registry = Registry(workspace.registry, config.dataset.name)
        registry.versions()  # as is a registry out of reach
        return _run_locked(dumps, config, workspace, registry, on_progress)


def _check_labelled(workspace: Workspace, config: RunConfig) -> None:
    """Check that something may be labelled, before anything is stored under a mapping that must be changed."""
    if config.columns.is_fraud is None and not store_of(workspace, config).exists:
        raise ConfigError(
            f"[columns]: no is_fraud, and nothing is stored of '{config.dataset.name}': expected the column that shows "
            "what was fraud; set is_fraud, or store transactions and their labels with `fraud ingest` first"
        )


def _run_locked(
    dumps: Dumps, config: RunConfig, workspace: Workspace, registry: Registry, on_progress: OnProgress
) -> Report:
    """Register and promote last: nothing is in use before its report gives the reason."""
    stored = ingest(dumps, config, workspace=workspace, on_progress=on_progress)
    table = prepare(config, workspace=workspace, on_progress=on_progress)
    warnings = tuple(dict.fromkeys((*stored.earlier, *stored.warnings)))
    compared = compare_features(table, config, workspace=workspace, warnings=warnings, on_progress=on_progress)
    bundle, attempt = compared.bundle, compared.attempt
    card = card_of(bundle, compared.report)
    version = registry.register(bundle, run_id=attempt.run_id, figures=bundle.provenance["figures"], card=card)
    chosen = compared.report["champion"]
    rows = {row["name"]: row for row in compared.report["strategies"]}
    row = rows[chosen["strategy"]]
    in_use = bool(row["ranks_above_chance"] or row["finds_above_chance"])
    record = compared.report | {"champion": chosen | {"version": version, "in_use": in_use}}
    report = publish(
        workspace, run_id=attempt.run_id, report=record, evidence=compared.evidence, config_toml=config.to_toml()
    )
    if in_use:
        registry.promote(version, how="run")
    attempt.end()
    return report
