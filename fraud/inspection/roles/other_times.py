"""Columns that hold a time besides that of the transaction: often a later one, and never a feature.

Whatever grows with time has values on every later day that no model was trained on. And the days between a transaction
and its last change separate frauds from the rest, although nobody knows them when the transaction is scored.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from fraud.data import TimeParser, fitting_time_formats
from fraud.errors import DumpError
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.clock import PROBED_CELLS, READABLE, Clock, read_clock
from fraud.inspection.roles.clock_numbers import COMPACT, COMPACT_MONTH, EPOCH_SECONDS, EPOCHS
from fraud.inspection.roles.names import NOT_THE_EVENT, TIMES, hints
from fraud.inspection.roles.profile import Profile
from fraud.inspection.roles.reasons import ColumnReason, Explanation

GROWING, GROWING_IF_NAMED, GROWING_IF_EPOCH = 0.999, 0.95, 0.9
"""Rank correlation with the time of the transaction from which on a number is a time: any number, one that is named as
a time, and one in the range of seconds since 1970."""
COMPARED_ROWS = 20_000
FEWEST_ROWS, FEWEST_VALUES = 50, 5
"""With fewer, numbers may grow by chance."""
SAME_TIME_US: Final = 86_400_000_000
"""Two columns whose difference varies by at most a day hold one time written twice, not two to choose from."""
MONTHS = r"^\d{4}[-/]\d{1,2}$|^\d{1,2}/\d{4}$|^[A-Za-z]{3}[ -]\d{4}$"


def other_times(profiles: Mapping[str, Profile], sample: Sample, clock: Clock) -> dict[str, Explanation]:
    """Column -> why it is a time of its own, for all columns but those of the clock."""
    times = _event_times(sample, clock)
    left = [name for name in profiles if name not in clock.spec.sources]
    return {name: why for name in left if (why := _why(name, profiles[name], times))}


def choices(best: Clock, others: Iterable[Clock], sample: Sample) -> tuple[str, ...]:
    """The question to ask where another column may hold the time of the transaction as well as the one taken."""
    times = read_clock(sample, best)
    known = [clock for clock in others if clock.anchored and not set(clock.spec.sources) & set(best.spec.sources)]
    near = {name: None for clock in known if _is_near(times, read_clock(sample, clock)) for name in clock.spec.sources}
    if not near:
        return ()
    taken = " and ".join(best.spec.sources)
    return (f"which column is the time of the transaction: {taken} was taken, not {' or '.join(near)}",)


def _event_times(sample: Sample, clock: Clock) -> pl.Series | None:
    """The time of each sampled row; None where there is none, or none that can be read."""
    if clock.is_order:
        return None
    try:
        return read_clock(sample, clock)
    except DumpError:  # the clock of a known data set was not tried before; the run names the cell that is at fault
        return None


def _is_near(times: pl.Series, others: pl.Series) -> bool:
    both = pl.DataFrame({"time": times.to_physical(), "other": others.to_physical()}).drop_nulls()
    apart = both.select((pl.col("other") - pl.col("time")).alias("us")).select(pl.col("us").max() - pl.col("us").min())
    return int(apart.item() or 0) > SAME_TIME_US and _correlation(both["other"], both["time"]) >= GROWING_IF_EPOCH


def _why(name: str, profile: Profile, times: pl.Series | None) -> Explanation | None:
    if profile.kind == "time":
        return Explanation(ColumnReason.OTHER_TIME)
    form = ""
    if profile.kind == "text":
        form = _form_of_text(profile.texts.drop_nulls())
    elif profile.kind == "number" and profile.values > 1:
        form = _form_of_number(name, profile, times)
        if not form and times is not None and _grows(name, profile, times):
            return Explanation(ColumnReason.GROWS_WITH_TIME)
    return Explanation(ColumnReason.OTHER_TIME, detail=form) if form else None


def _form_of_text(texts: pl.Series) -> str:
    """How texts write a time, as a clause that begins with a comma; empty where they are no times."""
    probed = pl.concat([texts.head(PROBED_CELLS), texts.tail(PROBED_CELLS)])
    if probed.str.contains(MONTHS).mean() >= READABLE:  # type: ignore[operator]
        return ", a month"
    patterns = fitting_time_formats(probed)
    fits = bool(patterns) and TimeParser(patterns[0])(probed).count() >= READABLE * len(probed)
    return f", written as {patterns[0]}" if fits else ""


def _form_of_number(name: str, profile: Profile, times: pl.Series | None) -> str:
    """How a number writes a date, or counts since 1970, as a clause; empty where it does neither."""
    if profile.whole_numbers and profile.texts.drop_nulls().str.contains(COMPACT).all():
        return ", written as %Y%m%d"
    named = hints(name, TIMES | NOT_THE_EVENT)
    if named and profile.whole_numbers and profile.texts.drop_nulls().str.contains(COMPACT_MONTH).all():
        return ", a month"
    numbers = profile.numbers.drop_nulls()
    low, high = float(numbers.min() or 0), float(numbers.max() or 0)  # type: ignore[arg-type]
    for unit, factor in EPOCHS.items():
        if low >= EPOCH_SECONDS[0] * factor and high <= EPOCH_SECONDS[1] * factor:
            grows = times is not None and _correlation(profile.numbers, times.to_physical()) >= GROWING_IF_EPOCH
            return f", in {unit} since 1970" if named or grows else ""
    return ""


def _grows(name: str, profile: Profile, times: pl.Series) -> bool:
    """Whether a number is absolute time: it rises or falls with it, whatever its unit."""
    if profile.counts_rows:
        return False
    rows = pl.DataFrame({"time": times.to_physical(), "number": profile.numbers}).drop_nulls()
    rows = rows.gather_every(max(1, len(rows) // COMPARED_ROWS))
    if len(rows) < FEWEST_ROWS or rows["number"].n_unique() < FEWEST_VALUES:
        return False
    enough = GROWING_IF_NAMED if hints(name, TIMES | NOT_THE_EVENT) else GROWING
    return _correlation(rows["number"], rows["time"]) >= enough or any(
        bool(rows.select(time="time", number=sign * pl.col("number")).sort("time", "number")["number"].is_sorted())
        for sign in (1, -1)
    )


def _correlation(one: pl.Series, other: pl.Series) -> float:
    """Spearman's rank correlation without its sign, 0 to 1; 0 where one of them never changes."""
    both = pl.DataFrame({"one": one, "other": other}).drop_nulls()
    both = both.gather_every(max(1, len(both) // COMPARED_ROWS))
    found = both.select(pl.corr("one", "other", method="spearman").fill_nan(0.0)).item() if len(both) > 1 else 0.0
    return abs(float(found or 0.0))
