"""Histograms of columns by day: all that drift detection needs of millions of rows.

Numeric values are counted between quantiles of the reference; a value that many rows share has a bin of its own, so
that a constant that becomes another constant is detected. Categories are counted by name, rare ones together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Counts = NDArray[np.int64]
DAY_US = 86_400_000_000
FEWEST_DAYS = 14
"""With fewer days in the reference, its rows are cut into ``PIECES`` of equal length in order of time."""
PIECES = 20
BINS = 20
SAMPLE = 100_000
"""Rows of the reference, spread evenly, whose quantiles are the bins' edges."""
TOP = 50
"""Categories counted by name."""
OTHER = "(other)"


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """The reference, cut into blocks of time."""

    ids: NDArray[np.int64]
    """(N,): block of each row of the reference, 0 is the earliest."""
    count: int
    current: int
    """How many such blocks the current rows fill."""
    unit: Literal["day", "piece"]


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """One column: rows of each bin, by block in the reference (K, B) and altogether in the current rows (B,)."""

    name: str
    kind: Literal["numeric", "categorical"]
    reference: Counts
    current: Counts
    reference_missing: Counts
    """(K,)"""
    current_missing: int
    edges: NDArray[np.float64]
    """Numeric: bin i holds edges[i-1] <= value < edges[i]."""
    categories: tuple[str, ...] = ()
    """Categorical: names of the bins."""
    new: tuple[tuple[str, int], ...] = ()
    """Categories of the current rows that the reference lacks, the most frequent first, with their rows."""
    novelty: float = 0.0
    """Largest share of rows with a new category, over stretches of the reference as long as the current rows."""

    @property
    def missing_before(self) -> float:
        """Share of the rows of the reference without a value."""
        missing = int(self.reference_missing.sum())
        return missing / max(1, missing + int(self.reference.sum()))

    @property
    def missing_now(self) -> float:
        """Share of the current rows without a value."""
        return self.current_missing / max(1, self.current_missing + int(self.current.sum()))

    @property
    def new_share(self) -> float:
        """Share of the current rows with a category that the reference lacks."""
        rows = self.current_missing + int(self.current.sum())
        return sum(count for _, count in self.new) / max(1, rows)


