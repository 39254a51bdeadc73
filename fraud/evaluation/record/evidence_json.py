"""What the charts of a report are drawn from: curves, days and bins, kept beside ``report.json``."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from fraud import metrics
from fraud.config import PolicyConfig
from fraud.evaluation.candidates import Candidate, WindowRows
from fraud.evaluation.costs import cost_evidence
from fraud.evaluation.examples import examples_of
from fraud.evaluation.first_alert import first_alert_evidence
from fraud.evaluation.judging import Judgement
from fraud.evaluation.policy import policy_measure
from fraud.evaluation.statistics.sampling import Sampling

BUDGETS = (1, 2, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 700, 1000, 1500, 2000)
MORE_ALERTS = 10
"""Step of the budget curve beyond the configured budget: what so many more alerts a day would find."""
_DAY = 86_400


def candidate_evidence(
    candidate: Candidate, test: WindowRows, sampling: Sampling, judgement: Judgement | None = None
) -> dict[str, Any]:
    """Everything drawn for one candidate: of what ships, the mean of its seeds' logits.

    Args:
        candidate: scores of every seed.
        test: the window that judges.
        sampling: shared by all candidates of a run.
        judgement: of the candidate; without it there are no breakdowns and no examples.
    """
    shipped = candidate.shipped
    unit = test.units(shipped.latest.threshold.policy)
    recall, precision = metrics.precision_recall_curve(test.y_true, shipped.comparable)
    return {
        "budget": budget_curve(candidate, test),
        "precision_recall": {"recall": recall.tolist(), "precision": precision.tolist()},
        "reliability": {
            kind: [
                {"score": one.score, "observed": one.observed, "count": one.count}
                for one in metrics.reliability_curve(test.y_true, score)
            ]
            for kind, score in shipped.probabilities.items()
        },
        "curve": list(candidate.curve),
        "achieved": _alerts_by_day(candidate, test),
        "achievement": achievement_of(candidate, test),
        "costs": cost_evidence(candidate, test, sampling),
        "fairness": [{"strategy": candidate.name, **cost} for cost in candidate.cost],
        "breakdowns": judgement.breakdowns if judgement else None,
        "examples": examples_of(shipped, test, judgement.alerts > 0.5, unit) if judgement else None,
        "first_alert": first_alert_evidence(test, judgement.alerts, shipped.logits, unit) if judgement else None,
        "tied": tied_alerts(test, judgement.alerts, shipped.logits, unit) if judgement else None,
    }


def budget_curve(candidate: Candidate, test: WindowRows) -> dict[str, list[float]]:
    """Recall and precision against alerts a day, expected over the orders of tied scores.

    A day with fewer units raises fewer alerts, a partial day its share.
    """
    codes = test.units(candidate.shipped.latest.threshold.policy)
    count = int(codes.max()) + 1
    day = np.unique(metrics.unit_values(test.day, codes, count), return_inverse=True)[1]
    sizes, shares = np.bincount(day), test.day_shares
    budgets = [budget for budget in _budgets(candidate) if budget <= sizes.max()] or [1]
    frauds = np.bincount(codes, weights=test.y_true, minlength=count)
    above, tied = metrics.count_above(metrics.unit_max(candidate.shipped.logits, codes, count), day)
    bad = np.flatnonzero(frauds)
    found = np.array([np.clip((k * shares[day[bad]] - above[bad]) / tied[bad], 0.0, 1.0) for k in budgets])
    raised = np.array([np.minimum(sizes, k * shares).sum() for k in budgets])
    return {
        "alerts_per_day": [float(budget) for budget in budgets],
        "recall": (found @ frauds[bad] / max(float(frauds.sum()), 1.0)).tolist(),
        "precision": (found.sum(axis=1) / raised).tolist(),
    }


def tied_alerts(test: WindowRows, alerts: np.ndarray, logits: np.ndarray, unit: np.ndarray) -> dict[str, float]:
    """``alerts`` at the operating point that the order of tied scores decides, ``of`` all.

    Args:
        test: the window that judges.
        alerts: expected alerts (N,).
        logits: what ranks (N,).
        unit: from ``units_of``.
    """
    codes = np.unique(unit, return_inverse=True)[1]
    count = int(codes.max(initial=-1)) + 1
    day = metrics.unit_values(test.day, codes, count)
    _, tied = metrics.count_above(metrics.unit_max(logits, codes, count), day)
    expected = metrics.unit_max(alerts, codes, count)
    open_ = (tied > 1) & (expected > 0) & (expected < 1)
    return {"alerts": float(expected[open_].sum()), "of": float(expected.sum())}


def _budgets(candidate: Candidate) -> list[int]:
    """The budgets of the curve; a configured number of alerts a day, and a few more, are points of it."""
    policy = candidate.shipped.latest.threshold.policy
    if policy.kind != "alerts_per_day" or policy.value != int(policy.value):
        return list(BUDGETS)
    return sorted({*BUDGETS, int(policy.value), int(policy.value) + MORE_ALERTS})


def achievement_of(candidate: Candidate, test: WindowRows) -> dict[str, Any]:
    """What the policy limits: the target, on validation where the threshold was chosen, and achieved on test.

    Costs have no target but the lowest ones on validation, the mean over folds. Figures are of what ships; ``note`` is
    the reason where a policy could not be met on validation.
    """
    shipped = candidate.shipped
    thresholds = [fold.threshold for fold in shipped.folds]
    policy = thresholds[0].policy
    achieved = policy_measure(
        policy, test.y_true, shipped.alerts, days=test.days, amount=test.amount, unit=test.units(policy)
    )
    notes = [threshold.note for threshold in thresholds if threshold.note]
    part = f"in {len(notes)} of {len(thresholds)} folds: " if notes and len(notes) < len(thresholds) else ""
    return {
        "kind": policy.kind,
        "promised": None if policy.kind == "costs" else policy.value,
        "validation": _mean([threshold.measured for threshold in thresholds]),
        "test": _mean([achieved]),
        "note": f"{part}{notes[0]}" if notes else "",
    }


def days_of(test: WindowRows, judged: Mapping[str, Mapping[str, Any]], policy: PolicyConfig) -> list[dict[str, Any]]:
    """One row a day of the test window: transactions, frauds, target and achieved alerts, frauds caught by them."""
    days = _calendar(test)
    transactions, frauds = _per_day(test, np.ones(len(test.day)), days), _per_day(test, test.y_true, days)
    target = policy.value if policy.kind == "alerts_per_day" else None
    if policy.kind == "alert_rate":
        target = policy.value * len(test.day) / len(days)
    return [
        {
            "day": _date(day),
            "transactions": int(transactions[index]),
            "frauds": int(frauds[index]),
            "promised": target,
            "achieved": {name: evidence["achieved"]["alerts"][index] for name, evidence in judged.items()},
            "caught": {name: evidence["achieved"]["caught"][index] for name, evidence in judged.items()},
        }
        for index, day in enumerate(days)
    ]


def prevalence_by_day(features: pl.LazyFrame) -> list[dict[str, Any]]:
    """Labelled transactions and frauds of every stored day."""
    daily = (
        features.filter(pl.col("is_fraud").is_not_null())
        .group_by(pl.col("event_time").dt.date().alias("day"))
        .agg(transactions=pl.len(), frauds=pl.col("is_fraud").sum())
        .sort("day")
        .collect()
    )
    return [{**row, "day": row["day"].isoformat()} for row in daily.to_dicts()]


def label_delay(windows: Sequence[WindowRows], *, delay_days: float, has_label_time: bool) -> dict[str, Any]:
    """How long the labels of frauds took, in days; where the data do not state it, the delay that was assumed.

    Args:
        windows: of whose frauds.
        delay_days: as configured.
        has_label_time: whether the data state when labels became known.
    """
    delay: dict[str, Any] = {"assumed_days": delay_days, "measured": None}
    taken = [_days_taken(window) for window in windows if window.context is not None] if has_label_time else []
    days = np.concatenate(taken) if taken else np.empty(0)
    if days.size:
        median, most = np.quantile(days, [0.5, 0.9])
        delay["measured"] = {
            "frauds": int(days.size),
            "median_days": float(median),
            "nine_in_ten_days": float(most),
            "longest_days": float(days.max()),
            "later_than_assumed": float((days > delay_days).mean()),
        }
    return delay


def _days_taken(window: WindowRows) -> np.ndarray:
    if window.context is None or "label_time" not in window.context.columns:
        return np.empty(0)
    reported = window.context.filter(pl.Series(window.y_true == 1) & pl.col("label_time").is_not_null())
    taken = reported.select((pl.col("label_time") - pl.col("event_time")).dt.total_seconds() / _DAY)
    return taken.to_series().to_numpy()


def _alerts_by_day(candidate: Candidate, test: WindowRows) -> dict[str, list[float]]:
    days = _calendar(test)
    frozen = candidate.shipped.alerts
    codes = test.units(candidate.shipped.latest.threshold.policy)
    once = frozen / np.bincount(codes)[codes]
    return {
        "alerts": _per_day(test, once, days).tolist(),
        "caught": _per_day(test, frozen & (test.y_true == 1), days).tolist(),
    }


def _calendar(test: WindowRows) -> np.ndarray:
    """Every day of the window, quiet ones included."""
    return np.arange(test.day.min(), test.day.max() + 1)


def _per_day(test: WindowRows, counted: np.ndarray, days: np.ndarray) -> np.ndarray:
    return np.bincount(test.day - days[0], weights=counted, minlength=len(days))


def _mean(values: Sequence[float]) -> float | None:
    """Mean of what exists; None where nothing does, as the precision of no alerts."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else None


def _date(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(day))).date().isoformat()
