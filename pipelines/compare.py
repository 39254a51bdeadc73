"""Strategies x seeds -> evidence and report."""

import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fraud.config import RunConfig, load_config
from fraud.workspace import Workspace
from pipelines.options import ConfigPath, Overrides, WorkspacePath, progress_bar

if TYPE_CHECKING:
    from fraud.model.bundle import Bundle


@dataclass(frozen=True)
class Compared:
    """A finished comparison: what is published as its report, and the winner's bundle."""

    run_id: str
    report: dict[str, Any]
    evidence: dict[str, Any]
    bundle: "Bundle"
    cells: Path


def compare(*, config: ConfigPath, workspace: WorkspacePath = Path(), **overrides: Overrides) -> None:
    """Train every strategy with every seed on the stored transactions, judge them at one operating point, report.

    A comparison that was stopped goes on where it was when the same command is given again.
    """
    from pipelines.prepare import prepare_in
    from pipelines.report import publish

    settings, place = load_config(config, overrides), Workspace(workspace)
    prepare_in(place, settings)
    compared = compare_in(place, settings)
    publish(place, settings, run_id=compared.run_id, report=compared.report, evidence=compared.evidence)
    shutil.rmtree(compared.cells, ignore_errors=True)


def compare_in(workspace: Workspace, config: RunConfig, *, warnings: tuple[str, ...] = ()) -> Compared:
    """Compare on the prepared features; nothing is published yet.

    Args:
        workspace: where the prepared features are.
        config: of the run.
        warnings: of the stages before, for the report.
    """
    from fraud.evaluation.bundling import bundle_of
    from fraud.evaluation.comparison import compare_strategies, count_steps
    from fraud.evaluation.evidence import prevalence_by_day
    from fraud.evaluation.field import prepare_field
    from fraud.evaluation.record import evidence_of, findings_of, report_of
    from fraud.features.table import FeatureTable
    from pipelines.facts import cells_folder, dataset_facts, provenance_of

    table = FeatureTable.open(workspace.features(config.dataset.name))
    cells = cells_folder(workspace, config, table.store_version)
    with progress_bar("compare", total=count_steps(config) + 1) as step:
        field = prepare_field(table, config, folder=cells)
        step(f"{len(field.split.train.rows):,} training rows encoded")
        outcome = compare_strategies(field, config, progress=step)
    created = datetime.now(UTC)
    run_id = new_run_id(created)
    findings = findings_of(outcome, field, margin=config.comparison.margin)
    dataset = dataset_facts(workspace, config, table.store_version)
    provenance = provenance_of(workspace, config, table.store_version)
    row = next(row for row in findings.rows if row["name"] == outcome.chosen)
    return Compared(
        run_id=run_id,
        report=report_of(
            findings,
            field,
            config,
            run_id=run_id,
            created=created,
            dataset=dataset,
            provenance=provenance,
            warnings=warnings,
        ),
        evidence=evidence_of(findings, field, config, dataset=dataset, prevalence=prevalence_by_day(table.scan())),
        bundle=bundle_of(
            *outcome.champion,
            field,
            config,
            run_id=run_id,
            row=row,
            policy=outcome.policy,
            store_version=table.store_version,
        ),
        cells=cells,
    )


def new_run_id(created: datetime) -> str:
    """Name of a run and its folder: the day, and four letters that tell runs of one day apart."""
    return f"{created:%Y-%m-%d}-{uuid4().hex[:4]}"


if __name__ == "__main__":
    from pipelines.cli import main

    main(["compare", *sys.argv[1:]])
