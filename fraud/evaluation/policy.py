"""How many alerts a team can review, or which costs it bears, and which rows raise an alert at the operating point.

Two cut-offs, never mixed. The **threshold** (``frozen_threshold.py``) is chosen on validation, frozen, and only judged
on test: target against achieved. The **matched operating point** makes every strategy raise exactly the same number of
alerts on test, so that strategies differ by what they find and not by how many alerts they raise.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud import metrics
from fraud.config import PolicyConfig
from fraud.errors import ConfigError
from fraud.metrics import (
    alert_units,
    as_keys,
    as_scores,
    as_targets,
    daily_budget,
    expected_alerts,
    unit_max,
    unit_values,
)

NO_AMOUNTS = "[policy]: kind costs needs the amount of each transaction; map [columns] amount"
OF_TRANSACTIONS = ("alert_rate", "max_fpr")
"""Policies that limit a share of the transactions, whatever ``unit`` is."""


def check_policy(policy: PolicyConfig, *, rows: int, days: float, amount: ArrayLike | None) -> None:
    """Find out before the work whether a policy can be judged on a window at all.

    Args:
        policy: as configured.
        rows: transactions of the window.
        days: its length.
        amount: money moved, where the data knows it.

    Raises:
        ConfigError: ``costs`` without amounts, or a budget of less than one alert in the whole window.
    """
    if policy.kind == "costs" and amount is None:
        raise ConfigError(NO_AMOUNTS)
    alerts = {"alerts_per_day": policy.value * days, "alert_rate": policy.value * rows}.get(policy.kind)
    if alerts is not None and alerts < 1:
        raise ConfigError(
            f"[policy]: {policy.kind} {policy.value:g} is less than one alert in the whole test window "
            f"({rows:,} transactions in {days:.0f} days), which cannot distinguish strategies; give a larger value"
        )


def policy_measure(
    policy: PolicyConfig,
    y_true: ArrayLike,
    alerts: ArrayLike,
    *,
    days: float,
    amount: ArrayLike | None = None,
    unit: ArrayLike | None = None,
) -> float:
    """What a policy limits: alerts a day, share of alerts, false-positive rate, precision, or costs a day.

    Args:
        policy: kind, and the prices of ``costs``.
        y_true: labels (N,).
        alerts: booleans (N,), the same for all transactions of a unit.
        days: length of the window, quiet days included.
        amount: money moved (N,); needed by ``costs``.
        unit: from ``units_of``, which counts alerts, and reviews; None: each transaction is one.
    """
    raised = np.asarray(alerts, dtype=bool)
    reviewed, right = _counted_units(as_targets(y_true), raised, unit)
    match policy.kind:
        case "alerts_per_day":
            return reviewed / days
        case "alert_rate":
            return float(raised.mean())
        case "max_fpr":
            return metrics.false_positive_rate(y_true, raised)
        case "min_precision":
            return right / reviewed if reviewed else float("nan")
    if amount is None:
        raise ConfigError(NO_AMOUNTS)
    lost = metrics.total_cost(y_true, raised, amount=amount, review_cost=0.0, loss_share=policy.loss_share)
    return (policy.review_cost * reviewed + lost) / days


def _counted_units(y: NDArray[np.bool_], raised: NDArray[np.bool_], unit: ArrayLike | None) -> tuple[int, int]:
    """Units that are alerts, and those of them with a fraud."""
    if unit is None:
        return int(raised.sum()), int((raised & y).sum())
    codes = np.asarray(unit)
    return np.unique(codes[raised]).size, np.unique(codes[raised & y]).size


@dataclass(frozen=True)
class Ceiling:
    """The most that any ranking could reach with these alerts; nan without frauds, or without alerts."""

    recall: float
    precision: float


def units_of(policy: PolicyConfig, *, day: ArrayLike, card: ArrayLike | None) -> NDArray[np.int64]:
    """Unit (N,) of each transaction: those of one unit are one alert and are found together.

    ``unit`` card, where there are cards: a card on a day. Else, and for policies that limit a share of the transactions
    (``alert_rate``, ``max_fpr``): each transaction.

    Args:
        policy: as configured, or from ``matched_policy``.
        day: day of each transaction (N,).
        card: card of each (N,), None where unknown; None without cards.
    """
    cards = card if policy.unit == "card" and policy.kind not in OF_TRANSACTIONS else None
    return alert_units(day, cards)[0]


def found_together(alerts: ArrayLike, unit: ArrayLike) -> NDArray[np.bool_]:
    """Which transactions (N,) are found: all those of a unit with an alert on any of them.

    Args:
        alerts: booleans (N,).
        unit: from ``units_of``.
    """
    codes = np.asarray(unit)
    alerted = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.bool_)
    alerted[codes[np.asarray(alerts, dtype=np.bool_)]] = True
    return np.asarray(alerted[codes])


def operating_budget(
    policy: PolicyConfig, day: ArrayLike, *, unit: ArrayLike | None = None, coverage: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Alerts of each distinct day (D,), days ascending; of ``alert_rate`` one number for the whole window (1,).

    Args:
        policy: from ``matched_policy``.
        day: day of each transaction (N,), counted since 1970.
        unit: from ``units_of``; None: each transaction is one.
        coverage: share of each distinct day (D,) that the window covers; None: all of it.

    Raises:
        ConfigError: a policy without a number of alerts; pass it through ``matched_policy`` first.
    """
    days = np.asarray(day)
    if policy.kind == "alert_rate":
        units = days.size if unit is None else np.unique(np.asarray(unit)).size
        return np.array([np.floor(policy.value * units + 1e-9)])
    if policy.kind != "alerts_per_day":
        raise ConfigError(f"[policy]: {policy.kind} names no number of alerts; use matched_policy first")
    return daily_budget(policy.value, np.unique(days), coverage)


