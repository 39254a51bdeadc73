"""Whole days (UTC), a few at a time, of rows in the order of time."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import polars as pl


def midnight(day: date, later: int = 0) -> datetime:
    """The start of the day that comes so many days later.

    >>> midnight(date(2024, 2, 28), 2).isoformat()
    '2024-03-01T00:00:00+00:00'
    """
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=later)


def spans_of_days(of_rows: pl.Series, days: Collection[date], rows: int) -> Iterator[tuple[date, date]]:
    """First and last day of each piece; days that follow each other share one until it is full.

    Args:
        of_rows: the day of each row.
        days: that are asked for; those without a row are left out.
        rows: a piece ends with the day on which it reaches so many.
    """
    wanted = pl.Series(sorted(days), dtype=pl.Date).implode()
    counts = of_rows.filter(of_rows.is_in(wanted)).value_counts(name="rows").sort(of_rows.name)
    piece: list[date] = []
    filled = 0
    for day, count in counts.iter_rows():
        if piece and (filled >= rows or day - piece[-1] > timedelta(days=1)):
            yield piece[0], piece[-1]
            piece, filled = [], 0
        piece.append(day)
        filled += count
    if piece:
        yield piece[0], piece[-1]


def cut_by_days(frames: Iterable[pl.DataFrame], days: Collection[date], rows: int) -> Iterator[pl.DataFrame]:
    """The same rows in pieces of whole days; those of other days are left out.

    Args:
        frames: with event_time, one after the other in the order of time, none of them empty.
        days: that are asked for.
        rows: as ``spans_of_days`` takes it.
    """
    held: list[pl.DataFrame] = []
    for frame in frames:
        of_rows = frame["event_time"].dt.date()
        last = of_rows == of_rows[-1]
        if held and held[0]["event_time"].dt.date()[-1] != of_rows[-1]:
            yield from _cut(pl.concat([*held, frame.filter(~last)]), days, rows)
            held = [frame.filter(last)]
        else:
            held.append(frame)
    if held:
        yield from _cut(pl.concat(held), days, rows)


def _cut(whole: pl.DataFrame, days: Collection[date], rows: int) -> Iterator[pl.DataFrame]:
    of_rows = whole["event_time"].dt.date()
    for first, last in spans_of_days(of_rows, days, rows):
        yield whole.filter(of_rows.is_between(first, last))
