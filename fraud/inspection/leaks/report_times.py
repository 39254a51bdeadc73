"""When frauds were reported: the column of these times, found by its name or by its values."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from fraud.config import TimeSpec
from fraud.errors import DumpError
from fraud.inspection.leaks.leaking_columns import LeakingColumn
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.clock import Clock
from fraud.inspection.roles.label import Label
from fraud.inspection.roles.moments import read_moments
from fraud.inspection.roles.names import REPORTED, hints

NEARLY_ALL = 0.9
"""Share of the frauds that must have a time, and share of these times that must not be before the event."""
HARDLY_ANY = 0.01
"""Share of the genuine rows that may have one."""


@dataclass(frozen=True, kw_only=True)
class Reports:
    """When frauds were reported, as far as a column states it."""

    column: str | None
    moments: pl.DataFrame
    """event_time, is_fraud and label_time of all rows that are read, by time."""
    unsure: tuple[str, ...] = ()


def find_reports(leaks: Sequence[LeakingColumn], sample: Sample, clock: Clock, label: Label | None) -> Reports:
    """The column of times at which frauds were reported: one that is named so, else the first that behaves so."""
    if label is None or clock.is_order:
        return Reports(column=None, moments=read_moments(sample, clock, label, None))
    times = [one.column for one in leaks if one.is_report]
    named = next((name for name in times if hints(name, REPORTED)), None)
    if named is not None:
        return Reports(column=named, moments=_moments(sample, clock, label, named))
    candidates = {name: _moments(sample, clock, label, name) for name in times}
    fitting = {name: moments for name, moments in candidates.items() if _behaves_so(moments)}
    if not fitting:
        return Reports(column=None, moments=read_moments(sample, clock, label, None))
    first, *others = sorted(fitting, key=lambda name: _usual_wait(fitting[name]))
    later = f"; {', '.join(others)} would fit as well, but comes later" if others else ""
    guess = (
        f"{first} was taken for the time at which a fraud was reported (label_time): only frauds have it, and it is "
        f"never before the transaction{later}"
    )
    return Reports(column=first, moments=fitting[first], unsure=(guess,))


def _moments(sample: Sample, clock: Clock, label: Label, column: str) -> pl.DataFrame:
    try:
        return read_moments(sample, clock, label, TimeSpec(column=column))
    except DumpError:  # taken as no time; a run with this label_time names the cell at fault and what to do
        return read_moments(sample, clock, label, None)


def _behaves_so(moments: pl.DataFrame) -> bool:
    """Whether nearly all frauds and hardly a genuine row have a time, at or after the event."""
    is_reported = pl.col("label_time").is_not_null()
    in_order = pl.col("label_time") >= pl.col("event_time")
    of_frauds, of_genuine, of_ordered = (
        moments.drop_nulls("event_time")
        .select(
            is_reported.filter(pl.col("is_fraud")).mean().alias("of_frauds"),
            is_reported.filter(~pl.col("is_fraud")).mean().fill_null(0.0).alias("of_genuine"),
            in_order.filter(pl.col("is_fraud") & is_reported).mean().alias("in_order"),
        )
        .row(0)
    )
    enough = (of_frauds or 0.0) >= NEARLY_ALL and (of_ordered or 0.0) >= NEARLY_ALL
    return bool(enough and of_genuine <= HARDLY_ANY)


def _usual_wait(moments: pl.DataFrame) -> float:
    waits = (pl.col("label_time") - pl.col("event_time")).filter(pl.col("is_fraud")).dt.total_seconds().median()
    return float(moments.select(waits).item() or 0.0)
