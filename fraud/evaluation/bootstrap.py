"""Intervals from resampled clusters: weights are drawn once and shared, so that all differences are paired.

A resample draws as many clusters as there are, with replacement; each row weighs as often as its cluster was drawn.
Every figure is exact on each resample, equal to the metric with ``sample_weight``, yet rows are sorted once: ratios
need sums per cluster and one matrix product; average precision and ROC AUC need the drawn weight of the genuine
transactions between two neighbouring frauds, a sparse (frauds, clusters) count matrix times the weights.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from fraud.errors import LeakageError, TargetError
from fraud.evaluation.clusters import Clusters
from fraud.metrics.checks import as_scores, as_targets

FEWEST_CLUSTERS = 10
"""With fewer clusters no interval is made: five seeds or four folds cannot say how another month would look."""
CHUNK = 256
"""Resamples worked on at a time: bounds memory at frauds x CHUNK."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure with its 95 % interval; made by ``Resampled.interval`` from resampled clusters and by nothing else."""

    mean: float
    low: float
    high: float
    clusters: int
    """How many clusters were resampled."""
    cluster_kind: str
    resamples: int

    def __post_init__(self) -> None:
        if self.clusters < FEWEST_CLUSTERS or self.resamples < 1:
            raise LeakageError(
                f"interval: expected resampled clusters, at least {FEWEST_CLUSTERS}, found {self.clusters} "
                f"({self.cluster_kind}); the spread over seeds or folds is no interval, report it as such"
            )


@dataclass(frozen=True, kw_only=True)
class Resampled:
    """One figure of one strategy, on the window and on each resample; the mean over seeds in both.

    Differences of two figures of the same bootstrap are paired: ``(a - b).interval()``.
    """

    value: float
    resamples: Floats
    """(R,); nan where the figure does not exist, for example recall without frauds."""
    by_seed: Floats
    """(S,), a second source of variation, shown apart."""
    source: "Bootstrap"

    def interval(self, level: float = 0.95) -> Interval:
        """The percentile interval over the resamples; nan bounds where no resample has the figure."""
        kept = self.resamples[~np.isnan(self.resamples)]
        tail = (1 - level) / 2
        low, high = np.quantile(kept, [tail, 1 - tail]) if kept.size else (np.nan, np.nan)
        return Interval(
            mean=self.value,
            low=float(low),
            high=float(high),
            clusters=self.source.clusters.count,
            cluster_kind=self.source.clusters.kind,
            resamples=self.resamples.size,
        )

    def p_value(self) -> float:
        """Two-sided: share of resamples as far from the figure as the figure is from 0, (1 + count) / (R + 1)."""
        kept = self.resamples[~np.isnan(self.resamples)]
        beyond = np.abs(kept - self.value) >= abs(self.value) - 1e-12
        return float((1 + beyond.sum()) / (kept.size + 1)) if not np.isnan(self.value) else 1.0

    def __sub__(self, other: "Resampled") -> "Resampled":
        if other.source is not self.source:
            raise LeakageError("difference: the two figures come from different resamples; use one Bootstrap for both")
        seeds = self.by_seed - other.by_seed if self.by_seed.size == other.by_seed.size else np.empty(0)
        return Resampled(
            value=self.value - other.value,
            resamples=self.resamples - other.resamples,
            by_seed=seeds,
            source=self.source,
        )


