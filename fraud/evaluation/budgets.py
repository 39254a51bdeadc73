"""Budgets at which strategies can be distinguished: neither so small nor so large that all find the same."""

from dataclasses import dataclass

import numpy as np

from fraud.config import PolicyConfig
from fraud.evaluation.candidates import WindowRows
from fraud.evaluation.policy import ceiling

ENOUGH = 0.9
"""A budget that distinguishes strategies lets a perfect ranking find this share of the frauds."""
AT_MOST = 0.1
"""And raises at most this share of a day's units."""
TOO_LOW, TOO_LARGE = 0.5, 0.5
"""Below this ceiling, or above this share of a day's units, figures say little of the strategies."""


@dataclass(frozen=True, kw_only=True)
class BudgetLimits:
    """What the operating point allows on the test window."""

    ceiling: float
    """The most recall that any ranking could reach with these alerts; nan without frauds."""
    share_of_day: float
    """Alerts of a typical day as a share of its units."""
    better: int | None
    """Alerts a day that could distinguish strategies; None where no number does, or where the policy counts no days."""

    @property
    def too_small(self) -> bool:
        """Whether most frauds could not be found by anything."""
        return self.ceiling < TOO_LOW

    @property
    def too_large(self) -> bool:
        """Whether most of a day raises an alert."""
        return self.share_of_day > TOO_LARGE


def budget_limits(policy: PolicyConfig, test: WindowRows) -> BudgetLimits:
    """The limits of the matched operating point on the window that judges.

    Args:
        policy: from ``matched_policy``.
        test: the pooled test rows.
    """
    unit = test.units(policy)
    _, first = np.unique(unit, return_index=True)
    typical = float(np.median(np.unique(test.day[first], return_counts=True)[1]))
    share = policy.value if policy.kind == "alert_rate" else policy.value / typical
    better = None if policy.kind == "alert_rate" else _enough(unit, test, typical)
    return BudgetLimits(
        ceiling=ceiling(policy, test.y_true, day=test.day, unit=unit, coverage=test.day_shares).recall,
        share_of_day=min(share, 1.0),
        better=None if better == policy.value else better,
    )


def _enough(unit: np.ndarray, test: WindowRows, typical: float) -> int | None:
    """The fewest alerts a day with which a perfect ranking finds ``ENOUGH``, if that is a small part of a day."""
    codes, first = np.unique(unit, return_inverse=True)[1], np.unique(unit, return_index=True)[1]
    frauds, day = np.bincount(codes, weights=test.y_true), test.day[first]
    if not frauds.sum():
        return None
    order = np.lexsort((-frauds, day))
    ranked = day[order]
    place = np.arange(order.size) - np.searchsorted(ranked, ranked)
    found = np.cumsum(np.bincount(place, weights=frauds[order])) / frauds.sum()
    needed = int(np.searchsorted(found, ENOUGH - 1e-9)) + 1
    return needed if needed <= AT_MOST * typical else None
