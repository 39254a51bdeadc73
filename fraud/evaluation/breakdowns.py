"""Groups of the test window's frauds by which recall is broken down: how much, when, and how well known the entity.

The kind of a fraud is known only afterwards; these groups show where alerts find fraud and where they do not.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from fraud.evaluation.candidates import AGE, PAIR, WindowRows
from fraud.features import MEMORY_DAYS

AMOUNT_BANDS = 4
"""Bands with about as many frauds each."""
HOURS = 6
"""Width of a band of the day."""
UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Frauds that have something in common: one bar of a breakdown."""

    dimension: str
    """``amount``, ``hour`` or ``novelty``."""
    label: str
    rows: np.ndarray
    """(N,) booleans: the frauds of the group."""

    @property
    def name(self) -> str:
        """Different for every group."""
        return f"{self.dimension}: {self.label}"

    @property
    def frauds(self) -> int:
        """How many there are."""
        return int(self.rows.sum())


def groups_of(test: WindowRows) -> tuple[Group, ...]:
    """Every group with a fraud in it; a kind of group that all frauds fall into shows nothing and is left out.

    Args:
        test: the window that judges, with the context of its transactions.
    """
    fraud = test.y_true == 1
    parts = [("amount", _by_amount(test, fraud)), ("hour", _by_hour(test))]
    parts += [("novelty", bands) for bands in _by_novelty(test)]
    return tuple(group for dimension, bands in parts for group in _groups(dimension, bands, fraud))


def _groups(dimension: str, bands: Mapping[str, np.ndarray], fraud: np.ndarray) -> list[Group]:
    found = [Group(dimension=dimension, label=label, rows=rows & fraud) for label, rows in bands.items()]
    known = [group for group in found if group.frauds]
    return known if len(known) > 1 else []


def _by_amount(test: WindowRows, fraud: np.ndarray) -> dict[str, np.ndarray]:
    """Bands between quantiles of the frauds' own amounts, so that each holds enough of them."""
    if test.amount is None or not np.isfinite(test.amount[fraud]).any():
        return {}
    known = np.isfinite(test.amount)
    shares = np.linspace(0, 1, AMOUNT_BANDS + 1)[1:-1]
    cuts = np.unique(np.round(np.quantile(test.amount[fraud & known], shares), 2))
    band = np.searchsorted(cuts, test.amount, side="left")
    bands = {label: known & (band == number) for number, label in enumerate(_amount_labels(cuts.tolist()))}
    return bands | {UNKNOWN: ~known}


def _amount_labels(cuts: Sequence[float]) -> Iterator[str]:
    amounts = [f"{cut:,.2f}".removesuffix(".00") for cut in cuts]
    yield f"up to {amounts[0]}"
    yield from (f"{low} to {high}" for low, high in pairwise(amounts))
    yield f"over {amounts[-1]}"


def _by_hour(test: WindowRows) -> dict[str, np.ndarray]:
    if test.context is None or "hour" not in test.context.columns:
        return {}
    hour = test.context["hour"].to_numpy()
    return {
        f"{start:02}:00 to {start + HOURS:02}:00": (hour >= start) & (hour < start + HOURS)
        for start in range(0, 24, HOURS)
    }


def _by_novelty(test: WindowRows) -> Iterator[dict[str, np.ndarray]]:
    """How long each entity has been known, and whether a pair has met lately, from the features."""
    if test.context is None:
        return
    for name in test.context.columns:
        if name.endswith(AGE):
            yield _by_age(name.removesuffix(AGE), test.context[name])
        elif name.endswith(PAIR):
            yield _by_pair(test.entities[0], name, test.context[name])


def _by_age(entity: str, age_days: pl.Series) -> dict[str, np.ndarray]:
    new = age_days.is_null().to_numpy()
    longer = (age_days >= MEMORY_DAYS).fill_null(value=False).to_numpy()
    return {
        f"{entity}: first seen": new,
        f"{entity}: known under {MEMORY_DAYS} days": ~(new | longer),
        f"{entity}: known longer": longer,
    }


def _by_pair(card: str, feature: str, previous_days: pl.Series) -> dict[str, np.ndarray]:
    pair = f"{card} + {feature.removeprefix(card + '_').removesuffix(PAIR)}"
    met = previous_days.is_not_null().to_numpy()
    return {f"{pair}: not met for {MEMORY_DAYS} days": ~met, f"{pair}: met lately": met}


def broken_down(groups: Sequence[Group], recalls: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Recall of each group with its count, by dimension, ready for JSON.

    Args:
        groups: from ``groups_of``.
        recalls: by the group's name: ``{mean, low, high}`` or None.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for group in groups:
        row = {"group": group.label, "frauds": group.frauds, "recall": recalls[group.name]}
        found.setdefault(group.dimension, []).append(row)
    return found
