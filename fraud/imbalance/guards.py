"""Guards against sampling, weighting and keeping weights by the wrong rows; cheap enough to run always.

| mistake | guard |
|---|---|
| rows sampled before the split | ``check_prevalence`` and ``features.check_split`` of each window |
| the validation set rebalanced | the same, and ``check_untouched`` after training |
| the weights kept are the best on other rows than those of validation | ``check_kept_weights`` |
| class weights counted over more than the training rows | ``check_weight_counts`` |
| a sampler whose rows contradict its own counts | ``check_training_rows`` |
"""

import hashlib

import numpy as np

from fraud.errors import LeakageError
from fraud.features import chunks
from fraud.imbalance.rows import Labels, Matrix, TrainingRows
from fraud.imbalance.weights import ClassCounts


def fingerprint(X: Matrix, y: Labels) -> str:
    """A digest of the values, shapes and types of features ``(N, F)`` and labels ``(N,)``."""
    digest = hashlib.blake2b(digest_size=16)
    for array in (X, y):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        for chunk in chunks(array):
            digest.update(np.ascontiguousarray(array[chunk]).data)
    return digest.hexdigest()


def check_untouched(before: str, X: Matrix, y: Labels, *, window: str) -> None:
    """Stop when a window was written to since its ``fingerprint`` was taken.

    Raises:
        LeakageError: the values, the number of rows or the types have changed.
    """
    if fingerprint(X, y) != before:
        raise LeakageError(
            f"{window}: its rows or labels were changed after they had been cut; samplers and losses may read the "
            "training rows and must write nothing. Pass copies to code that writes"
        )


def check_prevalence(y: Labels, natural: ClassCounts, *, window: str) -> None:
    """Stop unless a window holds as many frauds and genuine rows as the store has in its dates.

    Args:
        y: ``(N,)`` labels of the window, 0 and 1.
        natural: counted in the store, in the dates of the window, by the rule that cut the window.
        window: train, validation or test.

    Raises:
        LeakageError: rows were added or left out.
    """
    frauds, rows = int(np.count_nonzero(y)), len(y)
    if (frauds, rows) != (natural.positive, natural.total):
        raise LeakageError(
            f"{window}: {frauds} frauds in {rows} rows ({frauds / max(rows, 1):.3%}), the store has {natural.positive} "
            f"in {natural.total} ({natural.prevalence:.3%}) in these dates; rows were sampled before the split or in "
            "this window. Split first, then sample the training rows alone"
        )


def labels_fingerprint(y: Labels) -> str:
    """A digest of labels ``(N,)`` 0 and 1 of any type, in their order; it identifies a window."""
    return hashlib.blake2b(np.asarray(y, dtype=np.int8).data, digest_size=16).hexdigest()


def check_kept_weights(checked_on: str, y: Labels) -> None:
    """Stop unless the weights that are kept were chosen on the validation window.

    Args:
        checked_on: ``labels_fingerprint`` of the rows on which the checks during training were made.
        y: ``(N,)`` labels of the validation window.

    Raises:
        LeakageError: it used others, such as those of the test window.
    """
    if checked_on != labels_fingerprint(y):
        raise LeakageError(
            f"kept weights: chosen on other rows than the {len(y)} of the validation window; the test window may "
            "decide nothing. Check on validation during training"
        )


def check_weight_counts(used: ClassCounts | None, y: Labels) -> None:
    """Stop unless class weights come from the counts of the training rows ``y`` ``(N,)`` alone.

    Args:
        used: counts that a loss derived its weights from; None where it uses no counts.
        y: labels of the natural training rows.

    Raises:
        LeakageError: the counts differ, as when validation or test were counted as well.
    """
    train = ClassCounts.of(y)
    if used is not None and used != train:
        raise LeakageError(
            f"class weights: counted over {used.positive} frauds and {used.negative} genuine rows, the training rows "
            f"are {train.positive} and {train.negative}; count the training rows alone"
        )


def check_training_rows(rows: TrainingRows, X: Matrix, y: Labels) -> None:
    """Stop unless a sampler's rows fit the natural training rows ``X`` ``(N, F)``, ``y`` ``(N,)`` and its own counts.

    Raises:
        LeakageError: an index out of range, synthetic rows of another shape, type or class, wrong counts.
    """
    fault = _synthetic_fault(rows, X) or _index_fault(rows, y)
    if fault:
        raise LeakageError(
            f"training rows: {fault}; the model would be trained on other rows than reported. Fix the sampler"
        )


def _synthetic_fault(rows: TrainingRows, X: Matrix) -> str | None:
    if rows.synthetic_X is None or rows.synthetic_y is None:
        return None if rows.synthetic_X is rows.synthetic_y else "synthetic rows without labels, or labels without rows"
    if rows.synthetic_X.dtype != X.dtype or rows.synthetic_X.shape != (len(rows.synthetic_y), X.shape[1]):
        return (
            f"synthetic rows are {rows.synthetic_X.shape} {rows.synthetic_X.dtype} with {len(rows.synthetic_y)} "
            f"labels, expected {X.shape[1]} columns of {X.dtype}"
        )
    return None if np.all(rows.synthetic_y == 1) else "a synthetic row is not a fraud"


def _index_fault(rows: TrainingRows, y: Labels) -> str | None:
    pool = len(y) + (0 if rows.synthetic_y is None else len(rows.synthetic_y))
    if len(rows.index) and not (rows.index.min() >= 0 and rows.index.max() < pool):
        return f"the index reaches outside the {pool} natural and synthetic rows"
    positive = int(np.count_nonzero(rows.labels(y)))
    if (positive, len(rows.index) - positive) != (rows.positive, rows.negative):
        return (
            f"{rows.positive} frauds and {rows.negative} genuine rows stated, {positive} and "
            f"{len(rows.index) - positive} found"
        )
    return None
