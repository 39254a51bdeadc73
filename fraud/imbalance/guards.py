"""Guards against sampling and weighting where the future would be seen; cheap enough to run always.

| mistake | guard |
|---|---|
| rows sampled before the split | ``check_prevalence``, ``check_positions`` of each window |
| the validation set rebalanced | the same, and ``check_untouched`` after training |
| early stopping on other rows than those of validation | ``check_stopping`` |
| class weights counted over more than the training rows | ``check_weight_counts`` |
| a sampler that says one thing and does another | ``check_training_rows`` |
"""

import hashlib

import numpy as np

from fraud.errors import LeakageError
from fraud.features import chunks
from fraud.imbalance.rows import Labels, Matrix, Rows, TrainingRows
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
    """Nothing wrote into a window since its ``fingerprint`` was taken.

    Raises:
        LeakageError: the values, the number of rows or the types have changed.
    """
    if fingerprint(X, y) != before:
        raise LeakageError(
            f"{window}: its rows or labels were changed after they had been cut; samplers and losses may read the "
            "training rows and must write nothing. Hand copies to whatever writes"
        )


def check_prevalence(y: Labels, natural: ClassCounts, *, window: str) -> None:
    """A window holds as many frauds and genuine rows as the store has in its dates.

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


def check_positions(positions: Rows, *, table_rows: int, window: str) -> None:
    """A window names rows of the feature table, each once.

    Raises:
        LeakageError: a row twice, or positions outside the table, as made-up rows have them.
    """
    outside = int(np.count_nonzero((positions < 0) | (positions >= table_rows)))
    repeated = int(np.count_nonzero(np.diff(np.sort(positions)) == 0))  # np.unique takes a hundred times as long
    if outside or repeated:
        raise LeakageError(
            f"{window}: {repeated} rows appear more than once and {outside} are not among the {table_rows} of the "
            "feature table; rows were sampled before the split. Split first, then sample the training rows alone"
        )


def labels_fingerprint(y: Labels) -> str:
    """A digest of labels ``(N,)`` 0 and 1 of any type, in their order: tells one window from another."""
    return hashlib.blake2b(np.asarray(y, dtype=np.int8).data, digest_size=16).hexdigest()


def check_stopping(stopped_on: str, y: Labels) -> None:
    """Training was stopped, and its weights chosen, on the validation window.

    Args:
        stopped_on: ``labels_fingerprint`` of the rows that early stopping looked at.
        y: ``(N,)`` labels of the validation window.

    Raises:
        LeakageError: they were others, such as those of the test window.
    """
    if stopped_on != labels_fingerprint(y):
        raise LeakageError(
            f"early stopping: looked at other rows than the {len(y)} of the validation window; the test window judges "
            "and chooses nothing. Stop on validation"
        )


def check_weight_counts(used: ClassCounts | None, y: Labels) -> None:
    """Class weights come from the counts of the training rows ``y`` ``(N,)`` and from nothing else.

    Args:
        used: what a loss made its weights of; None where it counted nothing.
        y: labels of the natural training rows.

    Raises:
        LeakageError: the counts are others, as when validation or test were counted as well.
    """
    train = ClassCounts.of(y)
    if used is not None and used != train:
        raise LeakageError(
            f"class weights: counted over {used.positive} frauds and {used.negative} genuine rows, the training rows "
            f"are {train.positive} and {train.negative}; count the training rows alone"
        )


def check_training_rows(rows: TrainingRows, X: Matrix, y: Labels) -> None:
    """What a sampler returned fits the natural training rows ``X`` ``(N, F)``, ``y`` ``(N,)`` and its own counts.

    Raises:
        LeakageError: an index outside the pool, made-up rows of another shape, type or class, counts that do not hold.
    """
    fault = _made_up_fault(rows, X) or _index_fault(rows, y)
    if fault:
        raise LeakageError(f"training rows: {fault}; the comparison would not be what it says. Mend the sampler")


def _made_up_fault(rows: TrainingRows, X: Matrix) -> str | None:
    if rows.synthetic_X is None or rows.synthetic_y is None:
        return None if rows.synthetic_X is rows.synthetic_y else "made-up rows without labels, or labels without rows"
    if rows.synthetic_X.dtype != X.dtype or rows.synthetic_X.shape != (len(rows.synthetic_y), X.shape[1]):
        return (
            f"made-up rows are {rows.synthetic_X.shape} {rows.synthetic_X.dtype} with {len(rows.synthetic_y)} labels, "
            f"expected {X.shape[1]} columns of {X.dtype}"
        )
    return None if np.all(rows.synthetic_y == 1) else "a made-up row is not a fraud"


def _index_fault(rows: TrainingRows, y: Labels) -> str | None:
    pool = len(y) + (0 if rows.synthetic_y is None else len(rows.synthetic_y))
    if len(rows.index) and not (rows.index.min() >= 0 and rows.index.max() < pool):
        return f"the index reaches outside the {pool} rows of the pool"
    positive = int(np.count_nonzero(rows.labels(y)))
    if (positive, len(rows.index) - positive) != (rows.positive, rows.negative):
        return (
            f"{rows.positive} frauds and {rows.negative} genuine rows said, {positive} and "
            f"{len(rows.index) - positive} found"
        )
    return None
