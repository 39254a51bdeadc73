"""Encoded matrices in memory maps, read without holding more than a part of them in memory."""

import mmap
from collections.abc import Iterator

import numpy as np

CHUNK_ROWS = 262_144
"""Consecutive rows read between two releases."""
FAR_APART_ROWS = 4096
"""Scattered rows read between two releases: each may load 64 KiB of its file."""
HELD_BYTES = 2**30
"""Matrices, and columns read together, of at most this size are held in memory."""


def release(X: np.ndarray) -> None:
    """Release the pages of a memory map; they are read from disk again when needed.

    NOTE: pages of files count as memory of the process that read them until it releases them. What was written through
    to the file stays written; what was written copy-on-write (mode "c") is lost.
    """
    mapped = getattr(X, "_mmap", None)
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def take(X: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Copies of some rows, ``X[rows]``; of a large memory map only the copies stay in memory."""
    if X.nbytes <= HELD_BYTES:
        return np.asarray(X[rows])
    taken = np.empty((len(rows), *X.shape[1:]), dtype=X.dtype)
    for start in range(0, len(rows), FAR_APART_ROWS):
        part = slice(start, start + FAR_APART_ROWS)
        taken[part] = X[rows[part]]
        release(X)
    return taken


def chunks(X: np.ndarray, rows: int = CHUNK_ROWS) -> Iterator[slice]:
    """Slices of the rows, in order; pages are released after each, where ``X`` has more than one."""
    for start in range(0, len(X), rows):
        yield slice(start, min(start + rows, len(X)))
        if len(X) > rows:
            release(X)
