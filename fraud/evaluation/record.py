"""An outcome as ``report.json`` (schema 1) and ``evidence.json``: what other programs and the report pages read."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import metadata
from typing import Any, Literal

import numpy as np

from fraud.config import PolicyConfig, RunConfig
from fraud.evaluation.answer import write_answer
from fraud.evaluation.comparison import COUNTED, Outcome
from fraud.evaluation.evidence import days_of, label_delay
from fraud.evaluation.field import Field
from fraud.evaluation.importance import importance_of

SCHEMA = 1
LIBRARIES = ("fraud", "torch", "lightning", "polars", "deltalake", "scikit-learn", "imbalanced-learn", "numpy")
FEW_FRAUDS = 50
TOLERATED = 0.25
"""Share by which a frozen threshold may miss its promise before the reader is told."""
ACHIEVED = {
    "alerts_per_day": "{:.0f}",
    "alert_rate": "{:.2%}",
    "max_fpr": "{:.2%}",
    "min_precision": "{:.0%}",
    "costs": "{:,.0f} a day",
}
"""How each policy's figure is said."""
PROMISED = {
    "alerts_per_day": "{:g} alerts a day",
    "alert_rate": "alerts on {:.2%} of the transactions",
    "max_fpr": "alerts on at most {:.2%} of the genuine transactions",
    "min_precision": "at least {:.0%} of the alerts right",
    "costs": "costs of {:,.0f} a day",
}


