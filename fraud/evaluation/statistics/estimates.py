"""A figure with all that makes it uncertain: clusters of transactions, seeds, windows in time; and its interval.

Each figure carries **influence values**: by how much it would change if a transaction counted for a little more
(infinitesimal jackknife, Jaeckel 1972; Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter 22).
Summed by cluster they give the variance; of two figures they are subtracted first, so that differences are paired.
Nothing is resampled.

Three variances are added (``components.py``) and the interval is Student's, with Satterthwaite's degrees of freedom.
Shares get the exact interval of as many effective events instead, and differences are united with the exact
conditional interval of the discordant frauds: few frauds never make a narrow interval.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, logit, stdtr, stdtrit

from fraud.errors import LeakageError
from fraud.evaluation.statistics.components import (
    Component,
    SeedSpread,
    between_folds,
    between_seeds,
    cluster_variance,
    satterthwaite,
)
from fraud.evaluation.statistics.exact import clopper_pearson, discordant_difference, kish, mcnemar
from fraud.evaluation.statistics.sampling import FEWEST_CLUSTERS, Sampling, summed

Floats = NDArray[np.float64]
Kind = Literal["share", "ranking", "sum", "difference"]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure with its 95 % interval; made by ``Estimate.interval`` from sums by cluster and by nothing else."""

    mean: float
    low: float
    high: float
    clusters: int
    """How many clusters the transactions fall into, the first way."""
    cluster_kind: str

    def __post_init__(self) -> None:
        if self.clusters < FEWEST_CLUSTERS:
            raise LeakageError(
                f"interval: expected sums over clusters, at least {FEWEST_CLUSTERS}, found {self.clusters} "
                f"({self.cluster_kind}); the spread over seeds or folds is no interval, report it as such"
            )


