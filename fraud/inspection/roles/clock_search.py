"""Finding the clock: every way in which columns may hold the time of the transactions, and the likeliest of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import polars as pl

from fraud.config import TimeSpec
from fraud.data import TimeParser, fitting_time_formats
from fraud.errors import DumpError
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.clock import NO_TIME, PROBED_CELLS, READABLE, Clock, Grain, rank_of, read_clock
from fraud.inspection.roles.clock_numbers import clocks_of_numbers
from fraud.inspection.roles.names import TIMES, hints, words
from fraud.inspection.roles.other_times import choices
from fraud.inspection.roles.profile import Profile


def find_clock(profiles: Mapping[str, Profile], sample: Sample) -> Clock:
    """The candidate with the highest rank; the order of the rows if none reads 95 % of the cells."""
    candidates = [clock for clock in _candidates(profiles, sample) if _is_readable(clock, sample)]
    best = max(candidates, key=lambda clock: clock.rank, default=None)
    if best is not None:
        return replace(best, unsure=(*best.unsure, *choices(best, candidates, sample)))
    counters = tuple(name for name, profile in profiles.items() if hints(name, TIMES) and profile.counts_rows)
    return Clock(
        spec=TimeSpec(),
        how=NO_TIME + (f"; {counters[0]} only counts them" if counters else ""),
        grain="order",
        anchored=False,
        ignored=counters,
        unsure=("whether the rows are in the order of time: if not, models are trained on transactions of the future",),
    )


def _is_readable(clock: Clock, sample: Sample) -> bool:
    """Whether nearly all sampled cells are times between 1971 and 2100, and not all the same."""
    try:
        times = read_clock(sample, clock)
    except DumpError:  # a candidate whose cells cannot be read is not the clock, which is no fault of the dump
        return False
    plausible = times.drop_nulls().is_between(datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    return bool(plausible.sum() >= READABLE * max(len(times), 1)) and times.n_unique() > 1


def _candidates(profiles: Mapping[str, Profile], sample: Sample) -> Iterator[Clock]:
    dates: list[Clock] = []
    for name, profile in profiles.items():
        if profile.kind == "time":
            grain: Grain = "day" if sample.source.dtypes[name] == pl.Date else "moment"
            yield Clock(spec=TimeSpec(column=name), how="stored as times", grain=grain, rank=rank_of(name, 60))
            dates += [Clock(spec=TimeSpec(column=name), how="stored as dates", grain="day")] if grain == "day" else []
        elif profile.kind == "text":
            for clock in _written(name, profile):
                dates += [clock] if clock.grain == "day" else []
                yield clock
        elif profile.kind == "number":
            found = list(clocks_of_numbers(name, profile))
            dates += [clock for clock in found if clock.grain == "day" and clock.spec.format]
            yield from found
    yield from _pairs(dates, profiles, sample)
    yield from _in_parts(profiles)


def _written(name: str, profile: Profile) -> Iterator[Clock]:
    texts = profile.texts.drop_nulls()
    probed = pl.concat([texts.head(PROBED_CELLS), texts.tail(PROBED_CELLS)])
    patterns = fitting_time_formats(probed)
    if not patterns:
        yield from _months(name, probed)
        return
    pattern = patterns[0]
    unsure: tuple[str, ...] = ()
    if len(patterns) > 1:
        pattern, unsure = _by_order(name, texts, patterns)
    has_hour = TimeParser(pattern).span is None
    zone = probed.str.contains(r"[+-]\d\d:?\d\d$|Z$").any()
    simple = pattern.startswith("%Y-%m-%d") and has_hour
    yield Clock(
        spec=TimeSpec(column=name, format=None if simple else pattern),
        how=f"written as {pattern}{'' if zone or not has_hour else ', taken as UTC'}",
        grain="moment" if has_hour else "day",
        rank=rank_of(name, 55 if has_hour else 40),
        unsure=unsure,
    )


def _by_order(name: str, written: pl.Series, patterns: list[str]) -> tuple[str, tuple[str, ...]]:
    """The format that reads the most cells, of equal ones that by which the rows are in the order of time."""

    def fitness(pattern: str) -> tuple[int, float]:
        times = TimeParser(pattern)(written).to_physical()
        return times.count(), float((times.diff().drop_nulls() >= 0).mean() or 0.0)  # type: ignore[arg-type]

    best = max(patterns, key=fitness)
    misread = [pattern for pattern in patterns if fitness(pattern)[0] < fitness(best)[0]]
    if len(misread) == len(patterns) - 1:
        return best, ()
    return best, (f"whether {name} = {written[0]} is {' or '.join(patterns)}: {best} was taken, by the order of rows",)


def _months(name: str, probed: pl.Series) -> Iterator[Clock]:
    shapes = {r"^\d{4}-\d{1,2}$": "%Y-%m", r"^\d{4}/\d{1,2}$": "%Y/%m", r"^\d{1,2}/\d{4}$": "%m/%Y"}
    shapes |= {r"^[A-Za-z]{3} \d{4}$": "%b %Y", r"^[A-Za-z]{3}-\d{4}$": "%b-%Y"}
    for shape, pattern in shapes.items():
        if probed.str.contains(shape).all():
            spec = TimeSpec(column=name, format=pattern)
            yield Clock(spec=spec, how=f"months, written as {pattern}", grain="month", rank=rank_of(name, 25))


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
                rank=rank_of(date, 60) + 20 + 5 * hints(name, TIMES),
                unsure=clock.unsure,
            )


def _time_of_day(name: str, profile: Profile) -> str | None:
    """How a column writes the time of day: a strptime pattern, ``hour`` for whole hours; None where it does not."""
    probed = profile.texts.drop_nulls().head(PROBED_CELLS)
    shapes = {r"^\d{1,2}:\d\d:\d\d$": "%H:%M:%S", r"^\d{1,2}:\d\d$": "%H:%M", r"(?i)^\d{1,2}:\d\d ?[ap]m$": "%I:%M %p"}
    if profile.kind == "number" and hints(name, TIMES) and (form := _digits_of_day(profile)):
        return form
    if profile.kind in {"text", "number"} and len(probed):
        form = next((form for shape, form in shapes.items() if probed.str.contains(shape).all()), None)
        if form:
            return form
    is_hour = profile.kind == "number" and "hour" in words(name) and profile.whole_numbers
    if is_hour and profile.numbers.drop_nulls().is_between(0, 23).all():
        return "hour"
    return None


def _digits_of_day(profile: Profile) -> str | None:
    """The pattern of times of day as numbers, such as 12337 for 01:23:37; the reader puts back leading zeros."""
    written = profile.texts.drop_nulls()
    longest = int(written.str.len_chars().max() or 0)  # type: ignore[arg-type]
    form = {6: "%H%M%S", 4: "%H%M"}.get(longest)
    if form is None:
        return None
    shape = r"^([01]\d|2[0-3])[0-5]\d([0-5]\d)?$"
    fits = written.str.zfill(longest).str.contains(shape).mean()
    return form if fits >= READABLE else None  # type: ignore[operator]


def _in_parts(profiles: Mapping[str, Profile]) -> Iterator[Clock]:
    """Year, month and day in one column each, with a time of day if there is one."""
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
