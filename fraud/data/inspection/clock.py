"""The time of the transactions: in which columns it stands, and how it is written there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import polars as pl

from fraud.config import ROW_ORDER, TimeSpec
from fraud.data.formats import Parser, fitting_formats
from fraud.data.inspection.names import NOT_THE_EVENT, TIMES, hints, words
from fraud.data.inspection.profile import Profile
from fraud.data.inspection.sample import Sample
from fraud.data.presets import preset_columns
from fraud.data.readings import Reading
from fraud.data.times import UNITS_US, read_time
from fraud.errors import FraudError

Grain = Literal["moment", "day", "month", "order"]
LOOK = 1_000
READABLE = 0.95
"""Share of cells that must be readable as times."""
ORIGIN = "2000-01-01"
"""Stands for an unknown beginning."""
EPOCHS = {"s": 1.0, "ms": 1e3, "us": 1e6}
EPOCH_SECONDS = 473_385_600.0, 2_208_988_800.0
"""1985 to 2040."""


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


def find_clock(profiles: Mapping[str, Profile], sample: Sample) -> Clock:
    """The clock that most speaks for; the order of the rows where there is none."""
    candidates = [clock for clock in _candidates(profiles, sample) if _reads(clock, sample)]
    best = max(candidates, key=lambda clock: clock.rank, default=None)
    if best is not None:
        return best
    counters = tuple(name for name, profile in profiles.items() if hints(name, TIMES) and _is_counter(profile))
    return Clock(
        spec=TimeSpec(),
        how="no time: the order of the rows stands for it" + (f"; {counters[0]} only counts them" if counters else ""),
        grain="order",
        anchored=False,
        ignored=counters,
        unsure=("whether the rows are in the order of time: without one, training on the past cannot be told apart",),
    )


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


def _reads(clock: Clock, sample: Sample) -> bool:
    try:
        times = read_clock(sample, clock)
    except FraudError:
        return False
    plausible = times.drop_nulls().is_between(datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    return bool(plausible.sum() >= READABLE * max(len(times), 1)) and times.n_unique() > 1


def _candidates(profiles: Mapping[str, Profile], sample: Sample) -> Iterator[Clock]:
    dates: list[Clock] = []
    for name, profile in profiles.items():
        if profile.kind == "time":
            grain: Grain = "day" if sample.source.dtypes[name] == pl.Date else "moment"
            yield Clock(spec=TimeSpec(column=name), how="times as such", grain=grain, rank=_rank(name, 60))
            dates += [Clock(spec=TimeSpec(column=name), how="a date", grain="day")] if grain == "day" else []
        elif profile.kind == "text":
            for clock in _written(name, profile):
                dates += [clock] if clock.grain == "day" else []
                yield clock
        elif profile.kind == "number":
            found = list(_numbers(name, profile))
            dates += [clock for clock in found if clock.grain == "day" and clock.spec.format]
            yield from found
    yield from _pairs(dates, profiles, sample)
    yield from _in_parts(profiles)


def _rank(name: str, base: float) -> float:
    last = words(name)[-1:] or [""]
    return base + 20 * hints(name, TIMES) + 5 * (last[0] in TIMES) - 60 * hints(name, NOT_THE_EVENT)


def _written(name: str, profile: Profile) -> Iterator[Clock]:
    look = profile.texts.drop_nulls()
    look = pl.concat([look.head(LOOK), look.tail(LOOK)])
    patterns = fitting_formats(look)
    if not patterns:
        yield from _months(name, look)
        return
    pattern = patterns[0]
    unsure: tuple[str, ...] = ()
    if len(patterns) > 1:
        pattern, unsure = _by_order(name, profile.texts.drop_nulls(), patterns)
    clocked = any(mark in pattern for mark in ("%H", "%I"))
    zone = look.str.contains(r"[+-]\d\d:?\d\d$|Z$").any()
    simple = pattern.startswith("%Y-%m-%d") and clocked
    yield Clock(
        spec=TimeSpec(column=name, format=None if simple else pattern),
        how=f"written as {pattern}{'' if zone or not clocked else ', taken as UTC'}",
        grain="moment" if clocked else "day",
        rank=_rank(name, 55 if clocked else 40),
        unsure=unsure,
    )


def _by_order(name: str, written: pl.Series, patterns: list[str]) -> tuple[str, tuple[str, ...]]:
    """Of several formats the one that reads all cells; then the one by which the rows are in the order of time."""

    def fitness(pattern: str) -> tuple[int, float]:
        times = Parser(pattern)(written).to_physical()
        return times.count(), float((times.diff().drop_nulls() >= 0).mean() or 0.0)  # type: ignore[arg-type]

    best = max(patterns, key=fitness)
    misread = [pattern for pattern in patterns if fitness(pattern)[0] < fitness(best)[0]]
    if len(misread) == len(patterns) - 1:
        return best, ()
    return best, (f"whether {name} = {written[0]} is {' or '.join(patterns)}: {best} was taken, by the order of rows",)


def _months(name: str, look: pl.Series) -> Iterator[Clock]:
    shapes = {r"^\d{4}-\d{1,2}$": "%Y-%m", r"^\d{4}/\d{1,2}$": "%Y/%m", r"^\d{1,2}/\d{4}$": "%m/%Y"}
    shapes |= {r"^[A-Za-z]{3} \d{4}$": "%b %Y", r"^[A-Za-z]{3}-\d{4}$": "%b-%Y"}
    for shape, pattern in shapes.items():
        if look.str.contains(shape).all():
            spec = TimeSpec(column=name, format=pattern)
            yield Clock(spec=spec, how=f"months, written as {pattern}", grain="month", rank=_rank(name, 25))


def _numbers(name: str, profile: Profile) -> Iterator[Clock]:
    numbers = profile.numbers.drop_nulls()
    low, high = float(numbers.min() or 0), float(numbers.max() or 0)  # type: ignore[arg-type]
    if low == high:
        return
    ordered = bool((numbers.diff().drop_nulls() >= 0).mean() > 0.999)  # type: ignore[operator]
    named = hints(name, TIMES) or ordered
    compact = profile.texts.drop_nulls()
    if profile.whole_numbers and compact.str.contains(r"^(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])$").all():
        spec = TimeSpec(column=name, format="%Y%m%d")
        yield Clock(spec=spec, how="written as %Y%m%d", grain="day", rank=_rank(name, 40))
        return
    if profile.whole_numbers and compact.str.contains(r"^(19|20)\d{2}(0[1-9]|1[0-2])$").all() and named:
        spec = TimeSpec(column=name, format="%Y%m")
        yield Clock(spec=spec, how="months, written as %Y%m", grain="month", rank=_rank(name, 25))
        return
    for unit, factor in EPOCHS.items():
        if named and low >= EPOCH_SECONDS[0] * factor and high <= EPOCH_SECONDS[1] * factor:
            spec = TimeSpec(column=name, unit=unit, origin="1970-01-01")  # type: ignore[arg-type]
            yield Clock(spec=spec, how=f"{unit} since 1970", rank=_rank(name, 50))
            return
    if low >= 0 and ordered and not _is_counter(profile):
        yield from _since_start(name, profile, numbers, high)
    elif low >= 0 and "month" in words(name) and high <= 60 and profile.whole_numbers:
        yield _month_numbers(name)


def _month_numbers(name: str) -> Clock:
    return Clock(
        spec=TimeSpec(column=name, unit="d", origin=ORIGIN),
        how="months by number; each stands as a day here, so that windows and splits count months",
        grain="month",
        rank=_rank(name, 20),
        anchored=False,
    )


def _since_start(name: str, profile: Profile, numbers: pl.Series, high: float) -> Iterator[Clock]:
    if "month" in words(name) and high <= 60:
        yield _month_numbers(name)
        return
    unit, why = _unit(name, profile, numbers, high)
    known = "" if why else f"the unit of {name}: {unit} was taken, by its span and how it runs"
    told = (f"when {name} = 0 was: {ORIGIN} was taken, so hours of the day and weekdays mean nothing yet",)
    yield Clock(
        spec=TimeSpec(column=name, unit=unit, origin=ORIGIN),  # type: ignore[arg-type]
        how=f"{unit} since an unknown beginning",
        rank=_rank(name, 30),
        anchored=False,
        unsure=(*((known,) if known else ()), *told),
        grain="day" if unit == "d" else "moment",
    )


def _unit(name: str, profile: Profile, numbers: pl.Series, high: float) -> tuple[str, bool]:
    """The unit, and whether the name says it."""
    said = {"hour": "h", "hours": "h", "day": "d", "days": "d", "minute": "min", "minutes": "min", "seconds": "s"}
    said |= {"second": "s", "sec": "s", "ms": "ms", "millis": "ms"}
    for word in words(name):
        if word in said:
            return said[word], True
    covered = numbers.n_unique() / (high - float(numbers.min() or 0) + 1)  # type: ignore[arg-type]
    steps = profile.whole_numbers and (high <= 2_000 or (high <= 20_000 and covered > 0.95))
    if not steps:
        return next((unit for unit in ("s", "ms", "us") if high * UNITS_US[unit] < 3.2e14), "us"), False
    return ("h" if _has_daily_rhythm(numbers) else "d"), False


def _has_daily_rhythm(numbers: pl.Series) -> bool:
    """Whether the counts by step rise and fall every 24 steps."""
    counts = numbers.cast(pl.Int64).value_counts(name="rows").sort(numbers.name)["rows"].cast(pl.Float64)
    if len(counts) < 72:
        return False
    together = pl.DataFrame({"now": counts, "then": counts.shift(24), "half": counts.shift(12)}).drop_nulls()
    daily = together.select(pl.corr("now", "then")).item()
    half = together.select(pl.corr("now", "half")).item()
    return bool(daily and daily > 0.3 and daily > (half or 0.0))


def _is_counter(profile: Profile) -> bool:
    """Whether a column only counts the rows."""
    numbers = profile.numbers
    if profile.kind != "number" or numbers.null_count() or not profile.whole_numbers or len(numbers) < 3:
        return False
    return bool(((numbers.diff().drop_nulls() == 1).mean() or 0.0) > 0.99)  # type: ignore[operator]


def _pairs(dates: list[Clock], profiles: Mapping[str, Profile], sample: Sample) -> Iterator[Clock]:
    """A date in one column and the time of day in another."""
    for clock in dates:
        date = clock.spec.column
        for name, profile in profiles.items():
            if name == date or date is None:
                continue
            form = _time_of_day(name, profile)
            if form is None:
                continue
            is_date = sample.source.dtypes[date] == pl.Date
            pattern = f"{'%Y-%m-%d' if is_date else clock.spec.format} {form}"
            hour = form == "hour"
            if hour and clock.spec.format not in {None, "%Y-%m-%d"}:
                continue
            yield Clock(
                spec=TimeSpec(columns=(date, name), format=None if hour else pattern),
                how=f"the date in {date}, the {'hour' if hour else f'time of day, as {form},'} in {name}",
                rank=_rank(date, 60) + 20 + 5 * hints(name, TIMES),
                unsure=clock.unsure,
            )


def _time_of_day(name: str, profile: Profile) -> str | None:
    look = profile.texts.drop_nulls().head(LOOK)
    shapes = {r"^\d{1,2}:\d\d:\d\d$": "%H:%M:%S", r"^\d{1,2}:\d\d$": "%H:%M", r"(?i)^\d{1,2}:\d\d ?[ap]m$": "%I:%M %p"}
    shapes |= {r"^([01]\d|2[0-3])[0-5]\d[0-5]\d$": "%H%M%S", r"^([01]\d|2[0-3])[0-5]\d$": "%H%M"}
    if profile.kind in {"text", "number"} and len(look):
        form = next((form for shape, form in shapes.items() if look.str.contains(shape).all()), None)
        if form and (":" in form or hints(name, TIMES)):
            return form
    is_hour = profile.kind == "number" and "hour" in words(name) and profile.whole_numbers
    if is_hour and profile.numbers.drop_nulls().is_between(0, 23).all():
        return "hour"
    return None


def _in_parts(profiles: Mapping[str, Profile]) -> Iterator[Clock]:
    """Year, month and day in a column each, and a time of day if there is one."""
    by_word = {"".join(words(name)): name for name in profiles}
    parts = [by_word.get(part) for part in ("year", "month", "day")]
    if not all(parts):
        return
    columns, pattern = [part for part in parts if part], "%Y %m %d"
    clock = next(
        (
            (name, form)
            for name, profile in profiles.items()
            if (form := _time_of_day(name, profile)) and form != "hour"
        ),
        None,
    )
    if clock:
        columns, pattern = [*columns, clock[0]], f"{pattern} {clock[1]}"
    yield Clock(
        spec=TimeSpec(columns=tuple(columns), format=pattern),
        how=f"in {', '.join(columns)}",
        grain="moment" if clock else "day",
        rank=70,
    )
