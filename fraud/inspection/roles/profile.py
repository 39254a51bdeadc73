"""The profile of a column of the sample: its cells as text and as numbers, and its kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from fraud.data import as_number, as_text, parse_numbers
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.names import AMOUNTS, hints

Kind = Literal["empty", "number", "text", "time", "nested"]
NUMERIC_SHARE = 0.99
"""Share of numbers from which on a column is numeric; rows with the other cells go to the quarantine."""
COUNTING_STEPS = 0.9
"""Share of steps by exactly one above which whole numbers only count the rows."""
EMPTY_WORDS = {"na", "n/a", "null", "none", "-", "--", "?", "missing", "\\n", "#n/a", "(null)", "nil", "undefined", "."}


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The sampled cells of one column."""

    name: str
    dtype: pl.DataType
    texts: pl.Series
    """Cells as text, null where empty, in the order of the sample."""
    numbers: pl.Series
    """Cells as numbers, null where there is none."""

    @cached_property
    def kind(self) -> Kind:
        """Numbers, times as such, or text."""
        if _is_nested(self.dtype):
            return "nested"
        if self.filled == 0:
            return "empty"
        if self.dtype in (pl.Datetime, pl.Date):
            return "time"
        return "number" if self.numeric_share >= NUMERIC_SHARE else "text"

    @cached_property
    def filled(self) -> int:
        """Cells that are not empty."""
        return len(self.texts) - self.texts.null_count()

    @cached_property
    def numeric_share(self) -> float:
        """Share of the filled cells that are numbers."""
        numbers = len(self.numbers) - self.numbers.null_count()
        if numbers in {0, self.filled}:
            return float(numbers > 0)
        nans = int((self.texts.str.to_lowercase() == "nan").sum())
        return numbers / max(self.filled - nans, 1)

    @cached_property
    def values(self) -> int:
        """Different values in the sample."""
        return self.texts.drop_nulls().n_unique()

    @property
    def is_constant(self) -> bool:
        """Whether all cells are filled, and with the same."""
        return self.values == 1 and self.filled == len(self.texts)

    @cached_property
    def whole_numbers(self) -> bool:
        """Whether all numbers are whole."""
        found = self.numbers.drop_nulls()
        return len(found) > 0 and bool((found == found.round()).all())

    @cached_property
    def counts_rows(self) -> bool:
        """Whether the column only counts the rows: whole numbers, each once, that go up by one from row to row.

        Nine steps in ten are enough: a sample takes blocks from all over a dump, and rows may have been removed from
        an export. No time passes as such a count, since two transactions then never share a value.
        """
        if self.kind != "number" or not self.whole_numbers or self.values != len(self.texts) or len(self.texts) < 3:
            return False
        steps = self.numbers.diff().drop_nulls()
        return len(steps) > 0 and bool((steps == 1).mean() > COUNTING_STEPS)  # type: ignore[operator]

    @cached_property
    def misfits(self) -> list[str]:
        """The most frequent texts that are no numbers."""
        odd = self.texts.filter(self.numbers.is_null() & self.texts.is_not_null())
        return odd.value_counts(sort=True)[:, 0].head(5).to_list()


def profiles_of(sample: Sample) -> dict[str, Profile]:
    """A profile for each column."""
    source, rows = sample.sampled, len(sample.frame)
    dtypes = source.dtypes
    flat = [name for name, dtype in dtypes.items() if not _is_nested(dtype)]
    counted = [name for name in flat if not dtypes[name].is_temporal()]
    texts = source.frame.select(as_text(source, name).alias(name) for name in flat).collect()
    values = {name: as_number(source, name, nan_is_missing=True) for name in counted}
    finite = (pl.when(value.is_finite()).then(value).alias(name) for name, value in values.items())
    numbers = source.frame.select(finite).collect()
    nothing = pl.Series("nothing", [None] * rows, dtype=pl.Float64)
    return {
        name: Profile(
            name=name,
            dtype=dtype,
            texts=texts[name] if name in flat else nothing.cast(pl.String),
            numbers=numbers[name] if name in values else nothing,
        )
        for name, dtype in dtypes.items()
    }


def _is_nested(dtype: pl.DataType) -> bool:
    return dtype.is_nested() or dtype in (pl.Binary, pl.Object)


def find_decimal(profiles: Mapping[str, Profile], *, separator: str) -> tuple[Literal[".", ","] | None, list[str]]:
    """The decimal mark, None where all numbers are plain, and what was guessed about it."""
    votes: dict[Literal[".", ","], list[str]] = {".": [], ",": []}
    either: list[str] = []
    unmarked = False
    for name, profile in profiles.items():
        if profile.kind != "text" or profile.numeric_share > 0.9:
            continue
        written = profile.texts.drop_nulls().head(20_000)
        fits = [mark for mark in votes if _readable(written, mark) >= NUMERIC_SHARE]
        if len(fits) == 1:
            votes[fits[0]].append(name)
        elif fits and written.str.contains("[.,]").any():
            either.append(name)
        elif fits:
            unmarked = unmarked or _is_money(name, written)
    return _majority(votes, either, profiles, usual="," if separator == ";" else ".", unmarked=unmarked)


def _is_money(name: str, written: pl.Series) -> bool:
    """Whether texts with whole numbers are surely amounts: ``EUR 4`` may be the name of a region."""
    return hints(name, AMOUNTS) or not written.str.contains(r"\p{L}").any()


def _majority(
    votes: Mapping[Literal[".", ","], list[str]],
    either: list[str],
    profiles: Mapping[str, Profile],
    *,
    usual: Literal[".", ","],
    unmarked: bool,
) -> tuple[Literal[".", ","] | None, list[str]]:
    if votes["."] or votes[","]:
        mark = max(votes, key=lambda one: (any(hints(name, AMOUNTS) for name in votes[one]), len(votes[one])))
        other = votes["," if mark == "." else "."]
        differ = f"numbers with both decimal marks: {', '.join(other)} differ from the rest; convert them"
        return mark, [differ] if other else []
    if either:
        return usual, [f"whether {either[0]} = {profiles[either[0]].texts.drop_nulls()[0]} has a decimal '{usual}'"]
    return usual if unmarked else None, []


def _readable(written: pl.Series, mark: str) -> float:
    return float(parse_numbers(written, mark).is_finite().mean() or 0.0) if len(written) else 0.0  # type: ignore[arg-type]


def find_empty_words(profiles: Mapping[str, Profile]) -> list[str]:
    """Words for empty cells in columns that are otherwise numbers."""
    found: dict[str, None] = {}
    for profile in profiles.values():
        if profile.kind == "text" and profile.numeric_share >= 0.5:
            found |= dict.fromkeys(word for word in profile.misfits if word.lower() in EMPTY_WORDS)
    return list(found)
