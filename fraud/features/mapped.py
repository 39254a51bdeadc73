"""Encoded matrices in memory maps: walked through without holding more of them than a stretch."""

import mmap
from collections.abc import Iterator

import numpy as np

CHUNK_ROWS = 262_144
"""Rows that follow each other between two releases."""
FAR_APART_ROWS = 4096
"""Rows anywhere between two releases: each may bring 64 KiB of its file along."""
HELD_BYTES = 2**30
"""Matrices of at most this size are held as they are."""


def release(X: np.ndarray) -> None:
    """Give the pages of a memory map back; they are read again where they are looked at again.

    NOTE: pages of files count as memory of the process that looked at them, as long as it does not say that it is done
    with them. What was written to a map of its file stays written; what was written to a copy of it (mode "c") is lost.
    """
    mapped = getattr(X, "_mmap", None)
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def take(X: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Copies of some rows, ``X[rows]``; of a large memory map no more is held than the copies."""
    if X.nbytes <= HELD_BYTES:
        return np.asarray(X[rows])
    taken = np.empty((len(rows), *X.shape[1:]), dtype=X.dtype)
    for start in range(0, len(rows), FAR_APART_ROWS):
        part = slice(start, start + FAR_APART_ROWS)
        taken[part] = X[rows[part]]
        release(X)
    return taken


def chunks(X: np.ndarray, rows: int = CHUNK_ROWS) -> Iterator[slice]:
    """Slices of the rows, in order; what was looked at is released after each, where ``X`` has more than one."""
    for start in range(0, len(X), rows):
        yield slice(start, min(start + rows, len(X)))
        if len(X) > rows:
            release(X)
