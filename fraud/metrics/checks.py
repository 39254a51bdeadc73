"""What every metric requires of its inputs."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.errors import TargetError


def as_targets(y_true: ArrayLike) -> NDArray[np.bool_]:
    """Labels as booleans of shape (N,).

    Raises:
        TargetError: another shape, or a value that is neither 0 nor 1 (unknown labels must be left out before).
    """
    values = np.asarray(y_true)
    if values.ndim != 1:
        raise TargetError(f"y_true: expected shape (N,), found {values.shape}; one label per transaction, not one-hot")
    if values.dtype != np.bool_ and not np.isin(values, (0, 1)).all():
        strange = values[~np.isin(values, (0, 1))][0]
        raise TargetError(
            f"y_true: expected only 0 and 1, found {strange!r}; leave transactions nobody has labelled out"
        )
    return values.astype(np.bool_)


def as_alerts(alerts: ArrayLike, rows: int) -> NDArray[np.bool_]:
    """Alerts as booleans of shape (N,); scores are refused, so that nothing is judged at 0.5 by accident."""
    values = _same_length(np.asarray(alerts), rows, "alerts")
    if values.dtype != np.bool_:
        raise TargetError(f"alerts: expected booleans, found {values.dtype}; choose an operating point first")
    return values


def as_scores(y_score: ArrayLike, rows: int | None = None) -> NDArray[np.float64]:
    """Scores (or logits: any order will do) as float64 of shape (N,).

    Raises:
        TargetError: another shape or length, or NaN.
    """
    return as_numbers(y_score, rows, "y_score")


def as_probabilities(y_score: ArrayLike, rows: int) -> NDArray[np.float64]:
    """Scores in [0, 1] as float64 of shape (N,)."""
    values = as_scores(y_score, rows)
    if values.size and (values.min() < 0 or values.max() > 1):
        raise TargetError(
            f"y_score: expected probabilities in [0, 1], found {values.min():g} to {values.max():g}; take the sigmoid"
        )
    return values


def as_weights(sample_weight: ArrayLike | None, rows: int) -> NDArray[np.float64]:
    """Weights of the rows, shape (N,), none below 0; ones where none are given."""
    if sample_weight is None:
        return np.ones(rows)
    values = as_numbers(sample_weight, rows, "sample_weight")
    if values.size and values.min() < 0:
        raise TargetError(f"sample_weight: expected 0 or more, found {values.min():g}")
    return values


def as_numbers(values: ArrayLike, rows: int | None, name: str) -> NDArray[np.float64]:
    """Float64 of shape (N,) without NaN; ``name`` is what the error calls it."""
    numbers = _same_length(np.asarray(values, dtype=np.float64), rows, name)
    missing = np.isnan(numbers)
    if missing.any():
        raise TargetError(f"{name}: expected numbers, found NaN at row {int(missing.argmax())} of {numbers.size}")
    return numbers


def as_keys(values: ArrayLike, rows: int, name: str) -> NDArray[Any]:
    """Keys (days, cards, ranks) of shape (N,), one per transaction."""
    return _same_length(np.asarray(values), rows, name)


def _same_length(values: NDArray[Any], rows: int | None, name: str) -> NDArray[Any]:
    if values.ndim != 1 or (rows is not None and values.size != rows):
        expected = "(N,)" if rows is None else f"({rows},)"
        raise TargetError(f"{name}: expected shape {expected}, found {values.shape}; one value per transaction")
    return values
