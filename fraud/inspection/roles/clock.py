"""The time of the transactions: in which columns it stands, and how it is written there."""

from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from fraud.config import ROW_ORDER, TimeSpec
from fraud.data import Reading, preset_columns, read_time
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.names import NOT_THE_EVENT, TIMES, hints, words

Grain = Literal["moment", "day", "month", "order"]


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Where time comes from."""

    spec: TimeSpec
    how: str
    """How it is written, in words."""
    grain: Grain = "moment"
    rank: float = 0.0
    """How much speaks for it."""
    anchored: bool = True
    """Whether it is known when the beginning was."""
    ignored: tuple[str, ...] = ()
    """Columns that say no more than this one."""
    unsure: tuple[str, ...] = ()

    @property
    def is_order(self) -> bool:
        """Whether only the order of the rows is known."""
        return self.spec.is_row_order

    def as_config(self) -> Any:
        """As it stands in the TOML."""
        if self.is_order:
            return ROW_ORDER
        said: dict[str, Any] = (
            {"column": self.spec.column} if self.spec.column else {"columns": list(self.spec.columns)}
        )
        if self.spec.unit:
            said |= {"unit": self.spec.unit, "origin": self.spec.origin}
        if self.spec.format:
            said["format"] = self.spec.format
        return self.spec.column if list(said) == ["column"] else said


def known_clock(name: str) -> Clock:
    """The clock of a known data set."""
    spec = preset_columns(name).event_time
    if spec.is_row_order:
        return Clock(spec=spec, how="no time: the order of the rows stands for it", grain="order", anchored=False)
    if spec.unit:
        month = "month" in (spec.column or "")
        how = "months by number; each stands as a day" if month else f"{spec.unit} since {spec.origin}"
        grain: Grain = "month" if month else "day" if spec.unit == "d" else "moment"
        return Clock(spec=spec, how=how, grain=grain, anchored=False)
    return Clock(spec=spec, how=f"written as {spec.format}" if spec.format else "times as such or in ISO format")


def times_of(sample: Sample, clock: Clock) -> tuple[list[pl.Expr], Reading]:
    """Expressions of the clock's cells, and the reading that makes ``event_time`` of them."""
    reading = read_time(sample.source, clock.spec, role="event_time", row_offset=0)
    return [expression.alias(name) for name, expression in reading.cells.items()], reading


def read_clock(sample: Sample, clock: Clock) -> pl.Series:
    """Times of the sampled rows."""
    cells, reading = times_of(sample, clock)
    row = pl.int_range(1, pl.len() + 1).alias("dump_row")
    frame = sample.frame.lazy().select(*cells, row).with_columns(reading.value.alias("event_time"))
    return frame.collect()["event_time"]


def rank_of(name: str, base: float) -> float:
    """How much speaks for a column's being the time: its form, and its name."""
    last = words(name)[-1:] or [""]
    return base + 20 * hints(name, TIMES) + 5 * (last[0] in TIMES) - 60 * hints(name, NOT_THE_EVENT)
