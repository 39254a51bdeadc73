"""Figures at the matched operating point, with intervals that let cards compete for the alerts.

A day has K alerts however many cards are compromised: where one card drops out of a resample, its alerts go to the next
in the ranking. With the alerts held fixed instead, intervals of recall come out too wide (98 % coverage instead of
95 %). So where cards are resampled, every resample ranks anew; its frauds take min(drawn, alerts left) each. Where
days or blocks of time are resampled, each brings its own K alerts along, and the alerts are fixed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.config import PolicyConfig
from fraud.evaluation.policy import alerts_by_rank, spread_budget
from fraud.evaluation.statistics.bootstrap import CHUNK_SIZE, Bootstrap, Resampled
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.ranked_sums import divide, pair_counts
from fraud.metrics import as_keys, as_numbers, as_scores, as_targets, rank_within_day

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """One strategy at the matched operating point."""

    alerts: NDArray[np.bool_]
    """(S, N), one row per seed."""
    recall: Resampled
    precision: Resampled
    shares: Mapping[str, Resampled]
    """Caught share of further values of the frauds, such as their money."""


def judge_at_operating_point(
    bootstrap: Bootstrap,
    policy: PolicyConfig,
    *,
    y_true: ArrayLike,
    y_score: ArrayLike,
    day: ArrayLike,
    tie_break: ArrayLike,
    shares: Mapping[str, ArrayLike] | None = None,
) -> OperatingPoint:
    """Recall, precision and further shares at the matched operating point, resampled.

    Args:
        bootstrap: shared by all strategies, so that their differences are paired.
        policy: from ``matched_policy``: alerts per day, or a share of the window.
        y_true: labels (N,).
        y_score: scores or logits (N,), or (S, N) with one row per seed.
        day: day of each transaction (N,).
        tie_break: rank of each transaction by its id (N,).
        shares: name -> value of each transaction (N,), of which the share on caught frauds is wanted:
            ``{"amount_recall": amount, "spree": fraud_type == "spree"}``. Values of genuine rows do not count.

    Raises:
        ConfigError: a policy without a matched number of alerts.
    """
    y = as_targets(y_true)
    scores = [as_scores(one, y.size) for one in np.atleast_2d(np.asarray(y_score))]
    alerts = np.stack([alerts_by_rank(policy, one, day=day, tie_break=tie_break) for one in scores])
    fraud_values = {"recall": np.ones(int(y.sum()))}
    fraud_values |= {name: as_numbers(values, y.size, name)[y] for name, values in (shares or {}).items()}
    figures = {}
    for name, of_frauds in fraud_values.items():
        values = _of_all(of_frauds, y)
        figures[name] = bootstrap.ratio(alerts * values, values)
    figures["precision"] = bootstrap.ratio(alerts & y, alerts)
    if not bootstrap.clusters.is_time and y.any():
        ranked = _Ranked(y, policy=policy, day=day, tie_break=tie_break, clusters=bootstrap.clusters)
        drawn = ranked.resample(bootstrap, scores, fraud_values)
        figures = {name: figure.with_resamples(drawn[name]) for name, figure in figures.items()}
    recall, precision = figures.pop("recall"), figures.pop("precision")
    return OperatingPoint(alerts=alerts, recall=recall, precision=precision, shares=figures)


def _of_all(of_frauds: Floats, y: NDArray[np.bool_]) -> Floats:
    """Values (N,) of all rows, 0 where genuine: many shares are held, so each is held of the frauds (P,) alone."""
    values = np.zeros(y.size)
    values[y] = of_frauds
    return values


class _Ranked:
    """What all seeds share: labels, days, their alerts, clusters."""

    def __init__(
        self,
        y: NDArray[np.bool_],
        *,
        policy: PolicyConfig,
        day: ArrayLike,
        tie_break: ArrayLike,
        clusters: Clusters,
    ) -> None:
        self.y, self.tie_break, self.clusters = y, as_keys(tie_break, y.size, "tie_break"), clusters
        self.policy, self.is_share = policy, policy.kind == "alert_rate"
        keys = np.zeros(y.size) if self.is_share else as_keys(day, y.size, "day")
        days, self.day = np.unique(keys, return_inverse=True)
        self.rows = pair_counts(self.day, clusters.codes, (days.size, clusters.count))
        most = policy.value * y.size if self.is_share else policy.value
        self.depth = 2 * int(most) + 50

    def resample(
        self,
        bootstrap: Bootstrap,
        scores: list[Floats],
        fraud_values: Mapping[str, Floats],
    ) -> dict[str, Floats]:
        """(R,) of each figure, mean over seeds; ``fraud_values`` is of the frauds (P,), in their order."""
        seeds = [_SeedSums(self, one, depth=self.depth) for one in scores]
        totals = np.stack([bootstrap.totals(_of_all(each, self.y)) for each in fraud_values.values()])
        frauds = np.flatnonzero(self.y)
        drawn = np.empty((len(seeds), len(fraud_values) + 1, bootstrap.n_resamples))
        for part, weights in bootstrap.chunks(CHUNK_SIZE // int(self.y.sum())):
            budget, raised = self._budget(weights)
            for i, one in enumerate(scores):
                while not seeds[i].reaches(weights, budget):
                    seeds[i] = _SeedSums(self, one, depth=2 * seeds[i].depth)
                reached = np.searchsorted(frauds, seeds[i].frauds)
                values = np.stack([each[reached] for each in fraud_values.values()])
                caught = values @ seeds[i].taken(weights, budget)
                drawn[i, :-1, part] = divide(caught, totals[:, part])
                drawn[i, -1, part] = divide(caught[0], raised)
        return dict(zip([*fraud_values, "precision"], drawn.mean(axis=0), strict=True))

    def _budget(self, weights: NDArray[np.float32]) -> tuple[Floats, Floats]:
        """Alerts that each day may raise (D, chunk), and all that are raised (chunk,)."""
        size = (self.rows @ weights).astype(np.float64)
        if self.is_share:
            budget = self.policy.value * size
        else:
            budget = np.broadcast_to(spread_budget(self.policy.value, len(size))[:, None], size.shape).astype(
                np.float64
            )
        return budget, np.minimum(budget, size).sum(axis=0)


class _SeedSums:
    """One score vector: the frauds among the first ``depth`` of each day's ranking, and what was drawn between them."""

    def __init__(self, ranked: _Ranked, scores: Floats, *, depth: int) -> None:
        self.depth = depth
        rank = rank_within_day(scores, ranked.day, tie_break=ranked.tie_break)
        order = np.flatnonzero(rank <= depth)
        order = order[np.lexsort((rank[order], ranked.day[order]))]
        size = np.bincount(ranked.day)
        day, codes, y = ranked.day[order], ranked.clusters.codes[order], ranked.y[order]
        self.rows = pair_counts(day, codes, (size.size, ranked.clusters.count))
        self.exhausted = (size <= depth)[:, None]
        at = np.flatnonzero(y)  # positions of the frauds in this order
        self.frauds, self.day, self.codes = order[at], day[at], codes[at]
        self.first = np.searchsorted(self.day, self.day)
        # Genuine rows count towards the next fraud of their own day; those after a day's last fraud keep no fraud out.
        following = np.searchsorted(at, np.arange(order.size))
        kept = ~y & (np.append(self.day, -1)[following] == day)
        self.between = pair_counts(following[kept], codes[kept], (at.size, ranked.clusters.count))

    def reaches(self, weights: NDArray[np.float32], budget: Floats) -> bool:
        """Whether these rows use up every day's alerts on every resample, so that deeper ones cannot matter."""
        return bool(np.all((self.rows @ weights >= budget) | self.exhausted))

    def taken(self, weights: NDArray[np.float32], budget: Floats) -> Floats:
        """Alerts that each fraud gets (P, chunk): as often as it was drawn, while its day has alerts left."""
        own = weights[self.codes].astype(np.float64)
        until = np.cumsum(self.between @ weights + own, axis=0)
        earlier_days = np.vstack([np.zeros(until.shape[1]), until])[self.first]
        taken: Floats = np.clip(budget[self.day] - (until - earlier_days - own), 0.0, own)
        return taken
