"""How one column is encoded, and how the encoding is fitted on training rows.

Unlike trees, networks fail on values far outside the training range and on categories rare in training. So columns with
long tails are put on a logarithmic scale, encoded values stay within +-5, and rare and unseen categories share code 0.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

CLIP = 5.0
"""Encoded numeric values stay within +-CLIP."""
TAIL = 0.001
"""Share of the training rows on either side that may be clipped."""
LONG_TAIL = 10.0
"""A column is put on a logarithmic scale when that share begins beyond this many robust deviations."""
RARE = 20
"""A category with fewer training rows than this gets code 0, as unseen ones do."""
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
    """Whether a 0/1 column marks missing values."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the encoded columns."""
        return (self.name, f"{self.name}_missing") if self.missing else (self.name,)

    def expressions(self) -> list[pl.Expr]:
        """The encoded column and, where wanted, its missing indicator; Float32."""
        value = pl.col(self.name).cast(pl.Float32).fill_nan(None)
        scaled = _signed_log(value) if self.log else value
        # NOTE: times the reciprocal, because polars divides a single row by a constant differently from many.
        encoded = ((scaled - self.mean) * (1 / self.deviation)).clip(-CLIP, CLIP).fill_null(0)
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


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What was fitted for numeric columns."""

    scales: tuple[NumericScale, ...]
    typical: dict[str, float | None]
    """Each column's median; None where most rows have no value."""


def fit_scales(columns: Iterable[pl.Series]) -> Fitted:
    """Scales of the columns that vary in these rows; the others are left out.

    One missing indicator serves all columns that are missing in the same rows.

    Args:
        columns: of the training rows, each in one chunk; read one after the other.
    """
    scales: list[NumericScale] = []
    typical: dict[str, float | None] = {}
    patterns: set[tuple[int, int]] = set()
    for values in columns:
        if values.min() == values.max():
            continue
        pattern = _missing(values)
        scale = _fit_scale(values, missing=pattern[0] > 0 and pattern not in patterns)
        patterns.add(pattern)
        if scale is not None:
            scales.append(scale)
            typical[scale.name] = _median(values)
    return Fitted(scales=tuple(scales), typical=typical)


def fit_vocabulary(values: pl.Series) -> Vocabulary:
    """The categories with at least ``RARE`` rows, in alphabetical order."""
    counts = values.drop_nulls().value_counts(name="rows").filter(pl.col("rows") >= RARE)
    return Vocabulary(name=values.name, categories=tuple(counts[values.name].sort().to_list()))


def most_frequent(values: pl.Series) -> str | None:
    """The most frequent category over evenly spaced rows; None where most of them have none."""
    counts = _sample(values).value_counts(name="rows").sort("rows", values.name, descending=[True, False])
    found: str | None = counts[values.name][0]
    return found


def is_long_tailed(quantiles: Sequence[float]) -> bool:
    """Whether the outermost values lie far outside, measured by the middle half.

    Args:
        quantiles: at TAIL, 1/4, 1/2, 3/4 and 1 - TAIL.
    """
    low, first, middle, third, high = quantiles
    # where the middle half is one value, as of counts that are mostly 0, the unit is 1
    width = (third - first) / 1.35 or 1.0
    return max(high - middle, middle - low) / width > LONG_TAIL


def _fit_scale(values: pl.Series, *, missing: bool) -> NumericScale | None:
    """Mean and deviation of a column after its log and without its outermost values; None where it is then constant.

    The deviation is large enough that all but those values stay inside the clip: otherwise the few values of a rate
    that is zero nearly everywhere would all be clipped.
    """
    quantiles = _quantiles(_sample(values))
    low, high, log = quantiles[0], quantiles[-1], is_long_tailed(quantiles)
    inside = _finite(values.name).clip(low, high) if low < high else _finite(values.name)
    scaled = _signed_log(inside) if log else inside
    mean, width = values.to_frame().select(scaled.mean().alias("mean"), scaled.std().alias("std")).row(0)
    if not width:
        return None
    ends = [math.copysign(math.log1p(abs(end)), end) if log else end for end in (low, high)]
    deviation = max(width, *(abs(end - mean) / CLIP for end in ends))
    return NumericScale(name=values.name, log=log, mean=mean, deviation=deviation, missing=missing)


def _missing(values: pl.Series) -> tuple[int, int]:
    """Number of rows without a value, and the sum of their positions: equal for columns missing together."""
    gap = _finite(values.name).is_null()
    count, positions = values.to_frame().select(gap.sum().alias("rows"), _positions(gap)).row(0)
    return count, positions


def _positions(mask: pl.Expr) -> pl.Expr:
    return pl.int_range(pl.len()).filter(mask).sum().alias("positions")


def _sample(values: pl.Series) -> pl.Series:
    return values.gather_every(max(1, len(values) // SAMPLE_ROWS))


def _median(values: pl.Series) -> float | None:
    ordered = _sample(values).to_frame().select(_finite(values.name).sort(nulls_last=True)).to_series()
    median: float | None = ordered[len(ordered) // 2]
    return median


def _quantiles(sample: pl.Series) -> list[float]:
    """Quantiles at TAIL, 1/4, 1/2, 3/4 and 1 - TAIL; all 0 where the sample has no value."""
    ordered = sample.to_frame().select(_finite(sample.name).drop_nulls().sort()).to_series()
    last = len(ordered) - 1
    shares = (TAIL, 0.25, 0.5, 0.75, 1 - TAIL)
    return [float(ordered[round(share * last)]) if last >= 0 else 0.0 for share in shares]


def _finite(name: str) -> pl.Expr:
    value = pl.col(name).cast(pl.Float64)
    return pl.when(value.is_finite()).then(value)


def _signed_log(value: pl.Expr) -> pl.Expr:
    return value.sign() * value.abs().log1p()
