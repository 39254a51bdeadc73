"""The variances that a figure's interval adds up: by clusters, between seeds, between windows in time.

**Clusters**, one or two ways: V = V_A + V_B - V_AB (Cameron, Gelbach and Miller 2011, "Robust inference with multiway
clustering"), never below the larger of the two.

**Seeds**: a further way. The jackknife over the seeds of each fold tells how the ensemble would differ with other
seeds, (S - 1) / S times the sum of squared deviations of the figures without one seed. Part of that is which single
frauds a seed happens to rank high; clusters already contain it, as V_AB is contained in both ways of clustering, and
it is taken off. What is left is what moves all clusters alike.

**Folds**: tau squared of DerSimonian and Laird (1986) over the figures of the windows, only where Cochran's Q shows at
the level of .10 that they differ by more than clusters and seeds explain. With two or three windows tau squared is
estimated so badly, and truncated at 0, that adding it always would widen every interval by half without need.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import chdtri

from fraud.evaluation.statistics.sampling import Sampling, summed

HETEROGENEOUS = 0.10
"""P value of Cochran's Q below which windows in time count as different; the usual level of that weak test."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Component:
    """A variance and the degrees of freedom that it is estimated with."""

    variance: float
    freedom: float


@dataclass(frozen=True)
class SeedSpread:
    """The figure of the ensemble with one seed of one fold left out."""

    left_out: Floats
    """(F, S)."""
    influence: sparse.csr_array
    """(S, M), influence values of those figures by cell; a cell belongs to one fold, and its values are of that fold's
    ensemble without the seed."""


def cluster_variance(
    sampling: Sampling, influence: sparse.csr_array, carriers: Sequence[float], *, expected: float | None = None
) -> Component:
    """Variance of a figure over the clusters of its transactions.

    Args:
        sampling: the clusters.
        influence: influence values (1, M) by cell.
        carriers: Kish's effective number of clusters that the figure rests on, of each way and of the intersection.
            The variance of few is stretched by n / (n - 1), and n - 1 are the degrees of freedom, of the smaller way.
        expected: where given, degrees of freedom are fewer as the kurtosis of the cluster sums is higher: where few
            clusters have most of the influence, as the right ones among many alerts. 1 / df as the exact interval of
            single events knows it, 0 where there is none.
    """
    (variance,) = _variances(sampling, influence, carriers)
    freedom = min(carriers[: len(sampling.ways)]) - 1
    if expected is not None:
        beyond = max(1 / _freedom(sampling, influence) - expected, 0.0)
        freedom = min(freedom, 1 / beyond if beyond > 0 else np.inf)
    return Component(variance, max(freedom, 1.0))


def between_seeds(sampling: Sampling, spreads: Sequence[SeedSpread], carriers: Sequence[float]) -> Component:
    """Variance between seeds beyond that by clusters; 0 where there is one seed alone.

    Args:
        sampling: the clusters and folds.
        spreads: one, or two of figures with different numbers of seeds, which are independent then.
        carriers: as for ``cluster_variance``.
    """
    parts = [_seed_part(sampling, spread, carriers) for spread in spreads]
    variance, freedom = satterthwaite(parts)
    return Component(variance, freedom)


def between_folds(by_fold: Floats, weight: Floats, within: float) -> Component:
    """Variance between windows in time, by DerSimonian and Laird, where Cochran's Q rejects that they are alike.

    Args:
        by_fold: the figure of each window (F,), nan where it does not exist.
        weight: what each counts for (F,).
        within: variance of the pooled figure by clusters and seeds; a window of weight w has ``within / w``.
    """
    there = ~np.isnan(by_fold) & (weight > 0)
    folds = int(there.sum())
    if folds < 2 or within <= 0:
        return Component(0.0, max(folds - 1, 1.0))
    values, share = by_fold[there], weight[there] / weight[there].sum()
    q = float(np.sum(share * (values - share @ values) ** 2)) / within
    if q <= float(chdtri(folds - 1, HETEROGENEOUS)):
        return Component(0.0, folds - 1.0)
    squares = float(np.sum(share**2))
    tau_squared = within * (q - (folds - 1)) / (1 - squares)
    return Component(tau_squared * squares, folds - 1.0)


def satterthwaite(components: Sequence[Component]) -> tuple[float, float]:
    """Sum of variances and its degrees of freedom (Satterthwaite 1946)."""
    variance = sum(one.variance for one in components)
    if variance <= 0:
        return 0.0, min((one.freedom for one in components), default=1.0)
    return variance, variance**2 / sum(one.variance**2 / one.freedom for one in components)


def _seed_part(sampling: Sampling, spread: SeedSpread, carriers: Sequence[float]) -> Component:
    folds, seeds = spread.left_out.shape
    scale = (seeds - 1) / seeds
    deviations = spread.left_out - spread.left_out.mean(axis=1, keepdims=True)
    whole = scale * float(np.sum(deviations**2))
    mean = spread.influence.mean(axis=0)
    apart = sparse.csr_array(spread.influence - sparse.csr_array(np.broadcast_to(mean, spread.influence.shape)))
    of_clusters = sum(
        float(_variances(sampling, apart, carriers, fold=fold if folds > 1 else None).sum()) for fold in range(folds)
    )
    return Component(max(whole - scale * of_clusters, 0.0), folds * (seeds - 1.0))


def _freedom(sampling: Sampling, influence: sparse.csr_array) -> float:
    """Degrees of freedom of a sum of squares by its kurtosis, of the way that has fewer.

    The variance of a sum of squares s^2 of G cluster sums is (kurtosis - 1) / G of its square, which is 2 / df of a chi
    square's (Satterthwaite 1946): df = 2 / (sum of s^4 / (sum of s^2)^2 - 1 / G).
    """
    found, fewest = influence.tocoo(), np.inf
    for codes in sampling.cell_ways[: len(sampling.ways)]:
        sums = summed(codes[found.col], found.data, int(codes.max(initial=0)) + 1)
        squares = (sums - sums.mean()) ** 2
        total = float(squares.sum())
        spread = float(np.sum((squares / total) ** 2)) - 1 / sums.size if total > 0 else 0.0
        fewest = min(fewest, 2 / spread if spread > 0 else np.inf)
    return fewest


def _variances(
    sampling: Sampling, influence: sparse.csr_array, carriers: Sequence[float], *, fold: int | None = None
) -> Floats:
    """Variance over clusters of each row (K,) of influence values (K, M); of one fold where it is given."""
    if fold is not None:
        influence = influence * (sampling.cell_fold == fold)
    found = influence.tocoo()
    ways = []
    for codes, carrying in zip(sampling.cell_ways, carriers, strict=True):
        count = int(codes.max(initial=0)) + 1
        rows = influence.shape[0]
        sums = np.bincount(found.row * count + codes[found.col], weights=found.data, minlength=rows * count)
        by_cluster = sums.reshape(rows, count)
        n = max(carrying, 2.0)
        ways.append(n / (n - 1) * (np.sum(by_cluster**2, axis=1) - by_cluster.sum(axis=1) ** 2 / count))
    if len(ways) == 1:
        return np.asarray(ways[0])
    first, second, both = ways
    return np.asarray(np.maximum(first + second - both, np.maximum(first, second)))
