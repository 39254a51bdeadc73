"""Rows of a feature table that is larger than memory: read from disk by column, by row or by batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.features.memory_maps import HELD_BYTES

Positions = NDArray[np.int64]

BATCH_ROWS = 262_144
"""Rows of the table that are read at a time, at most."""


class Columns(Protocol):
    """Columns of some rows, one at a time: a frame in memory, or rows on disk."""

    def __len__(self) -> int: ...

    def __getitem__(self, name: str, /) -> pl.Series: ...


@dataclass(frozen=True, eq=False)
class TableRows:
    """Some rows of a table on disk, in its order; what is read is not cached.

    Attributes:
        table: lazily, in its order.
        rows: positions in the table, ascending.
    """

    table: pl.LazyFrame
    rows: Positions

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def columns(self) -> list[str]:
        """Names of the table's columns."""
        return self.table.collect_schema().names()

    @overload
    def __getitem__(self, wanted: str, /) -> pl.Series: ...
    @overload
    def __getitem__(self, wanted: Positions, /) -> pl.DataFrame: ...
    def __getitem__(self, wanted: str | Positions, /) -> pl.Series | pl.DataFrame:
        """A column (N,), or all columns of some of the rows, at ascending positions among them."""
        if isinstance(wanted, str):
            return self.read([wanted])[wanted]
        return TableRows(self.table, self.rows[wanted]).read()

    def read(self, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Columns of all rows in memory, each in one chunk; None: every column."""
        parts = [part for _, part in self.batches(names)]
        return pl.concat(parts).rechunk() if parts else self._of(names).head(0).collect()

    def one_by_one(self, names: Sequence[str]) -> Iterator[pl.Series]:
        """Each column in one chunk; as many are read together as ``HELD_BYTES`` allow."""
        at_once = max(1, HELD_BYTES // (8 * max(len(self), 1)))
        for start in range(0, len(names), at_once):
            yield from self.read(names[start : start + at_once])

    def batches(self, names: Sequence[str] | None = None) -> Iterator[tuple[int, pl.DataFrame]]:
        """The rows in batches, each with the number of rows before it."""
        if not len(self.rows):
            return
        first, last = int(self.rows[0]), int(self.rows[-1])
        reached = first
        whole = self._of(names).slice(first, last + 1 - first)
        for batch in whole.collect_batches(chunk_size=BATCH_ROWS):
            begin, end = np.searchsorted(self.rows, [reached, reached + len(batch)])
            if end - begin == len(batch):
                yield int(begin), batch
            elif end > begin:
                yield int(begin), batch[self.rows[begin:end] - reached]
            reached += len(batch)

    def _of(self, names: Sequence[str] | None) -> pl.LazyFrame:
        return self.table if names is None else self.table.select(names)
