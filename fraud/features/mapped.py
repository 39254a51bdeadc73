"""Encoded matrices in memory maps: walked through without holding more of them than a stretch."""

import mmap
from collections.abc import Iterator

import numpy as np

CHUNK_ROWS = 262_144
"""Rows between two releases."""


def release(X: np.ndarray) -> None:
    """Give the pages of a memory map back; they are read again where they are looked at again.

    NOTE: pages of files count as memory of the process that looked at them, as long as it does not say that it is done
    with them. What was written to a map of its file stays written; what was written to a copy of it (mode "c") is lost.
    """
    mapped = getattr(X, "_mmap", None)
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def chunks(X: np.ndarray, rows: int = CHUNK_ROWS) -> Iterator[slice]:
    """Slices of the rows, in order; what was looked at is released after each, where ``X`` has more than one."""
    for start in range(0, len(X), rows):
        yield slice(start, min(start + rows, len(X)))
        if len(X) > rows:
            release(X)
