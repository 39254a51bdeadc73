"""Values of one column that hardly a genuine row has: set by whoever knew the outcome, even if not for every fraud.

``status = BLOCKED`` in 70 % of the frauds and nowhere else has a ROC AUC of 0.85 only, and still makes every report a
fiction. Ordinary strong features have no such value: their ranges overlap, so ranges of numbers are not looked at.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.text import one_line

FEWEST_FRAUDS = 10
"""Frauds that must have the value."""
SHARE = 0.2
"""Share of all frauds that must have it: one card or shop that only had frauds is no giveaway."""
PURE, SURELY_PURE = 0.95, 0.75
"""Share of fraud among the rows with the value: as found, and the lower bound of its 90 % interval."""
LIFT = 30.0
"""Odds of fraud with the value over those of all rows, by that lower bound: many frauds alone make nothing pure."""
FEW_VALUES = 50
"""Columns of at most so many values are looked at value by value; with more they may be cards or shops."""
FEWEST_OF_A_VALUE = 5
USUAL = 0.5
"""Share of the rows whose value is the usual one, so that anything else is out of the ordinary."""
MOST_NAMED = 3
LOOK = 20_000
"""Rows by which values are counted; what they suggest is judged on all."""
FILLED = "is filled"
_Z = 1.6449

Labels = NDArray[np.int8]


@dataclass(frozen=True, kw_only=True)
class Pure:
    """Values that hardly a genuine row has."""

    what: str
    """As it stands after the column's name: ``= BLOCKED``."""
    frauds: int
    """Rows with it that are fraud."""
    genuine: int
    share: float
    """Of all frauds."""
    purity: float
    """Share of fraud among all rows with it."""
    counted: bool
    """Whether all rows were looked at, so that the counts are those of the data."""

    def sentence(self, column: str) -> str:
        """What was found, with its figures."""
        rows = self.frauds + self.genuine
        many = f"{self.frauds:,} of {rows:,}" if self.counted else f"about {100 * self.purity:.3g} % of the"
        return f"{many} rows where {column} {self.what} are fraud, {100 * self.share:.0f} % of all frauds"


def find_pure(column: pl.Series, y: Labels, *, prevalence: float | None = None, each: bool = True) -> Pure | None:
    """Values of a column, or its not having the usual one, that are nearly only found in frauds; None for none.

    Args:
        column: texts or numbers (N,), null where empty; empty cells count as a value.
        y: labels (N,).
        prevalence: of fraud among all rows, where frauds and genuine rows are samples of different rates.
        each: whether values are looked at one by one; False for cards and shops.
    """
    frauds = int(y.sum())
    if frauds < FEWEST_FRAUDS or frauds == len(y):
        return None
    cells = column.fill_nan(None) if column.dtype.is_float() else column
    is_fraud = pl.Series(y == 1)
    base = frauds / len(y) if prevalence is None else prevalence
    look = cells.gather_every(-(-len(cells) // LOOK))
    found = [_values(cells, is_fraud, look)] if each else []
    found.append(_other_than_usual(cells, is_fraud, look))
    judged = [_judged(*one, y=y, base=base, counted=prevalence is None) for one in found if one]
    return max((one for one in judged if one), key=lambda one: one.share, default=None)


def _values(cells: pl.Series, is_fraud: pl.Series, look: pl.Series) -> tuple[str, int, int] | None:
    """Values that are pure one by one, taken together; of many values the empty one and zero alone."""
    among = cells.filter(is_fraud).value_counts(name="frauds").rename({cells.name: "value"})
    if max(look.n_unique(), len(among)) > FEW_VALUES:
        zero = pl.col("value") == 0 if cells.dtype.is_numeric() else pl.lit(value=False)
        among = among.filter(pl.col("value").is_null() | zero)
    among = among.filter(pl.col("frauds") >= FEWEST_OF_A_VALUE)
    genuine = cells.filter(~is_fraud)
    has = genuine.filter(genuine.is_in(among["value"].implode(), nulls_equal=True))
    beside = has.value_counts(name="genuine").rename({cells.name: "value"})
    pure = (
        among.join(beside, on="value", how="left", nulls_equal=True)
        .with_columns(pl.col("genuine").fill_null(0).cast(pl.Int64), pl.col("frauds").cast(pl.Int64))
        .filter(pl.col("frauds") >= PURE * (pl.col("frauds") + pl.col("genuine")))
        .sort("frauds", "value", descending=True)
    )
    if pure.is_empty():
        return None
    return _named(pure["value"]), int(pure["frauds"].sum()), int(pure["genuine"].sum())


def _named(values: pl.Series) -> str:
    shown = ["empty" if value is None else one_line(f"{value}")[:40] for value in values.head(MOST_NAMED)]
    more = f" or {len(values) - MOST_NAMED} more" if len(values) > MOST_NAMED else ""
    return ("is empty" if shown == ["empty"] else f"= {' or '.join(shown)}") + more


def _other_than_usual(cells: pl.Series, is_fraud: pl.Series, look: pl.Series) -> tuple[str, int, int] | None:
    top = look.value_counts(name="rows", sort=True).row(0)
    usual, rows = top
    if rows < USUAL * len(look):
        return None
    other = cells.is_not_null() if usual is None else cells.ne_missing(pl.Series([usual], dtype=cells.dtype))
    what = FILLED if usual is None else f"is other than {one_line(f'{usual}')[:40]}"
    return what, int((other & is_fraud).sum()), int((other & ~is_fraud).sum())


def _judged(what: str, having: int, beside: int, *, y: Labels, base: float, counted: bool) -> Pure | None:
    frauds, genuine = int(y.sum()), len(y) - int(y.sum())
    share = having / frauds
    if having < FEWEST_FRAUDS or share < SHARE or not 0 < base < 1:
        return None
    purity = _purity(share, beside / genuine, base)
    surely = _purity(share, wilson_upper(beside, genuine), base)
    lift = surely / (1 - surely) / (base / (1 - base))
    if purity < PURE or surely < SURELY_PURE or lift < LIFT:
        return None
    return Pure(what=what, frauds=having, genuine=beside, share=share, purity=purity, counted=counted)


def _purity(share: float, rate: float, base: float) -> float:
    """Share of fraud among rows with a value that so many of the frauds and of the genuine rows have."""
    return base * share / (base * share + (1 - base) * rate)


def wilson_upper(count: int, total: int) -> float:
    """Upper end of Wilson's 90 % interval of a share.

    >>> round(wilson_upper(0, 100), 3), round(wilson_upper(50, 100), 3)
    (0.026, 0.581)
    """
    share, z2 = count / total, _Z**2
    centre, spread = share + z2 / (2 * total), _Z * (share * (1 - share) / total + z2 / (4 * total**2)) ** 0.5
    return float((centre + spread) / (1 + z2 / total))
