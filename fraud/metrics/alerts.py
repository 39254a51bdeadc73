"""Alerts against labels: what was found, what was raised in vain, what it cost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fraud.metrics.checks import as_alerts, as_keys, as_numbers, as_targets


@dataclass(frozen=True)
class GroupRecall:
    """Recall within one group, for example one fraud type."""

    group: str
    frauds: int
    recall: float


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


def accuracy(y_true: ArrayLike, alerts: ArrayLike) -> float:
    """Share of the transactions judged rightly; high for whoever finds nothing, hence never a headline."""
    y, raised = _pair(y_true, alerts)
    return _share(y == raised, np.ones_like(y))


def false_positive_rate(y_true: ArrayLike, alerts: ArrayLike) -> float:
    """Share of the genuine transactions that raised an alert; nan where all are frauds."""
    y, raised = _pair(y_true, alerts)
    return _share(~y & raised, ~y)


def amount_recall(y_true: ArrayLike, alerts: ArrayLike, amount: ArrayLike) -> float:
    """Share of the stolen money that raised an alert; nan where frauds moved no money."""
    y, raised = _pair(y_true, alerts)
    money = as_numbers(amount, y.size, "amount")
    stolen = float(money[y].sum())
    return float(money[y & raised].sum()) / stolen if stolen > 0 else float("nan")


def total_cost(
    y_true: ArrayLike, alerts: ArrayLike, *, amount: ArrayLike, review_cost: float, loss_share: float
) -> float:
    """Money spent on reviews plus money lost to missed frauds, in the currency of ``amount``."""
    y, raised = _pair(y_true, alerts)
    money = as_numbers(amount, y.size, "amount")
    return review_cost * int(raised.sum()) + loss_share * float(money[y & ~raised].sum())


def recall_by_group(y_true: ArrayLike, alerts: ArrayLike, group: ArrayLike) -> list[GroupRecall]:
    """Recall within each group of frauds, the largest group first; ``group`` is read on the frauds alone.

    Args:
        y_true: labels (N,).
        alerts: booleans (N,).
        group: what each transaction belongs to (N,), for example its fraud type; None reads as "unknown".
    """
    y, raised = _pair(y_true, alerts)
    keys = as_keys(group, y.size, "group")[y]
    names = np.array(["unknown" if key is None else str(key) for key in keys.tolist()], dtype=np.str_)
    groups, member = np.unique(names, return_inverse=True)
    frauds = np.bincount(member, minlength=groups.size)
    caught = np.bincount(member[raised[y]], minlength=groups.size)
    order = np.lexsort((groups, -frauds))
    return [GroupRecall(str(groups[i]), int(frauds[i]), float(caught[i] / frauds[i])) for i in order]


def _pair(y_true: ArrayLike, alerts: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    y = as_targets(y_true)
    return y, as_alerts(alerts, y.size)


def _share(part: np.ndarray, whole: np.ndarray) -> float:
    count = int(whole.sum())
    return int(part.sum()) / count if count else float("nan")
