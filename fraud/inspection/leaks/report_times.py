"""When a fraud was reported: the column that tells, by its name or by what it holds."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from fraud.config import TimeSpec
from fraud.errors import FraudError
from fraud.inspection.leaks.leaking_columns import Giveaway
from fraud.inspection.proposal.window_counts import read_moments
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.clock import Clock
from fraud.inspection.roles.label import Label
from fraud.inspection.roles.names import REPORTED, hints

NEARLY_ALL = 0.9
"""Share of the frauds that must have a time, and share of these times that must not be before the event."""
HARDLY_ANY = 0.01
"""Share of the genuine rows that may have one."""


@dataclass(frozen=True, kw_only=True)
class Reports:
    """When frauds were reported, as far as a column tells."""

    column: str | None
    moments: pl.DataFrame
    """event_time, is_fraud and label_time of all rows that are read, by time."""
    unsure: tuple[str, ...] = ()


def find_reports(tells: Sequence[Giveaway], sample: Sample, clock: Clock, label: Label | None) -> Reports:
    """The column of times at which frauds were reported: one that is called so, else the first that behaves so."""
    if label is None or clock.is_order:
        return Reports(column=None, moments=read_moments(sample, clock, label, None))
    times = [one.column for one in tells if one.is_report]
    named = next((name for name in times if hints(name, REPORTED)), None)
    if named is not None:
        return Reports(column=named, moments=_moments(sample, clock, label, named))
    told = {name: _moments(sample, clock, label, name) for name in times}
    fitting = {name: moments for name, moments in told.items() if _behaves_so(moments)}
    if not fitting:
        return Reports(column=None, moments=read_moments(sample, clock, label, None))
    first, *others = sorted(fitting, key=lambda name: _usual_wait(fitting[name]))
    beside = f"; so might {', '.join(others)}, which comes later" if others else ""
    guess = (
        f"{first} was taken for the time at which a fraud was reported (label_time): it is filled in frauds alone, and "
        f"never before the transaction{beside}"
    )
    return Reports(column=first, moments=fitting[first], unsure=(guess,))


def _moments(sample: Sample, clock: Clock, label: Label, column: str) -> pl.DataFrame:
    try:
        return read_moments(sample, clock, label, TimeSpec(column=column))
    except FraudError:  # `fraud run` says what is wrong with the times of the reports, and how to mend it
        return read_moments(sample, clock, label, None)


def _behaves_so(moments: pl.DataFrame) -> bool:
    """Whether nearly all frauds and hardly a genuine row have a time, at or after the event."""
    told = pl.col("label_time").is_not_null()
    of_frauds, of_genuine, in_order = (
        moments.drop_nulls("event_time")
        .select(
            told.filter(pl.col("is_fraud")).mean().alias("of_frauds"),
            told.filter(~pl.col("is_fraud")).mean().fill_null(0.0).alias("of_genuine"),
            (pl.col("label_time") >= pl.col("event_time")).filter(pl.col("is_fraud") & told).mean().alias("in_order"),
        )
        .row(0)
    )
    enough = (of_frauds or 0.0) >= NEARLY_ALL and (in_order or 0.0) >= NEARLY_ALL
    return bool(enough and of_genuine <= HARDLY_ANY)


def _usual_wait(moments: pl.DataFrame) -> float:
    waits = (pl.col("label_time") - pl.col("event_time")).filter(pl.col("is_fraud")).dt.total_seconds().median()
    return float(moments.select(waits).item() or 0.0)
