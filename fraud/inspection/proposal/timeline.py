"""The data over time: transactions and frauds by day, gaps, labels that stop, units that change midway."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.clock import Clock, read_clock
from fraud.inspection.roles.profile import Profile

CHUNKS = 20
"""Parts of equal size, in the order of time, whose medians are compared."""
CHUNK_ROWS = 50
"""Rows that each of these must have."""
STOPPED = 12
"""Expected frauds since the last one from which on labels have stopped."""
JUMP = 8.0
"""Factor between earlier and later medians from which on a column has changed its unit."""


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Transactions, frauds and labelled rows by UTC day."""

    days: pl.DataFrame
    """day, transactions, frauds, labelled (D rows), sorted; only days with transactions."""
    first: datetime | None
    last: datetime | None
    transactions: int
    frauds: int
    labelled: int
    unreadable: int
    """Rows without a readable time."""

    @property
    def span_days(self) -> float:
        """Days from the first transaction to the last."""
        return (self.last - self.first) / timedelta(days=1) if self.first and self.last else 0.0

    @property
    def prevalence(self) -> float:
        """Share of the labelled transactions that are fraud."""
        return self.frauds / self.labelled if self.labelled else 0.0


def timeline_of(moments: pl.DataFrame) -> Timeline:
    """The timeline of all rows that are read, from their times and labels."""
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
    return Timeline(
        days=timed_days.drop("first", "last"),
        first=timed_days["first"].min(),  # type: ignore[arg-type]
        last=timed_days["last"].max(),  # type: ignore[arg-type]
        transactions=int(days["transactions"].sum()),
        frauds=int(days["frauds"].sum()),
        labelled=int(days["labelled"].sum()),
        unreadable=int(days.filter(pl.col("day").is_null())["transactions"].sum()),
    )


def gaps_in(timeline: Timeline) -> list[tuple[datetime, int]]:
    """Gaps without any transaction that are unusually long for this data, the longest first.

    Returns:
        For each gap the last day before it, and its length in days.
    """
    if len(timeline.days) < 10:
        return []
    missing = timeline.days.select("day", gap=pl.col("day").diff().shift(-1).dt.total_days() - 1).drop_nulls()
    usual = float(missing["gap"].quantile(0.95) or 0)
    odd = missing.filter(pl.col("gap") > max(2 * usual + 1, 1)).sort("gap", descending=True)
    return [(day, int(gap)) for day, gap in odd.iter_rows()]


def stops_on(timeline: Timeline) -> datetime | None:
    """The first day after the last fraud, if at least 12 more were to be expected since; None otherwise."""
    days = timeline.days
    if len(days) < 10 or timeline.frauds < 20:
        return None
    last = days.filter(pl.col("frauds") > 0)["day"].max()
    tail = days.filter(pl.col("day") > last)
    before = days.filter(pl.col("day") <= last)
    rate = timeline.frauds / max(int(before["transactions"].sum()), 1)
    expected = rate * int(tail["transactions"].sum())
    after: datetime = last + timedelta(days=1)  # type: ignore[operator, assignment]
    # NOTE: with 12 expected, none at all has a probability of e^-12: this is no chance.
    return after if expected >= STOPPED and len(tail) else None


def changed_units(sample: Sample, clock: Clock, profiles: Mapping[str, Profile], names: Sequence[str]) -> list[str]:
    """A sentence for each numeric column whose typical size jumps midway and stays there."""
    order = read_clock(sample, clock)
    sentences = []
    for name in names:
        numbers = profiles[name].numbers.abs()
        frame = pl.DataFrame({"time": order, "value": numbers}).filter(pl.col("value") > 0).sort("time")
        if len(frame) < CHUNK_ROWS * CHUNKS:
            continue
        jump = _jump(frame)
        if jump is not None:
            when, factor = jump
            size = f"{factor:,.0f} times larger" if factor > 1 else f"{1 / factor:,.0f} times smaller"
            sentences.append(f"{name} is {size} from about {when:%Y-%m-%d} on: its unit may have changed")
    return sentences


def _jump(frame: pl.DataFrame) -> tuple[datetime, float] | None:
    """When the values' typical size changed for good, and by what factor; None where it did not."""
    chunk = pl.int_range(pl.len()) * CHUNKS // pl.len()
    medians = frame.group_by(chunk=chunk).agg(pl.col("value").median(), pl.col("time").min()).sort("chunk")
    values = medians["value"].to_numpy()
    for first_after in range(2, CHUNKS - 1):
        before, after = values[:first_after], values[first_after:]
        if after.min() / before.max() >= JUMP or before.min() / after.max() >= JUMP:
            return medians["time"][first_after], float(np.median(after) / np.median(before))
    return None
