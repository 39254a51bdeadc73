"""One candidate against the labels of the test window: its row in ``report.json`` and its resampled figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fraud import metrics
from fraud.config import PolicyConfig
from fraud.errors import LeakageError
from fraud.evaluation.breakdowns import broken_down, groups_of
from fraud.evaluation.candidates import Candidate, WindowRows, check_seed_provenance
from fraud.evaluation.statistics.bootstrap import Bootstrap, Resampled
from fraud.evaluation.statistics.operating_point import judge_at_operating_point
from fraud.evaluation.statistics.verdicts import rule_of_three


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One candidate on the test window.

    ``row`` is its entry in ``report.json``; ``figures`` hold the resampled recall and the like for paired differences;
    ``alerts`` (S, N) are those at the matched operating point; ``breakdowns`` hold recall there by amount, hour and
    novelty, for ``evidence.json``.
    """

    name: str
    family: str
    row: Mapping[str, Any]
    figures: Mapping[str, Resampled]
    alerts: np.ndarray
    breakdowns: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)


def judge(candidate: Candidate, test: WindowRows, *, policy: PolicyConfig, bootstrap: Bootstrap) -> Judgement:
    """Judge one candidate on the test window, which decides nothing: every threshold was chosen before.

    Args:
        candidate: scores of every seed.
        test: the labelled transactions of the window.
        policy: the matched operating point, from ``matched_policy``.
        bootstrap: shared by all candidates, so that their differences are paired.

    Raises:
        LeakageError: a threshold was not chosen on validation.
    """
    for seed in candidate.seeds:
        check_seed_provenance(seed, test)
    kinds, groups, money = _kinds(test), groups_of(test), _money(test)
    logits = np.stack([seed.logits for seed in candidate.seeds])
    point = judge_at_operating_point(
        bootstrap,
        policy,
        y_true=test.y_true,
        y_score=logits,
        day=test.day,
        tie_break=test.tie_break,
        shares={**{group.name: group.rows for group in groups}, **money, **kinds},
    )
    fraud = test.y_true == 1
    frozen = np.stack([seed.alerts for seed in candidate.seeds])
    average_precision, roc_auc = bootstrap.ranking(test.y_true, logits)
    figures = {
        "recall": point.recall,
        "recall_at_threshold": bootstrap.ratio(frozen & fraud, fraud),
        "precision": point.precision,
        "average_precision": average_precision,
        "roc_auc": roc_auc,
        **{name: point.shares[name] for name in money},
    }
    row = _row(candidate, test, figures=figures, policy=policy, alerts=point.alerts) | {
        "alerts_per_day": float(frozen.sum(axis=1).mean()) / test.days,
        "recall_by_type": _recall_by_type(kinds, point.shares),
    }
    recalls = {group.name: as_json(point.shares[group.name], events=group.frauds) for group in groups}
    return Judgement(
        name=candidate.name,
        family=candidate.family,
        row=row,
        figures=figures,
        alerts=point.alerts,
        breakdowns=broken_down(groups, recalls),
    )


def check_same_alerts(judgements: list[Judgement]) -> None:
    """Stop a comparison in which one candidate may raise more alerts than another.

    Raises:
        LeakageError: the alerts at the operating point differ in number.
    """
    counts = {judgement.name: set(judgement.alerts.sum(axis=1).tolist()) for judgement in judgements}
    if len(set.union(*counts.values())) > 1:
        raise LeakageError(f"comparison: alerts at the operating point differ, {counts}; judge all at one policy")


def as_json(share: Resampled, *, events: int) -> dict[str, float | None] | None:
    """A share with its interval as ``{mean, low, high}``, all within 0 and 1; None where it does not exist.

    Args:
        share: recall, precision and the like.
        events: frauds, or alerts, that it is a share of. Where all or none of them were found, resamples hardly
            differ; the interval then reaches as far as ``rule_of_three`` gives.
    """
    if np.isnan(share.value):
        return None
    interval = share.interval()
    low, high = max(interval.low, 0.0), min(interval.high, 1.0)
    if share.value == 1.0:
        low = min(low, 1 - rule_of_three(share, events))
    if share.value == 0.0:
        high = max(high, rule_of_three(share, events))
    return {"mean": _number(share.value), "low": _number(low), "high": _number(high)}


