"""Strategies x seeds -> evidence and report."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fraud.cli.options import AsOf, ConfigPath, Overrides, WorkspacePath, configured, progress_bar
from fraud.config import RunConfig
from fraud.text import counted
from fraud.workspace import Workspace

if TYPE_CHECKING:
    from fraud.features import FeatureTable
    from fraud.lifecycle import Attempt
    from fraud.model import Bundle


@dataclass(frozen=True)
class Compared:
    """A finished comparison: what is published as its report, and the winner's bundle."""

    attempt: "Attempt"
    report: dict[str, Any]
    evidence: dict[str, Any]
    bundle: "Bundle"


def compare(
    *, config: ConfigPath, workspace: WorkspacePath = Path(), as_of: AsOf = None, **overrides: Overrides
) -> None:
    """Train every strategy with every seed on the stored transactions, judge them at one operating point, report.

    A comparison that was stopped goes on where it was when the same command is given again.
    """
    from fraud.cli.prepare import prepare_in
    from fraud.cli.report import publish

    settings, place = configured(config, overrides, as_of), Workspace(workspace)
    with place.lock(settings.dataset.name, "fraud compare"):
        table = prepare_in(place, settings)
        compared = compare_in(place, settings, table)
        attempt = compared.attempt
        publish(place, settings, run_id=attempt.run_id, report=compared.report, evidence=compared.evidence)
        attempt.end()


def compare_in(
    workspace: Workspace, config: RunConfig, table: "FeatureTable", *, warnings: tuple[str, ...] = ()
) -> Compared:
    """Compare on the prepared features; nothing is published yet.

    Args:
        workspace: of the run.
        config: of the run.
        table: the prepared features, read as of the day of the run.
        warnings: of the stages before, for the report.
    """
    from fraud.cli.run_record import bundle_origin, comparison_data, jobs_folder, record_of
    from fraud.evaluation import bundle_of, compare_strategies, count_steps, findings_of
    from fraud.lifecycle import begin_attempt

    version = table.store_version
    folder = jobs_folder(workspace, config, version)
    attempt = begin_attempt(folder, now=datetime.now(UTC), dataset=config.dataset.name, store_version=version)
    with progress_bar("compare", total=count_steps(config.comparison, config.training) + 2) as step:
        data = comparison_data(workspace, config, table, folder=folder)
        step(f"{counted(len(data.split.train.rows), 'training row')} encoded")
        outcome = compare_strategies(data, config.comparison, policy=config.policy, engine=config.engine, progress=step)
        findings = findings_of(outcome, data, margin=config.comparison.margin)
        step(f"importance of each feature to {outcome.chosen}")
    report, evidence = record_of(workspace, config, table, data, attempt, findings=findings, warnings=warnings)
    row = next(row for row in findings.rows if row["name"] == outcome.chosen)
    bundle = bundle_of(
        *outcome.champion,
        data,
        origin=bundle_origin(config, run_id=attempt.run_id, store_version=version),
        row=row,
        policy=outcome.policy,
    )
    return Compared(attempt=attempt, report=report, evidence=evidence, bundle=bundle)


if __name__ == "__main__":
    from fraud.cli.main import main

    main(["compare", *sys.argv[1:]])
