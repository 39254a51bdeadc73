"""Where the windows begin and end: from lengths in days, or from shares of the transactions.

Windows are laid from the end of the data backwards. Those given in days start and end at midnight UTC, so that a day
of the test window is a whole day; those given as shares start at the time of an event, so that events of one moment
always stay together, on the later side.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from fraud.config import SplitConfig
from fraud.errors import SplitError
from fraud.features.maturity import today_of

Span = tuple[datetime, datetime]
"""Start (inclusive) and end (exclusive), UTC."""

_MOMENT = timedelta(microseconds=1)
_DAY = timedelta(days=1)


def parse_moment(text: str | None) -> datetime | None:
    """An ISO date or time as UTC; times without a zone are UTC.

    Raises:
        SplitError: not ISO 8601.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SplitError(f"[split]: as_of must be an ISO date as '2018-09-01', found {text!r}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def cut(
    keys: pl.DataFrame, split: SplitConfig, *, gap_days: float, as_of: datetime | None, has_label_time: bool
) -> tuple[Span, Span, Span]:
    """Spans of train, validation and test.

    Args:
        keys: event_time (ascending) and label_time.
        split: the lengths.
        gap_days: left free before validation and before test.
        as_of: events from here on do not exist.
        has_label_time: whether label_time comes from the data; the test window then ends where labels are mature.

    Raises:
        SplitError: the data are shorter than the windows.
    """
    gap = timedelta(days=gap_days)
    end = _end(keys, gap, as_of=as_of, has_label_time=has_label_time, whole_days=split.test >= 1)
    times = keys["event_time"].filter(keys["event_time"] < end)
    if times.is_empty():
        raise SplitError(
            f"[split]: no transaction has a mature label: labels take {gap_days:g} days, so the test window ends "
            f"{end:%Y-%m-%d %H:%M}, and the data begin {keys['event_time'][0]:%Y-%m-%d %H:%M}; ingest more days, or "
            "set a later as_of"
        )
    test_start = _back(times, end, split.test)
    validation_start = _back(times, test_start - gap, split.validation)
    train_end = validation_start - gap
    first: datetime = times[0]
    train_start = _back(times, train_end, split.train) if split.train else first
    if train_end <= first or train_start < _midnight(first):
        raise SplitError(_too_short(split, gap_days, first, end))
    return (train_start, train_end), (validation_start, test_start - gap), (test_start, end)


def _end(
    keys: pl.DataFrame, gap: timedelta, *, as_of: datetime | None, has_label_time: bool, whole_days: bool
) -> datetime:
    """End of the test window: the end of the data, or where labels were still mature."""
    last = _latest(keys["event_time"])
    end = _midnight(last) + _DAY if whole_days else last + _MOMENT
    clock = today_of(keys, has_label_time=True) if as_of is None and has_label_time else as_of
    if clock is None:
        return end
    mature = clock - gap
    return min(end, _midnight(mature) if whole_days else mature)


def _back(times: pl.Series, end: datetime, length: float) -> datetime:
    """Start of the window of that length which ends at ``end``."""
    if length >= 1:
        return end - timedelta(days=length)
    wanted = round(length * len(times))
    before = int(np.searchsorted(times.to_physical().to_numpy(), _microseconds(end)))
    start: datetime = times[max(before - wanted, 0)]
    return start


def _latest(times: pl.Series) -> datetime:
    latest: datetime = times.max()  # type: ignore[assignment]
    return latest


def _microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MOMENT


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _too_short(split: SplitConfig, gap_days: float, first: datetime, end: datetime) -> str:
    there = (end - _midnight(first)) / _DAY
    lengths = (split.train or 1.0, split.validation, split.test)
    asked = (
        f"train {split.train or 'at least 1'}, validation {split.validation:g}, test {split.test:g} and twice "
        f"{gap_days:g} for labels to become known"
    )
    need = f"need {sum(lengths) + 2 * gap_days:g}" if min(lengths) >= 1 else "leave nothing to train on"
    return (
        f"[split]: the data have {there:g} days ({first:%Y-%m-%d} to {end:%Y-%m-%d}) but the windows {need}: "
        f"{asked}; ask for shorter windows or ingest more days"
    )
