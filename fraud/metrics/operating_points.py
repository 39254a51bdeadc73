"""From scores to alerts at an operating point that is the same for every strategy."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.errors import TargetError
from fraud.metrics.checks import as_keys, as_scores


def top_k_per_day(
    y_score: ArrayLike, day: ArrayLike, *, k: int | NDArray[np.int64], tie_break: ArrayLike
) -> NDArray[np.bool_]:
    """Alerts on the k highest scores of each day: exactly min(k, transactions of that day).

    Args:
        y_score: scores or logits (N,); higher is more suspicious.
        day: day of each transaction (N,), anything that sorts.
        k: alerts a day; or one number per distinct day, in ascending order of days.
        tie_break: rank of each transaction by its id (N,); among equal scores the smaller rank is the alert,
            so that neither the sort nor the order of rows decides.

    Returns:
        Booleans (N,).

    Raises:
        TargetError: NaN scores, lengths that differ, or k below 0.

    >>> top_k_per_day([0.2, 0.9, 0.5, 0.1], [1, 1, 1, 2], k=1, tie_break=[0, 1, 2, 3]).tolist()
    [False, True, False, True]
    """
    scores, day_code, days = _by_day(y_score, day)
    budget = np.broadcast_to(_whole(k), days)
    return _ranks(scores, day_code, tie_break) <= budget[day_code]


def rank_within_day(y_score: ArrayLike, day: ArrayLike, *, tie_break: ArrayLike) -> NDArray[np.int64]:
    """Rank (N,) of each transaction among those of its day, 1 for the highest score; ties as in ``top_k_per_day``.

    >>> rank_within_day([0.2, 0.9, 0.5, 0.1], [1, 1, 1, 2], tie_break=[0, 1, 2, 3]).tolist()
    [3, 1, 2, 1]
    """
    scores, day_code, _ = _by_day(y_score, day)
    return _ranks(scores, day_code, tie_break)


def top_share(y_score: ArrayLike, *, share: float, tie_break: ArrayLike) -> NDArray[np.bool_]:
    """Alerts on the highest scores of the whole window: exactly floor(share * N), ties as in ``top_k_per_day``."""
    if not 0 <= share <= 1:
        raise TargetError(f"share: expected a share of the transactions in [0, 1], found {share!r}")
    scores = as_scores(y_score)
    k = math.floor(share * scores.size + 1e-9)
    return top_k_per_day(scores, np.zeros(scores.size, dtype=np.int8), k=k, tie_break=tie_break)


def _by_day(y_score: ArrayLike, day: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64], int]:
    """Scores (N,), the number of each transaction's day (N,), counted from 0, and how many days there are."""
    scores = as_scores(y_score)
    days, day_code = np.unique(as_keys(day, scores.size, "day"), return_inverse=True)
    return scores, day_code, days.size


def _ranks(scores: NDArray[np.float64], day_code: NDArray[np.int64], tie_break: ArrayLike) -> NDArray[np.int64]:
    order = np.lexsort((as_keys(tie_break, scores.size, "tie_break"), -scores, day_code))
    sizes = np.bincount(day_code)
    ranks = np.empty(scores.size, dtype=np.int64)
    ranks[order] = np.arange(scores.size) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    return ranks


def _whole(k: int | NDArray[np.int64]) -> NDArray[np.int64]:
    budget = np.asarray(k)
    if not np.issubdtype(budget.dtype, np.integer) or (budget.size and budget.min() < 0):
        raise TargetError(f"k: expected whole numbers of alerts, 0 or more, found {k!r}")
    return budget.astype(np.int64)
