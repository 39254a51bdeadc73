"""Values of one column that hardly a genuine row has: written by someone who knew the outcome of some frauds.

``status = BLOCKED`` in 70 % of the frauds and nowhere else has a ROC AUC of only 0.85, and still makes every figure of
a report wrong. Ordinary strong features have no such value: their ranges overlap, so ranges are not examined.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.text import one_line

FEWEST_FRAUDS = 10
"""Frauds that must have the value."""
SHARE = 0.2
"""Share of all frauds that must have it: one card or shop that only had frauds is no leak."""
PURITY, PURITY_BOUND = 0.95, 0.75
"""Share of fraud among the rows with the value: as observed, and the lower bound of its 90 % interval."""
ODDS_RATIO = 30.0
"""Odds of fraud with the value over the odds among all rows, by that lower bound: a high prevalence is not purity."""
FEW_VALUES = 50
"""Columns of at most this many values are examined value by value; with more they may be cards or shops."""
FEWEST_OF_A_VALUE = 5
"""Frauds that each single value must have."""
USUAL_SHARE = 0.5
"""Share of the rows from which on the most frequent value is the usual one, and all others are exceptions."""
MOST_NAMED = 3
"""Values that a sentence names at most."""
PROBED_ROWS = 20_000
"""Rows by which candidates are found; they are judged on all rows."""
FILLED = "is filled"
_Z = 1.6449

Labels = NDArray[np.int8]


@dataclass(frozen=True, kw_only=True)
class Pure:
    """Values that hardly a genuine row has."""

    what: str
    """The condition, to follow the name of the column: ``= BLOCKED``."""
    frauds: int
    """Frauds with it."""
    genuine: int
    """Genuine rows with it."""
    share: float
    """Share of all frauds that have it."""
    purity: float
    """Share of fraud among all rows with it."""
    counted: bool
    """Whether the counts are those of all rows, and not of a sample."""

    def sentence(self, column: str) -> str:
        """What was found, with its figures."""
        rows = self.frauds + self.genuine
        many = f"{self.frauds:,} of {rows:,}" if self.counted else f"about {100 * self.purity:.3g} % of the"
        return f"{many} rows where {column} {self.what} are fraud, {100 * self.share:.0f} % of all frauds"


def find_pure(column: pl.Series, y: Labels, *, prevalence: float | None = None, each: bool = True) -> Pure | None:
    """Values of a column, or all but its usual one, that hardly a genuine row has; None where there are none.

    Args:
        column: texts or numbers (N,), null where empty; empty cells count as a value.
        y: labels (N,).
        prevalence: share of fraud among all rows, where frauds and genuine rows were sampled at different rates.
        each: whether values are examined one by one; False for cards and shops.
    """
    frauds = int(y.sum())
    if frauds < FEWEST_FRAUDS or frauds == len(y):
        return None
    cells = column.fill_nan(None) if column.dtype.is_float() else column
    is_fraud = pl.Series(y == 1)
    base = frauds / len(y) if prevalence is None else prevalence
    probed = cells.gather_every(-(-len(cells) // PROBED_ROWS))
    found = [_pure_values(cells, is_fraud, probed)] if each else []
    found.append(_other_than_usual(cells, is_fraud, probed))
    judged = [_judged(one, y=y, base=base, counted=prevalence is None) for one in found if one]
    return max((one for one in judged if one), key=lambda one: one.share, default=None)


class _Candidate(NamedTuple):
    what: str
    """The condition, as in ``Pure``."""
    frauds: int
    """Frauds with it."""
    genuine: int
    """Genuine rows with it."""


def _pure_values(cells: pl.Series, is_fraud: pl.Series, probed: pl.Series) -> _Candidate | None:
    """All values that are pure by themselves, together; of a column with many values only empty cells and 0."""
    among = cells.filter(is_fraud).value_counts(name="frauds").rename({cells.name: "value"})
    if max(probed.n_unique(), len(among)) > FEW_VALUES:
        zero = pl.col("value") == 0 if cells.dtype.is_numeric() else pl.lit(value=False)
        among = among.filter(pl.col("value").is_null() | zero)
    among = among.filter(pl.col("frauds") >= FEWEST_OF_A_VALUE)
    genuine = cells.filter(~is_fraud)
    has = genuine.filter(genuine.is_in(among["value"].implode(), nulls_equal=True))
    beside = has.value_counts(name="genuine").rename({cells.name: "value"})
    pure = (
        among.join(beside, on="value", how="left", nulls_equal=True)
        .with_columns(pl.col("genuine").fill_null(0).cast(pl.Int64), pl.col("frauds").cast(pl.Int64))
        .filter(pl.col("frauds") >= PURITY * (pl.col("frauds") + pl.col("genuine")))
        .sort("frauds", "value", descending=True)
    )
    if pure.is_empty():
        return None
    return _Candidate(_named(pure["value"]), int(pure["frauds"].sum()), int(pure["genuine"].sum()))


def _named(values: pl.Series) -> str:
    shown = ["empty" if value is None else one_line(f"{value}")[:40] for value in values.head(MOST_NAMED)]
    more = f" or {len(values) - MOST_NAMED} more" if len(values) > MOST_NAMED else ""
    return ("is empty" if shown == ["empty"] else f"= {' or '.join(shown)}") + more


def _other_than_usual(cells: pl.Series, is_fraud: pl.Series, probed: pl.Series) -> _Candidate | None:
    """All values but the usual one; None where no value is that frequent."""
    usual, rows = probed.value_counts(name="rows", sort=True).row(0)
    if rows < USUAL_SHARE * len(probed):
        return None
    other = cells.is_not_null() if usual is None else cells.ne_missing(pl.Series([usual], dtype=cells.dtype))
    what = FILLED if usual is None else f"is other than {one_line(f'{usual}')[:40]}"
    return _Candidate(what, int((other & is_fraud).sum()), int((other & ~is_fraud).sum()))


def _judged(candidate: _Candidate, *, y: Labels, base: float, counted: bool) -> Pure | None:
    what, with_value, genuine_with_value = candidate
    frauds, genuine = int(y.sum()), len(y) - int(y.sum())
    share = with_value / frauds
    if with_value < FEWEST_FRAUDS or share < SHARE or not 0 < base < 1:
        return None
    purity = _purity(share, genuine_with_value / genuine, base)
    bound = _purity(share, wilson_upper(genuine_with_value, genuine), base)
    odds_ratio = bound / (1 - bound) / (base / (1 - base))
    if purity < PURITY or bound < PURITY_BOUND or odds_ratio < ODDS_RATIO:
        return None
    return Pure(what=what, frauds=with_value, genuine=genuine_with_value, share=share, purity=purity, counted=counted)


def _purity(share: float, rate: float, base: float) -> float:
    """Share of fraud among the rows with a value.

    Args:
        share: of the frauds that have it.
        rate: share of the genuine rows that have it.
        base: share of fraud among all rows.
    """
    return base * share / (base * share + (1 - base) * rate)


def wilson_upper(count: int, total: int) -> float:
    """Upper end of Wilson's score interval of a share, two-sided 90 %.

    >>> round(wilson_upper(0, 100), 3), round(wilson_upper(50, 100), 3)
    (0.026, 0.581)
    """
    share, z2 = count / total, _Z**2
    centre, spread = share + z2 / (2 * total), _Z * (share * (1 - share) / total + z2 / (4 * total**2)) ** 0.5
    return float((centre + spread) / (1 + z2 / total))
