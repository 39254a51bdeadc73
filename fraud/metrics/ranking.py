"""The order of the scores against labels: average precision, ROC AUC, the precision-recall curve."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.metrics.checks import as_scores, as_targets, as_weights

_Counts = NDArray[np.float64]


def average_precision(y_true: ArrayLike, y_score: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Precision averaged over recall, AP = sum over distinct scores of (R_n - R_{n-1}) P_n; nan without frauds.

    Equal scores enter together, as in scikit-learn's ``average_precision_score``; no interpolation.

    Args:
        y_true: labels (N,).
        y_score: scores or logits (N,).
        sample_weight: weights of the rows (N,), 0 or more.
    """
    positive, negative = _cumulative(y_true, y_score, sample_weight)
    if not positive.size or positive[-1] == 0:
        return float("nan")
    gain = np.diff(positive, prepend=0.0)
    new = gain > 0
    return float(np.sum(gain[new] * positive[new] / (positive[new] + negative[new])) / positive[-1])


def roc_auc(y_true: ArrayLike, y_score: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
    """Chance that a fraud scores above a genuine transaction, ties counting half; nan unless both are there."""
    positive, negative = _cumulative(y_true, y_score, sample_weight)
    if not positive.size or positive[-1] == 0 or negative[-1] == 0:
        return float("nan")
    gain = np.diff(positive, prepend=0.0)
    tied = np.diff(negative, prepend=0.0)
    below = negative[-1] - negative + tied / 2
    return float(np.sum(gain * below) / (positive[-1] * negative[-1]))


def precision_recall_curve(
    y_true: ArrayLike, y_score: ArrayLike, *, points: int = 200
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recall and precision at about ``points`` thresholds, evenly spread over recall, recall ascending.

    Every point is one that a threshold reaches; both arrays are empty without frauds.
    """
    positive, negative = _cumulative(y_true, y_score, None)
    if not positive.size or positive[-1] == 0:
        return np.empty(0), np.empty(0)
    wanted = np.linspace(1 / points, 1, points) * positive[-1]
    kept = np.unique(np.searchsorted(positive, wanted - 1e-9))
    return positive[kept] / positive[-1], positive[kept] / (positive[kept] + negative[kept])


def _cumulative(y_true: ArrayLike, y_score: ArrayLike, sample_weight: ArrayLike | None) -> tuple[_Counts, _Counts]:
    """Weight of frauds and of genuine transactions at or above each distinct score, highest score first."""
    y = as_targets(y_true)
    scores = as_scores(y_score, y.size)
    weights = as_weights(sample_weight, y.size)
    order = np.argsort(-scores, kind="stable")
    ranked, weighted = scores[order], weights[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), np.arange(y.size)[-1:])
    positive = np.cumsum(weighted * y[order])[ends]
    negative = np.cumsum(weighted * ~y[order])[ends]
    return positive, negative
