"""Intervals from resampled clusters: weights are drawn once and shared, so that all differences are paired.

A resample draws as many clusters as there are, with replacement; each row weighs as often as its cluster was drawn.
Every figure is exact on each resample, equal to the metric with ``sample_weight``, yet rows are sorted once: ratios
need sums per cluster and one matrix product; average precision and ROC AUC need the drawn weight of the genuine
transactions between two neighbouring frauds, a sparse (frauds, clusters) count matrix times the weights.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtrit

from fraud.errors import LeakageError, TargetError
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.ranked_sums import RankedSums, divide
from fraud.metrics import as_scores, as_targets

FEWEST_CLUSTERS = 10
"""With fewer clusters no interval is made: five seeds or four folds cannot show how another month would differ."""
CHUNK = 256
"""Resamples worked on at a time, at most."""
CHUNK_SIZE = 2_000_000
"""Frauds x resamples worked on at a time, about: bounds memory."""

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
    effective_clusters: float
    """Kish's effective number of clusters: 50 cards with as many frauds each count 50, one card with nearly all 1."""
    by_seed: Floats
    """(S,), a second source of variation, shown apart."""
    source: "Bootstrap"

    def interval(self, level: float = 0.95) -> Interval:
        """The expanded percentile interval over the centred resamples; nan bounds where no resample has the figure.

        Resamples lie off centre where the figure is no plain mean: duplicated cards make some days' frauds too many
        for the day's alerts, so that their recall is lower on average than the window's, while average precision comes
        out higher. That bias, mean of the resamples less the figure, is taken off (Efron and Tibshirani 1993, "An
        introduction to the bootstrap", section 10.2); without it the misses lie on one side.

        Plain percentiles cover too rarely where few cards carry the frauds: 90 to 92 % instead of 95 % with 20 of
        them. So the percentiles are taken further out, by as much as Student's t interval is wider than the normal
        one (Hesterberg 2015, "What teachers should know about the bootstrap", section 5.2), with Kish's effective
        number of clusters as its n.

        Where no difference from 0 is shown by ``p_value``, the interval reaches to 0: of few frauds that only one
        strategy finds, centring alone would move the many resamples without any of them past it.
        """
        kept = self.value + self._deviations()
        tail = ndtr(-self._stretch(level) * -ndtri((1 - level) / 2))
        low, high = np.quantile(kept, [tail, 1 - tail]) if kept.size else (np.nan, np.nan)
        if kept.size and self.p_value(level) >= 1 - level:
            low, high = min(low, 0.0), max(high, 0.0)
        return Interval(
            mean=self.value,
            low=float(low),
            high=float(high),
            clusters=self.source.clusters.count,
            cluster_kind=self.source.clusters.kind,
            resamples=self.resamples.size,
        )

    def p_value(self, level: float = 0.95) -> float:
        """Chance of a figure as far from 0 as this one if the truth were 0: (1 + count) / (R + 1), two-sided.

        The centred resamples stand for the truth moved to 0, stretched as the interval of this level is; never
        exactly 0.
        """
        deviations = self._deviations()
        beyond = self._stretch(level) * np.abs(deviations) >= abs(self.value) - 1e-12
        return 1.0 if np.isnan(self.value) else float((1 + beyond.sum()) / (deviations.size + 1))

    def with_resamples(self, resamples: Floats) -> "Resampled":
        """The same figure with resamples (R,) of the same bootstrap that were worked out more precisely."""
        return replace(self, resamples=resamples)

    def _deviations(self) -> Floats:
        """Of the resamples that have the figure, from their mean."""
        kept = self.resamples[~np.isnan(self.resamples)]
        return kept - kept.mean() if kept.size else kept

    def _stretch(self, level: float) -> float:
        """How much wider Student's interval of this many clusters is than the normal one with the naive variance."""
        n = max(self.effective_clusters, 2.0)
        quantile = (1 - level) / 2
        return float(np.sqrt(n / (n - 1)) * stdtrit(n - 1, quantile) / ndtri(quantile))

    def __sub__(self, other: "Resampled") -> "Resampled":
        if other.source is not self.source:
            raise LeakageError("difference: the two figures come from different resamples; use one Bootstrap for both")
        # The same seed means the same initial weights, so seeds are paired too where there are as many of them.
        against = other.by_seed if self.by_seed.size == other.by_seed.size else other.value
        return Resampled(
            value=self.value - other.value,
            resamples=self.resamples - other.resamples,
            effective_clusters=min(self.effective_clusters, other.effective_clusters),
            by_seed=self.by_seed - against,
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
        self.weights = np.empty((n_resamples, clusters.count), dtype=kind)
        """How often each cluster was drawn (R, C); each row sums to C."""
        for row in self.weights:
            row[:] = np.bincount(rng.integers(0, clusters.count, clusters.count), minlength=clusters.count)

    def ratio(self, numerator: ArrayLike, denominator: ArrayLike) -> Resampled:
        """Sum over sum, as recall (caught over frauds), precision (caught over alerts) and amount recall are.

        Args:
            numerator: (N,), or (S, N) with one row per seed; booleans or numbers.
            denominator: (N,) or (S, N).
        """
        over, under = self._cluster_sums(numerator), self._cluster_sums(denominator)
        drawn = self._totals(np.concatenate([over, under]))
        resamples = divide(drawn[: len(over)], drawn[len(over) :])
        by_seed = divide(over.sum(axis=1), under.sum(axis=1))
        return self._resampled(by_seed, resamples, _effective(under.mean(axis=0)))

    def ranking(self, y_true: ArrayLike, y_score: ArrayLike) -> tuple[Resampled, Resampled]:
        """Average precision and ROC AUC, as in ``fraud.metrics`` with the weights of each resample; one pass for both.

        Args:
            y_true: labels (N,).
            y_score: scores or logits (N,), or (S, N) with one row per seed.
        """
        y = as_targets(y_true)
        self._check_rows(y)
        seeds = [RankedSums(y, as_scores(one, y.size), self.clusters) for one in np.atleast_2d(np.asarray(y_score))]
        points = np.array([one.figures(np.ones((self.clusters.count, 1), np.float32)) for one in seeds])[:, :, 0]
        drawn = np.empty((len(seeds), 2, self.n_resamples))
        for part, weights in self.chunks(CHUNK_SIZE // max(seeds[0].count, 1)):
            for seed, one in enumerate(seeds):
                drawn[seed, :, part] = one.figures(weights)
        effective = _effective(self._cluster_sums(y)[0])
        precision, auc = (self._resampled(points[:, i], drawn[:, i], effective) for i in (0, 1))
        return precision, auc

    def chunks(self, most: int) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Some resamples at a time, as float32 (C, chunk): exact for counts, and fast."""
        size = min(max(most, 1), CHUNK)
        for start in range(0, self.n_resamples, size):
            part = slice(start, min(start + size, self.n_resamples))
            yield part, np.ascontiguousarray(self.weights[part].T, dtype=np.float32)

    def totals(self, rows: ArrayLike) -> Floats:
        """Sum of values (N,) over the drawn clusters: (R,)."""
        (totals,) = self._totals(self._cluster_sums(rows))
        return np.asarray(totals)

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
            totals[:, part] = sums @ self.weights[part].T.astype(np.float64)
        return totals

    def _check_rows(self, values: NDArray[np.generic]) -> None:
        if values.shape != self.clusters.codes.shape:
            raise TargetError(f"bootstrap: expected {self.clusters.codes.shape} values, found {values.shape}")

    def _resampled(self, by_seed: Floats, resamples: Floats, effective_clusters: float) -> Resampled:
        return Resampled(
            value=float(by_seed.mean()),
            resamples=resamples.mean(axis=0),
            effective_clusters=effective_clusters,
            by_seed=by_seed,
            source=self,
        )


def _effective(sums: Floats) -> float:
    """Kish's effective number of clusters (Kish 1965): (sum of w)^2 / sum of w^2."""
    squares = float(np.sum(sums**2))
    return float(np.sum(sums)) ** 2 / squares if squares else 0.0