def alerts_at_operating_point(
    policy: PolicyConfig,
    y_score: ArrayLike,
    *,
    day: ArrayLike,
    unit: ArrayLike | None = None,
    coverage: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Expected alert (N,) of each transaction at the matched operating point: the same number for every strategy.

    A unit competes by its highest score with those of its day (of the whole window for ``alert_rate``); its
    transactions are found together, so each of them has the value of its unit: 1 above the cut, 0 below, and for units
    tied at the cut the share of all their orders in which the unit is an alert. No label and no threshold is needed.

    Args:
        policy: from ``matched_policy``.
        y_score: scores or logits (N,).
        day: day of each transaction (N,), counted since 1970.
        unit: from ``units_of``; None: each transaction is one.
        coverage: as for ``operating_budget``.

    Raises:
        ConfigError: a policy without a matched number of alerts; pass it through ``matched_policy`` first.
    """
    scores = as_scores(y_score)
    units = _Units(policy, day=day, unit=unit, rows=scores.size, coverage=coverage)
    highest = unit_max(scores, units.codes, units.count)
    return expected_alerts(highest, group=units.group, budget=units.budget)[units.codes]


def ceiling(
    policy: PolicyConfig,
    y_true: ArrayLike,
    *,
    day: ArrayLike,
    unit: ArrayLike | None = None,
    coverage: ArrayLike | None = None,
) -> Ceiling:
    """The most recall and the most precision that any ranking could reach with these alerts.

    Each day the units with most frauds are taken first, as many as the day has alerts.

    Args:
        policy: from ``matched_policy``.
        y_true: labels (N,).
        day: day of each transaction (N,), counted since 1970.
        unit: from ``units_of``; None: each transaction is one.
        coverage: as for ``operating_budget``.
    """
    y = as_targets(y_true)
    units = _Units(policy, day=day, unit=unit, rows=y.size, coverage=coverage)
    frauds = np.bincount(units.codes, weights=y, minlength=units.count)
    found = expected_alerts(frauds, group=units.group, budget=units.budget)
    raised, total = float(found.sum()), float(frauds.sum())
    return Ceiling(
        recall=float(found @ frauds) / total if total else float("nan"),
        precision=float(found @ (frauds > 0)) / raised if raised else float("nan"),
    )


def chance_recall(
    policy: PolicyConfig,
    y_true: ArrayLike,
    *,
    day: ArrayLike,
    unit: ArrayLike | None = None,
    coverage: ArrayLike | None = None,
) -> float:
    """Recall that as many alerts, raised at random, have on average; nan without frauds.

    Args:
        policy: the matched operating point, from ``matched_policy``.
        y_true: labels (N,).
        day: day of each transaction (N,), counted since 1970.
        unit: from ``units_of``; None: each transaction is one.
        coverage: as for ``operating_budget``.
    """
    y = as_targets(y_true)
    if not y.any():
        return float("nan")
    return float(alerts_at_operating_point(policy, np.zeros(y.size), day=day, unit=unit, coverage=coverage)[y].mean())


class _Units:
    """The units that compete, the group that each competes in, and the alerts of each group."""

    def __init__(
        self, policy: PolicyConfig, *, day: ArrayLike, unit: ArrayLike | None, rows: int, coverage: ArrayLike | None
    ) -> None:
        days = as_keys(day, rows, "day")
        self.codes = np.arange(rows) if unit is None else np.unique(as_keys(unit, rows, "unit"), return_inverse=True)[1]
        self.count = int(self.codes.max(initial=-1)) + 1
        self.budget = operating_budget(policy, days, unit=self.codes, coverage=coverage)
        whole_window = policy.kind == "alert_rate"
        self.group = np.zeros(self.count) if whole_window else unit_values(days, self.codes, self.count)
