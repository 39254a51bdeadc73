"""One candidate against the labels of the test window: its row in ``report.json`` and its figures with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fraud import metrics
from fraud.config import PolicyConfig
from fraud.errors import LeakageError
from fraud.evaluation.breakdowns import broken_down, groups_of
from fraud.evaluation.candidates import Candidate, ScoredSeed, WindowRows, check_seed_provenance
from fraud.evaluation.policy import ceiling
from fraud.evaluation.statistics.chance import found_p_value, ranking_p_value
from fraud.evaluation.statistics.estimates import Estimate
from fraud.evaluation.statistics.figures import Alerts, ranking, share, without_each
from fraud.evaluation.statistics.operating_point import OperatingPoint, judge_at_operating_point
from fraud.evaluation.statistics.sampling import Sampling
from fraud.evaluation.statistics.verdicts import holm

ABOVE_CHANCE = 0.05
"""Level of the tests against chance, corrected for the number of candidates."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One candidate on the test window.

    ``row`` is its entry in ``report.json``; ``figures`` hold recall and the like for paired differences; ``alerts``
    (N,) are those expected at the matched operating point, of which there are ``raised``; ``breakdowns`` hold recall
    there by amount, hour and novelty, for ``evidence.json``; ``ranking_p`` and ``found_p`` are the p values of its
    ranking and of its finds against chance.
    """

    name: str
    family: str
    row: Mapping[str, Any]
    figures: Mapping[str, Estimate]
    alerts: np.ndarray
    raised: float
    breakdowns: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    ranking_p: float = 1.0
    found_p: float = 1.0


def judge(candidate: Candidate, test: WindowRows, *, policy: PolicyConfig, sampling: Sampling) -> Judgement:
    """Judge one candidate on the test window, which decides nothing: every threshold was chosen before.

    All figures are of what ships, the mean of the seeds' logits; the seeds enter the intervals.

    Args:
        candidate: scores of every seed, and of their ensemble.
        test: the labelled transactions of the window.
        policy: the matched operating point, from ``matched_policy``.
        sampling: shared by all candidates, so that their differences are paired.

    Raises:
        LeakageError: a threshold was not chosen on validation.
    """
    for seed in (*candidate.seeds, candidate.shipped):
        check_seed_provenance(seed, test)
    kinds, groups, money = _kinds(test), groups_of(test), _money(test)
    logits = np.stack([seed.logits for seed in candidate.seeds])
    unit = test.units(policy)
    shares = {**{group.name: group.rows for group in groups}, **money, **kinds}
    point = found_in(test, logits, policy=policy, sampling=sampling, shares=shares)
    average_precision, roc_auc = ranking(sampling, test.y_true, logits)
    figures = {
        "recall": point.recall,
        "recall_at_threshold": _recall_at_threshold(candidate, test, sampling),
        "precision": point.precision,
        "average_precision": average_precision,
        "roc_auc": roc_auc,
        **{name: point.shares[name] for name in money},
    }
    recalls = {group.name: as_json(point.shares[group.name]) for group in groups}
    return Judgement(
        name=candidate.name,
        family=candidate.family,
        row=_row(candidate, test, figures=figures, policy=policy, point=point, unit=unit)
        | {"recall_by_type": _recall_by_type(kinds, point.shares)},
        figures=figures,
        alerts=point.alerts,
        raised=point.raised,
        breakdowns=broken_down(groups, recalls),
        ranking_p=ranking_p_value(sampling, test.y_true, logits.mean(axis=0)),
        found_p=found_p_value(sampling, test.y_true, point.alerts, group=_group(policy, test), unit=unit),
    )


def found_in(
    rows: WindowRows,
    logits: np.ndarray,
    *,
    policy: PolicyConfig,
    sampling: Sampling,
    shares: Mapping[str, np.ndarray] | None = None,
) -> OperatingPoint:
    """What the mean of some logits (S, N) finds of a window at the matched operating point.

    Args:
        rows: of the window.
        logits: one row a seed.
        policy: from ``matched_policy``.
        sampling: of these rows.
        shares: as ``judge_at_operating_point`` takes them.
    """
    return judge_at_operating_point(
        sampling,
        policy,
        y_true=rows.y_true,
        y_score=logits,
        day=rows.day,
        unit=rows.units(policy),
        coverage=rows.coverage,
        shares=shares,
    )


def mark_above_chance(judgements: Sequence[Judgement]) -> list[Judgement]:
    """The same with ``ranks_above_chance`` and ``finds_above_chance`` in each row, corrected for their number (Holm).

    A ranking is shown to know fraud by all of it or by its top, the alerts, whichever shows more, at twice its p value.
    False says that it is not shown, not that chance does as well.
    """
    ranks = holm([min(1.0, 2 * min(one.ranking_p, one.found_p)) for one in judgements]) < ABOVE_CHANCE
    finds = holm([one.found_p for one in judgements]) < ABOVE_CHANCE
    return [
        replace(one, row={**one.row, "ranks_above_chance": bool(ranked), "finds_above_chance": bool(found)})
        for one, ranked, found in zip(judgements, ranks, finds, strict=True)
    ]


def check_same_alerts(judgements: list[Judgement]) -> None:
    """Stop a comparison in which one candidate may raise more alerts than another.

    Raises:
        LeakageError: the alerts at the operating point differ in number.
    """
    counts = {judgement.name: round(judgement.raised, 3) for judgement in judgements}
    if len(set(counts.values())) > 1:
        raise LeakageError(f"comparison: alerts at the operating point differ, {counts}; judge all at one policy")


def as_json(figure: Estimate) -> dict[str, float | None] | None:
    """A share with its interval as ``{mean, low, high}``, all within 0 and 1; None where it does not exist."""
    if np.isnan(figure.value):
        return None
    interval = figure.interval()
    return {"mean": _number(figure.value), "low": _number(interval.low), "high": _number(interval.high)}


def _recall_at_threshold(candidate: Candidate, test: WindowRows, sampling: Sampling) -> Estimate:
    """Recall at the frozen threshold of what ships; its seeds vary as their mean does, each at its own threshold."""
    policy = candidate.shipped.latest.threshold.policy
    seeds = np.stack([test.found(seed.alerts, policy) for seed in candidate.seeds])
    found = test.found(candidate.shipped.alerts, policy)
    return share(sampling, Alerts.of(found, without_each(seeds)), test.y_true == 1)


def _group(policy: PolicyConfig, test: WindowRows) -> np.ndarray:
    """What alerts are counted in: the days of each fold; the fold itself for a share of the transactions."""
    day = np.zeros_like(test.day) if policy.kind == "alert_rate" else test.day
    return np.asarray(test.fold * (int(day.max(initial=0)) + 1) + day)


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


def _recall_by_type(kinds: Mapping[str, np.ndarray], shares: Mapping[str, Estimate]) -> list[dict[str, Any]]:
    counts = {kind: int(of_kind.sum()) for kind, of_kind in kinds.items()}
    return [{"fraud_type": kind, "frauds": frauds, "recall": as_json(shares[kind])} for kind, frauds in counts.items()]


def _row(
    candidate: Candidate,
    test: WindowRows,
    *,
    figures: Mapping[str, Estimate],
    policy: PolicyConfig,
    point: OperatingPoint,
    unit: np.ndarray,
) -> dict[str, Any]:
    shipped, fraud = candidate.shipped, test.y_true == 1
    found, most_found = _card_precision(shipped, test, policy)
    intervals = {name: as_json(figure) for name, figure in figures.items()}
    return {
        "name": candidate.name,
        "family": candidate.family,
        "seeds": len(candidate.seeds),
        "folds": int(test.fold.max(initial=0)) + 1,
        "steps": _mean([cost.get("steps") for cost in candidate.cost]),
        "train_seconds": _mean([cost.get("seconds") for cost in candidate.cost]),
        **intervals,
        "ceiling": _number(ceiling(policy, test.y_true, day=test.day, unit=unit, coverage=test.day_shares).recall),
        "amount_recall": intervals.get("amount_recall"),
        "card_precision_at_k": found,
        "card_precision_at_k_ceiling": most_found,
        "threshold": float(shipped.latest.threshold.value),
        "alerts_per_day": np.unique(test.units(shipped.latest.threshold.policy)[shipped.alerts]).size / test.days,
        "calibration": _calibration(shipped, test),
        "recall_by_fold": [_number(recall) for recall in figures["recall"].by_fold],
        "recall_by_seed": [float(alerts[fraud].mean()) for alerts in point.seed_alerts] if fraud.any() else [],
    }


def _card_precision(shipped: ScoredSeed, test: WindowRows, policy: PolicyConfig) -> tuple[float | None, float | None]:
    """Card precision at the daily alert budget; None without cards or without a daily budget."""
    if test.card is None or policy.kind != "alerts_per_day" or policy.value < 1:
        return None, None
    found, most = metrics.card_precision_at_k(
        test.y_true, shipped.logits, day=test.day, card=test.card, k=int(policy.value)
    )
    return _number(found), _number(most)


def _calibration(shipped: ScoredSeed, test: WindowRows) -> dict[str, dict[str, float | None] | None]:
    kinds = ("raw", "shifted", "calibrated")
    return {kind: _calibration_of(shipped.probabilities.get(kind), test) for kind in kinds}


def _calibration_of(scores: np.ndarray | None, test: WindowRows) -> dict[str, float | None] | None:
    if scores is None:
        return None
    measures = {
        "ece": metrics.expected_calibration_error,
        "brier": metrics.brier,
        "log_loss": metrics.log_loss,
        "mean_score_over_prevalence": metrics.mean_score_over_prevalence,
    }
    low, high = metrics.mean_score_interval(test.y_true, scores, card=test.card)
    return {
        **{name: _number(measure(test.y_true, scores)) for name, measure in measures.items()},
        "mean_score_over_prevalence_low": _number(low),
        "mean_score_over_prevalence_high": _number(high) if np.isfinite(high) else None,
    }


def _mean(values: list[Any]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _number(value: Any) -> float | None:
    return None if value is None or np.isnan(value) else float(value)
