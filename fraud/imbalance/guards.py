"""Guards against sampling and weighting where the future would be seen; cheap enough to run always.

| mistake | guard |
|---|---|
| rows sampled before the split | ``check_prevalence``, ``check_positions``, ``check_no_made_up_rows`` of each window |
| the validation set rebalanced | the same, and ``check_untouched`` after training |
| class weights counted over more than the training rows | ``check_weight_counts`` |
| a sampler that says one thing and does another | ``check_training_rows`` |
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraud.errors import LeakageError
from fraud.imbalance.rows import Labels, Matrix, Rows, TrainingRows
from fraud.imbalance.weights import ClassCounts

_HASHED_ROWS = 65_536


def fingerprint(X: Matrix, y: Labels) -> str:
    """A digest of the values, shapes and types of features ``(N, F)`` and labels ``(N,)``."""
    digest = hashlib.blake2b(digest_size=16)
    for array in (X, y):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
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
    repeated = len(positions) - len(np.unique(positions))
    if outside or repeated:
        raise LeakageError(
            f"{window}: {repeated} rows appear more than once and {outside} are not among the {table_rows} of the "
            "feature table; rows were sampled before the split. Split first, then sample the training rows alone"
        )


def check_no_made_up_rows(rows: TrainingRows, X: Matrix, *, window: str) -> None:
    """None of the rows that a sampler made up is among the rows ``X`` ``(N, F)`` of another window.

    Raises:
        LeakageError: some are.
    """
    if rows.synthetic_X is None:
        return
    found = int(np.isin(_row_hashes(X), _row_hashes(rows.synthetic_X)).sum())
    if found:
        raise LeakageError(
            f"{window}: {found} of {len(X)} rows were made up by a sampler; they may be in the training rows alone. "
            "Split first, then sample the training rows"
        )


def check_weight_counts(used: ClassCounts, y: Labels) -> None:
    """Class weights come from the counts of the training rows ``y`` ``(N,)`` and from nothing else.

    Raises:
        LeakageError: the counts are others, as when validation or test were counted as well.
    """
    train = ClassCounts.of(y)
    if used != train:
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


def _row_hashes(X: Matrix) -> NDArray[np.uint64]:
    """One number a row, ``(N,)``: equal rows have equal numbers, others almost surely not."""
    odd = np.random.default_rng(0).integers(2**63, size=X.shape[1], dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    bits: NDArray[Any] = np.ascontiguousarray(X, dtype=np.float32).view(np.uint32)
    hashes = np.empty(len(X), dtype=np.uint64)
    for start in range(0, len(X), _HASHED_ROWS):  # in chunks: the product takes twice the room of the rows
        part = slice(start, start + _HASHED_ROWS)
        hashes[part] = (bits[part].astype(np.uint64) * odd).sum(axis=1, dtype=np.uint64)
    return hashes
