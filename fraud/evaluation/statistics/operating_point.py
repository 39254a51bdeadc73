"""Figures at the matched operating point, where cards compete for a fixed number of alerts.

A day has K alerts however many cards are compromised. Where a card counts for more, its alert pushes out the one at
the cut: so the influence of an alert on what is found is what it finds, less what the alerts at the cut find on
average. With the alerts held fixed instead, intervals of recall come out too wide. Where days or blocks of time are
the clusters, each brings its own K alerts along, and nothing is pushed out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.config import PolicyConfig
from fraud.evaluation.policy import alerts_at_operating_point, operating_budget
from fraud.evaluation.statistics.estimates import Estimate
from fraud.evaluation.statistics.figures import Alerts, precision, share, without_each
from fraud.evaluation.statistics.sampling import Sampling
from fraud.metrics import as_numbers, as_scores, as_targets, expected_alerts, unit_max, unit_values

BAND = 0.2
"""The alerts at the cut are those ranked within this share of the budget around it, one rank at least."""

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """One strategy at the matched operating point."""

    alerts: Floats
    """Expected alerts (N,) of what ships, the mean of its seeds' logits."""
    seed_alerts: Floats
    """(S, N), of each seed by itself."""
    raised: float
    """How many alerts there are: one for all transactions of a unit."""
    recall: Estimate
    precision: Estimate
    shares: Mapping[str, Estimate]
    """Caught share of further values of the frauds, such as their money."""


@dataclass(frozen=True, kw_only=True)
class Competition:
    """Who competes with whom for the alerts: units within the days of a fold (within the fold for ``alert_rate``)."""

    policy: PolicyConfig
    day: Codes
    """(N,)."""
    unit: Codes
    """(N,): transactions of one unit are one alert."""
    fold: Codes
    """(N,); folds have models of their own and never compete."""
    coverage: Mapping[int, float] | None = None
    """Share of each day that the window covers; None: all of it."""

    def alerts(self, scores: Floats) -> Floats:
        """Expected alerts (N,)."""
        raised = np.empty(scores.size)
        for rows in self._folds():
            raised[rows] = alerts_at_operating_point(
                self.policy,
                scores[rows],
                day=self.day[rows],
                unit=self.unit[rows],
                coverage=self._covered(rows),
            )
        return raised

    def pushed_out(self, scores: Floats, values: Mapping[str, Floats]) -> dict[str, Floats]:
        """What an alert pushes out (N,), shared by the rows of its unit: the mean value of the units at the cut.

        That is the mean over the units whose ranks lie within ``BAND`` of the budget on either side of the cut, tied
        ones in part, over all days of the fold; one day has too few. Nothing is pushed out on days that have no more
        units than alerts.

        Args:
            scores: scores or logits (N,).
            values: what is found with a row (N,), by name.
        """
        pushed = {name: np.zeros(scores.size) for name in values}
        for rows in self._folds():
            codes = np.unique(self.unit[rows], return_inverse=True)[1]
            count = int(codes.max(initial=-1)) + 1
            day = self.day[rows]
            whole = self.policy.kind == "alert_rate"
            group = (
                np.zeros(count, np.int64)
                if whole
                else np.unique(unit_values(day, codes, count), return_inverse=True)[1]
            )
            budget = operating_budget(self.policy, day, unit=codes, coverage=self._covered(rows))
            crowded = np.bincount(group) > budget
            reach = np.maximum(1.0, np.round(BAND * budget))
            highest = unit_max(scores[rows], codes, count)
            within = expected_alerts(highest, group=group, budget=budget + reach)
            within = within - expected_alerts(highest, group=group, budget=np.maximum(budget - reach, 0.0))
            within = within * crowded[group]
            size = np.bincount(codes, minlength=count)
            for name, of_rows in values.items():
                of_unit = np.bincount(codes, weights=of_rows[rows], minlength=count)
                mean = float(within @ of_unit / within.sum()) if within.sum() > 0 else 0.0
                pushed[name][rows] = mean * crowded[group[codes]] / size[codes]
        return pushed

    def _folds(self) -> list[Codes]:
        return [np.flatnonzero(self.fold == fold) for fold in np.unique(self.fold)]

    def _covered(self, rows: Codes) -> Floats | None:
        """Share of each distinct day of some rows (D,) that they have; a day of two folds is shared by its rows."""
        days, here = np.unique(self.day[rows], return_counts=True)
        shares = np.ones(days.size)
        if rows.size < self.day.size:
            every, count = self._day_counts
            shares = here / count[np.searchsorted(every, days)]
        if self.coverage is not None:
            shares = shares * np.array([self.coverage.get(int(one), 1.0) for one in days])
        return shares if (shares < 1).any() else None

    @cached_property
    def _day_counts(self) -> tuple[Codes, Codes]:
        days, counts = np.unique(self.day, return_counts=True)
        return days, counts


def judge_at_operating_point(
    sampling: Sampling,
    policy: PolicyConfig,
    *,
    y_true: ArrayLike,
    y_score: ArrayLike,
    day: ArrayLike,
    unit: ArrayLike | None = None,
    coverage: Mapping[int, float] | None = None,
    shares: Mapping[str, ArrayLike] | None = None,
) -> OperatingPoint:
    """Recall, precision and further shares at the matched operating point.

    Args:
        sampling: shared by all strategies, so that their differences are paired.
        policy: from ``matched_policy``: alerts per day, or a share of the window.
        y_true: labels (N,).
        y_score: logits (N,), or (S, N) with one row per seed; the mean of the rows is what ships and is judged.
        day: day of each transaction (N,), counted since 1970.
        unit: from ``units_of``; None: each transaction is one.
        coverage: share of a day that the window covers, where it is not all.
        shares: name -> value of each transaction (N,), of which the share on caught frauds is wanted:
            ``{"amount_recall": amount, "spree": fraud_type == "spree"}``. Values of genuine rows do not count.

    Raises:
        ConfigError: a policy without a matched number of alerts.
    """
    y = as_targets(y_true)
    seeds = np.stack([as_scores(one, y.size) for one in np.atleast_2d(np.asarray(y_score))])
    units = np.arange(y.size) if unit is None else np.unique(np.asarray(unit), return_inverse=True)[1]
    contest = Competition(
        policy=policy, day=np.asarray(day, dtype=np.int64), unit=units, fold=sampling.fold, coverage=coverage
    )
    shipped = seeds.mean(axis=0)
    alerts = Alerts.of(contest.alerts(shipped), [contest.alerts(one) for one in without_each(seeds)])
    values = {"recall": y.astype(np.float64)}
    values |= {name: as_numbers(one, y.size, name) * y for name, one in (shares or {}).items()}
    frauds = np.bincount(units, weights=y)
    right = y / np.maximum(frauds[units], 1.0)
    pushed: Mapping[str, Floats | None] = dict.fromkeys([*values, "precision"])
    if not sampling.is_time or policy.kind == "alert_rate":
        pushed = contest.pushed_out(shipped, {**values, "precision": right})
    of_alert = 1 / np.bincount(units)[units]
    found = {name: share(sampling, alerts, one, cost=pushed[name]) for name, one in values.items()}
    return OperatingPoint(
        alerts=alerts.shipped,
        seed_alerts=alerts.shipped[None] if len(seeds) == 1 else np.stack([contest.alerts(one) for one in seeds]),
        raised=float(alerts.shipped @ of_alert),
        recall=found.pop("recall"),
        precision=precision(sampling, alerts, y, weight=of_alert, right=right, cost=pushed["precision"]),
        shares=found,
    )
