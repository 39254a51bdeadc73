"""Whether the events of a dump lie where those of the store do: seconds read as milliseconds are events of 1970."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from fraud.config import TimeSpec
from fraud.data.findings import Finding
from fraud.data.mapping.times import MICROSECONDS_PER_UNIT
from fraud.data.staging.stage import StagedDump
from fraud.errors import DumpError

FAR = timedelta(days=5 * 366)
"""From all that is stored: history may be filled in backwards and dumps may be late, but not by so much."""
PAUSE = timedelta(days=35)
"""Between the store and what is scored: more than the time between two monthly dumps, and than any window."""


@dataclass(frozen=True)
class EventRange:
    """Where events lie."""

    first: datetime
    last: datetime

    def __str__(self) -> str:
        return f"{self.first:%Y-%m-%d %H:%M} to {self.last:%Y-%m-%d %H:%M}"


def event_range_of(dump: StagedDump) -> EventRange | None:
    """Where the valid events of a dump lie; None where it has none."""
    first, last = dump.manifest.first_event, dump.manifest.last_event
    return EventRange(first, last) if first and last else None


def find_far_events(
    dump: StagedDump, stored: EventRange, spec: TimeSpec, *, accept: Sequence[str]
) -> Iterator[Finding]:
    """That some events of a dump to be stored lie years away from all others.

    Args:
        dump: validated, not stored yet.
        stored: what is stored before it.
        spec: how its times are read.
        accept: where ``event_time`` is among them, all of it may lie there.

    Raises:
        DumpError: all of it lies there.
    """
    era = event_range_of(dump)
    if era is None or "event_time" in accept:
        return
    if era.last < stored.first - FAR or era.first > stored.last + FAR:
        raise DumpError(
            f"{_out_of_place(dump, spec)}: expected events less than {FAR.days // 366} years from what is stored "
            f"({stored}), found {era}; {_mend(era, stored, spec)}. If they are meant: --dataset.accept event_time"
        )
    far = ~pl.col("event_time").is_between(stored.first - FAR, stored.last + FAR)
    found = pl.scan_parquet(dump.rows).filter(far).select("dump_row", "event_time").sort("dump_row").collect()
    if len(found):
        row, moment = found.row(0)
        yield Finding(
            "warning",
            f"{dump.manifest.file}: {_events(len(found))} more than {FAR.days // 366} years from what is stored "
            f"({stored}), first in row {row}: {moment:%Y-%m-%d %H:%M}; mend the dump unless they are meant",
        )


def find_misplaced(dump: StagedDump, stored: EventRange, spec: TimeSpec) -> Iterator[str]:
    """What is to be said of when the transactions of a dump to be scored lie.

    Args:
        dump: validated.
        stored: whose history the scores need.
        spec: how its times are read.

    Raises:
        DumpError: all of it lies before the store, or years after it.
    """
    era = event_range_of(dump)
    if era is None:
        return
    if era.last < stored.first or era.first > stored.last + FAR:
        expected = "not before" if era.last < stored.first else f"at most {FAR.days // 366} years after"
        raise DumpError(
            f"{_out_of_place(dump, spec)}: expected events {expected} those stored ({stored}), whose history the "
            f"scores need, found {era}; {_mend(era, stored, spec)}"
        )
    if era.first < stored.first:
        early = pl.scan_parquet(dump.rows).select((pl.col("event_time") < stored.first).sum()).collect().item()
        yield (
            f"{dump.manifest.file}: {_events(early)} before the store's first, {stored.first:%Y-%m-%d %H:%M}: they are "
            "scored without any history"
        )
    if era.first > stored.last + PAUSE:
        yield (
            f"{dump.manifest.file}: its events begin {era.first:%Y-%m-%d %H:%M}, {(era.first - stored.last).days:,} "
            "days after the last one stored: the scores know nothing of the days between: `fraud ingest` them"
        )


def _out_of_place(dump: StagedDump, spec: TimeSpec) -> str:
    rows = dump.manifest.accepted
    column = f" (column '{spec.sources[0]}')" if spec.sources else ""
    return (
        f"{dump.manifest.file}: event_time{column} of {f'all {rows:,} rows' if rows > 1 else 'its row'} is out of place"
    )


def _mend(era: EventRange, stored: EventRange, spec: TimeSpec) -> str:
    """What to do, with the unit that would fit where one does."""
    fits = next((unit for unit in MICROSECONDS_PER_UNIT if spec.unit and _fits(era, stored, spec, unit)), None)
    if fits:
        return (
            f"it seems to be in {fits}, [columns] event_time says unit = '{spec.unit}': convert it, or say what it is"
        )
    return "mend the dump, or how [columns] event_time reads it"


def _fits(era: EventRange, stored: EventRange, spec: TimeSpec, unit: str) -> bool:
    """Whether the events would lie beside those stored if their numbers were in this unit."""
    origin = datetime.fromisoformat(spec.origin)
    origin = origin.replace(tzinfo=UTC) if origin.tzinfo is None else origin
    factor = MICROSECONDS_PER_UNIT[unit] / MICROSECONDS_PER_UNIT[spec.unit or unit]
    begins, ends = ((moment - origin).total_seconds() * factor for moment in (era.first, era.last))
    earliest, latest = (stored.first - origin).total_seconds(), (stored.last + FAR - origin).total_seconds()
    return unit != spec.unit and earliest <= begins and ends <= latest


def _events(count: int) -> str:
    return f"{count:,} event{'s lie' if count != 1 else ' lies'}"