def _kinds(test: WindowRows) -> dict[str, np.ndarray]:
    """Rows of each fraud type, read on the frauds alone."""
    if test.fraud_type is None:
        return {}
    fraud = test.y_true == 1
    kinds = np.array([str(kind) if kind is not None else "unknown" for kind in test.fraud_type[fraud]], dtype=np.str_)
    found = {}
    for kind in np.unique(kinds):
        found[str(kind)] = np.zeros(len(fraud), dtype=bool)
        found[str(kind)][np.flatnonzero(fraud)[kinds == kind]] = True
    return found


def _money(test: WindowRows) -> dict[str, np.ndarray]:
    """Stolen money, where amounts are known."""
    return {} if test.amount is None else {"amount_recall": metrics.losses(test.amount)}


def _recall_by_type(kinds: Mapping[str, np.ndarray], shares: Mapping[str, Resampled]) -> list[dict[str, Any]]:
    counts = {kind: int(of_kind.sum()) for kind, of_kind in kinds.items()}
    return [
        {"fraud_type": kind, "frauds": frauds, "recall": as_json(shares[kind], events=frauds)}
        for kind, frauds in counts.items()
    ]


def _row(
    candidate: Candidate,
    test: WindowRows,
    *,
    figures: Mapping[str, Resampled],
    policy: PolicyConfig,
    alerts: np.ndarray,
) -> dict[str, Any]:
    found, ceiling = _card_precision(candidate, test, policy)
    events = dict.fromkeys(figures, int(test.y_true.sum())) | {"precision": int(alerts[0].sum())}
    intervals = {name: as_json(figure, events=events[name]) for name, figure in figures.items()}
    return {
        "name": candidate.name,
        "family": candidate.family,
        "seeds": len(candidate.seeds),
        "steps": _mean([cost.get("steps") for cost in candidate.cost]),
        "train_seconds": _mean([cost.get("seconds") for cost in candidate.cost]),
        **intervals,
        "amount_recall": intervals.get("amount_recall"),
        "card_precision_at_k": found,
        "card_precision_at_k_ceiling": ceiling,
        "threshold": candidate.shipped.latest.threshold.value,
        "calibration": _calibration(candidate, test),
        "recall_by_seed": [float(value) for value in figures["recall"].by_seed],
    }


def _card_precision(candidate: Candidate, test: WindowRows, policy: PolicyConfig) -> tuple[float | None, float | None]:
    """Card precision at the daily alert budget; None without cards or without a daily budget."""
    if test.card is None or policy.kind != "alerts_per_day" or policy.value < 1:
        return None, None
    pairs = [
        metrics.card_precision_at_k(test.y_true, seed.logits, day=test.day, card=test.card, k=int(policy.value))
        for seed in candidate.seeds
    ]
    found, ceiling = np.mean(pairs, axis=0)
    return _number(found), _number(ceiling)


def _calibration(candidate: Candidate, test: WindowRows) -> dict[str, dict[str, float | None] | None]:
    kinds = ("raw", "shifted", "calibrated")
    return {kind: _calibration_of(candidate, test, kind) for kind in kinds}


def _calibration_of(candidate: Candidate, test: WindowRows, kind: str) -> dict[str, float | None] | None:
    scores = [seed.probabilities[kind] for seed in candidate.seeds if kind in seed.probabilities]
    if not scores:
        return None
    measures = {
        "ece": metrics.expected_calibration_error,
        "brier": metrics.brier,
        "log_loss": metrics.log_loss,
        "mean_score_over_prevalence": metrics.mean_score_over_prevalence,
    }
    return {
        name: _number(np.mean([measure(test.y_true, score) for score in scores])) for name, measure in measures.items()
    }


def _mean(values: list[Any]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _number(value: Any) -> float | None:
    return None if value is None or np.isnan(value) else float(value)
