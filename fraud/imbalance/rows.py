"""Which rows a strategy trains on: index arrays into ``[X ; synthetic_X]``, never a copy of the table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraud.features import chunks
from fraud.imbalance.weights import ClassCounts

Rows = NDArray[np.int64]
Matrix = NDArray[np.float32]
Labels = NDArray[Any]


FIRST_ROWS = 1000
"""Rows that rule most columns out as two-valued before all rows are read."""


@dataclass(frozen=True, eq=False)
class TwoValued:
    """Columns that hold two values: their positions, the lower and the higher value, each ``(T,)``."""

    columns: Rows
    low: Matrix
    high: Matrix

    def restore(self, X: Matrix) -> None:
        """Set values between the two to the nearer one, in place; ``X`` is ``(S, F)``."""
        between = X[:, self.columns]
        X[:, self.columns] = np.where(between - self.low < self.high - between, self.low, self.high)


@dataclass(frozen=True, eq=False, kw_only=True)
class NaturalRows:
    """The natural training rows; samplers read them and never write to them.

    Attributes:
        X: ``(N, F)`` float32.
        y: ``(N,)`` labels 0 and 1.
        categorical: columns of ``X`` that hold category codes.
        rng: source of all randomness.
        row_cap: rows that a neighbour search may see, and distinct synthetic rows that it may make.
    """

    X: Matrix
    y: Labels
    categorical: Sequence[int]
    rng: np.random.Generator
    row_cap: int

    @cached_property
    def counts(self) -> ClassCounts:
        """Rows of each class."""
        return ClassCounts.of(self.y)

    @cached_property
    def frauds(self) -> Rows:
        """Positions of the frauds, ascending."""
        return np.flatnonzero(self.y).astype(np.int64)

    @cached_property
    def genuine(self) -> Rows:
        """Positions of the genuine rows, ascending."""
        return np.flatnonzero(self.y == 0).astype(np.int64)

    @cached_property
    def two_valued(self) -> TwoValued:
        """Columns that hold two values and no others, as flags and missing indicators; category codes never do."""
        few = [column for column in range(self.X.shape[1]) if column not in set(self.categorical)]
        few = [column for column in few if len(np.unique(self.X[:FIRST_ROWS, column])) <= 2]
        bounds = [(part.min(axis=0), part.max(axis=0)) for part in self._parts(few)]
        low, high = np.min([low for low, _ in bounds], axis=0), np.max([high for _, high in bounds], axis=0)
        two = low < high
        for part in self._parts(few):
            two &= ((part == low) | (part == high)).all(axis=0)
        return TwoValued(np.asarray(few, dtype=np.int64)[two], low[two], high[two])

    def _parts(self, columns: Sequence[int]) -> Iterator[Matrix]:
        """Some columns of ``X``, a stretch of rows at a time."""
        return (self.X[rows][:, columns] for rows in chunks(self.X))

    def missing_frauds(self, correction: float) -> int:
        """Frauds to add for a correction of the imbalance; 0 where there are as many already."""
        return max(0, round(self.counts.negative * self.counts.odds_at(correction)) - self.counts.positive)

    def genuine_kept(self, correction: float) -> int:
        """Genuine rows that all frauds leave room for at a correction of the imbalance; at most all."""
        return min(round(self.counts.positive / self.counts.odds_at(correction)), self.counts.negative)


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainingRows:
    """The rows of one training run, in no particular order; batches shuffle.

    Attributes:
        index: ``(M,)`` positions in ``[X ; synthetic_X]``; a row may appear many times.
        positive: frauds among ``index``, repeats and synthetic rows counted.
        negative: genuine rows among ``index``.
        synthetic_X: ``(S, F)`` float32, or None where there are none.
        synthetic_y: ``(S,)`` labels of the synthetic rows, in the type of ``y``.
        notes: caps, lowered neighbours, repeats, for readers of the report. One sentence each.
        balanced_batches: True where each row of a batch is drawn class first, then row.
        positive_share: with ``balanced_batches``, the probability that the class drawn is fraud, in (0, 1).
    """

    index: Rows
    positive: int
    negative: int
    synthetic_X: Matrix | None = None  # noqa: N815  X is the field's name
    synthetic_y: Labels | None = None
    notes: tuple[str, ...] = ()
    balanced_batches: bool = False
    positive_share: float = 0.5

    @property
    def counts(self) -> ClassCounts:
        """Class counts of the rows as they are trained on."""
        return ClassCounts(negative=self.negative, positive=self.positive)

    def labels(self, y: Labels) -> Labels:
        """Labels ``(M,)`` of ``index``, given the labels ``(N,)`` of the natural training rows."""
        pool = y if self.synthetic_y is None else np.concatenate([y, self.synthetic_y])
        return pool[self.index]


def natural_rows(y: Labels, notes: tuple[str, ...] = ()) -> TrainingRows:
    """Every training row once."""
    counts = ClassCounts.of(y)
    index = np.arange(len(y), dtype=np.int64)
    return TrainingRows(index=index, positive=counts.positive, negative=counts.negative, notes=notes)


def nothing_sampled(natural: NaturalRows, correction: float) -> TrainingRows:
    """Every row once, with the note that the frauds are frequent enough without any sampling."""
    frauds, genuine = natural.counts.positive, natural.counts.negative
    note = f"Nothing sampled: {frauds} frauds to {genuine} genuine rows are enough for a correction of {correction:g}."
    return natural_rows(natural.y, (note,))


def balanced_batches(natural: NaturalRows, *, correction: float) -> TrainingRows:
    """Every training row, to be drawn class first, then row, with frauds as frequent as the correction wants."""
    counts = natural.counts
    odds = counts.odds_at(correction)
    return TrainingRows(
        index=np.arange(len(natural.y), dtype=np.int64),
        positive=counts.positive,
        negative=counts.negative,
        balanced_batches=True,
        positive_share=odds / (1 + odds),
    )


def random_over(natural: NaturalRows, *, correction: float) -> TrainingRows:
    """Every row once, and frauds drawn with replacement until they are as frequent as the correction wants."""
    missing = natural.missing_frauds(correction)
    if not missing:
        return nothing_sampled(natural, correction)
    repeats = natural.rng.choice(natural.frauds, size=missing, replace=True)
    return TrainingRows(
        index=np.concatenate([np.arange(len(natural.y), dtype=np.int64), repeats]),
        positive=natural.counts.positive + missing,
        negative=natural.counts.negative,
    )


def random_under(natural: NaturalRows, *, correction: float) -> TrainingRows:
    """All frauds, and genuine rows drawn without replacement, as few as the correction wants."""
    kept = natural.genuine_kept(correction)
    if kept == natural.counts.negative:
        return nothing_sampled(natural, correction)
    genuine = natural.rng.choice(natural.genuine, size=kept, replace=False)
    index = np.sort(np.concatenate([natural.frauds, genuine]))
    return TrainingRows(index=index, positive=natural.counts.positive, negative=kept)
