"""Frauds made up among their neighbours.

Distances are those of the numeric columns; category codes are names. ``over-smote`` is SMOTENC where there are
categories; ``over-borderline`` and ``over-adasyn``, which exist for numbers alone, give a made-up row the categories of
the fraud nearest to it.
"""

from collections.abc import Callable

import numpy as np
from sklearn.metrics import pairwise_distances_argmin

from fraud.errors import StrategyError
from fraud.features import take
from fraud.imbalance import resampling
from fraud.imbalance.preselection import draw, measurable, numeric_columns, preselect
from fraud.imbalance.rows import Matrix, NaturalRows, Rows, TrainingRows, already_at

SMOTENC_BYTES = 2**29
"""SMOTENC lays the neighbours of all made-up rows out in one-hot columns at once; no more rows are made than fit."""


def smote(natural: NaturalRows, *, ratio: float, neighbours: int) -> TrainingRows:
    """Every row, and frauds made up between a fraud and one of its nearest frauds (SMOTE, Chawla et al. 2002).

    Frauds look at frauds alone, so that nothing hangs on which genuine rows a search sees.
    """
    missing = natural.missing_frauds(ratio)
    if not missing:
        return already_at(natural, ratio)
    frauds = draw(natural.frauds, natural.row_cap // 2, natural.rng)
    made, notes = smote_rows(natural, frauds, count=min(missing, natural.row_cap), neighbours=neighbours)
    if len(frauds) < len(natural.frauds):
        notes = (f"Rows were made up from {len(frauds)} of {len(natural.frauds)} frauds, drawn at random.", *notes)
    return with_made(natural, made, count=missing, notes=notes)


def borderline(natural: NaturalRows, *, ratio: float, neighbours: int) -> TrainingRows:
    """As ``smote``, but only from frauds on the border (Borderline-SMOTE 1, Han, Wang and Mao 2005).

    On the border: half or more of the fraud's 10 nearest rows are genuine, but not all.
    """
    nothing = (
        "over-borderline: no fraud lies on the border, where half or more but not all of its "
        f"{resampling.BORDER_NEIGHBOURS} nearest rows are genuine; use over-smote"
    )
    return _among_classes(natural, resampling.made_by_borderline, ratio=ratio, neighbours=neighbours, nothing=nothing)


def adasyn(natural: NaturalRows, *, ratio: float, neighbours: int) -> TrainingRows:
    """As ``smote``, and the more rows from a fraud, the more of its neighbours are genuine (He et al. 2008)."""
    nothing = "over-adasyn: no fraud has a genuine row among its nearest, so none is made up; use over-smote"
    return _among_classes(natural, resampling.made_by_adasyn, ratio=ratio, neighbours=neighbours, nothing=nothing)


def _among_classes(
    natural: NaturalRows, make: Callable[..., Matrix], *, ratio: float, neighbours: int, nothing: str
) -> TrainingRows:
    missing = natural.missing_frauds(ratio)
    if not missing:
        return already_at(natural, ratio)
    bench = preselect(natural, rows=natural.row_cap)
    k, notes = affordable(neighbours, len(bench.frauds))
    made = make(
        measurable(natural, bench.rows), bench.y, count=min(missing, natural.row_cap), neighbours=k, seed=seed(natural)
    )
    if not len(made):
        raise StrategyError(nothing)
    made = _with_categories(natural, made, bench.frauds)
    return with_made(natural, made, count=missing, notes=bench.notes + notes)


def smote_rows(natural: NaturalRows, frauds: Rows, *, count: int, neighbours: int) -> tuple[Matrix, tuple[str, ...]]:
    """Rows made up from some frauds, at most ``count`` of them, ``(S, F)`` float32, and notes.

    SMOTENC where there are categories: fewer rows where its one-hot columns would not fit in memory.

    Raises:
        StrategyError: fewer than two frauds, or no numeric column.
    """
    k, notes = affordable(neighbours, len(frauds))
    X = take(natural.X, frauds)
    if not len(natural.categorical):
        return resampling.made_by_smote(X, count=count, neighbours=k, seed=seed(natural)), notes
    numeric = numeric_columns(natural)
    width = len(numeric) + sum(len(np.unique(X[:, column])) for column in natural.categorical)
    count = max(1, min(count, SMOTENC_BYTES // (width * k * X.itemsize)))
    made = resampling.made_by_smotenc(X, categorical=natural.categorical, count=count, neighbours=k, seed=seed(natural))
    return made, notes


def with_made(
    natural: NaturalRows, made: Matrix, *, count: int, notes: tuple[str, ...], kept: Rows | None = None
) -> TrainingRows:
    """Natural rows, and made-up frauds until ``count`` of them are in the index, each about as often as any other.

    Args:
        natural: the natural rows.
        made: ``(S, F)`` distinct made-up frauds; ``S`` may be more or fewer than ``count``.
        count: made-up frauds in the index.
        notes: of the sampler so far.
        kept: ``(K,)`` positions of the natural rows that stay; None: all.
    """
    rows = np.arange(len(natural.y), dtype=np.int64) if kept is None else kept
    positive = int(np.count_nonzero(natural.y[rows]))
    made = made[natural.rng.permutation(len(made))[:count]]
    repeated = np.resize(np.arange(len(made), dtype=np.int64), count)
    index = np.concatenate([rows, len(natural.y) + repeated])
    if len(made) < count:
        times = count / len(made)
        notes = (*notes, f"{len(made)} distinct frauds were made up, each used {times:.1f} times on average.")
    return TrainingRows(
        index=index,
        positive=positive + count,
        negative=len(rows) - positive,
        synthetic_X=np.ascontiguousarray(made, dtype=np.float32),
        synthetic_y=np.ones(len(made), dtype=natural.y.dtype),
        notes=notes,
    )


def affordable(neighbours: int, frauds: int) -> tuple[int, tuple[str, ...]]:
    """Neighbours that so many frauds can have, and a note where they are fewer than asked.

    Raises:
        StrategyError: fewer than two frauds; there is nothing between one fraud and itself.
    """
    if frauds < 2:
        raise StrategyError(
            f"SMOTE and its kin: expected at least 2 frauds in the training rows, found {frauds}; "
            "widen the training window or use a strategy that weights"
        )
    k = min(int(neighbours), frauds - 1)
    note = (f"Neighbours lowered from {neighbours} to {k}: there are {frauds} frauds.",) if k < neighbours else ()
    return k, note


def seed(natural: NaturalRows) -> int:
    """The next seed for a sampler that wants a number."""
    return int(natural.rng.integers(2**31 - 1))


def _with_categories(natural: NaturalRows, made: Matrix, frauds: Rows) -> Matrix:
    if not len(natural.categorical):
        return made
    nearest = frauds[pairwise_distances_argmin(made, measurable(natural, frauds))]
    whole: Matrix = take(natural.X, nearest)
    whole[:, numeric_columns(natural)] = made
    return whole
