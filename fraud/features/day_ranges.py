"""Ranges of whole days (UTC), of rows in the order of time."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

import polars as pl


def start_of_day(day: date, later: int = 0) -> datetime:
    """Midnight UTC of a day, or of the one so many days later.

    >>> start_of_day(date(2024, 2, 28), 2).isoformat()
    '2024-03-01T00:00:00+00:00'
    """
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=later)


def day_ranges(of_rows: pl.Series, days: Collection[date], rows: int) -> Iterator[tuple[date, date]]:
    """First and last day of each range: consecutive days, until a range has enough rows.

    Args:
        of_rows: the day of each row.
        days: the requested days; those without a row are left out.
        rows: a range ends with the day on which it reaches so many.
    """
    wanted = pl.Series(sorted(days), dtype=pl.Date).implode()
    counts = of_rows.filter(of_rows.is_in(wanted)).value_counts(name="rows").sort(of_rows.name)
    days_of_range: list[date] = []
    filled = 0
    for day, count in counts.iter_rows():
        if days_of_range and (filled >= rows or day - days_of_range[-1] > timedelta(days=1)):
            yield days_of_range[0], days_of_range[-1]
            days_of_range, filled = [], 0
        days_of_range.append(day)
        filled += count
    if days_of_range:
        yield days_of_range[0], days_of_range[-1]


def split_by_day_ranges(frames: Iterable[pl.DataFrame], days: Collection[date], rows: int) -> Iterator[pl.DataFrame]:
    """The same rows in ranges of whole days; rows of other days are left out.

    Args:
        frames: with event_time, one after the other in the order of time, none of them empty.
        days: the requested days.
        rows: as ``day_ranges`` takes it.
    """
    waiting: list[pl.DataFrame] = []
    for frame in frames:
        of_rows = frame["event_time"].dt.date()
        last = of_rows == of_rows[-1]
        if waiting and waiting[0]["event_time"].dt.date()[-1] != of_rows[-1]:
            yield from _split(pl.concat([*waiting, frame.filter(~last)]), days, rows)
            waiting = [frame.filter(last)]
        else:
            waiting.append(frame)
    if waiting:
        yield from _split(pl.concat(waiting), days, rows)


def _split(whole: pl.DataFrame, days: Collection[date], rows: int) -> Iterator[pl.DataFrame]:
    of_rows = whole["event_time"].dt.date()
    for first, last in day_ranges(of_rows, days, rows):
        yield whole.filter(of_rows.is_between(first, last))
