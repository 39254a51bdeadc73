"""Has the world moved since the champion learned it? Each feature, its scores and the prevalence, before and now.

Nothing is flagged for being significant alone: with a million rows everything is. ``drift_baseline`` says what counts.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from fraud.lifecycle.drift_baseline import Baseline, Measured, limits
from fraud.lifecycle.drift_counts import Blocks, Histogram, count_categories, count_numeric, cut_blocks
from fraud.lifecycle.drift_report import ColumnDrift, DriftReport, PrevalenceDrift, judge_column, judge_prevalence
from fraud.lifecycle.prevalence import AsOf, mature_labels, prevalence_of

__all__ = ["AsOf", "ColumnDrift", "DriftReport", "PrevalenceDrift", "drift_between"]

ROWS_AT_MOST = 2_000_000
"""Of each side: of more rows every second, third ... is taken."""
COLUMNS_AT_ONCE = 8
FEWEST_REFERENCE, FEWEST_CURRENT, FEWEST_BLOCKS = 200, 50, 5
"""Rows and blocks of time with less than which nothing is judged."""
SCORE, PREVALENCE = "the champion's scores", "prevalence"
Frame = pl.DataFrame | pl.LazyFrame


def drift_between(
    reference: Frame,
    current: Frame,
    *,
    numeric: Sequence[str],
    categorical: Sequence[str] = (),
    rng: np.random.Generator,
    scores: tuple[ArrayLike, ArrayLike] | None = None,
    known: AsOf | None = None,
) -> DriftReport:
    """What moved between the rows that a model knows and the rows that came since.

    Leave out of the reference the first days, whose history windows are not full yet: they are no ordinary days.

    Args:
        reference: rows with event_time and the columns; what was ordinary when the model was made.
        current: later rows.
        numeric: columns to compare by value.
        categorical: columns to compare by name.
        rng: draws of the baseline.
        scores: the champion's scores of the reference and of the current rows, in the order of the rows.
        known: when it is asked; with it the prevalence is compared, and the columns of the frauds apart, for which both
            sides need is_fraud and label_time.
    """
    sides = _Sides(reference, current, scores)
    blocks = cut_blocks(*sides.column("event_time"))
    enough = sides.rows[0] >= FEWEST_REFERENCE and sides.rows[1] >= FEWEST_CURRENT and blocks.count >= FEWEST_BLOCKS
    baseline = Baseline(blocks.count, blocks.current, thinner=_thinner(sides, blocks), rng=rng)
    histograms = list(_histograms(sides, numeric, categorical, blocks))
    features = [one for histogram in histograms for one in _measure(histogram, baseline)]
    headline: list[Measured] = []
    if scores is not None:
        histograms.append(count_numeric(SCORE, *sides.thinned_scores(), blocks))
        headline += _measure(histograms[-1], baseline)
    if known:
        headline.append(baseline.measure(PREVALENCE, "prevalence", *_label_counts(sides, blocks, known)))
    passed = {(one.column, one.measure): (one, limit) for one, limit in _with_limits(features, headline)}
    columns = [judge_column(histogram, passed, enough=enough) for histogram in histograms]
    prevalence, frauds = None, None
    if known:
        sought = passed[PREVALENCE, "prevalence"]
        told = [prevalence_of(side, known) for side in (reference, current)]
        prevalence = judge_prevalence(told[0], told[1], *sought, enough=enough)
        before, now = (side.lazy().filter(mature_labels(known) == 1) for side in (reference, current))
        frauds = drift_between(before, now, numeric=numeric, categorical=categorical, rng=rng)
    few = f"too little to tell drift from chance: {sides.rows[0]:,} rows before and {sides.rows[1]:,} now"
    return DriftReport(
        judged=enough,
        reference_rows=sides.rows[0],
        current_rows=sides.rows[1],
        blocks=blocks.count,
        block_unit=blocks.unit,
        features=tuple(columns if scores is None else columns[:-1]),
        score=None if scores is None else columns[-1],
        prevalence=prevalence,
        frauds=frauds,
        notes=(*(() if enough else (few,)), *(prevalence.notes if prevalence else ())),
    )


class _Sides:
    """Both sides, a few columns at a time, thinned where they are very long."""

    def __init__(self, reference: Frame, current: Frame, scores: tuple[ArrayLike, ArrayLike] | None) -> None:
        self._frames = (reference.lazy(), current.lazy())
        rows = [int(frame.select(pl.len()).collect().item()) for frame in self._frames]
        self.rows = (rows[0], rows[1])
        self._every = [max(1, -(-count // ROWS_AT_MOST)) for count in rows]
        self._scores = scores

    def read(self, names: Sequence[str | pl.Expr]) -> tuple[pl.DataFrame, pl.DataFrame]:
        before, now = (
            frame.select(names).gather_every(every).collect()
            for frame, every in zip(self._frames, self._every, strict=True)
        )
        return before, now

    def column(self, name: str) -> tuple[pl.Series, pl.Series]:
        before, now = self.read([name])
        return before[name], now[name]

    def thinned_scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        before, now = (
            np.asarray(side, dtype=np.float64)[::every]
            for side, every in zip(self._scores or (), self._every, strict=True)
        )
        return before, now


def _thinner(sides: _Sides, blocks: Blocks) -> float:
    expected = sides.rows[0] / max(1, blocks.count) * blocks.current
    return sides.rows[1] / max(1.0, expected)


def _histograms(
    sides: _Sides, numeric: Sequence[str], categorical: Sequence[str], blocks: Blocks
) -> Iterator[Histogram]:
    for start in range(0, len(numeric), COLUMNS_AT_ONCE):
        names = numeric[start : start + COLUMNS_AT_ONCE]
        before, now = sides.read(names)
        yield from (count_numeric(name, _floats(before[name]), _floats(now[name]), blocks) for name in names)
    for name in categorical:
        yield count_categories(name, *sides.column(name), blocks)


def _with_limits(*families: Sequence[Measured]) -> Iterator[tuple[Measured, float]]:
    """Measures with their limits; score and prevalence do not pay for the number of features."""
    for family in families:
        yield from zip(family, limits(family), strict=True)


def _floats(column: pl.Series) -> NDArray[np.float64]:
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _measure(histogram: Histogram, baseline: Baseline) -> Iterator[Measured]:
    present = histogram.reference.sum(axis=1)
    missing = np.column_stack([present, histogram.reference_missing])
    missing_now = np.array([histogram.current.sum(), histogram.current_missing])
    yield baseline.measure(histogram.name, "psi", histogram.reference, histogram.current)
    if histogram.kind == "numeric":
        yield baseline.measure(histogram.name, "ks", histogram.reference, histogram.current)
    yield baseline.measure(histogram.name, "missing", missing, missing_now)


def _label_counts(sides: _Sides, blocks: Blocks, known: AsOf) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Genuine and fraudulent rows among the mature labelled ones: (K, 2) and (2,)."""
    before, now = (side.to_series().fill_null(-1).to_numpy() for side in sides.read([mature_labels(known).alias("y")]))
    counts = np.bincount((blocks.ids * 2 + before)[before >= 0], minlength=2 * blocks.count)
    return counts.reshape(blocks.count, 2), np.bincount(now[now >= 0], minlength=2)
