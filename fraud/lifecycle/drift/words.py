"""Drift in words: the bin of a column that changed most, before and now."""

import numpy as np

from fraud.lifecycle.drift.counts import Histogram
from fraud.text import percent

NAMED = 3
"""New categories that a sentence names."""


def moved_values(histogram: Histogram, *, by_order: bool) -> str:
    """The largest change of a column, as ``62 % of amount lie below 35.2, before 50 %``.

    Args:
        histogram: of the column.
        by_order: where the distribution functions differ most (KS); else the single bin that changed most.
    """
    before, now = histogram.reference.sum(axis=0), histogram.current
    p, q = before / max(1, before.sum()), now / max(1, now.sum())
    if histogram.kind == "numeric" and by_order:
        index = int(np.argmax(np.abs(np.cumsum(q - p))[:-1]))
        return _shares(histogram.name, f"lie {_below(histogram, index)}", q[: index + 1].sum(), p[: index + 1].sum())
    index = _most_changed(histogram)
    if histogram.kind == "categorical":
        name = histogram.categories[index]
        return f"category '{name}' in {histogram.name}: {percent(q[index])} of rows, before {percent(p[index])}"
    return _shares(histogram.name, f"lie {_within(histogram, index)}", q[index], p[index])


def mostly_in_others(histogram: Histogram) -> bool:
    """Whether the categories not counted by name changed most, as with new categories."""
    return histogram.kind == "categorical" and _most_changed(histogram) == len(histogram.categories) - 1


def new_categories(histogram: Histogram) -> str:
    """Which categories are new, as ``new category 'X' in merchant_type: 12 % of rows``."""
    named = [f"'{name}'" for name, _ in histogram.new[:NAMED]]
    more = len(histogram.new) - len(named)
    names = ", ".join(named) + (f" and {more:,} more" if more else "")
    kind = "category" if len(histogram.new) == 1 else "categories"
    return f"new {kind} {names} in {histogram.name}: {percent(histogram.new_share)} of rows"


def moved_missing(name: str, before: float, now: float) -> str:
    """As ``amount is missing in 12 % of rows, before in 1 %``."""
    return f"{name} is missing in {percent(now)} of rows, before in {percent(before)}"


def _most_changed(histogram: Histogram) -> int:
    """The bin that adds most to the PSI."""
    before, now = histogram.reference.sum(axis=0), histogram.current
    p, q = before / max(1, before.sum()), now / max(1, now.sum())
    return int(np.argmax((q - p) * np.log(np.maximum(q, 1e-4) / np.maximum(p, 1e-4))))


def _shares(name: str, where: str, now: float, before: float) -> str:
    return f"{percent(now)} of {name} {where}, before {percent(before)}"


def _below(histogram: Histogram, index: int) -> str:
    edges = histogram.edges
    shared = index > 0 and edges[index] == np.nextafter(edges[index - 1], np.inf)
    return f"at or below {edges[index - 1]:.4g}" if shared else f"below {edges[index]:.4g}"


def _within(histogram: Histogram, index: int) -> str:
    edges = histogram.edges
    if index == 0:
        return f"below {edges[0]:.4g}"
    if index == len(edges):
        return f"at or above {edges[-1]:.4g}"
    low, high = edges[index - 1], edges[index]
    return f"at {low:.4g}" if high == np.nextafter(low, np.inf) else f"from {low:.4g} to {high:.4g}"
