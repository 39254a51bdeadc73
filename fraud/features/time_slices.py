"""Time slices of a table that does not fit into memory, each of at most so many rows.

A slice ends between two moments, so that simultaneous rows stay together. Where a single moment has more rows than a
slice may hold, they are divided by transaction_id, which is the order of the table within a moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

STEPS = ("1h", "1s", "1us")
"""Rows are counted by the first of these; steps with too many rows for a slice, by the next one."""


@dataclass(frozen=True, kw_only=True)
class TimeSlice:
    """Consecutive rows in the order of (event_time, transaction_id)."""

    start: datetime
    """Moment of its first row."""
    end: datetime | None
    """The first moment of the next slice; None for the last one."""
    first: int
    """Number of rows before it."""
    rows: int
    ids: tuple[str, str | None] | None = None
    """Of a slice within one moment: first transaction_id (inclusive) and last (exclusive)."""

    def of(self, transactions: pl.LazyFrame) -> pl.LazyFrame:
        """Its rows, in any order."""
        time, name = pl.col("event_time"), pl.col("transaction_id")
        found = transactions.filter(time >= self.start)
        if self.end is not None:
            found = found.filter(time < self.end)
        if self.ids is not None:
            found = found.filter(time == self.start, name >= self.ids[0])
            found = found if self.ids[1] is None else found.filter(name < self.ids[1])
        return found


@dataclass(frozen=True)
class _Step:
    start: datetime
    rows: int
    ids: tuple[str, str | None] | None = None


def time_slices(transactions: pl.LazyFrame, rows: int) -> list[TimeSlice]:
    """Divide the transactions into slices of at most ``rows`` rows.

    Only counts are in memory, and the ids of a moment that has too many rows.
    """
    groups: list[list[_Step]] = []
    filled = 0
    for step in _steps(transactions, rows, STEPS):
        if not groups or step.ids or groups[-1][0].ids or filled + step.rows > rows:
            groups.append([])
            filled = 0
        groups[-1].append(step)
        filled += step.rows
    return _numbered(groups)


def _numbered(groups: list[list[_Step]]) -> list[TimeSlice]:
    slices: list[TimeSlice] = []
    first = 0
    for number, group in enumerate(groups):
        start, following = group[0].start, groups[number + 1 :]
        end = next((other[0].start for other in following if other[0].start > start), None)
        size = sum(step.rows for step in group)
        slices.append(TimeSlice(start=start, end=end, first=first, rows=size, ids=group[0].ids))
        first += size
    return slices


def _steps(transactions: pl.LazyFrame, rows: int, every: tuple[str, ...]) -> Iterator[_Step]:
    start = pl.col("event_time").dt.truncate(every[0])
    counts = transactions.group_by(start).len().sort("event_time").collect(engine="streaming")
    for moment, count in counts.iter_rows():
        if count <= rows:
            yield _Step(moment, count)
            continue
        within = transactions.filter(pl.col("event_time").dt.truncate(every[0]) == moment)
        yield from _steps(within, rows, every[1:]) if every[1:] else _divide_by_id(within, moment, rows)


def _divide_by_id(transactions: pl.LazyFrame, moment: datetime, rows: int) -> Iterator[_Step]:
    ids = transactions.select(pl.col("transaction_id").sort()).collect(engine="streaming").to_series()
    starts = ids.gather_every(rows).to_list()
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True)):
        yield _Step(moment, min(rows, len(ids) - number * rows), (start, end))