@dataclass(frozen=True)
class Found:
    """What was found of the frauds, for exact intervals of differences."""

    rows: NDArray[np.int64]
    """Rows (P,) of the frauds."""
    alerts: Floats
    """Expected alert (P,) on each, 0 to 1; of a difference -1 to 1."""
    values: Floats
    """What each counts for (P,): 1, or its money."""
    total: float
    """What the figure is a share of, in the same unit."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One figure of one strategy, as it ships: the mean of its seeds' logits.

    Differences of two figures of the same sampling are paired: ``(a - b).interval()``.
    """

    value: float
    """nan where the figure does not exist, for example recall without frauds."""
    kind: Kind
    influence: sparse.csr_array
    """(1, M), influence values summed over each cell of the sampling."""
    seeds: tuple[SeedSpread, ...]
    """How the figure varies between seeds; empty with a single one."""
    by_fold: Floats
    """(F,), the figure of each window in time; nan where it does not exist."""
    fold_weight: Floats
    """(F,), what each window counts for; sums to 1."""
    events: float
    """How many frauds, or alerts, it is a share of: Kish's effective number of rows where they differ in weight."""
    carriers: tuple[float, ...]
    """Kish's effective number of clusters that carry those events, of each way; then of their intersection."""
    found: Found | None
    sampling: Sampling

    def interval(self, level: float = 0.95) -> Interval:
        """The interval of this level; nan bounds where the figure does not exist."""
        low, high = (np.nan, np.nan) if np.isnan(self.value) else self._bounds(level)
        way = self.sampling.ways[0]
        return Interval(mean=self.value, low=float(low), high=float(high), clusters=way.count, cluster_kind=way.kind)

    def p_value(self) -> float:
        """Two-sided, of a truth of 0: the larger of Student's and of the exact one of the discordant frauds.

        1 where the figure does not exist. Nothing caps it from below.
        """
        if np.isnan(self.value) or self.value == 0:
            return 1.0
        variance, freedom = self._total
        by_t = 2 * float(stdtr(freedom, -abs(self.value) / np.sqrt(variance))) if variance > 0 else 0.0
        return max(by_t, self._exact_p())

    @property
    def standard_error(self) -> float:
        """Square root of the sum of all variances."""
        return float(np.sqrt(self._total[0]))

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """Variance by clusters, between seeds, between folds; in this order, the last two 0 where there is one."""
        clusters = cluster_variance(self.sampling, self.influence, self.carriers, expected=self._expected)
        seeds = between_seeds(self.sampling, self.seeds, self.carriers)
        within = clusters.variance + seeds.variance
        return clusters, seeds, between_folds(self.by_fold, self.fold_weight, within)

    @property
    def _expected(self) -> float | None:
        """1 / df of a variance estimated from single events, by the kurtosis 1 / pq - 3 of each; see components.

        Exact intervals of shares know it already, and so do those of differences, which count discordant frauds.
        """
        if self.kind == "difference":
            return None
        spread = self.value * (1 - self.value)
        if self.kind != "share" or not spread > 0 or not self.events:
            return 0.0
        return (1 / spread - 4) / (2 * self.events)

    @cached_property
    def _total(self) -> tuple[float, float]:
        """Variance and degrees of freedom."""
        return satterthwaite(self.components)

    @property
    def least_carriers(self) -> float:
        """Effective events at the edges, where all or none were found: frauds of one card then count as one.

        Days and blocks of time are only a way to sum: there every event counts.
        """
        if self.sampling.is_time:
            return self.events
        return min(self.events, *self.carriers[: len(self.sampling.ways)])

    def _bounds(self, level: float) -> tuple[float, float]:
        if self.kind == "share":
            return self._share(level)
        if self.kind == "ranking":
            return self._ranking(level)
        low, high = self._student(level)
        if self.kind == "sum":
            return low, high
        least, most = self._discordant(level)
        return max(min(low, least), -1.0), min(max(high, most), 1.0)

    def _student(self, level: float) -> tuple[float, float]:
        variance, freedom = self._total
        half = _quantile(freedom, level) * np.sqrt(variance)
        return self.value - half, self.value + half

    def _share(self, level: float) -> tuple[float, float]:
        """Korn and Graubard's interval (1998): Clopper-Pearson's of as many effective events as the variance implies.

        Never of more than there are; at 0 and 1, where the variance is 0, of no more than clusters that carry them.
        """
        p = min(max(self.value, 0.0), 1.0)
        variance, freedom = self._total
        spread = p * (1 - p)
        if spread <= 0 or variance <= 0:
            return clopper_pearson(p * self.least_carriers, self.least_carriers, level)
        stretch = _quantile(max(self.events - 1, 1.0), level) / _quantile(freedom, level)
        events = min(self.events, spread / variance * stretch**2)
        return clopper_pearson(p * events, events, level)

    def _ranking(self, level: float) -> tuple[float, float]:
        """Student's on the logit scale, so that it stays within 0 and 1; exact at the edges."""
        p, (variance, freedom) = self.value, self._total
        if not 0 < p < 1 or variance <= 0:
            return clopper_pearson(p * self.least_carriers, self.least_carriers, level)
        half = _quantile(freedom, level) * np.sqrt(variance) / (p * (1 - p))
        return float(expit(logit(p) - half)), float(expit(logit(p) + half))

    def _discordant(self, level: float) -> tuple[float, float]:
        """The exact intervals of the difference: given how many discordant frauds there are, and with that open.

        Of b that only one strategy finds and c that only the other does, b / (b + c) has Clopper and Pearson's interval
        (so that it agrees with McNemar's test), and so have b and c of all (so that one discordant fraud does not make
        a narrow interval, nor none).
        """
        if self.found is None:
            if self._total[0] > 0:
                return self.value, self.value
            return discordant_difference(max(self.value, 0.0), max(-self.value, 0.0), events=self.least_carriers)
        more, fewer, events = self._disagreement
        total = self.found.total
        low, high = discordant_difference(more / total, fewer / total, events=self._paired_events, level=level)
        if not events:
            return low, high
        share = more / (more + fewer)
        least, most = clopper_pearson(share * events, events, level)
        scale = (more + fewer) / total
        return min(low, (2 * least - 1) * scale), max(high, (2 * most - 1) * scale)

    @property
    def _paired_events(self) -> float:
        """Effective events of a difference: all of them, less as discordant ones are fewer clusters than frauds.

        How much discordant frauds come together is measured on few of them, so one more is added that comes together as
        all frauds do; without any, clusters of frauds count.
        """
        if self.found is None or not self.events:
            return self.least_carriers
        _, _, effective = self._disagreement
        raw = max(float(np.abs(self.found.alerts).sum()), effective)
        return self.events * (effective + self.least_carriers / self.events) / (raw + 1)

    def _exact_p(self) -> float:
        if self.found is None:
            return 0.0
        more, fewer, events = self._disagreement
        return mcnemar(events * more / (more + fewer), events * fewer / (more + fewer)) if events else 1.0

    @cached_property
    def _disagreement(self) -> tuple[float, float, float]:
        """What only the first finds, what only the second finds, and how many effective frauds that is."""
        if self.found is None:
            return 0.0, 0.0, 0.0
        one = self.found.alerts * self.found.values
        more, fewer = float(one.clip(min=0).sum()), float(-one.clip(max=0).sum())
        effective = [float(np.abs(self.found.alerts).sum()), kish(one)]
        if not self.sampling.is_time:
            effective += [kish(summed(way.codes[self.found.rows], one)) for way in self.sampling.ways]
        return more, fewer, min(effective) if more + fewer > 0 else 0.0

    def __sub__(self, other: "Estimate") -> "Estimate":
        if other.sampling is not self.sampling:
            raise LeakageError("difference: the two figures are of different samplings; use one Sampling for both")
        return replace(
            self,
            value=self.value - other.value,
            kind="difference" if self.kind in {"share", "ranking", "difference"} else "sum",
            influence=self.influence - other.influence,
            seeds=_paired(self.seeds, other.seeds),
            by_fold=self.by_fold - other.by_fold,
            fold_weight=(self.fold_weight + other.fold_weight) / 2,
            events=min(self.events, other.events),
            carriers=tuple(map(min, self.carriers, other.carriers)),
            found=_discordance(self.found, other.found),
        )


def _quantile(freedom: float, level: float) -> float:
    return float(stdtrit(freedom, (1 + level) / 2))


def _paired(a: tuple[SeedSpread, ...], b: tuple[SeedSpread, ...]) -> tuple[SeedSpread, ...]:
    """The same seed means the same initial weights, so seeds are paired where there are as many; else independent."""
    if len(a) == len(b) == 1 and a[0].left_out.shape == b[0].left_out.shape:
        return (SeedSpread(a[0].left_out - b[0].left_out, a[0].influence - b[0].influence),)
    return a + b


def _discordance(a: Found | None, b: Found | None) -> Found | None:
    """Of two shares of the same frauds; None where they are of something else."""
    if a is None or b is None or a.rows.size != b.rows.size:
        return None
    return replace(a, alerts=a.alerts - b.alerts)