def cut_blocks(reference: pl.Series, current: pl.Series) -> Blocks:
    """Days of the reference that have rows; pieces of equal length where there are few days.

    Args:
        reference: times of its rows, in any order.
        current: times of the current rows.
    """
    days, ids = np.unique(reference.to_physical().to_numpy() // DAY_US, return_inverse=True)
    if len(days) >= FEWEST_DAYS:
        ahead = np.unique(current.to_physical().to_numpy() // DAY_US)
        return Blocks(ids=ids.astype(np.int64), count=len(days), current=max(1, len(ahead)), unit="day")
    rank = reference.rank("ordinal").to_numpy().astype(np.int64) - 1
    pieces = max(1, min(PIECES, len(reference)))
    filled = max(1, round(pieces * len(current) / max(1, len(reference))))
    return Blocks(ids=rank * pieces // max(1, len(reference)), count=pieces, current=filled, unit="piece")


def count_numeric(name: str, reference: NDArray[np.float64], current: NDArray[np.float64], blocks: Blocks) -> Histogram:
    """Histogram of a numeric column; NaN is missing.

    Args:
        name: of the column.
        reference: (N,)
        current: (M,)
        blocks: of the reference.
    """
    missing, missing_now = np.isnan(reference), np.isnan(current)
    edges = _edges(reference[:: max(1, len(reference) // SAMPLE)])
    bins = len(edges) + 1
    positions = np.searchsorted(edges, reference, side="right") + blocks.ids * bins
    counts = np.bincount(positions[~missing], minlength=blocks.count * bins).reshape(blocks.count, bins)
    ahead = np.bincount(np.searchsorted(edges, current[~missing_now], side="right"), minlength=bins)
    return Histogram(
        name=name,
        kind="numeric",
        reference=counts,
        current=ahead,
        reference_missing=np.bincount(blocks.ids[missing], minlength=blocks.count),
        current_missing=int(missing_now.sum()),
        edges=edges,
    )


def count_categories(name: str, reference: pl.Series, current: pl.Series, blocks: Blocks) -> Histogram:
    """Histogram of a categorical column: the most frequent categories by name, all others, also new ones, as one."""
    seen = pl.DataFrame({"block": blocks.ids, "category": reference.cast(pl.String)})
    by_block = seen.group_by("block", "category").len().sort("block", "category")
    known = by_block.drop_nulls("category")
    totals = known.group_by("category").agg(pl.col("len").sum()).sort(["len", "category"], descending=[True, False])
    top = totals["category"].head(TOP).to_list()
    ahead = current.cast(pl.String).rename("category").value_counts(sort=True, name="len")
    now = ahead.drop_nulls("category")
    new = now.join(totals, on="category", how="anti").sort(["len", "category"], descending=[True, False])
    return Histogram(
        name=name,
        kind="categorical",
        reference=_table(known, top, blocks.count),
        current=_table(now.with_columns(block=pl.lit(0, pl.Int64)), top, 1)[0],
        reference_missing=_missing(by_block, blocks.count),
        current_missing=current.null_count(),
        edges=np.empty(0),
        categories=(*top, OTHER),
        new=tuple(new.select("category", "len").iter_rows()),
        novelty=_novelty(known, blocks),
    )


def _edges(sample: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distinct quantiles, and the upper edge of each value that many rows share.

    The smallest and the largest value are no edges: with a nearly empty bin, one row more gives a large PSI.
    """
    values = sample[np.isfinite(sample)]
    if not len(values):
        return np.empty(0)
    quantiles = np.quantile(values, np.linspace(0, 1, BINS + 1), method="nearest")
    unique, times = np.unique(quantiles, return_counts=True)
    shared = unique[(times > 1) | (len(unique) == 1)]
    inner = unique[(unique > quantiles[0]) & (unique < quantiles[-1])]
    return np.unique(np.concatenate([inner, shared, np.nextafter(shared, np.inf)]))


def _table(counted: pl.DataFrame, top: Sequence[str], blocks: int) -> Counts:
    """(blocks, len(top) + 1) from rows of block, category and len."""
    table = np.zeros((blocks, len(top) + 1), dtype=np.int64)
    bins = counted["category"].replace_strict(list(top), list(range(len(top))), default=len(top), return_dtype=pl.Int64)
    np.add.at(table, (counted["block"].to_numpy(), bins.to_numpy()), counted["len"].to_numpy().astype(np.int64))
    return table


def _missing(by_block: pl.DataFrame, blocks: int) -> Counts:
    nulls = by_block.filter(pl.col("category").is_null())
    return np.bincount(nulls["block"].to_numpy(), weights=nulls["len"].to_numpy(), minlength=blocks).astype(np.int64)


def _novelty(known: pl.DataFrame, blocks: Blocks) -> float:
    """The usual share of new categories: the largest over stretches in the last two thirds, against all blocks before.

    Longer stretches contain more new ones: where the current rows fill more than a third of the reference, the share is
    extrapolated to their length.
    """
    first = known.with_columns(first=pl.col("block").min().over("category"))
    counts = np.zeros((blocks.count, blocks.count))
    np.add.at(counts, (first["block"].to_numpy(), first["first"].to_numpy()), first["len"].to_numpy())
    length = max(1, min(blocks.current, blocks.count // 3))
    shares = [
        counts[start : start + length, start:].sum() / max(1.0, counts[start : start + length].sum())
        for start in range(max(1, blocks.count // 3), blocks.count - length + 1)
    ]
    return float(max(shares, default=0.0)) * max(1.0, blocks.current / length)
