"""The time of the transactions: which columns hold it, and how it is written there."""

from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from fraud.config import ROW_ORDER, TimeSpec
from fraud.data import RoleExpressions, preset_columns, read_time
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.names import NOT_THE_EVENT, TIMES, hints, words

Grain = Literal["moment", "day", "month", "order"]
PROBED_CELLS = 1_000
"""Cells at either end of a column by which it is decided how its times are written."""
READABLE = 0.95
"""Share of the filled cells that must be readable as times."""
NO_TIME = "no time: the order of the rows stands for it"


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Where the time of the transactions comes from."""

    spec: TimeSpec
    how: str
    """How it is written, in words."""
    grain: Grain = "moment"
    rank: float = 0.0
    """Higher is likelier, about -60 to 95: 20 to 70 for the form, and ``rank_of`` for the name."""
    anchored: bool = True
    """Whether its times are dates, and not counted from an unknown beginning."""
    ignored: tuple[str, ...] = ()
    """Columns that only count the rows, as this clock does."""
    unsure: tuple[str, ...] = ()
    """What was guessed."""

    @property
    def is_order(self) -> bool:
        """Whether only the order of the rows is known."""
        return self.spec.is_row_order

    def as_config(self) -> Any:
        """The value of ``event_time`` in the TOML."""
        if self.is_order:
            return ROW_ORDER
        entries: dict[str, Any] = (
            {"column": self.spec.column} if self.spec.column else {"columns": list(self.spec.columns)}
        )
        if self.spec.unit:
            entries |= {"unit": self.spec.unit, "origin": self.spec.origin}
        if self.spec.format:
            entries["format"] = self.spec.format
        return self.spec.column if list(entries) == ["column"] else entries


def known_clock(name: str) -> Clock:
    """The clock of a known data set."""
    spec = preset_columns(name).event_time
    if spec.is_row_order:
        return Clock(spec=spec, how=NO_TIME, grain="order", anchored=False)
    if spec.unit:
        month = "month" in (spec.column or "")
        how = "months by number; each stands as a day" if month else f"{spec.unit} since {spec.origin}"
        grain: Grain = "month" if month else "day" if spec.unit == "d" else "moment"
        return Clock(spec=spec, how=how, grain=grain, anchored=False)
    return Clock(spec=spec, how=f"written as {spec.format}" if spec.format else "stored as times, or in ISO format")


def times_of(sample: Sample, clock: Clock) -> tuple[list[pl.Expr], RoleExpressions]:
    """Expressions for the clock's cells, and the reading that makes ``event_time`` of them."""
    reading = read_time(sample.source, clock.spec, role="event_time", row_offset=0)
    return [expression.alias(name) for name, expression in reading.cells.items()], reading


def read_clock(sample: Sample, clock: Clock) -> pl.Series:
    """Times of the sampled rows."""
    cells, reading = times_of(sample, clock)
    row = pl.int_range(1, pl.len() + 1).alias("dump_row")
    frame = sample.frame.lazy().select(*cells, row).with_columns(reading.value.alias("event_time"))
    return frame.collect()["event_time"]


def rank_of(name: str, base: float) -> float:
    """The rank of a column as the time: ``base`` for its form, changed by its name.

    20 more for a word of time and 5 more if it is the last word; 60 less for a word of another date.
    """
    last = words(name)[-1:] or [""]
    return base + 20 * hints(name, TIMES) + 5 * (last[0] in TIMES) - 60 * hints(name, NOT_THE_EVENT)
