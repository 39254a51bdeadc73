"""Synthetic frauds between a fraud and its neighbours.

Distances are those of the numeric columns. A column that holds two values, as a flag or a missing indicator, keeps to
them: a synthetic row has the value of the nearer of the two frauds that it lies between, in all such columns alike.
``over-smote`` is SMOTENC where there are categories; ``over-borderline``
and ``over-adasyn``, which exist for numbers alone, give a synthetic row the categories of the fraud nearest to it.
"""

from collections.abc import Callable

import numpy as np
from sklearn.metrics import pairwise_distances_argmin

from fraud.errors import StrategyError
from fraud.features import take
from fraud.imbalance import resampling
from fraud.imbalance.preselection import draw, numeric_columns, numeric_rows, preselect
from fraud.imbalance.rows import Matrix, NaturalRows, Rows, TrainingRows, nothing_sampled

SMOTENC_BYTES = 2**29
"""SMOTENC holds the neighbours of all synthetic rows as one-hot columns at once; their bytes limit the rows made."""


def smote(natural: NaturalRows, *, correction: float, neighbours: int) -> TrainingRows:
    """Every row, and synthetic frauds between a fraud and one of its nearest frauds (SMOTE, Chawla et al. 2002).

    Neighbours are searched among frauds alone, so that genuine rows do not matter.
    """
    missing = natural.missing_frauds(correction)
    if not missing:
        return nothing_sampled(natural, correction)
    frauds = draw(natural.frauds, natural.row_cap // 2, natural.rng)
    synthetic, notes = smote_rows(natural, frauds, count=min(missing, natural.row_cap), neighbours=neighbours)
    if len(frauds) < len(natural.frauds):
        notes = (f"Synthetic rows come from {len(frauds)} of {len(natural.frauds)} frauds, drawn at random.", *notes)
    return with_synthetic(natural, synthetic, count=missing, notes=notes)


def borderline(natural: NaturalRows, *, correction: float, neighbours: int) -> TrainingRows:
    """As ``smote``, but only from frauds on the border (Borderline-SMOTE 1, Han, Wang and Mao 2005).

    On the border: half or more of the fraud's 10 nearest rows are genuine, but not all.
    """
    none_found = (
        "over-borderline: no fraud lies on the border, where half or more but not all of its "
        f"{resampling.BORDER_NEIGHBOURS} nearest rows are genuine; use over-smote"
    )
    return _among_classes(
        natural, resampling.synthetic_by_borderline, correction=correction, neighbours=neighbours, none_found=none_found
    )


def adasyn(natural: NaturalRows, *, correction: float, neighbours: int) -> TrainingRows:
    """As ``smote``, with more synthetic rows from a fraud the more of its neighbours are genuine (He et al. 2008)."""
    none_found = "over-adasyn: no fraud has a genuine row among its nearest rows; use over-smote"
    return _among_classes(
        natural, resampling.synthetic_by_adasyn, correction=correction, neighbours=neighbours, none_found=none_found
    )


def _among_classes(
    natural: NaturalRows, make: Callable[..., Matrix], *, correction: float, neighbours: int, none_found: str
) -> TrainingRows:
    missing = natural.missing_frauds(correction)
    if not missing:
        return nothing_sampled(natural, correction)
    pool = preselect(natural, rows=natural.row_cap)
    k, notes = clamp_neighbours(neighbours, len(pool.frauds))
    X, count = numeric_rows(natural, pool.rows), min(missing, natural.row_cap)
    synthetic = make(X, pool.y, count=count, neighbours=k, seed=next_seed(natural))
    if not len(synthetic):
        raise StrategyError(none_found)
    synthetic = _with_categories(natural, synthetic, pool.frauds)
    natural.two_valued.restore(synthetic)
    return with_synthetic(natural, synthetic, count=missing, notes=pool.notes + notes)


def smote_rows(natural: NaturalRows, frauds: Rows, *, count: int, neighbours: int) -> tuple[Matrix, tuple[str, ...]]:
    """Synthetic rows from some frauds, at most ``count``, ``(S, F)`` float32, and notes.

    SMOTENC where there are categories; fewer rows where its one-hot columns would exceed ``SMOTENC_BYTES``.

    Raises:
        StrategyError: fewer than two frauds, or no numeric column.
    """
    k, notes = clamp_neighbours(neighbours, len(frauds))
    X = take(natural.X, frauds)
    if not len(natural.categorical):
        synthetic = resampling.synthetic_by_smote(X, count=count, neighbours=k, seed=next_seed(natural))
        natural.two_valued.restore(synthetic)
        return synthetic, notes
    numeric = numeric_columns(natural)
    width = len(numeric) + sum(len(np.unique(X[:, column])) for column in natural.categorical)
    count = max(1, min(count, SMOTENC_BYTES // (width * k * X.itemsize)))
    synthetic = resampling.synthetic_by_smotenc(
        X, categorical=natural.categorical, count=count, neighbours=k, seed=next_seed(natural)
    )
    natural.two_valued.restore(synthetic)
    return synthetic, notes


def with_synthetic(
    natural: NaturalRows, synthetic: Matrix, *, count: int, notes: tuple[str, ...], kept: Rows | None = None
) -> TrainingRows:
    """Natural rows, and synthetic frauds until ``count`` of them are in the index, each about as often as any other.

    Args:
        natural: the natural rows.
        synthetic: ``(S, F)`` distinct synthetic frauds; ``S`` may be more or fewer than ``count``.
        count: synthetic frauds in the index.
        notes: of the sampler so far.
        kept: ``(K,)`` positions of the natural rows that stay; None: all.
    """
    rows = np.arange(len(natural.y), dtype=np.int64) if kept is None else kept
    positive = int(np.count_nonzero(natural.y[rows]))
    synthetic = synthetic[natural.rng.permutation(len(synthetic))[:count]]
    repeated = np.resize(np.arange(len(synthetic), dtype=np.int64), count)
    index = np.concatenate([rows, len(natural.y) + repeated])
    if len(synthetic) < count:
        times = count / len(synthetic)
        notes = (*notes, f"{len(synthetic)} distinct synthetic frauds, each used {times:.1f} times on average.")
    return TrainingRows(
        index=index,
        positive=positive + count,
        negative=len(rows) - positive,
        synthetic_X=np.ascontiguousarray(synthetic, dtype=np.float32),
        synthetic_y=np.ones(len(synthetic), dtype=natural.y.dtype),
        notes=notes,
    )


def clamp_neighbours(neighbours: int, frauds: int) -> tuple[int, tuple[str, ...]]:
    """Neighbours that so many frauds can have, and a note where they are fewer than requested.

    Raises:
        StrategyError: fewer than two frauds, which leaves none to interpolate with.
    """
    if frauds < 2:
        raise StrategyError(
            f"SMOTE: expected at least 2 frauds in the training rows, found {frauds}; "
            "widen the training window or use a strategy that weights"
        )
    k = min(int(neighbours), frauds - 1)
    note = (f"Neighbours lowered from {neighbours} to {k}: there are {frauds} frauds.",) if k < neighbours else ()
    return k, note


def next_seed(natural: NaturalRows) -> int:
    """A seed drawn from the rows' generator, for samplers that take a number."""
    return int(natural.rng.integers(2**31 - 1))


def _with_categories(natural: NaturalRows, synthetic: Matrix, frauds: Rows) -> Matrix:
    """All columns (S, F) of synthetic rows (S, F_numeric): the codes are those of the nearest fraud."""
    if not len(natural.categorical):
        return synthetic
    nearest = frauds[pairwise_distances_argmin(synthetic, numeric_rows(natural, frauds))]
    whole: Matrix = take(natural.X, nearest)
    whole[:, numeric_columns(natural)] = synthetic
    return whole
