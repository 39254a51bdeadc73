"""Spans of the windows of a configuration in the table's times; data too short for them are an error."""

from datetime import UTC, datetime, timedelta

import polars as pl

from fraud.config import SplitConfig
from fraud.errors import SplitError
from fraud.windows import DAY, Span, end_of_windows, lay_windows, midnight


def parse_moment(text: str | None) -> datetime | None:
    """An ISO date or time as UTC; times without a zone are UTC."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def window_spans(
    keys: pl.DataFrame, split: SplitConfig, *, gap_days: float, as_of: datetime | None, has_label_time: bool
) -> tuple[Span, Span, Span]:
    """Spans of train, validation and test.

    Args:
        keys: event_time (ascending) and label_time.
        split: the lengths.
        gap_days: length of the gaps before validation and before test.
        as_of: later events are ignored.
        has_label_time: whether label_time comes from the data; the test window then ends where labels are mature.

    Raises:
        SplitError: the data are shorter than the windows.
    """
    gap = timedelta(days=gap_days)
    last: datetime = keys["event_time"].max()  # type: ignore[assignment]
    end = end_of_windows(last, gap, as_of=as_of, has_label_time=has_label_time, whole_days=split.test >= 1)
    times = keys["event_time"].filter(keys["event_time"] < end)
    if times.is_empty():
        raise SplitError(
            f"[split]: no transaction has a mature label: labels take {gap_days:g} days, so the test window ends "
            f"{end:%Y-%m-%d %H:%M}, and the data begin {keys['event_time'][0]:%Y-%m-%d %H:%M}; ingest more days, or "
            "set a later as_of"
        )
    spans = lay_windows(times, end, gap, train=split.train, validation=split.validation, test=split.test)
    (train_start, train_end), first = spans[0], times[0]
    if train_end <= first or train_start < midnight(first):
        raise SplitError(_too_short(split, gap_days, first, end))
    return spans


def _too_short(split: SplitConfig, gap_days: float, first: datetime, end: datetime) -> str:
    available = (end - midnight(first)) / DAY
    lengths = (split.train or 1.0, split.validation, split.test)
    requested = (
        f"train {split.train or 'at least 1'}, validation {split.validation:g}, test {split.test:g} and twice "
        f"{gap_days:g} for labels to become known"
    )
    need = f"need {sum(lengths) + 2 * gap_days:g}" if min(lengths) >= 1 else "leave nothing to train on"
    return (
        f"[split]: the data have {available:g} days ({first:%Y-%m-%d} to {end:%Y-%m-%d}) but the windows {need}: "
        f"{requested}; set shorter windows or ingest more days"
    )
