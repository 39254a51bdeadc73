"""Compare each feature, the champion's scores and the prevalence, before and now.

Statistical significance alone flags nothing: with a million rows every difference is significant. ``baseline`` defines
the limits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from fraud.lifecycle.drift.baseline import Baseline, Measured, limits
from fraud.lifecycle.drift.counts import Blocks, Histogram, count_categories, count_numeric, cut_blocks
from fraud.lifecycle.drift.report import ColumnDrift, DriftReport, PrevalenceDrift, judge_column, judge_prevalence
from fraud.lifecycle.prevalence import AsOf, mature_labels, prevalence_of

__all__ = ["AsOf", "ColumnDrift", "DriftReport", "PrevalenceDrift", "drift_between"]

ROWS_AT_MOST = 2_000_000
"""Of each side; of more rows every second, third ... is used."""
COLUMNS_AT_ONCE = 8
FEWEST_REFERENCE, FEWEST_CURRENT, FEWEST_BLOCKS = 200, 50, 5
"""Fewest rows and blocks of time with which drift is judged."""
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
    """Drift between the rows that a model was evaluated on and the rows since.

    Leave out of the reference the first days, whose history windows are not full yet: they are not comparable.

    Args:
        reference: rows with event_time and the columns, of the time when the model was made.
        current: later rows.
        numeric: columns to compare by value.
        categorical: columns to compare by name.
        rng: draws of the baseline.
        scores: the champion's scores of the reference and of the current rows, in the order of the rows.
        known: the present; with it the prevalence is compared, and separately the columns of the frauds, for which both
            sides need is_fraud and label_time.
    """
    sides = _Sides(reference, current, scores)
    normal = _normal(sides, rng)
    columns = _drift_of_columns(sides, normal, numeric, categorical)
    prevalence, frauds = None, None
    if known:
        prevalence = _drift_of_prevalence(reference, current, known=known, rng=rng)
        before, now = (side.lazy().filter(mature_labels(known) == 1) for side in (reference, current))
        frauds = drift_between(before, now, numeric=numeric, categorical=categorical, rng=rng)
    few = f"too few rows to distinguish drift from chance: {sides.rows[0]:,} before, {sides.rows[1]:,} now"
    return DriftReport(
        judged=normal.enough,
        reference_rows=sides.rows[0],
        current_rows=sides.rows[1],
        blocks=normal.blocks.count,
        block_unit=normal.blocks.unit,
        features=tuple(one for one in columns if one.name != SCORE),
        score=next((one for one in columns if one.name == SCORE), None),
        prevalence=prevalence,
        frauds=frauds,
        notes=(*(() if normal.enough else (few,)), *(prevalence.notes if prevalence else ())),
    )


class _Sides:
    """Both sides, read a few columns at a time, thinned where they are very long."""

    def __init__(self, reference: Frame, current: Frame, scores: tuple[ArrayLike, ArrayLike] | None = None) -> None:
        self._frames = (reference.lazy(), current.lazy())
        rows = [int(frame.select(pl.len()).collect().item()) for frame in self._frames]
        self.rows = (rows[0], rows[1])
        self._every = [max(1, -(-count // ROWS_AT_MOST)) for count in rows]
        self.scores = scores

    def read(self, names: Sequence[str | pl.Expr]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Columns or expressions of both sides, every row or every second, third ... of them."""
        before, now = (
            frame.select(names).gather_every(every).collect()
            for frame, every in zip(self._frames, self._every, strict=True)
        )
        return before, now

    def column(self, name: str) -> tuple[pl.Series, pl.Series]:
        """One column of both sides, in the rows of ``read``."""
        before, now = self.read([name])
        return before[name], now[name]

    def thinned_scores(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The champion's scores (N,) and (M,) of the rows of ``read``."""
        before, now = (
            np.asarray(side, dtype=np.float64)[::every]
            for side, every in zip(self.scores or (), self._every, strict=True)
        )
        return before, now


@dataclass(frozen=True)
class _Normal:
    """The reference in blocks of time, and the normal variation between them."""

    blocks: Blocks
    baseline: Baseline
    enough: bool
    """Whether both sides have enough rows to judge drift."""


def _normal(sides: _Sides, rng: np.random.Generator) -> _Normal:
    blocks = cut_blocks(*sides.column("event_time"))
    enough = sides.rows[0] >= FEWEST_REFERENCE and sides.rows[1] >= FEWEST_CURRENT and blocks.count >= FEWEST_BLOCKS
    baseline = Baseline(blocks.count, blocks.current, thinner=_thinner(sides, blocks), rng=rng)
    return _Normal(blocks, baseline, enough)


def _drift_of_columns(
    sides: _Sides, normal: _Normal, numeric: Sequence[str], categorical: Sequence[str]
) -> list[ColumnDrift]:
    """Every column, and the champion's scores as column ``SCORE``, where there are any."""
    histograms = list(_histograms(sides, numeric, categorical, normal.blocks))
    features = [one for histogram in histograms for one in _measure(histogram, normal.baseline)]
    score: list[Measured] = []
    if sides.scores is not None:
        histograms.append(count_numeric(SCORE, *sides.thinned_scores(), normal.blocks))
        score = list(_measure(histograms[-1], normal.baseline))
    passed = {(one.column, one.measure): (one, limit) for one, limit in _with_limits(features, score)}
    return [judge_column(histogram, passed, enough=normal.enough) for histogram in histograms]


def _drift_of_prevalence(reference: Frame, current: Frame, *, known: AsOf, rng: np.random.Generator) -> PrevalenceDrift:
    """The prevalence against a baseline of its own, from mature labelled rows alone.

    Most current rows are too young to count. A baseline of stretches as long as all of them would vary far less than
    the day or two that are compared, and chance would be flagged as drift.
    """
    before, now = (prevalence_of(side, known) for side in (reference, current))
    mature = mature_labels(known).is_not_null()
    sides = _Sides(reference.lazy().filter(mature), current.lazy().filter(mature))
    normal = _normal(sides, rng)
    found = normal.baseline.measure(PREVALENCE, "prevalence", *_label_counts(sides, normal.blocks, known))
    return judge_prevalence(before, now, found, limits([found])[0], enough=normal.enough)


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
    """Measures with their limits, corrected within each family: the score's limit is independent of the features."""
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
    """Genuine and fraudulent rows (K, 2) and (2,) of sides with mature labelled rows alone."""
    before, now = (side.to_series().to_numpy() for side in sides.read([mature_labels(known).alias("y")]))
    counts = np.bincount(blocks.ids * 2 + before, minlength=2 * blocks.count)
    return counts.reshape(blocks.count, 2), np.bincount(now, minlength=2)
