"""Strategies x seeds -> evidence and report."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fraud.config import RunConfig
from fraud.evaluation import bundle_of, compare_strategies, count_steps, findings_of
from fraud.features import FeatureTable
from fraud.lifecycle import Attempt, begin_attempt
from fraud.model import Bundle
from fraud.stages.preparation import prepare
from fraud.stages.progress import OnProgress, ignore, steps_of
from fraud.stages.report import Report
from fraud.stages.run_folder import publish
from fraud.stages.run_record import bundle_origin, comparison_data, jobs_folder, record_of
from fraud.text import counted
from fraud.workspace import Workspace


@dataclass(frozen=True)
class Compared:
    """A finished comparison: what is published as its report, and the winner's bundle."""

    attempt: Attempt
    report: dict[str, Any]
    evidence: dict[str, Any]
    bundle: Bundle


def compare(config: RunConfig, *, workspace: Workspace, on_progress: OnProgress = ignore) -> Report:
    """Train every strategy with every seed on the stored transactions, judge them at one operating point, report.

    A comparison that was stopped goes on where it was when it is called again with the same configuration.

    Args:
        config: of the run.
        workspace: where the store is; features and report are written there.
        on_progress: called at each step.

    Raises:
        FraudError: the configuration, the data or the workspace is at fault; the message names it.
    """
    with workspace.lock(config.dataset.name, "fraud compare"):
        table = prepare(config, workspace=workspace, on_progress=on_progress)
        compared = compare_features(table, config, workspace=workspace, on_progress=on_progress)
        report = publish(
            workspace,
            run_id=compared.attempt.run_id,
            report=compared.report,
            evidence=compared.evidence,
            config_toml=config.to_toml(),
        )
        compared.attempt.end()
    return report


def compare_features(
    table: FeatureTable,
    config: RunConfig,
    *,
    workspace: Workspace,
    warnings: tuple[str, ...] = (),
    on_progress: OnProgress = ignore,
) -> Compared:
    """Compare on the prepared features; nothing is published yet.

    Args:
        table: the prepared features, read as of the day of the run.
        config: of the run.
        workspace: of the run, whose lock is held.
        warnings: of the stages before, for the report.
        on_progress: called at each step.
    """
    version = table.store_version
    folder = jobs_folder(workspace, config, version)
    attempt = begin_attempt(folder, now=datetime.now(UTC), dataset=config.dataset.name, store_version=version)
    total = count_steps(config.comparison, folds=config.split.folds) + 2
    with steps_of("compare", on_progress, total=total) as step:
        data = comparison_data(workspace, config, table, folder=folder)
        step(f"{counted(len(data.split.train.rows), 'training row')} encoded")
        outcome = compare_strategies(data, config.comparison, policy=config.policy, engine=config.engine, progress=step)
        row = next(one.row for one in outcome.strategies if one.name == outcome.choice.strategy)
        bundle = bundle_of(
            *outcome.champion,
            data,
            origin=bundle_origin(config, run_id=attempt.run_id, store_version=version),
            row=row,
            policy=outcome.policy,
        )
        findings = findings_of(outcome, data, bundle, margin=config.comparison.margin)
        step(f"importance of each feature to {outcome.choice.strategy}")
    report, evidence = record_of(workspace, config, table, data, attempt, findings=findings, warnings=warnings)
    return Compared(attempt=attempt, report=report, evidence=evidence, bundle=bundle)
