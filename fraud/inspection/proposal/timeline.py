"""The data over time: days and their frauds, gaps, a label that stops, units that change midway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.clock import Clock, read_clock
from fraud.inspection.roles.profile import Profile

CHUNKS = 20
JUMP = 8.0
"""Factor between two stretches of time at which a column is taken to have changed its unit."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """What happened when."""

    days: pl.DataFrame
    """day, transactions, frauds, labelled; sorted, days with transactions only."""
    first: datetime | None
    last: datetime | None
    transactions: int
    frauds: int
    labelled: int
    unreadable: int
    """Rows without a readable time."""

    @property
    def span_days(self) -> float:
        """From the first transaction to the last."""
        return (self.last - self.first) / timedelta(days=1) if self.first and self.last else 0.0

    @property
    def prevalence(self) -> float:
        """Share of the labelled transactions that are fraud."""
        return self.frauds / self.labelled if self.labelled else 0.0


def course_of(moments: pl.DataFrame) -> Course:
    """Transactions and frauds by day, from the times and labels of all rows that are read."""
    days = (
        moments.lazy()
        .group_by(day=pl.col("event_time").dt.truncate("1d"))
        .agg(
            transactions=pl.len(),
            frauds=pl.col("is_fraud").sum(),
            labelled=pl.col("is_fraud").count(),
            first=pl.col("event_time").min(),
            last=pl.col("event_time").max(),
        )
        .sort("day")
        .collect(engine="streaming")
    )
    timed_days = days.drop_nulls("day")
    return Course(
        days=timed_days.drop("first", "last"),
        first=timed_days["first"].min(),  # type: ignore[arg-type]
        last=timed_days["last"].max(),  # type: ignore[arg-type]
        transactions=int(days["transactions"].sum()),
        frauds=int(days["frauds"].sum()),
        labelled=int(days["labelled"].sum()),
        unreadable=int(days.filter(pl.col("day").is_null())["transactions"].sum()),
    )


def gaps_in(course: Course) -> list[tuple[datetime, int]]:
    """Stretches of days without any transaction that are long for this data: the day before, and how many days."""
    if len(course.days) < 10:
        return []
    missing = course.days.select("day", gap=pl.col("day").diff().shift(-1).dt.total_days() - 1).drop_nulls()
    usual = float(missing["gap"].quantile(0.95) or 0)
    odd = missing.filter(pl.col("gap") > max(2 * usual + 1, 1)).sort("gap", descending=True)
    return [(day, int(gap)) for day, gap in odd.iter_rows()]


def stops_on(course: Course) -> datetime | None:
    """The day from which on no label, or no fraud, comes any more though many were due; None where they go on."""
    days = course.days
    if len(days) < 10 or course.frauds < 20:
        return None
    last = days.filter(pl.col("frauds") > 0)["day"].max()
    tail = days.filter(pl.col("day") > last)
    before = days.filter(pl.col("day") <= last)
    rate = course.frauds / max(int(before["transactions"].sum()), 1)
    due = rate * int(tail["transactions"].sum())
    # NOTE: e^-12: nobody sees none of 12 that were due by chance.
    after: datetime = last + timedelta(days=1)  # type: ignore[operator, assignment]
    return after if due >= 12 and len(tail) else None


def changed_units(sample: Sample, clock: Clock, profiles: Mapping[str, Profile], names: Sequence[str]) -> list[str]:
    """What is said of numeric columns whose typical size jumps midway and stays there."""
    order = read_clock(sample, clock)
    said = []
    for name in names:
        numbers = profiles[name].numbers.abs()
        frame = pl.DataFrame({"time": order, "value": numbers}).filter(pl.col("value") > 0).sort("time")
        if len(frame) < 50 * CHUNKS:
            continue
        jump = _jump(frame)
        if jump is not None:
            when, factor = jump
            size = f"{factor:,.0f} times larger" if factor > 1 else f"{1 / factor:,.0f} times smaller"
            said.append(f"{name} is {size} from about {when:%Y-%m-%d} on: its unit may have changed")
    return said


def _jump(frame: pl.DataFrame) -> tuple[datetime, float] | None:
    """When the values' size changed for good, and by what factor."""
    chunk = pl.int_range(pl.len()) * CHUNKS // pl.len()
    medians = frame.group_by(chunk=chunk).agg(pl.col("value").median(), pl.col("time").min()).sort("chunk")
    values = medians["value"].to_numpy()
    for place in range(2, CHUNKS - 1):
        before, after = values[:place], values[place:]
        if after.min() / before.max() >= JUMP or before.min() / after.max() >= JUMP:
            return medians["time"][place], float(np.median(after) / np.median(before))
    return None