class Bootstrap:
    """Resamples of the clusters of one window, drawn once, shared by every strategy.

    Args:
        clusters: from ``choose_clusters``, rows as in every array handed in later.
        n_resamples: R.
        rng: where the draws come from.

    Raises:
        LeakageError: fewer than ``FEWEST_CLUSTERS`` clusters.
    """

    def __init__(self, clusters: Clusters, *, n_resamples: int, rng: np.random.Generator) -> None:
        if clusters.count < FEWEST_CLUSTERS:
            raise LeakageError(
                f"bootstrap: expected at least {FEWEST_CLUSTERS} clusters (cards, days or blocks of time), "
                f"found {clusters.count} ({clusters.kind}); a longer test window is needed"
            )
        self.clusters = clusters
        self.n_resamples = n_resamples
        kind = np.uint8 if clusters.count <= 255 else np.uint16
        self._drawn = np.empty((n_resamples, clusters.count), dtype=kind)
        for row in self._drawn:
            row[:] = np.bincount(rng.integers(0, clusters.count, clusters.count), minlength=clusters.count)

    @property
    def weights(self) -> NDArray[np.integer]:
        """How often each cluster was drawn (R, C); each row sums to C."""
        return self._drawn

    def ratio(self, numerator: ArrayLike, denominator: ArrayLike) -> Resampled:
        """Sum over sum, as recall (caught over frauds), precision (caught over alerts) and amount recall are.

        Args:
            numerator: (N,), or (S, N) with one row per seed; booleans or numbers.
            denominator: (N,) or (S, N).
        """
        over, under = self._cluster_sums(numerator), self._cluster_sums(denominator)
        drawn = self._totals(np.concatenate([over, under]))
        resamples = _divide(drawn[: len(over)], drawn[len(over) :])
        by_seed = _divide(over.sum(axis=1), under.sum(axis=1))
        return self._resampled(by_seed, resamples)

    def average_precision(self, y_true: ArrayLike, y_score: ArrayLike) -> Resampled:
        """Average precision as ``fraud.metrics.average_precision`` with the weights of each resample.

        Args:
            y_true: labels (N,).
            y_score: scores or logits (N,), or (S, N) with one row per seed.
        """
        return self.ranking(y_true, y_score)[0]

    def roc_auc(self, y_true: ArrayLike, y_score: ArrayLike) -> Resampled:
        """ROC AUC as ``fraud.metrics.roc_auc`` with the weights of each resample; arguments as above."""
        return self.ranking(y_true, y_score)[1]

    def ranking(self, y_true: ArrayLike, y_score: ArrayLike) -> tuple[Resampled, Resampled]:
        """Average precision and ROC AUC in one pass, which costs as much as either."""
        y = as_targets(y_true)
        self._check_rows(y)
        seeds = [_RankedSums(y, as_scores(one, y.size), self.clusters) for one in np.atleast_2d(np.asarray(y_score))]
        points = np.array([one.figures(np.ones((self.clusters.count, 1), np.float32)) for one in seeds])[:, :, 0]
        drawn = np.empty((len(seeds), 2, self.n_resamples))
        for part, weights in self._chunks():
            for seed, one in enumerate(seeds):
                drawn[seed, :, part] = one.figures(weights)
        return self._resampled(points[:, 0], drawn[:, 0]), self._resampled(points[:, 1], drawn[:, 1])

    def _chunks(self) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Some resamples at a time, as float32 (C, chunk): exact for counts, and fast."""
        for start in range(0, self.n_resamples, CHUNK):
            part = slice(start, min(start + CHUNK, self.n_resamples))
            yield part, np.ascontiguousarray(self._drawn[part].T, dtype=np.float32)

    def _cluster_sums(self, rows: ArrayLike) -> Floats:
        values = np.atleast_2d(np.asarray(rows, dtype=np.float64))
        self._check_rows(values[0])
        count = self.clusters.count
        return np.stack([np.bincount(self.clusters.codes, weights=one, minlength=count) for one in values])

    def _totals(self, sums: Floats) -> Floats:
        """Sums over the drawn clusters (rows of ``sums``, R); float64, as amounts need it."""
        totals = np.empty((len(sums), self.n_resamples))
        for start in range(0, self.n_resamples, CHUNK):
            part = slice(start, start + CHUNK)
            totals[:, part] = sums @ self._drawn[part].T.astype(np.float64)
        return totals

    def _check_rows(self, values: NDArray[np.generic]) -> None:
        if values.shape != self.clusters.codes.shape:
            raise TargetError(f"bootstrap: expected {self.clusters.codes.shape} values, found {values.shape}")

    def _resampled(self, by_seed: Floats, resamples: Floats) -> Resampled:
        return Resampled(value=float(by_seed.mean()), resamples=resamples.mean(axis=0), by_seed=by_seed, source=self)


class _RankedSums:
    """Rows of one score vector, summed per cluster between neighbouring distinct scores of frauds.

    Only scores that a fraud has move recall, so all that a resample needs is, for each of these P scores: the drawn
    frauds at it, the drawn genuine transactions at it, and those between it and the next higher one.
    """

    def __init__(self, y: NDArray[np.bool_], scores: Floats, clusters: Clusters) -> None:
        self.levels = np.unique(scores[y])[::-1]
        self.count = self.levels.size
        place = self.count - np.searchsorted(self.levels[::-1], scores, side="right")
        # place: index of the highest level at or below the score; genuine rows below all levels get place == count.
        codes = clusters.codes
        tied = (place < self.count) & (self.levels[np.minimum(place, self.count - 1)] == scores) if self.count else y
        shape = (self.count + 1, clusters.count)
        self.frauds = _counts(place[y], codes[y], shape)
        self.above = _counts(place[~y & ~tied], codes[~y & ~tied], shape)
        self.tied = _counts(place[~y & tied], codes[~y & tied], shape)

    def figures(self, weights: NDArray[np.float32]) -> tuple[Floats, Floats]:
        """Average precision and ROC AUC of each column of ``weights`` (C, chunk); nan where they do not exist."""
        gain = (self.frauds @ weights).astype(np.float64)
        tied = (self.tied @ weights).astype(np.float64)
        negative = np.cumsum(self.above @ weights + tied, axis=0)
        positive = np.cumsum(gain, axis=0)
        frauds, genuine = positive[-1], negative[-1]
        precision = _divide(positive, positive + negative)
        ap = _divide(np.nansum(gain * precision, axis=0), frauds)
        below = genuine - negative + tied / 2
        return ap, _divide(np.sum(gain * below, axis=0), frauds * genuine)


def _counts(rows: NDArray[np.int64], columns: NDArray[np.int32], shape: tuple[int, int]) -> sparse.csr_array:
    ones = np.ones(rows.size, dtype=np.float32)
    return sparse.coo_array((ones, (rows, columns)), shape=shape).tocsr()


def _divide(over: Floats, under: Floats) -> Floats:
    result = np.full(np.broadcast(over, under).shape, np.nan)
    np.divide(over, under, out=result, where=under != 0)
    return result
