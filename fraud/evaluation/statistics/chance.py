"""Better than chance, twice: does the ranking know fraud at all, and does it find more than random alerts would?

Both tests know the truth under chance exactly, so nothing is estimated but how many independent frauds there are:
frauds of one card are ranked alike and count by Kish's effective number of clusters.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, ndtr
from scipy.stats import hypergeom, rankdata

from fraud.evaluation.statistics.exact import kish
from fraud.evaluation.statistics.sampling import Sampling, summed
from fraud.metrics import as_scores, as_targets

Floats = NDArray[np.float64]


def ranking_p_value(sampling: Sampling, y_true: ArrayLike, y_score: ArrayLike) -> float:
    """One-sided p value of the ranking against exchangeable labels: do frauds rank above the middle?

    The mean normal score of the frauds' ranks, their share of all ranks, is 1/2 under chance, with the variance
    1 / (12 n) of n uniform numbers; n is the effective number of clusters with fraud. It is ROC AUC, but for the
    ranks of the frauds among themselves. Ranks are within folds, whose models have scales of their own; tied scores
    share their ranks, which only lowers the variance.

    Args:
        sampling: clusters and folds.
        y_true: labels (N,).
        y_score: scores or logits (N,).

    Returns:
        1 without frauds.
    """
    y = as_targets(y_true)
    scores = as_scores(y_score, y.size)
    if not y.any():
        return 1.0
    place = np.empty(y.size)
    for fold in range(sampling.folds):
        rows = np.flatnonzero(sampling.fold == fold)
        place[rows] = (rankdata(scores[rows]) - 0.5) / max(rows.size, 1)
    independent = effective_frauds(sampling, y)
    return float(ndtr(-(place[y].mean() - 0.5) * np.sqrt(12 * independent)))


def found_p_value(
    sampling: Sampling, y_true: ArrayLike, alerts: ArrayLike, *, group: ArrayLike, unit: ArrayLike
) -> float:
    """One-sided exact p value of finding so many fraudulent units with as many alerts raised at random.

    Random alerts of a day find a hypergeometric number; days are convolved. Where frauds come in clusters, fewer of
    them are independent: then the binomial tail at effective counts bounds it, by Hoeffding (1956, "On the
    distribution of the number of successes in independent trials"): unequal chances make the sum less variable than
    equal ones, and drawing without replacement does, too.

    Args:
        sampling: clusters.
        y_true: labels (N,).
        alerts: expected alerts (N,).
        group: what each row's alerts are counted in (N,): its day.
        unit: unit (N,); its rows are one alert and lie in one group.

    Returns:
        1 without frauds.
    """
    y = as_targets(y_true)
    if not y.any():
        return 1.0
    _, first, codes = np.unique(np.asarray(unit), return_index=True, return_inverse=True)
    fraud = summed(codes, y) > 0
    raised = np.asarray(alerts, dtype=np.float64)[first]
    groups = np.unique(np.asarray(group)[first], return_inverse=True)[1]
    size, frauds = np.bincount(groups), summed(groups, fraud)
    budget = summed(groups, raised)
    found, total = float(raised @ fraud), float(fraud.sum())
    one_each = np.zeros(y.size)
    rows = np.flatnonzero(y)
    one_each[rows[np.unique(codes[rows], return_index=True)[1]]] = 1.0
    independent = effective_frauds(sampling, one_each)
    if independent >= total - 1e-9:
        return _tail(size, frauds, budget, found)
    chance = float((budget / size) @ frauds) / total
    return _binomial_tail(found / total * independent, independent, chance)


def effective_frauds(sampling: Sampling, weights: ArrayLike) -> float:
    """Kish's effective number of clusters of the frauds (N,), of the way that has fewer."""
    return min(kish(sums) for sums in sampling.in_clusters(np.asarray(weights, dtype=np.float64)))


def _tail(size: NDArray[np.int64], frauds: Floats, budget: Floats, found: float) -> float:
    """Chance that random alerts find at least as many, over all groups."""
    whole: Floats = np.ones(1)
    for units, fraudulent, alerts in zip(size, frauds.astype(int), budget, strict=True):
        if fraudulent:
            whole = np.convolve(whole, _of_group(int(units), int(fraudulent), float(alerts)))
    return float(min(1.0, whole[max(int(np.floor(found + 1e-9)), 0) :].sum()))


def _of_group(units: int, fraudulent: int, alerts: float) -> Floats:
    """Chances (fraudulent + 1,) of each number found; of a budget that is not whole its whole neighbours, weighted."""
    counts, below = np.arange(fraudulent + 1), int(np.floor(alerts + 1e-9))
    share = max(alerts - below, 0.0)
    parts: Iterable[tuple[int, float]] = ((below, 1 - share), (min(below + 1, units), share))
    return np.asarray(sum(weight * hypergeom.pmf(counts, units, fraudulent, k) for k, weight in parts if weight > 0))


def _binomial_tail(found: float, independent: float, chance: float) -> float:
    """Chance of at least so many of so many, either a real number."""
    if found <= 0:
        return 1.0
    if found >= independent:
        return float(chance**independent)
    return float(betainc(found, independent - found + 1, chance))
