"""The record of a run: its report and its evidence, with the facts of the data and of how they were made."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from fraud.config import EngineConfig, RunConfig, SplitConfig
from fraud.data import DumpManifest, TransactionStore, open_store
from fraud.evaluation import (
    BundleOrigin,
    ComparisonData,
    DatasetFacts,
    Findings,
    Provenance,
    TrainingSettings,
    evidence_of,
    fingerprint,
    prepare_comparison_data,
    prevalence_by_day,
    report_of,
)
from fraud.features import FeatureTable, known_as_of, parse_moment
from fraud.lifecycle import Attempt
from fraud.stages.split_warnings import split_warnings
from fraud.workspace import Workspace


def record_of(
    workspace: Workspace,
    config: RunConfig,
    table: FeatureTable,
    data: ComparisonData,
    attempt: Attempt,
    *,
    findings: Findings,
    warnings: tuple[str, ...] = (),
) -> tuple[dict[str, Any], dict[str, Any]]:
    """``report.json`` and ``evidence.json`` of a comparison or a retraining.

    Args:
        workspace: of the run.
        config: of the run.
        table: the prepared features.
        data: what was judged on.
        attempt: names the run.
        findings: what was found.
        warnings: of the stages before.
    """
    dataset = dataset_facts(workspace, config, table.store_version)
    provenance = provenance_of(workspace, config, table.store_version, attempt)
    report = report_of(
        findings,
        data,
        policy=config.policy,
        dataset=dataset,
        provenance=provenance,
        warnings=(*warnings, *split_warnings(data.split, table, columns=config.columns, labels=config.labels)),
    )
    prevalence = prevalence_by_day(table.scan())
    evidence = evidence_of(
        findings, data, policy=config.policy, dataset=dataset, provenance=provenance, prevalence=prevalence
    )
    return report, evidence


def store_of(workspace: Workspace, config: RunConfig) -> TransactionStore:
    """The store that a configuration names."""
    return open_store(workspace, config.dataset)


def comparison_data(
    workspace: Workspace, config: RunConfig, table: FeatureTable, *, folder: Path, split: SplitConfig | None = None
) -> ComparisonData:
    """The windows of the prepared features, encoded into a folder of training jobs; ``split`` None: as configured."""
    return prepare_comparison_data(
        table,
        TrainingSettings(network=config.network, training=config.training, row_cap=config.comparison.row_cap),
        split=split or config.split,
        labels=config.labels,
        trusted=config.features.trusted,
        folder=folder,
        stored=store_of(workspace, config).scan(table.store_version),
    )


def bundle_origin(config: RunConfig, *, run_id: str = "", store_version: int | None = None) -> BundleOrigin:
    """The run that a bundle comes from."""
    toml = config.to_toml()
    return BundleOrigin(dataset=config.dataset.name, config_toml=toml, run_id=run_id, store_version=store_version)


def dataset_facts(workspace: Workspace, config: RunConfig, version: int) -> DatasetFacts:
    """Counts and dates of one version of the store, as of the day that the configuration names."""
    store = store_of(workspace, config)
    fraud, moment = pl.col("is_fraud"), parse_moment(config.split.as_of)
    transactions = store.scan(version)
    if moment is not None:
        delay_days = config.labels.delay_days if config.columns.label_time else None
        transactions = known_as_of(transactions, moment, delay_days=delay_days)
    counted = (
        transactions.select(
            transactions=pl.len(),
            frauds=fraud.sum(),
            unlabelled=fraud.is_null().sum(),
            first_event=pl.col("event_time").min(),
            last_event=pl.col("event_time").max(),
        )
        .collect()
        .row(0, named=True)
    )
    rules: dict[str, int] = {}
    known = _dumps(store, version, config)
    for manifest in known:
        for rule, count in manifest.rejected_by_rule.items():
            rules[rule] = rules.get(rule, 0) + count
    rejected = sum(manifest.rejected for manifest in known)
    return DatasetFacts(
        name=config.dataset.name,
        rejected=rejected,
        rejected_by_rule=rules,
        has_time=not config.columns.event_time.is_row_order,
        has_label_time=config.columns.label_time is not None,
        label_delay_days=config.labels.delay_days,
        **counted,
    )


def provenance_of(workspace: Workspace, config: RunConfig, version: int, attempt: Attempt) -> Provenance:
    """Dumps, code, configuration and store version behind a run."""
    store = store_of(workspace, config)
    dumps = [{"file": one.file, "sha256": one.sha256, "rows": one.rows} for one in _dumps(store, version, config)]
    return Provenance(
        run_id=attempt.run_id,
        created=attempt.created,
        config_toml=config.to_toml(),
        seed=config.training.seed,
        dumps=dumps,
        commit=commit_of(Path(__file__)),
        store_version=version,
    )


def _dumps(store: TransactionStore, version: int, config: RunConfig) -> list[DumpManifest]:
    """The dumps of a version that could be known, in part at least, on the day that the configuration names."""
    moment = parse_moment(config.split.as_of)
    return [manifest for manifest in store.manifests(version) if manifest.known_by(moment)]


def jobs_folder(workspace: Workspace, config: RunConfig, version: int, *kind: object) -> Path:
    """Where the training jobs of one comparison are kept: a name made of its configuration, the data and the code.

    Where and how many at a time they are trained is no part of it, so that a comparison may go on elsewhere.

    Args:
        workspace: of the run.
        config: of the run.
        version: of the store.
        kind: what else distinguishes this comparison from others on the same data.
    """
    dumps = sorted(manifest.sha256 for manifest in store_of(workspace, config).manifests())
    decisive = replace(config, engine=EngineConfig())
    return workspace.training_jobs(fingerprint(decisive, version, dumps, *kind))


def commit_of(file: Path) -> str | None:
    """The commit of the checkout that ``file`` lies in; None where none tracks it, as after installing a wheel."""
    try:
        tracked = _git("ls-files", file.name, folder=file.parent)
        return _git("rev-parse", "HEAD", folder=file.parent) if tracked else None
    except OSError:
        return None


def _git(*arguments: str, folder: Path) -> str | None:
    """What git prints; None where it prints nothing."""
    found = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None
