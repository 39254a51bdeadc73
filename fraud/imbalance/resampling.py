"""All calls of imbalanced-learn: arrays in, synthetic rows or kept positions out.

imbalanced-learn takes NumPy arrays, not polars frames. ``oversampling``, ``undersampling`` and ``combined`` decide
which rows it sees. One core (``n_jobs=1``): strategies run in parallel processes.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, BorderlineSMOTE
from imblearn.under_sampling import EditedNearestNeighbours, NearMiss, TomekLinks
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from fraud.errors import StrategyError
from fraud.imbalance.rows import Labels, Matrix, Rows, TrainingRows

__all__ = [
    "BORDER_NEIGHBOURS",
    "TrainingRows",
    "genuine_in_tomek_links",
    "kept_by_enn",
    "kept_by_nearmiss",
    "kept_by_tomek",
    "outvoted",
    "synthetic_by_adasyn",
    "synthetic_by_borderline",
    "synthetic_by_smote",
    "synthetic_by_smotenc",
]

BORDER_NEIGHBOURS = 10
"""Neighbours that decide whether a fraud lies on the border: imbalanced-learn's default."""


def synthetic_by_smote(frauds: Matrix, *, count: int, neighbours: int, seed: int) -> Matrix:
    """Synthetic rows ``(count, F)`` between frauds ``(P, F)`` and their nearest frauds."""
    X, y = _with_one_genuine(frauds)
    sampler = SMOTE(k_neighbors=neighbours, **_until(len(frauds) + count, seed=seed))
    return _synthetic(sampler, X, y)


def synthetic_by_smotenc(
    frauds: Matrix, *, categorical: Sequence[int], count: int, neighbours: int, seed: int
) -> Matrix:
    """As ``synthetic_by_smote`` with category codes: a mismatch adds to the distance, the commonest code is taken."""
    X, y = _with_one_genuine(frauds)
    sampler = SMOTENC(list(categorical), k_neighbors=neighbours, **_until(len(frauds) + count, seed=seed))
    return _synthetic(sampler, X, y)


def synthetic_by_borderline(X: Matrix, y: Labels, *, count: int, neighbours: int, seed: int) -> Matrix:
    """Synthetic rows ``(count, F)`` from frauds on the border; none where no fraud lies there."""
    border = min(BORDER_NEIGHBOURS, len(y) - 1)
    sampler = BorderlineSMOTE(k_neighbors=neighbours, m_neighbors=border, **_until(int(y.sum()) + count, seed=seed))
    return _synthetic(sampler, X, y)


def synthetic_by_adasyn(X: Matrix, y: Labels, *, count: int, neighbours: int, seed: int) -> Matrix:
    """About ``count`` synthetic rows, more of them from frauds among genuine rows."""
    sampler = ADASYN(n_neighbors=neighbours, **_until(int(y.sum()) + count, seed=seed))
    return _synthetic(sampler, X, y)


def kept_by_nearmiss(X: Matrix, y: Labels, *, count: int, neighbours: int, version: int) -> Rows:
    """Positions of ``count`` genuine rows (version 3: at most) nearest to the frauds, ascending."""
    sampler = NearMiss(
        sampling_strategy=lambda _: {0: count},
        version=version,
        n_neighbors=neighbours,
        n_neighbors_ver3=min(neighbours, len(y) - int(y.sum())),
        n_jobs=1,
    )
    kept = _kept(sampler, X, y)
    genuine: Rows = kept[y[kept] == 0]
    return genuine


def kept_by_tomek(X: Matrix, y: Labels) -> Rows:
    """Positions of the rows of either class that are in no Tomek link."""
    return _kept(TomekLinks(sampling_strategy="all", n_jobs=1), X, y)


def kept_by_enn(X: Matrix, y: Labels, *, neighbours: int) -> Rows:
    """Positions of the rows of either class that most of their nearest rows do not outvote (Wilson 1972).

    NOTE: imbalanced-learn's default, ``kind_sel="all"``, removes a row for a single neighbour of the other class; the
    method as published asks for most of them.
    """
    sampler = EditedNearestNeighbours(sampling_strategy="all", kind_sel="mode", n_neighbors=neighbours, n_jobs=1)
    return _kept(sampler, X, y)


def outvoted(X: Matrix, y: Labels, rows: Matrix, labels: Labels, *, neighbours: int) -> NDArray[np.bool_]:
    """Which rows ``(R, F)`` outside ``X`` most of their nearest rows of ``X`` outvote, ``(R,)``; ties are genuine."""
    search = NearestNeighbors(n_neighbors=neighbours, n_jobs=1).fit(X)
    frauds = y[search.kneighbors(rows, return_distance=False)].sum(axis=1)
    wrong: NDArray[np.bool_] = (2 * frauds > neighbours) != (labels == 1)
    return wrong


def genuine_in_tomek_links(X: Matrix, y: Labels) -> Rows:
    """Positions of the genuine rows that are in a Tomek link.

    A link is a fraud and a genuine row that are each other's nearest row. So the nearest row of every fraud is found,
    then that of the genuine rows among these: with few frauds a small part of searching for every row, and the same
    links.
    """
    search = NearestNeighbors(n_neighbors=2, n_jobs=1).fit(X)
    nearest = np.arange(len(y))  # a row that is its own neighbour is in no link
    frauds = np.flatnonzero(y)
    nearest[frauds] = search.kneighbors(X[frauds], return_distance=False)[:, 1]
    genuine = np.unique(nearest[frauds][y[nearest[frauds]] == 0])
    if len(genuine):
        nearest[genuine] = search.kneighbors(X[genuine], return_distance=False)[:, 1]
    return np.flatnonzero(TomekLinks.is_tomek(y, nearest, class_type=[0])).astype(np.int64)


def _until(frauds: int, *, seed: int) -> dict[str, Any]:
    # a function, because a plain ratio would refer to the rows passed in, not to the natural ones
    return {"sampling_strategy": lambda _: {1: frauds}, "random_state": seed}


def _with_one_genuine(frauds: Matrix) -> tuple[Matrix, Labels]:
    # imbalanced-learn requires two classes; SMOTE reads only one
    return np.concatenate([frauds, frauds[:1]]), np.array([1] * len(frauds) + [0], dtype=np.int8)


def _synthetic(sampler: Any, X: Matrix, y: Labels) -> Matrix:
    resampled, _ = _resample(sampler, X, y)
    synthetic: Matrix = resampled[len(X) :]
    return synthetic


def _kept(sampler: Any, X: Matrix, y: Labels) -> Rows:
    _resample(sampler, X, y)
    kept: Rows = np.sort(sampler.sample_indices_)
    return kept


def _resample(sampler: Any, X: Matrix, y: Labels) -> tuple[Matrix, Labels]:
    with warnings.catch_warnings():
        # fewer rows than requested, more frauds than genuine rows: the callers count and note them
        warnings.simplefilter("ignore", UserWarning)
        try:
            resampled: tuple[Matrix, Labels] = sampler.fit_resample(X, y)
        except (ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())
            raise StrategyError(f"{type(sampler).__name__} cannot resample these rows: {reason}") from None
    return resampled
