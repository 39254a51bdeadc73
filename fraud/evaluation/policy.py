"""How many alerts a team can review, or which costs it bears, and which rows raise an alert at the operating point.

Two cut-offs, never mixed. The **threshold** (``frozen_threshold.py``) is chosen on validation, frozen, and only judged
on test: target against achieved. The **matched operating point** makes every strategy raise exactly the same number of
alerts on test, so that strategies differ by what they find and not by how many alerts they raise.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud import metrics
from fraud.config import PolicyConfig
from fraud.errors import ConfigError
from fraud.metrics import as_keys, as_targets, top_k_per_day, top_share

NO_AMOUNTS = "[policy]: kind costs needs the amount of each transaction; map [columns] amount"


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
    policy: PolicyConfig, y_true: ArrayLike, alerts: ArrayLike, *, days: float, amount: ArrayLike | None = None
) -> float:
    """What a policy limits: alerts a day, share of alerts, false-positive rate, precision, or costs a day.

    Args:
        policy: kind, and the prices of ``costs``.
        y_true: labels (N,).
        alerts: booleans (N,).
        days: length of the window, quiet days included.
        amount: money moved (N,); needed by ``costs``.
    """
    raised = np.asarray(alerts, dtype=bool)
    match policy.kind:
        case "alerts_per_day":
            return int(raised.sum()) / days
        case "alert_rate":
            return float(raised.mean())
        case "max_fpr":
            return metrics.false_positive_rate(y_true, raised)
        case "min_precision":
            return metrics.precision(y_true, raised)
    if amount is None:
        raise ConfigError(NO_AMOUNTS)
    prices = {"review_cost": policy.review_cost, "loss_share": policy.loss_share}
    return metrics.total_cost(y_true, raised, amount=np.nan_to_num(np.asarray(amount)), **prices) / days


def alerts_at_operating_point(
    policy: PolicyConfig, y_score: ArrayLike, *, day: ArrayLike, tie_break: ArrayLike
) -> NDArray[np.bool_]:
    """Alerts at the matched operating point: the same number for every strategy, no label and no threshold needed.

    ``alerts_per_day``: the ``value`` highest scores of each day; a value that is not whole is kept on average by
    spreading its remainder over the days (2.5 a day: 2, 3, 2, 3, ...). ``alert_rate``: the highest share of the window.

    Args:
        policy: from ``matched_policy``.
        y_score: scores or logits (N,).
        day: day of each transaction (N,).
        tie_break: rank of each transaction by its id (N,), smaller first among equal scores.

    Raises:
        ConfigError: a policy without a matched number of alerts; pass it through ``matched_policy`` first.
    """
    if policy.kind == "alert_rate":
        return top_share(y_score, share=policy.value, tie_break=tie_break)
    if policy.kind != "alerts_per_day":
        raise ConfigError(f"[policy]: {policy.kind} names no number of alerts; use matched_policy first")
    days = np.unique(as_keys(day, np.size(y_score), "day")).size
    return top_k_per_day(y_score, day, k=daily_budget(policy.value, days), tie_break=tie_break)


def chance_recall(policy: PolicyConfig, y_true: ArrayLike, *, day: ArrayLike) -> float:
    """Recall that as many alerts, raised at random, have on average; nan without frauds.

    Args:
        policy: the matched operating point, from ``matched_policy``.
        y_true: labels (N,).
        day: day of each transaction (N,).
    """
    y = as_targets(y_true)
    if not y.any():
        return float("nan")
    if policy.kind == "alert_rate":
        return policy.value
    _, of_day, sizes = np.unique(as_keys(day, y.size, "day"), return_inverse=True, return_counts=True)
    share = np.minimum(daily_budget(policy.value, sizes.size) / sizes, 1.0)
    return float(share[of_day[y]].mean())


def daily_budget(alerts_per_day: float, days: int) -> NDArray[np.int64]:
    """Whole numbers of alerts, one a day, that keep ``alerts_per_day`` on average.

    >>> daily_budget(2.5, 4).tolist()
    [2, 3, 2, 3]
    """
    until = np.floor(np.arange(days + 1) * alerts_per_day + 1e-9)
    return np.asarray(np.diff(until), dtype=np.int64)
