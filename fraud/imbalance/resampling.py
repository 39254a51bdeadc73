"""Samplers that look for neighbours, by imbalanced-learn; the only door to it.

imbalanced-learn takes NumPy, never polars frames. It gets no more rows than a search on one core can bear, and what it
makes comes back as index arrays into ``[X ; synthetic_X]``.
"""

import numpy as np
from imblearn.over_sampling import SMOTE

from fraud.errors import StrategyError
from fraud.imbalance.rows import NaturalRows, TrainingRows, already_at

__all__ = ["TrainingRows", "smote"]


def smote(natural: NaturalRows, *, ratio: float, neighbours: int) -> TrainingRows:
    """Frauds made up between a fraud and one of its nearest frauds (Chawla et al. 2002)."""
    missing = natural.missing_frauds(ratio)
    if not missing:
        return already_at(natural, ratio)
    n = natural.counts.positive
    if n < 2:
        raise StrategyError(f"over-smote: needs at least 2 frauds in the training rows, found {n}; widen the window")
    distinct = min(missing, natural.row_cap)
    X = np.concatenate([natural.X[natural.frauds], natural.X[natural.genuine[:1]]])
    y = np.array([1] * n + [0], dtype=np.int8)
    sampler = SMOTE(
        sampling_strategy=lambda y: {1: n + distinct},  # noqa: ARG005
        k_neighbors=min(neighbours, n - 1),
        random_state=int(natural.rng.integers(2**31 - 1)),
    )
    made = sampler.fit_resample(X, y)[0][n + 1 :]
    synthetic = len(natural.y) + np.resize(np.arange(distinct, dtype=np.int64), missing)
    return TrainingRows(
        index=np.concatenate([np.arange(len(natural.y), dtype=np.int64), synthetic]),
        positive=n + missing,
        negative=natural.counts.negative,
        synthetic_X=made,
        synthetic_y=np.ones(distinct, dtype=natural.y.dtype),
    )
