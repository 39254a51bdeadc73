"""Columns that tell a time besides that of the transaction: often a later one, and never a feature.

Whatever grows with time has, on every later day, values that no model was trained on; and the days between a
transaction and its last change tell a fraud from the rest, though nobody knows them when it matters.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from fraud.data import Parser, fitting_formats
from fraud.errors import FraudError
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.clock import Clock, read_clock
from fraud.inspection.roles.clock_numbers import COMPACT, COMPACT_MONTH, EPOCH_SECONDS, EPOCHS
from fraud.inspection.roles.names import NOT_THE_EVENT, TIMES, hints
from fraud.inspection.roles.profile import Profile

LOOK = 1_000
READABLE = 0.95
"""Share of the filled cells that must be readable as times."""
GROWS: Final = "grows with the time of the transaction, so that no later day has had its values"
GROWN, NAMED, EPOCH = 0.999, 0.95, 0.9
"""Rank correlation with the time of the transaction by which any number tells the time, one named as a time does, and
one that may be counted since 1970."""
COMPARED = 20_000
FEWEST_ROWS, FEWEST_VALUES = 50, 5
"""With fewer, numbers may grow by chance."""
SAME_TIME_US: Final = 86_400_000_000
"""Times that never differ by more from each other than a day does are written twice, not two to choose from."""
MONTHS = r"^\d{4}[-/]\d{1,2}$|^\d{1,2}/\d{4}$|^[A-Za-z]{3}[ -]\d{4}$"


def other_times(profiles: Mapping[str, Profile], sample: Sample, clock: Clock) -> dict[str, str]:
    """Column -> why it is a time of its own, for all columns but those of the clock."""
    times = _moments(sample, clock)
    left = [name for name in profiles if name not in clock.spec.sources]
    return {name: why for name in left if (why := _why(name, profiles[name], times))}


def choices(best: Clock, others: Iterable[Clock], sample: Sample) -> tuple[str, ...]:
    """What to ask where another column may be the time of the transaction as well as the one that was taken."""
    times = read_clock(sample, best)
    known = [clock for clock in others if clock.anchored and not set(clock.spec.sources) & set(best.spec.sources)]
    near = {name: None for clock in known if _is_near(times, read_clock(sample, clock)) for name in clock.spec.sources}
    if not near:
        return ()
    taken = " and ".join(best.spec.sources)
    return (f"which time is that of the transaction: {taken} was taken, not {' or '.join(near)}",)


def _moments(sample: Sample, clock: Clock) -> pl.Series | None:
    """The time of each sampled row; None where only the order of the rows is known."""
    if clock.is_order:
        return None
    try:
        return read_clock(sample, clock)
    except FraudError:
        return None


def _is_near(times: pl.Series, others: pl.Series) -> bool:
    both = pl.DataFrame({"time": times.to_physical(), "other": others.to_physical()}).drop_nulls()
    apart = both.select((pl.col("other") - pl.col("time")).alias("us")).select(pl.col("us").max() - pl.col("us").min())
    return int(apart.item() or 0) > SAME_TIME_US and _correlation(both["other"], both["time"]) >= EPOCH


def _why(name: str, profile: Profile, times: pl.Series | None) -> str | None:
    if profile.kind == "time":
        how = ""
    elif profile.kind == "text":
        how = _written(profile.texts.drop_nulls())
    elif profile.kind == "number" and profile.values > 1:
        how = _counted(name, profile, times)
        if not how and times is not None and _grows(name, profile, times):
            return GROWS
    else:
        return None
    if profile.kind != "time" and not how:
        return None
    return f"another time{how}: give it a role by hand if it is known at the time of the transaction"


def _written(texts: pl.Series) -> str:
    look = pl.concat([texts.head(LOOK), texts.tail(LOOK)])
    if look.str.contains(MONTHS).mean() >= READABLE:  # type: ignore[operator]
        return ", a month"
    patterns = fitting_formats(look)
    fits = bool(patterns) and Parser(patterns[0])(look).count() >= READABLE * len(look)
    return f", written as {patterns[0]}" if fits else ""


def _counted(name: str, profile: Profile, times: pl.Series | None) -> str:
    """How a number writes a date, or counts since 1970."""
    if profile.whole_numbers and profile.texts.drop_nulls().str.contains(COMPACT).all():
        return ", written as %Y%m%d"
    named = hints(name, TIMES | NOT_THE_EVENT)
    if named and profile.whole_numbers and profile.texts.drop_nulls().str.contains(COMPACT_MONTH).all():
        return ", a month"
    numbers = profile.numbers.drop_nulls()
    low, high = float(numbers.min() or 0), float(numbers.max() or 0)  # type: ignore[arg-type]
    for unit, factor in EPOCHS.items():
        if low >= EPOCH_SECONDS[0] * factor and high <= EPOCH_SECONDS[1] * factor:
            near = named or (times is not None and _correlation(profile.numbers, times.to_physical()) >= EPOCH)
            return f", in {unit} since 1970" if near else ""
    return ""


def _grows(name: str, profile: Profile, times: pl.Series) -> bool:
    """Whether a number is absolute time: it rises or falls with it, whatever its unit."""
    if profile.whole_numbers and profile.values == len(profile.texts) and _counts_rows(profile):
        return False
    rows = pl.DataFrame({"time": times.to_physical(), "number": profile.numbers}).drop_nulls()
    rows = rows.gather_every(max(1, len(rows) // COMPARED))
    if len(rows) < FEWEST_ROWS or rows["number"].n_unique() < FEWEST_VALUES:
        return False
    enough = NAMED if hints(name, TIMES | NOT_THE_EVENT) else GROWN
    return _correlation(rows["number"], rows["time"]) >= enough or any(
        bool(rows.select(time="time", number=sign * pl.col("number")).sort("time", "number")["number"].is_sorted())
        for sign in (1, -1)
    )


def _counts_rows(profile: Profile) -> bool:
    """Whether it only counts the rows, which the roles say of it."""
    return bool((profile.numbers.diff().drop_nulls() == 1).mean() > 0.9)  # type: ignore[operator]


def _correlation(one: pl.Series, other: pl.Series) -> float:
    """Of the ranks, whichever way; 0 where one of them never changes."""
    both = pl.DataFrame({"one": one, "other": other}).drop_nulls()
    both = both.gather_every(max(1, len(both) // COMPARED))
    found = both.select(pl.corr("one", "other", method="spearman").fill_nan(0.0)).item() if len(both) > 1 else 0.0
    return abs(float(found or 0.0))