@dataclass(frozen=True, kw_only=True)
class DatasetFacts:
    """What the store holds: counts, and when the first and the last transaction happened."""

    name: str
    transactions: int
    frauds: int
    unlabelled: int
    rejected: int
    rejected_by_rule: Mapping[str, int]
    first_event: datetime
    last_event: datetime

    def as_json(self) -> dict[str, Any]:
        """The section ``dataset`` of ``report.json``; the prevalence is among the labelled."""
        labelled = self.transactions - self.unlabelled
        said = {name: value for name, value in asdict(self).items() if name != "rejected_by_rule"}
        said |= {"first_event": self.first_event.isoformat(), "last_event": self.last_event.isoformat()}
        return said | {"prevalence": self.frauds / labelled if labelled else 0.0}


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a run was made of: dumps (file, sha256, rows), code, store."""

    dumps: Sequence[Mapping[str, Any]]
    commit: str | None
    store_version: int

    def as_json(self, config: RunConfig) -> dict[str, Any]:
        """The section ``provenance`` of ``report.json``."""
        return {
            "dumps": [dict(dump) for dump in self.dumps],
            "config_sha256": hashlib.sha256(config.to_toml().encode()).hexdigest(),
            "commit": self.commit,
            "versions": library_versions(),
            "seed": config.training.seed,
            "store_version": self.store_version,
        }


def library_versions() -> dict[str, str]:
    """Versions of what decides the figures."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in LIBRARIES}


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The parts of a report that differ between its kinds, ready for JSON; ``evidence`` is by candidate."""

    kind: Literal["compare", "retrain"]
    policy: PolicyConfig
    rows: Sequence[Mapping[str, Any]]
    baselines: Sequence[Mapping[str, Any]]
    comparisons: Sequence[Mapping[str, Any]]
    answer: Mapping[str, Any]
    champion: Mapping[str, Any]
    margin: float
    decision: Mapping[str, Any] | None = None
    warnings: Sequence[str] = ()
    evidence: Mapping[str, Mapping[str, Any]]
    importance: Mapping[str, Any] | None = None
    """Of the features, to the champion."""


def findings_of(outcome: Outcome, field: Field, *, margin: float) -> Findings:
    """What a comparison found, with its answer in words."""
    rows = [{**row.row, "validation_recall": outcome.validation_recall[row.name]} for row in outcome.strategies]
    cell, _ = outcome.champion
    return Findings(
        kind="compare",
        policy=outcome.policy,
        rows=rows,
        baselines=[dict(row.row) for row in outcome.baselines],
        comparisons=[asdict(comparison) for comparison in outcome.comparisons],
        answer=write_answer(
            rows,
            outcome.comparisons,
            chosen=outcome.chosen,
            family_best=outcome.family_best,
            policy=outcome.policy,
            margin=margin,
            chance=None if outcome.beats_chance else outcome.chance,
            trap_accuracy=trap_accuracy(field),
        ),
        champion={"strategy": cell.cell.strategy, "seed": cell.cell.seed, "version": None},
        margin=margin,
        warnings=[f"{name} was left out: {reason}" for name, reason in outcome.left_out.items()],
        evidence=outcome.evidence,
        importance=importance_of(cell, field.arena, field.encoder),
    )


def report_of(
    findings: Findings,
    field: Field,
    config: RunConfig,
    *,
    run_id: str,
    created: datetime,
    dataset: DatasetFacts,
    provenance: Provenance,
    warnings: Sequence[str],
) -> dict[str, Any]:
    """``report.json``.

    Args:
        findings: of a comparison or of a retraining.
        field: what it was found on.
        config: as resolved.
        run_id: name of the run's folder.
        created: when the run was made.
        dataset: what the store holds.
        provenance: what the run was made of.
        warnings: in plain words, those of ingestion.
    """
    decision = {"decision": dict(findings.decision)} if findings.decision else {}
    return {
        "schema": SCHEMA,
        "run_id": run_id,
        "kind": findings.kind,
        "created": created.isoformat(timespec="seconds"),
        "dataset": dataset.as_json(),
        "split": split_as_json(field),
        "policy": _policy(findings.policy, config.policy),
        "strategies": list(findings.rows),
        "baselines": list(findings.baselines),
        "comparisons": list(findings.comparisons),
        "answer": dict(findings.answer),
        "champion": dict(findings.champion),
        "margin": findings.margin,
        **decision,
        "provenance": provenance.as_json(config),
        "trap": {"accuracy": trap_accuracy(field), "recall": 0.0},
        "clusters": {"kind": field.clusters.kind, "count": field.clusters.count},
        "warnings": [
            *warnings,
            *findings.warnings,
            *field_warnings(field, config, findings.policy),
            *_broken_promise(findings),
        ],
    }


def evidence_of(
    findings: Findings,
    field: Field,
    config: RunConfig,
    *,
    dataset: DatasetFacts,
    prevalence: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """``evidence.json``: the curves and tables behind the charts."""
    judged = findings.evidence
    shown = {name: said for name, said in judged.items() if name == findings.champion["strategy"]}
    examples = shown if findings.kind == "compare" else judged
    return {
        **{part: {name: said[part] for name, said in judged.items()} for part in ("budget", "precision_recall")},
        "reliability": {name: said["reliability"] for name, said in judged.items()},
        "curves": {name: said["curve"] for name, said in judged.items() if said["curve"]},
        "daily": days_of(field.test, judged, config.policy),
        "promises": {name: said["promise"] for name, said in judged.items()},
        "costs": {name: said["costs"] for name, said in judged.items() if said["costs"]},
        "prices": {"review_cost": config.policy.review_cost, "loss_share": config.policy.loss_share},
        "fairness": [row for said in judged.values() for row in said["fairness"]],
        "breakdowns": {name: said["breakdowns"] for name, said in judged.items() if said["breakdowns"]},
        "examples": {name: said["examples"] for name, said in examples.items() if said["examples"]},
        "importance": dict(findings.importance) if findings.importance else None,
        "label_delay": label_delay(
            (field.validation, field.test),
            delay_days=config.labels.delay_days,
            has_label_time=config.columns.label_time is not None,
        ),
        "quarantine": dict(dataset.rejected_by_rule),
        "prevalence_by_day": list(prevalence),
        "encoder": field.encoder.to_dict(),
        "config_toml": config.to_toml(),
    }


def split_as_json(field: Field) -> dict[str, Any]:
    """The section ``split``, with the rows of each time span that had no label."""
    said = field.split.describe()
    for window in field.split.windows:
        said[window.name] = {**said[window.name], "unlabelled": window.unlabelled}
    return said


def trap_accuracy(field: Field) -> float:
    """Accuracy on test of calling everything genuine."""
    return 1.0 - float(field.test.y_true.mean())


def field_warnings(field: Field, config: RunConfig, policy: PolicyConfig) -> list[str]:
    """What a reader must know before trusting a figure."""
    warnings = [*field.suspicions, *_few_frauds(field), *_whole_days(field, policy), *_matched(config.policy, policy)]
    if config.columns.event_time.is_row_order:
        warnings.append("The data has no time: the order of its rows stands for it, and every date here is only that.")
    clusters = field.clusters
    if clusters.kind == "block":
        warnings.append(
            f"The test window is shorter than ten days: intervals resample {clusters.count} blocks of time within it, "
            "and cannot tell how another week would look."
        )
    hidden = {window.name: window.unlabelled for window in field.split.windows if window.unlabelled}
    if hidden:
        counts = ", ".join(f"{count:,} in {name}" for name, count in hidden.items())
        warnings.append(
            f"Transactions without a known label were left out: {counts}. Frauds among them are not counted."
        )
    return warnings


def _few_frauds(field: Field) -> list[str]:
    """Windows with so few frauds that what rests on them is shaky."""
    rests_on = {
        "train": "the networks have little to learn from",
        "validation": "the tuning, the choice of the champion, the calibration and the threshold rest on them",
        "test": "every interval is wide, and small differences prove nothing",
    }
    return [
        f"The {window.name} window has only {window.frauds} fraud{'s' * (window.frauds != 1)}: {rests_on[window.name]}."
        for window in field.split.windows
        if window.frauds < FEW_FRAUDS
    ]


def _whole_days(field: Field, policy: PolicyConfig) -> list[str]:
    """A budget that takes whole days in: every ranking then finds the same."""
    typical = float(np.median(np.unique(field.test.day, return_counts=True)[1]))
    if policy.kind != "alerts_per_day" or policy.value < typical / 2:
        return []
    return [
        f"A typical test day has {typical:.0f} transactions and the budget is {policy.value:g} alerts a day: "
        "so large a budget cannot tell strategies apart. Give a smaller [policy] value."
    ]


def _matched(asked: PolicyConfig, policy: PolicyConfig) -> list[str]:
    """A policy that names no number of alerts is compared at one all the same."""
    if asked.kind == policy.kind:
        return []
    return [
        f"The policy {asked.kind} names no number of alerts: recall and precision are compared at {policy.value:.3g} "
        "alerts a day for all, the median of what it asked for on validation. What it promises and what came of it "
        "stands with the frozen thresholds."
    ]


def _broken_promise(findings: Findings) -> list[str]:
    """A frozen threshold that kept its policy on validation and broke it by far on test."""
    name = called = findings.champion["strategy"]
    if findings.decision:
        name = "challenger" if findings.decision["promote"] else "champion"
        called = f"the {name}"
    promise = findings.evidence[name]["promise"]
    if promise["note"]:
        return [f"The policy could not be met with {called}: {promise['note']}."]
    kind, test = promise["kind"], promise["test"]
    promised = promise["validation"] if kind == "costs" else promise["promised"]
    if not promised or test is None:
        return []
    off = test / promised - 1
    broken = -off if kind == "min_precision" else abs(off) if kind in COUNTED else off
    if broken <= TOLERATED:
        return []
    return [
        f"The threshold of {called} was drawn on validation for {PROMISED[kind].format(promised)} and came to "
        f"{ACHIEVED[kind].format(test)} on test: scores or volumes have moved since. The headline recall does not "
        "depend on it."
    ]


def _policy(policy: PolicyConfig, asked: PolicyConfig) -> dict[str, Any]:
    """The matched operating point; and the configured policy where that is another."""
    said: dict[str, Any] = {"kind": policy.kind, "value": policy.value}
    if asked.kind == policy.kind:
        return said
    prices = {"review_cost": asked.review_cost, "loss_share": asked.loss_share} if asked.kind == "costs" else {}
    return said | {"asked": {"kind": asked.kind, "value": asked.value, **prices}}
