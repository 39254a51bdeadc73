"""Average precision and ROC AUC with the influence of every transaction on them, in N log N."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def average_precision_influence(y: NDArray[np.bool_], scores: Floats) -> tuple[float, Floats]:
    """Average precision and its derivative by the weight of each row, at weights of 1.

    Equal scores enter together, as in ``fraud.metrics.average_precision``: AP = sum over distinct scores t of
    g_t p_t / P, with g_t the frauds at t, p_t = TP_t / (TP_t + FP_t) the precision down to t, P all frauds. A fraud
    that counts for more adds its own precision and lifts that at every score from its own downwards, by
    FP_t / (TP_t + FP_t)^2; a genuine transaction lowers it there by TP_t / (TP_t + FP_t)^2.

    Args:
        y: labels (N,).
        scores: scores or logits (N,).

    Returns:
        The figure, nan without frauds; and the derivatives (N,).
    """
    frauds = int(y.sum())
    if not frauds:
        return float("nan"), np.zeros(y.size)
    levels, level = np.unique(-scores, return_inverse=True)
    gained = np.bincount(level, weights=y, minlength=levels.size)
    raised = np.bincount(level, minlength=levels.size)
    caught, alerts = np.cumsum(gained), np.cumsum(raised)
    precision = caught / alerts
    value = float(gained @ precision) / frauds
    if_fraud = _from_below(gained * (alerts - caught) / alerts**2) + precision - value
    if_genuine = -_from_below(gained * caught / alerts**2)
    return value, np.where(y, if_fraud[level], if_genuine[level]) / frauds


def roc_auc_influence(y: NDArray[np.bool_], scores: Floats) -> tuple[float, Floats]:
    """ROC AUC and its influence values: the components of DeLong, DeLong and Clarke-Pearson (1988).

    Args:
        y: labels (N,).
        scores: scores or logits (N,).

    Returns:
        The figure, nan unless both classes are there; and the derivatives (N,) by the weight of each row.
    """
    frauds, genuine = int(y.sum()), int((~y).sum())
    if not frauds or not genuine:
        return float("nan"), np.zeros(y.size)
    levels, level = np.unique(scores, return_inverse=True)
    of_frauds = np.bincount(level, weights=y, minlength=levels.size)
    of_genuine = np.bincount(level, weights=~y, minlength=levels.size)
    below = (np.cumsum(of_genuine) - of_genuine / 2) / genuine
    above = (frauds - np.cumsum(of_frauds) + of_frauds / 2) / frauds
    value = float(of_frauds @ below) / frauds
    return value, np.where(y, (below[level] - value) / frauds, (above[level] - value) / genuine)


def _from_below(values: Floats) -> Floats:
    """Sum of each value and all after it."""
    return np.asarray(np.cumsum(values[::-1])[::-1])
