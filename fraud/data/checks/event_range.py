"""Whether a dump's events are near the stored ones in time: seconds read as milliseconds are events of 1970."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from fraud.config import TimeSpec
from fraud.data.findings import Finding
from fraud.data.mapping.times import MICROSECONDS_PER_UNIT
from fraud.data.staging.stage import StagedDump
from fraud.errors import DumpError

FAR_EVENT = timedelta(days=5 * 366)
"""From all stored events: earlier history may be added and dumps may be late, but not by so much."""
PAUSE = timedelta(days=35)
"""Between the store and what is scored: more than the time between two monthly dumps, and than any window."""


@dataclass(frozen=True)
class EventRange:
    """First and last event_time of a dump or a store, UTC, inclusive."""

    first: datetime
    last: datetime

    def __str__(self) -> str:
        return f"{self.first:%Y-%m-%d %H:%M} to {self.last:%Y-%m-%d %H:%M}"


def event_range_of(dump: StagedDump) -> EventRange | None:
    """Range of the valid events of a dump; None where it has none."""
    first, last = dump.manifest.first_event, dump.manifest.last_event
    return EventRange(first, last) if first and last else None


def find_far_events(
    dump: StagedDump, stored: EventRange, spec: TimeSpec, *, accept: Sequence[str]
) -> Iterator[Finding]:
    """Warnings on events of a dump that are years away from all stored ones.

    Args:
        dump: validated, not stored yet.
        stored: range of the stored events.
        spec: how its times are read.
        accept: columns whose change is meant; ``event_time`` among them accepts events of any time.

    Raises:
        DumpError: all its events are.
    """
    found = event_range_of(dump)
    if found is None or "event_time" in accept:
        return
    if found.last < stored.first - FAR_EVENT or found.first > stored.last + FAR_EVENT:
        raise DumpError(
            f"{_out_of_range(dump, spec)}: expected events less than {FAR_EVENT.days // 366} years from what is stored "
            f"({stored}), found {found}; {_advice(found, stored, spec)}. If they are meant: --dataset.accept event_time"
        )
    far = ~pl.col("event_time").is_between(stored.first - FAR_EVENT, stored.last + FAR_EVENT)
    rows = pl.scan_parquet(dump.rows).filter(far).select("dump_row", "event_time").sort("dump_row").collect()
    if len(rows):
        row, moment = rows.row(0)
        yield Finding(
            "warning",
            f"{dump.manifest.file}: {_events(len(rows))} more than {FAR_EVENT.days // 366} years from what is stored "
            f"({stored}), first in row {row}: {moment:%Y-%m-%d %H:%M}; fix the dump unless they are meant",
        )


def find_events_out_of_range(dump: StagedDump, stored: EventRange, spec: TimeSpec) -> Iterator[str]:
    """Warnings on the times of a dump to be scored.

    Args:
        dump: validated.
        stored: range of the stored events, whose history the scores need.
        spec: how its times are read.

    Raises:
        DumpError: all its events are before the stored ones, or years after them.
    """
    found = event_range_of(dump)
    if found is None:
        return
    if found.last < stored.first or found.first > stored.last + FAR_EVENT:
        expected = "not before" if found.last < stored.first else f"at most {FAR_EVENT.days // 366} years after"
        raise DumpError(
            f"{_out_of_range(dump, spec)}: expected events {expected} those stored ({stored}), whose history the "
            f"scores need, found {found}; {_advice(found, stored, spec)}"
        )
    if found.first < stored.first:
        early = pl.scan_parquet(dump.rows).select((pl.col("event_time") < stored.first).sum()).collect().item()
        yield (
            f"{dump.manifest.file}: {_events(early)} before the store's first, {stored.first:%Y-%m-%d %H:%M}: they are "
            "scored without any history"
        )
    if found.first > stored.last + PAUSE:
        days = (found.first - stored.last).days
        yield (
            f"{dump.manifest.file}: its events begin {found.first:%Y-%m-%d %H:%M}, {days:,} days after the last one "
            "stored: the scores lack the days in between: `fraud ingest` them"
        )


def _out_of_range(dump: StagedDump, spec: TimeSpec) -> str:
    rows = dump.manifest.accepted
    column = f" (column '{spec.sources[0]}')" if spec.sources else ""
    return (
        f"{dump.manifest.file}: event_time{column} of {f'all {rows:,} rows' if rows > 1 else 'its row'} is out of range"
    )


def _advice(found: EventRange, stored: EventRange, spec: TimeSpec) -> str:
    """What to do; names the unit that would fit, where one does."""
    fits = next((unit for unit in MICROSECONDS_PER_UNIT if spec.unit and _fits(found, stored, spec, unit)), None)
    if fits:
        return (
            f"it seems to be in {fits}, [columns] event_time has unit = '{spec.unit}': convert it, or correct the unit"
        )
    return "fix the dump, or how [columns] event_time reads it"


def _fits(found: EventRange, stored: EventRange, spec: TimeSpec, unit: str) -> bool:
    """Whether the events would be near the stored ones if their numbers were in this unit."""
    origin = datetime.fromisoformat(spec.origin)
    origin = origin.replace(tzinfo=UTC) if origin.tzinfo is None else origin
    factor = MICROSECONDS_PER_UNIT[unit] / MICROSECONDS_PER_UNIT[spec.unit or unit]
    begins, ends = ((moment - origin).total_seconds() * factor for moment in (found.first, found.last))
    earliest, latest = (stored.first - origin).total_seconds(), (stored.last + FAR_EVENT - origin).total_seconds()
    return unit != spec.unit and earliest <= begins and ends <= latest


def _events(count: int) -> str:
    return f"{count:,} event{'s lie' if count != 1 else ' lies'}"
