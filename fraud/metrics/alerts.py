"""Alerts against labels: what was found, what was raised in vain, what it cost.

Money has one rule (``losses``): a negative amount is a refund, and one that is missed is neither lost nor earned.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.metrics.checks import as_alerts, as_numbers, as_targets


def recall(y_true: ArrayLike, alerts: ArrayLike) -> float:
    """Share of the frauds that raised an alert; nan without frauds.

    >>> recall([1, 1, 0], np.array([True, False, True]))
    0.5
    """
    y, raised = _pair(y_true, alerts)
    return _share(y & raised, y)


def precision(y_true: ArrayLike, alerts: ArrayLike) -> float:
    """Share of the alerts that were frauds; nan without alerts."""
    y, raised = _pair(y_true, alerts)
    return _share(y & raised, raised)


def false_positive_rate(y_true: ArrayLike, alerts: ArrayLike) -> float:
    """Share of the genuine transactions that raised an alert; nan where all are frauds."""
    y, raised = _pair(y_true, alerts)
    return _share(~y & raised, ~y)


def losses(amount: ArrayLike) -> NDArray[np.float64]:
    """Money (N,) that each transaction loses where it is fraud and missed, before any ``loss_share``.

    The amount; 0 where it is negative, since a missed refund is no income, and 0 where it is unknown (NaN).

    >>> losses([100.0, -50.0, float("nan")]).tolist()
    [100.0, 0.0, 0.0]
    """
    return np.asarray(np.nan_to_num(np.asarray(amount, dtype=np.float64)).clip(min=0.0))


def amount_recall(y_true: ArrayLike, alerts: ArrayLike, amount: ArrayLike) -> float:
    """Share of the stolen money (``losses``) that raised an alert; nan where frauds moved no money."""
    y, raised = _pair(y_true, alerts)
    money = as_numbers(losses(amount), y.size, "amount")
    stolen = float(money[y].sum())
    return float(money[y & raised].sum()) / stolen if stolen > 0 else float("nan")


def total_cost(
    y_true: ArrayLike, alerts: ArrayLike, *, amount: ArrayLike, review_cost: float, loss_share: float
) -> float:
    """Money spent on reviews plus money lost to missed frauds (``losses``), in the currency of ``amount``."""
    y, raised = _pair(y_true, alerts)
    money = as_numbers(losses(amount), y.size, "amount")
    return review_cost * int(raised.sum()) + loss_share * float(money[y & ~raised].sum())


def _pair(y_true: ArrayLike, alerts: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    y = as_targets(y_true)
    return y, as_alerts(alerts, y.size)


def _share(part: np.ndarray, whole: np.ndarray) -> float:
    count = int(whole.sum())
    return int(part.sum()) / count if count else float("nan")
