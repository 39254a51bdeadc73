"""Bounds of the train, validation and test windows, and of the folds of a test window: [start, end), UTC.

Windows are laid from the end of the data backwards. Those given in days start and end at midnight UTC, so that a day
of the test window is a whole day; those given as shares start at the time of an event, so that events of one moment
always stay together, on the later side.
"""

from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
Span = tuple[datetime, datetime]
"""Start (inclusive) and end (exclusive), UTC."""


def end_of_windows(
    last: datetime, gap: timedelta, *, as_of: datetime | None, has_label_time: bool, whole_days: bool
) -> datetime:
    """End of the test window: the end of the data, or where labels are still mature.

    Args:
        last: the latest event.
        gap: what labels take to become known.
        as_of: the day of which the data are read; None: that of the last event.
        has_label_time: whether label_time comes from the data: only then is anything immature where no day is named.
        whole_days: whether the test window is given in days rather than as a share.
    """
    end = midnight(last) + DAY if whole_days else last + MOMENT
    if as_of is None and not has_label_time:
        return end
    mature = (as_of or last) - gap
    return min(end, midnight(mature) if whole_days else mature)


def lay_windows(
    times: pl.Series, end: datetime, gap: timedelta, *, train: float, validation: float, test: float
) -> tuple[Span, Span, Span]:
    """Spans of train, validation and test; where the data are too short, the train span is empty or before them.

    Args:
        times: of the events before ``end``, ascending; at least one.
        end: of the test window.
        gap: left free before validation and before test.
        train: length in days, or as a share of the events where below 1; 0 takes all that is earlier.
        validation: likewise.
        test: likewise.
    """
    test_start = _back(times, end, test)
    return *windows_before(times, test_start, gap, train=train, validation=validation), (test_start, end)


def windows_before(
    times: pl.Series, test_start: datetime, gap: timedelta, *, train: float, validation: float
) -> tuple[Span, Span]:
    """Spans of train and validation before a test window; lengths as in ``lay_windows``."""
    validation_start = _back(times, test_start - gap, validation)
    train_end = validation_start - gap
    train_start: datetime = _back(times, train_end, train) if train else times[0]
    return (train_start, train_end), (validation_start, test_start - gap)


def cut_span(times: pl.Series, span: Span, parts: int, *, whole_days: bool) -> list[Span]:
    """A span as consecutive parts of about as many days, or events; fewer parts where there are not enough of them.

    Args:
        times: of the events, ascending.
        span: what is cut.
        parts: how many.
        whole_days: cut at midnights, else at the times of events, so that events of one moment stay together.
    """
    start, end = span
    if whole_days:
        days = round((end - start) / DAY)
        parts = max(min(parts, days), 1)
        cuts = [start + round(days * part / parts) * DAY for part in range(1, parts)]
    else:
        inside = times.filter((times >= start) & (times < end))
        cuts = (
            sorted({inside[len(inside) * part // parts] for part in range(1, parts)} - {start}) if len(inside) else []
        )
    edges = [start, *cuts, end]
    return list(pairwise(edges))


def midnight(moment: datetime) -> datetime:
    """The beginning of its day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _back(times: pl.Series, end: datetime, length: float) -> datetime:
    """Start of the window of that length which ends at ``end``; a share is of one event at least."""
    if length >= 1:
        return end - timedelta(days=length)
    before = int(times.search_sorted(end, side="left"))
    start: datetime = times[max(before - max(round(length * len(times)), 1), 0)]
    return start
