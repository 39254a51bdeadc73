"""The formats in which a column of text may write its times, and which of them it uses."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import polars as pl
from polars.exceptions import PolarsError

from fraud.data.contract import EARLIEST, LATEST
from fraud.errors import ConfigError, DumpError

DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y"),
    *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d%b%Y", "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y"),
)
CLOCKS = ("", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H%M%S")
ZONES = ("", "%#z", " %#z", " UTC")
FORMATS = tuple(
    f"{date}{gap if clock else ''}{clock}{zone if clock else ''}"
    for date, clock, gap, zone in product(DATES, CLOCKS, (" ", "T", ""), ZONES)
    if (clock or (gap == " " and not zone)) and (gap or date == "%Y%m%d")
)


YEAR_FIRST = tuple(pattern for pattern in FORMATS if pattern.startswith("%Y"))
ZONED = ("%z", "%#z", "%:z", "%+")
QUICK_SAMPLE = 20
"""Values that rule out most formats."""


@dataclass(frozen=True)
class TimeParser:
    """Text -> times of one format; null where it does not fit. Fractions of seconds may be there or not."""

    pattern: str

    @property
    def dtype(self) -> pl.Datetime:
        """In UTC where the format has a zone, naive else."""
        zoned = any(zone in self.pattern for zone in ZONED) or self.pattern.endswith(" UTC")
        return pl.Datetime("us", "UTC" if zoned else None)

    @property
    def span(self) -> str | None:
        """How long a time one value names, as polars writes durations: a whole day or month; None: a moment."""
        if re.search("%[-_]?[HIklTRrXcsp+]", self.pattern):
            return None
        return "1d" if _names_day(self.pattern) else "1mo"

    def __call__(self, column: pl.Series) -> pl.Series:
        """Times of type ``dtype``, one for each text."""
        times = self._parse(column, self.pattern)
        if times.null_count() > column.null_count() and "%S" in self.pattern and "%.f" not in self.pattern:
            with_fraction = self._parse(column, self.pattern.replace("%S", "%S%.f"))
            times = times.zip_with(times.is_not_null(), with_fraction)
        return times

    def _parse(self, column: pl.Series, pattern: str) -> pl.Series:
        if "%Y" in pattern and not _names_day(pattern):  # a month: its first day
            gap = "" if pattern == "%Y%m" else " "
            column, pattern = column + f"{gap}01", f"{pattern}{gap}%d"
        # A cache pays for dates, which come again and again, and costs for seconds.
        times = column.str.to_datetime(pattern, time_unit="us", strict=False, cache="%S" not in pattern)
        if times.dtype == self.dtype:
            return times
        return times.dt.replace_time_zone(self.dtype.time_zone)


def _names_day(pattern: str) -> bool:
    return re.search("%[-_]?[dejsFDxcv+]", pattern) is not None


def check_format(pattern: str, role: str) -> None:
    """Try the format.

    Raises:
        ConfigError: polars cannot use it.
    """
    try:
        TimeParser(pattern)(pl.Series(["2018-04-01 00:00:00"]))
    except PolarsError as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f"[columns] {role}: format '{pattern}' cannot be used ({reason}); write it as strptime does"
        ) from error


def infer_format(sample: pl.Series, *, whole: Callable[[], pl.LazyFrame], where: str, first_row: int) -> str:
    """The one format that fits the sample best; where day and month could be swapped, the whole column decides.

    Args:
        sample: non-empty texts, as they come in the dump.
        whole: the column ``text`` of the dump, called only if the sample leaves a choice.
        where: dump and role, for messages.
        first_row: number of the row from which the first text of the sample is.

    Raises:
        DumpError: no format fits, or several fit to the last row and differ.
    """
    if sample.is_empty():
        return FORMATS[0]
    letters = _letters(sample.head(QUICK_SAMPLE))
    for pattern in YEAR_FIRST:  # leaves no choice between day and month, so that the first that fits will do
        if _could_fit(pattern, letters) and _plausible(sample, pattern).null_count() == 0:
            return pattern
    best = fitting_time_formats(sample)
    if not best:
        raise DumpError(
            f"{where}: row {first_row}: '{sample[0]}' cannot be read as a time; set how it is written, "
            "as format = '%d/%m/%Y %H:%M:%S'"
        )
    return best[0] if len(best) == 1 else _decide(best, whole(), sample=sample, where=where)


def fitting_time_formats(sample: pl.Series) -> list[str]:
    """The formats that fit the most of these texts and read them differently; none where they are no times."""
    first = sample.head(QUICK_SAMPLE)
    letters = _letters(first)
    counts = {pattern: _plausible(first, pattern).count() for pattern in FORMATS if _could_fit(pattern, letters)}
    # NOTE: formats that read the first few texts alike may still differ further down: 01/01 before 01/02.
    return _best(sample, [pattern for pattern, count in counts.items() if count == max(counts.values()) > 0])


def _best(sample: pl.Series, patterns: Sequence[str]) -> list[str]:
    """The patterns that fit the most texts, those left out that read the same as an earlier one.

    Where texts differ in format, those that fit the first text come first.
    """
    parsed: dict[str, pl.Series] = {pattern: _plausible(sample, pattern) for pattern in patterns}
    most = max((times.count() for times in parsed.values()), default=0)
    best: list[str] = []
    for pattern, times in parsed.items():
        if 0 < most == times.count() and not any(times.equals(parsed[other]) for other in best):
            best.append(pattern)
    return sorted(best, key=lambda pattern: parsed[pattern][0] is None)


def _letters(texts: pl.Series) -> list[set[str]]:
    """The different letters of each text: found once, as texts may be long and formats are many."""
    return [set(text) for text in texts]


def _could_fit(pattern: str, letters: Sequence[set[str]]) -> bool:
    """Whether some text has the separators of the pattern and no others: cheap, and leaves few to be tried."""
    separators = set(re.sub("%[.#:]?[A-Za-z]", "", pattern))
    allowed = separators | ({":"} if "z" in pattern else set())
    return any(separators <= found and found & set("/,:") <= allowed for found in letters)


def _plausible(sample: pl.Series, pattern: str) -> pl.Series:
    times = TimeParser(pattern)(sample)
    if times.null_count() == len(times):
        return times
    utc = times.dt.replace_time_zone("UTC") if times.dtype.time_zone is None else times  # type: ignore[attr-defined]
    return utc.to_frame("time").select(pl.when(pl.col("time").is_between(EARLIEST, LATEST)).then("time")).to_series()


def _decide(patterns: Sequence[str], whole: pl.LazyFrame, *, sample: pl.Series, where: str) -> str:
    text = pl.col("text")
    parsers = {pattern: TimeParser(pattern) for pattern in patterns}
    misfits = [
        (text.is_not_null() & text.map_batches(parse, return_dtype=parse.dtype, is_elementwise=True).is_null())
        .sum()
        .alias(pattern)
        for pattern, parse in parsers.items()
    ]
    counts = whole.select(misfits).collect(engine="streaming").row(0, named=True)
    fewest = [pattern for pattern in patterns if counts[pattern] == min(counts.values())]
    if len(fewest) > 1 and counts[fewest[0]] == 0:
        raise DumpError(
            f"{where}: '{sample[0]}' may be read as {' or as '.join(fewest)}, and so may every row; "
            f"set which it is, as format = '{fewest[0]}'"
        )
    return fewest[0]
