"""Numbers that may be the time: epochs, compact dates, or seconds, hours, days or months since some start."""

from collections.abc import Iterator

import polars as pl

from fraud.config import TimeSpec
from fraud.data import MICROSECONDS_PER_UNIT
from fraud.inspection.roles.clock import Clock, rank_of
from fraud.inspection.roles.names import TIMES, hints, words
from fraud.inspection.roles.profile import Profile

ORIGIN = "2000-01-01"
"""Taken for an unknown start."""
EPOCHS = {"s": 1.0, "ms": 1e3, "us": 1e6}
EPOCH_SECONDS = 473_385_600.0, 2_208_988_800.0
"""1985 to 2040."""
COMPACT = r"^(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])$"
COMPACT_MONTH = r"^(19|20)\d{2}(0[1-9]|1[0-2])$"
"""Dates as whole numbers: 20240203, and months: 202402."""


def clocks_of_numbers(name: str, profile: Profile) -> Iterator[Clock]:
    """Clocks that a numeric column may be."""
    numbers = profile.numbers.drop_nulls()
    low, high = float(numbers.min() or 0), float(numbers.max() or 0)  # type: ignore[arg-type]
    if low == high:
        return
    ordered = bool((numbers.diff().drop_nulls() >= 0).mean() > 0.999)  # type: ignore[operator]
    named = hints(name, TIMES) or ordered
    compact = profile.texts.drop_nulls()
    if profile.whole_numbers and compact.str.contains(COMPACT).all():
        spec = TimeSpec(column=name, format="%Y%m%d")
        yield Clock(spec=spec, how="written as %Y%m%d", grain="day", rank=rank_of(name, 40))
        return
    if profile.whole_numbers and compact.str.contains(COMPACT_MONTH).all() and named:
        spec = TimeSpec(column=name, format="%Y%m")
        yield Clock(spec=spec, how="months, written as %Y%m", grain="month", rank=rank_of(name, 25))
        return
    for unit, factor in EPOCHS.items():
        if named and low >= EPOCH_SECONDS[0] * factor and high <= EPOCH_SECONDS[1] * factor:
            spec = TimeSpec(column=name, unit=unit, origin="1970-01-01")  # type: ignore[arg-type]
            yield Clock(spec=spec, how=f"{unit} since 1970", rank=rank_of(name, 50))
            return
    if low >= 0 and ordered and not profile.counts_rows:
        yield from _since_start(name, profile, numbers, high)
    elif low >= 0 and "month" in words(name) and high <= 60 and profile.whole_numbers:
        yield _month_numbers(name)


def _month_numbers(name: str) -> Clock:
    return Clock(
        spec=TimeSpec(column=name, unit="d", origin=ORIGIN),
        how="months by number; each stands as a day here, so that windows and splits count months",
        grain="month",
        rank=rank_of(name, 20),
        anchored=False,
    )


def _since_start(name: str, profile: Profile, numbers: pl.Series, high: float) -> Iterator[Clock]:
    if "month" in words(name) and high <= 60:
        yield _month_numbers(name)
        return
    unit, is_named = _unit(name, profile, numbers, high)
    guesses = () if is_named else (f"the unit of {name}: {unit} was taken, by its range and its steps",)
    yield Clock(
        spec=TimeSpec(column=name, unit=unit, origin=ORIGIN),  # type: ignore[arg-type]
        how=f"{unit} since an unknown start",
        rank=rank_of(name, 30),
        anchored=False,
        unsure=(
            *guesses,
            f"the date at which {name} is 0: {ORIGIN} was taken, so hours of the day and weekdays mean nothing yet",
        ),
        grain="day" if unit == "d" else "moment",
    )


def _unit(name: str, profile: Profile, numbers: pl.Series, high: float) -> tuple[str, bool]:
    """The unit, and whether the name of the column states it."""
    named = {"hour": "h", "hours": "h", "day": "d", "days": "d", "minute": "min", "minutes": "min", "seconds": "s"}
    named |= {"second": "s", "sec": "s", "ms": "ms", "millis": "ms"}
    for word in words(name):
        if word in named:
            return named[word], True
    covered = numbers.n_unique() / (high - float(numbers.min() or 0) + 1)  # type: ignore[arg-type]
    steps = profile.whole_numbers and (high <= 2_000 or (high <= 20_000 and covered > 0.95))
    if not steps:
        return next((unit for unit in ("s", "ms", "us") if high * MICROSECONDS_PER_UNIT[unit] < 3.2e14), "us"), False
    return ("h" if _has_daily_rhythm(numbers) else "d"), False


def _has_daily_rhythm(numbers: pl.Series) -> bool:
    """Whether the rows per step rise and fall every 24 steps."""
    counts = numbers.cast(pl.Int64).value_counts(name="rows").sort(numbers.name)["rows"].cast(pl.Float64)
    if len(counts) < 72:
        return False
    together = pl.DataFrame({"now": counts, "then": counts.shift(24), "half": counts.shift(12)}).drop_nulls()
    daily = together.select(pl.corr("now", "then")).item()
    half = together.select(pl.corr("now", "half")).item()
    return bool(daily and daily > 0.3 and daily > (half or 0.0))
