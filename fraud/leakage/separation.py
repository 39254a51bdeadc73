"""How well one column alone separates fraud from genuine: by its order, or by the fraud rate of its values.

Rates are learned on one half of the rows and judged on the other, so that many rare values do not seem to separate.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.metrics import roc_auc

BINS = 64
"""Quantiles into which numbers with many values are cut."""
MOST_CATEGORIES = 1_000
SMOOTHING = 5.0
"""Rows of the overall fraud rate that are added to each value."""

Labels = NDArray[np.int8]


def separation_of_numbers(numbers: pl.Series, y: Labels) -> float:
    """The highest ROC AUC of a numeric column alone, 0.5 to 1; missing values count as low, or as high.

    >>> separation_of_numbers(pl.Series([1.0, 2.0, None, 4.0]), np.array([1, 1, 0, 0], np.int8))
    1.0
    """
    filled = numbers.cast(pl.Float64).fill_nan(None)
    values = filled.to_numpy()
    if filled.null_count() == len(filled):
        return 0.5
    ends = (np.nanmin(values) - 1, np.nanmax(values) + 1)
    best = max(both_ways(np.where(np.isnan(values), end, values), y) for end in ends)
    return max(best, _by_rates(_bins(filled), y))


def separation_of_texts(texts: pl.Series, y: Labels) -> float:
    """The highest ROC AUC of a categorical column alone, 0.5 to 1; 0.5 above 1,000 categories."""
    if texts.drop_nulls().n_unique() > MOST_CATEGORIES:
        return 0.5
    return max(0.5, _by_rates(texts.cast(pl.Categorical).to_physical(), y))


def separation_of_gaps(column: pl.Series, y: Labels) -> float:
    """The ROC AUC of whether a cell is empty, 0.5 to 1."""
    return both_ways(column.is_null().to_numpy().astype(np.float64), y)


def both_ways(score: NDArray[np.float64], y: Labels) -> float:
    """ROC AUC of a score or of its opposite, whichever is higher."""
    auc = roc_auc(y, score)
    return max(auc, 1 - auc)


def _bins(numbers: pl.Series) -> pl.Series:
    """Bins of numbers (N,): frequent values have one each, below 0; all others share quantiles."""
    if numbers.drop_nulls().n_unique() <= MOST_CATEGORIES:
        return numbers.rank("dense").cast(pl.Float64)
    counts = numbers.drop_nulls().value_counts(name="rows", sort=True).head(20)
    frequent = counts.filter(pl.col("rows") > len(numbers) / 200)[:, 0]
    rank = (numbers.rank("average") * (BINS / len(numbers))).floor()
    alone = numbers.is_in(frequent.implode()).fill_null(value=False)
    return (-1.0 - numbers.rank("dense")).zip_with(alone, rank)


def _by_rates(values: pl.Series, y: Labels) -> float:
    """ROC AUC of the fraud rates of values, learned on one half of the rows, on the other half."""
    frame = pl.DataFrame({"value": values, "y": y}).with_row_index("row")
    half = (frame["row"].hash(seed=1) % 2 == 0).to_numpy()
    learn, judge = frame.filter(pl.Series(half)), frame.filter(pl.Series(~half))
    if not 0 < judge["y"].sum() < len(judge) or not 0 < learn["y"].sum() < len(learn):
        return 0.5
    overall = float(learn["y"].sum()) / len(learn)
    rates = learn.group_by("value").agg(rate=(pl.col("y").sum() + overall * SMOOTHING) / (pl.len() + SMOOTHING))
    scored = judge.join(rates, on="value", how="left", nulls_equal=True, maintain_order="left")
    return roc_auc(scored["y"].to_numpy(), scored["rate"].fill_null(overall).to_numpy())
