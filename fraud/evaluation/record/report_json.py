"""An outcome as ``report.json`` (schema 2) and ``evidence.json``: what other programs and the report pages read."""

from collections.abc import Mapping, Sequence
from typing import Any

from fraud.config import PolicyConfig
from fraud.evaluation.comparison_data import ComparisonData
from fraud.evaluation.record.cautions import (
    data_warnings,
    decided_by_ties,
    missed_target,
    no_alert_at_all,
    unmatched_policy,
)
from fraud.evaluation.record.evidence_json import days_of, label_delay
from fraud.evaluation.record.findings import Findings, all_genuine_accuracy
from fraud.evaluation.record.provenance import DatasetFacts, Provenance
from fraud.evaluation.record.strategy_facts import strategy_facts
from fraud.features import Split

SCHEMA = 2


def report_of(
    findings: Findings,
    data: ComparisonData,
    *,
    policy: PolicyConfig,
    dataset: DatasetFacts,
    provenance: Provenance,
    warnings: Sequence[str],
) -> dict[str, Any]:
    """``report.json``.

    Args:
        findings: of a comparison or of a retraining.
        data: what it was found on.
        policy: as configured.
        dataset: what the store holds.
        provenance: the run, and what it was made of.
        warnings: in plain words, those of ingestion.
    """
    decision = {"decision": dict(findings.decision)} if findings.decision else {}
    return {
        "schema": SCHEMA,
        "run_id": provenance.run_id,
        "kind": findings.kind,
        "created": provenance.created.isoformat(timespec="seconds"),
        "dataset": dataset.as_json(),
        "split": split_as_json(data),
        "policy": _policy(findings.policy, policy),
        "strategies": [{**row, **strategy_facts(row)} for row in findings.rows],
        "baselines": [{**row, **strategy_facts(row)} for row in findings.baselines],
        "comparisons": list(findings.comparisons),
        "answer": _answer(findings, policy),
        "champion": dict(findings.champion),
        "margin": findings.margin,
        **decision,
        "provenance": provenance.as_json(),
        "trap": {"accuracy": all_genuine_accuracy(data), "recall": 0.0},
        "clusters": {"kind": data.clusters.kind, "count": data.clusters.count},
        "intervals": dict(findings.intervals),
        "warnings": [
            *warnings,
            *findings.warnings,
            *unmatched_policy(findings, policy),
            *decided_by_ties(findings),
            *data_warnings(data, dataset, matched=findings.policy),
            *missed_target(findings),
        ],
    }


def _answer(findings: Findings, configured: PolicyConfig) -> dict[str, Any]:
    """The answer, after the sentence that the policy raises no alert, where it does not."""
    first = no_alert_at_all(findings, configured)
    answer = dict(findings.answer)
    return answer | {"text": f"{first} {answer['text']}"} if first else answer


def evidence_of(
    findings: Findings,
    data: ComparisonData,
    *,
    policy: PolicyConfig,
    dataset: DatasetFacts,
    provenance: Provenance,
    prevalence: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """``evidence.json``: the curves and tables behind the charts.

    Args:
        findings: of a comparison or of a retraining.
        data: what it was found on.
        policy: as configured.
        dataset: what the store holds.
        provenance: the run, and what it was made of.
        prevalence: of every stored day, from ``prevalence_by_day``.
    """
    judged = findings.evidence
    shown = {name: one for name, one in judged.items() if name == findings.champion["strategy"]}
    examples = shown if findings.kind == "compare" else judged
    return {
        **{
            part: {name: one[part] for name, one in judged.items()}
            for part in ("budget", "precision_recall", "reliability")
        },
        "dose_response": list(findings.dose_response),
        "curves": {name: one["curve"] for name, one in judged.items() if one["curve"]},
        "daily": days_of(data.test, judged, policy),
        "promises": {name: one["achievement"] for name, one in judged.items()},
        "costs": {name: one["costs"] for name, one in judged.items() if one["costs"]},
        "prices": {"review_cost": policy.review_cost, "loss_share": policy.loss_share},
        "fairness": [row for one in judged.values() for row in one["fairness"]],
        "breakdowns": {name: one["breakdowns"] for name, one in judged.items() if one["breakdowns"]},
        "examples": {name: one["examples"] for name, one in examples.items() if one["examples"]},
        "first_alert": {name: one["first_alert"] for name, one in judged.items() if one.get("first_alert")},
        "importance": dict(findings.importance) if findings.importance else None,
        "label_delay": label_delay(
            (data.first.validation, data.test),
            delay_days=dataset.label_delay_days,
            has_label_time=dataset.has_label_time,
        ),
        "quarantine": dict(dataset.rejected_by_rule),
        "prevalence_by_day": list(prevalence),
        "encoder": data.latest.encoder.to_dict(),
        "config_toml": provenance.config_toml,
    }


def split_as_json(data: ComparisonData) -> dict[str, Any]:
    """The section ``split``: the windows of the first fold with the whole test window, then those of each fold."""
    section = data.split.describe()
    for window in data.split.windows:
        section[window.name] = {**section[window.name], "unlabelled": window.unlabelled}
    return section | {"folds": [_fold_as_json(fold.split) for fold in data.folds]}


def _fold_as_json(split: Split) -> dict[str, Any]:
    section = split.describe()
    return {name: section[name] for name in ("train", "validation", "test", "warm_up")}


def _policy(matched: PolicyConfig, configured: PolicyConfig) -> dict[str, Any]:
    """The matched operating point; and under the key "asked" the configured policy where that is another."""
    section: dict[str, Any] = {"kind": matched.kind, "value": matched.value}
    if configured.kind == matched.kind:
        return section
    costs = {"review_cost": configured.review_cost, "loss_share": configured.loss_share}
    prices = costs if configured.kind == "costs" else {}
    return section | {"asked": {"kind": configured.kind, "value": configured.value, **prices}}
