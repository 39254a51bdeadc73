"""Drift in words: the place in a column where it shows most, before and now."""

import numpy as np

from fraud.lifecycle.drift.counts import Histogram

NAMED = 3
"""New categories that a sentence names."""


def moved_values(histogram: Histogram, *, by_order: bool) -> str:
    """Where the values of a column have moved, as ``62 % of amount lie below 35.2, before 50 %``.

    Args:
        histogram: of the column.
        by_order: whether the distribution functions are apart (KS); else only shares of single bins are.
    """
    before, now = histogram.reference.sum(axis=0), histogram.current
    p, q = before / max(1, before.sum()), now / max(1, now.sum())
    if histogram.kind == "numeric" and by_order:
        place = int(np.argmax(np.abs(np.cumsum(q - p))[:-1]))
        return _shares(histogram.name, f"lie {_below(histogram, place)}", q[: place + 1].sum(), p[: place + 1].sum())
    place = _loudest(histogram)
    if histogram.kind == "categorical":
        name = histogram.categories[place]
        return f"category '{name}' in {histogram.name}: {percent(q[place])} of rows, before {percent(p[place])}"
    return _shares(histogram.name, f"lie {_within(histogram, place)}", q[place], p[place])


def shows_in_others(histogram: Histogram) -> bool:
    """Whether the categories that are not counted by name have moved most, as they do where new ones come."""
    return histogram.kind == "categorical" and _loudest(histogram) == len(histogram.categories) - 1


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


def percent(share: float) -> str:
    """With as many digits as it takes to tell small shares apart: ``12 %``, ``0.84 %``."""
    value = 100 * float(share)
    return f"{value:.0f} %" if value >= 10 or value == 0 else f"{value:.2g} %"


def _loudest(histogram: Histogram) -> int:
    """The bin that adds most to the PSI."""
    before, now = histogram.reference.sum(axis=0), histogram.current
    p, q = before / max(1, before.sum()), now / max(1, now.sum())
    return int(np.argmax((q - p) * np.log(np.maximum(q, 1e-4) / np.maximum(p, 1e-4))))


def _shares(name: str, where: str, now: float, before: float) -> str:
    return f"{percent(now)} of {name} {where}, before {percent(before)}"


def _below(histogram: Histogram, place: int) -> str:
    edges = histogram.edges
    shared = place > 0 and edges[place] == np.nextafter(edges[place - 1], np.inf)
    return f"at or below {edges[place - 1]:.4g}" if shared else f"below {edges[place]:.4g}"


def _within(histogram: Histogram, place: int) -> str:
    edges = histogram.edges
    if place == 0:
        return f"below {edges[0]:.4g}"
    if place == len(edges):
        return f"at or above {edges[-1]:.4g}"
    low, high = edges[place - 1], edges[place]
    return f"at {low:.4g}" if high == np.nextafter(low, np.inf) else f"from {low:.4g} to {high:.4g}"
