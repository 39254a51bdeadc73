"""How one column is encoded, and how that is learned from training rows.

A network breaks where a tree does not: on values far outside what it was trained on, and on categories it hardly saw.
So columns with long tails go on a logarithmic scale, encoded values stay within +-5, and rare and unseen categories
share code 0.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

CLIP = 5.0
"""Encoded numeric values stay within +-CLIP."""
TAIL = 0.001
"""Share of the training rows on either side that may lie beyond the clip."""
LONG_TAIL = 10.0
"""A column goes on a logarithmic scale when that share begins further out than this many robust deviations."""
RARE = 20
"""A category seen less often than this in training gets code 0, as unseen ones do."""
SAMPLE_ROWS = 100_000
"""Quantiles come from at most about this many training rows, evenly spaced in time."""


@dataclass(frozen=True, kw_only=True)
class NumericScale:
    """How one numeric column is encoded: (f(x) - mean) / deviation, clipped, null -> 0."""

    name: str
    log: bool
    """f is sign(x) * log(1 + |x|), else the identity."""
    mean: float
    deviation: float
    missing: bool
    """Whether a 0/1 column says where the value is missing."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return (self.name, f"{self.name}_missing") if self.missing else (self.name,)

    def expressions(self) -> list[pl.Expr]:
        """The encoded column and, where wanted, its missing indicator; Float32."""
        value = pl.col(self.name).cast(pl.Float32).fill_nan(None)
        shown = _signed_log(value) if self.log else value
        # NOTE: times the reciprocal, because polars divides one row by a constant otherwise than many.
        encoded = ((shown - self.mean) * (1 / self.deviation)).clip(-CLIP, CLIP).fill_null(0)
        columns = (encoded, value.is_null())
        return [column.cast(pl.Float32).alias(name) for column, name in zip(columns, self.names, strict=False)]


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Codes of one categorical column: the frequent categories of the training rows, from 1 on."""

    name: str
    categories: tuple[str, ...]

    def expression(self) -> pl.Expr:
        """The code as Float32; 0 for rare, unseen and null."""
        codes = {category: float(code) for code, category in enumerate(self.categories, start=1)}
        if not codes:
            return pl.lit(0.0, pl.Float32).alias(self.name)
        return pl.col(self.name).replace_strict(codes, default=0.0, return_dtype=pl.Float32).alias(self.name)


def fit_scales(frame: pl.DataFrame, names: Sequence[str]) -> tuple[NumericScale, ...]:
    """Scales of the columns that vary in these rows; the others are left out.

    One missing indicator serves all columns that are missing in the same rows.
    """
    sample = frame.gather_every(max(1, len(frame) // SAMPLE_ROWS))
    quantiles = {name: _quantiles(sample, name) for name in names if frame[name].min() != frame[name].max()}
    logs = {name: is_long_tailed(found) for name, found in quantiles.items()}
    places = _places(frame, quantiles, logs)
    flagged = _first_of_each_pattern(frame, list(quantiles))
    return tuple(
        NumericScale(name=name, log=logs[name], mean=mean, deviation=deviation, missing=name in flagged)
        for name, (mean, deviation) in places.items()
    )


def fit_vocabulary(values: pl.Series) -> Vocabulary:
    """The categories seen at least ``RARE`` times, in alphabetical order."""
    counts = values.drop_nulls().value_counts(name="rows").filter(pl.col("rows") >= RARE)
    return Vocabulary(name=values.name, categories=tuple(counts[values.name].sort().to_list()))


def find_typical(
    frame: pl.DataFrame, *, numeric: Sequence[str], categorical: Sequence[str]
) -> dict[str, float | str | None]:
    """Each column's median or most frequent category over evenly spaced rows; null where most of them have none."""
    sample = frame.gather_every(max(1, len(frame) // SAMPLE_ROWS))
    found: dict[str, float | str | None] = {}
    for name in numeric:
        ordered = sample.select(_finite(name).sort(nulls_last=True)).to_series()
        found[name] = ordered[len(ordered) // 2]
    for name in categorical:
        found[name] = sample[name].value_counts(name="rows").sort("rows", name, descending=[True, False])[name][0]
    return found


def is_long_tailed(quantiles: Sequence[float]) -> bool:
    """Whether the outermost values lie far outside, measured by the middle half.

    Args:
        quantiles: at TAIL, 1/4, 1/2, 3/4 and 1 - TAIL.
    """
    low, first, middle, third, high = quantiles
    # Where the middle half is one value, as of counts that are mostly 0, steps of 1 are the measure.
    width = (third - first) / 1.35 or 1.0
    return max(high - middle, middle - low) / width > LONG_TAIL


def _places(
    frame: pl.DataFrame, quantiles: Mapping[str, Sequence[float]], logs: Mapping[str, bool]
) -> dict[str, tuple[float, float]]:
    """Mean and deviation of each column as it is shown, the outermost values pulled in.

    The deviation is large enough that all but those stay inside the clip: a rate that is zero nearly everywhere would
    else be cut off where it begins to speak.
    """
    inside = []
    for name, (low, *_, high) in quantiles.items():
        value = _finite(name).clip(low, high) if low < high else _finite(name)
        inside.append(_signed_log(value) if logs[name] else value)
    moments = [moment for name, value in zip(quantiles, inside, strict=True) for moment in _moments(name, value)]
    found = frame.select(moments).row(0, named=True)
    places = {}
    for name, (low, *_, high) in quantiles.items():
        mean, width = found[f"mean {name}"], found[f"std {name}"]
        ends = [math.copysign(math.log1p(abs(end)), end) if logs[name] else end for end in (low, high)]
        if width:
            places[name] = (mean, max(width, *(abs(end - mean) / CLIP for end in ends)))
    return places


def _moments(name: str, value: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    return value.mean().alias(f"mean {name}"), value.std().alias(f"std {name}")


def _first_of_each_pattern(frame: pl.DataFrame, names: Sequence[str]) -> set[str]:
    """Columns with nulls, one for each set of rows in which values are missing."""
    position = pl.int_range(pl.len())
    null = {name: _finite(name).is_null() for name in names}
    counts = frame.select(mask.sum().alias(name) for name, mask in null.items()).row(0) if names else ()
    places = (
        frame.select(position.filter(mask).sum().alias(name) for name, mask in null.items()).row(0) if names else ()
    )
    first: dict[tuple[int, int], str] = {}
    for name, count, place in zip(names, counts, places, strict=True):
        if count:
            first.setdefault((count, place), name)
    return set(first.values())


def _quantiles(sample: pl.DataFrame, name: str) -> list[float]:
    """Quantiles at TAIL, 1/4, 1/2, 3/4 and 1 - TAIL; all 0 where the sample has no value."""
    ordered = sample.select(_finite(name).drop_nulls().sort()).to_series()
    last = len(ordered) - 1
    shares = (TAIL, 0.25, 0.5, 0.75, 1 - TAIL)
    return [float(ordered[round(share * last)]) if last >= 0 else 0.0 for share in shares]


def _finite(name: str) -> pl.Expr:
    value = pl.col(name).cast(pl.Float64)
    return pl.when(value.is_finite()).then(value)


def _signed_log(value: pl.Expr) -> pl.Expr:
    return value.sign() * value.abs().log1p()
