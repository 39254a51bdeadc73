"""One candidate against the labels of the test window: its row in ``report.json`` and its resampled figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fraud import metrics
from fraud.config import PolicyConfig
from fraud.errors import LeakageError
from fraud.evaluation.bootstrap import Bootstrap, Interval, Resampled
from fraud.evaluation.candidates import Candidate, ScoredSeed, WindowRows
from fraud.evaluation.policy import alerts_at_operating_point, check_threshold_provenance


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the test window said of one candidate.

    ``row`` is its entry in ``report.json``; ``figures`` hold the resampled recall and the like for paired differences;
    ``alerts`` (S, N) are those at the matched operating point.
    """

    name: str
    family: str
    row: Mapping[str, Any]
    figures: Mapping[str, Resampled]
    alerts: np.ndarray


def judge(candidate: Candidate, test: WindowRows, *, policy: PolicyConfig, bootstrap: Bootstrap) -> Judgement:
    """Judge one candidate on the test window, which decides nothing: every line was drawn before.

    Args:
        candidate: scores of every seed.
        test: the labelled transactions of the window.
        policy: the matched operating point, from ``matched_policy``.
        bootstrap: shared by all candidates, so that their differences are paired.

    Raises:
        LeakageError: a threshold was not chosen on validation.
    """
    for seed in candidate.seeds:
        check_threshold_provenance(seed.threshold, test=test.window)
    alerts = np.stack([_alerts(seed, test, policy) for seed in candidate.seeds])
    frozen = np.stack([seed.probabilities["calibrated"] >= seed.threshold.value for seed in candidate.seeds])
    figures = _figures(candidate, test, alerts=alerts, frozen=frozen, bootstrap=bootstrap)
    return Judgement(
        name=candidate.name,
        family=candidate.family,
        row=_row(candidate, test, figures=figures, alerts=alerts, frozen=frozen, policy=policy, bootstrap=bootstrap),
        figures=figures,
        alerts=alerts,
    )


def check_same_alerts(judgements: list[Judgement]) -> None:
    """Stop a comparison in which one candidate may cry louder than another.

    Raises:
        LeakageError: the alerts at the operating point differ in number.
    """
    counts = {judgement.name: set(judgement.alerts.sum(axis=1).tolist()) for judgement in judgements}
    if len(set.union(*counts.values())) > 1:
        raise LeakageError(f"comparison: alerts at the operating point differ, {counts}; judge all at one policy")


def test_days(test: WindowRows) -> float:
    """Length of the window in days, for alerts a day."""
    return float(max((test.window.end - test.window.start).total_seconds() / 86400, 1e-9))


def as_json(interval: Interval | None) -> dict[str, float | None] | None:
    """``{mean, low, high}``; None where the figure does not exist."""
    if interval is None or np.isnan(interval.mean):
        return None
    return {name: _number(getattr(interval, name)) for name in ("mean", "low", "high")}


def _alerts(seed: ScoredSeed, test: WindowRows, policy: PolicyConfig) -> np.ndarray:
    return alerts_at_operating_point(policy, seed.logits, day=test.day, tie_break=test.tie_break)


def _figures(
    candidate: Candidate, test: WindowRows, *, alerts: np.ndarray, frozen: np.ndarray, bootstrap: Bootstrap
) -> dict[str, Resampled]:
    fraud = test.y_true == 1
    ranking = bootstrap.ranking(test.y_true, np.stack([seed.logits for seed in candidate.seeds]))
    figures = {
        "recall": bootstrap.ratio(alerts & fraud, fraud),
        "recall_at_threshold": bootstrap.ratio(frozen & fraud, fraud),
        "precision": bootstrap.ratio(alerts & fraud, alerts),
        "average_precision": ranking[0],
        "roc_auc": ranking[1],
    }
    if test.amount is not None:
        money = np.where(fraud, np.nan_to_num(test.amount), 0.0)
        figures["amount_recall"] = bootstrap.ratio(alerts * money, money)
    return figures


def _row(
    candidate: Candidate,
    test: WindowRows,
    *,
    figures: Mapping[str, Resampled],
    alerts: np.ndarray,
    frozen: np.ndarray,
    policy: PolicyConfig,
    bootstrap: Bootstrap,
) -> dict[str, Any]:
    found, ceiling = _card_precision(candidate, test, policy)
    intervals = {name: as_json(figure.interval()) for name, figure in figures.items()}
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
        "alerts_per_day": float(frozen.sum(axis=1).mean()) / test_days(test),
        "threshold": float(np.mean([seed.threshold.value for seed in candidate.seeds])),
        "calibration": _calibration(candidate, test),
        "recall_by_seed": [float(value) for value in figures["recall"].by_seed],
        "recall_by_type": _recall_by_type(test, alerts, bootstrap),
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


def _recall_by_type(test: WindowRows, alerts: np.ndarray, bootstrap: Bootstrap) -> list[dict[str, Any]]:
    if test.fraud_type is None:
        return []
    fraud = test.y_true == 1
    kinds = np.array([str(kind) if kind is not None else "unknown" for kind in test.fraud_type[fraud]])
    rows = []
    for kind in np.unique(kinds):
        of_kind = np.zeros(len(fraud), dtype=bool)
        of_kind[np.flatnonzero(fraud)[kinds == kind]] = True
        recall = bootstrap.ratio(alerts & of_kind, of_kind)
        rows.append({"fraud_type": str(kind), "frauds": int(of_kind.sum()), "recall": as_json(recall.interval())})
    return rows


def _mean(values: list[Any]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _number(value: Any) -> float | None:
    return None if value is None or np.isnan(value) else float(value)
