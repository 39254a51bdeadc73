"""Batches as index tensors: one gather a batch instead of one Python call a row.

A ``DataLoader`` with ``batch_size=None`` and a sampler that yields whole index tensors moves some 70 times the rows a
second of the per-sample default.
"""

import math
from collections.abc import Iterator, Sequence

import lightning.pytorch as pl
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset, Sampler

from fraud.features import FAR_APART_ROWS, HELD_BYTES, release
from fraud.imbalance import TrainingRows
from fraud.model.processes import Shard, this_shard

Batch = tuple[Tensor, Tensor]
VALIDATION_BATCH = 4096
RELEASED_BATCHES = 64
"""Validation batches after which the pages of a large memory map are released."""
AHEAD_BYTES = 2**29
"""Bytes of training batches that are read ahead where the matrix is larger than ``HELD_BYTES``."""


class RowBlocks(Dataset[Batch]):
    """Rows of a matrix, and behind them the synthetic rows of a sampler, addressed by one index.

    Args:
        X: (N, F) float32, never copied.
        y: (N,) labels 0 or 1.
        rows: holds the synthetic rows, which index values of N and above address; None: there are none.
    """

    def __init__(self, X: Tensor, y: Tensor, rows: TrainingRows | None = None) -> None:
        self.X, self.y = X, y
        self.synthetic_X: Tensor | None = None
        self.synthetic_y: Tensor | None = None
        if rows is not None and rows.synthetic_X is not None and rows.synthetic_y is not None:
            self.synthetic_X, self.synthetic_y = _tensors(rows.synthetic_X, rows.synthetic_y)

    def __getitem__(self, index: Tensor | slice) -> Batch:
        """The batch (B, F), (B,) of the rows at an index tensor (B,); a slice is not copied."""
        if isinstance(index, slice):
            return self.X[index], self.y[index]
        # NOTE: index_select copies whole rows, eight times as fast as X[index], which copies number by number.
        if self.synthetic_X is None or self.synthetic_y is None:
            return self.X.index_select(0, index), self.y[index]
        natural, synthetic = index[index < len(self.X)], index[index >= len(self.X)] - len(self.X)
        return (
            torch.cat([self.X.index_select(0, natural), self.synthetic_X.index_select(0, synthetic)]),
            torch.cat([self.y[natural], self.synthetic_y[synthetic]]),
        )


class ShuffledBatches(Sampler[Tensor]):
    """Endless passes over an index, each in a new order, cut into full batches; the epoch is the whole training.

    Args:
        index: (M,) rows.
        batch_size: B; a batch runs on into the next pass, so that it is always full.
        steps: batches to yield.
        generator: source of the order.
    """

    def __init__(self, index: Tensor, *, batch_size: int, steps: int, generator: torch.Generator) -> None:
        self.index, self.batch_size, self.steps, self.generator = index, batch_size, steps, generator

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Tensor]:
        passes = _EndlessPasses(self.index, self.generator)
        for _ in range(self.steps):
            yield passes.take(self.batch_size)


class BalancedBatches(Sampler[Tensor]):
    """Frauds at the requested share: class first, then row; other genuine rows in every batch.

    The share is exact over the whole training: where it is no whole number of frauds a batch, batches hold one more or
    one fewer in turn. Rounded in every batch alike, 3 % of 16 rows would be 6 %, and the logit shift wrong.

    NOTE: ``WeightedRandomSampler`` and ``torch.multinomial`` stop at 2^24 rows; shuffled passes over each class do not.
    """

    def __init__(
        self,
        index: Tensor,
        y: Tensor,
        *,
        positive_share: float,
        batch_size: int,
        steps: int,
        generator: torch.Generator,
    ) -> None:
        self.fraud, self.genuine = index[y[index] == 1], index[y[index] == 0]
        self.frauds_a_batch = batch_size * positive_share
        self.batch_size, self.steps, self.generator = batch_size, steps, generator

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Tensor]:
        fraud, genuine = (_EndlessPasses(rows, self.generator) for rows in (self.fraud, self.genuine))
        for step in range(self.steps):
            frauds = round((step + 1) * self.frauds_a_batch) - round(step * self.frauds_a_batch)
            yield torch.cat([fraud.take(frauds), genuine.take(self.batch_size - frauds)])


class _EndlessPasses:
    """An endless sequence of passes over an index, each in a new order."""

    def __init__(self, index: Tensor, generator: torch.Generator) -> None:
        self.index, self.generator = index, generator
        self.order, self.position = index[:0], 0

    def take(self, count: int) -> Tensor:
        """The next rows (count,) of the sequence."""
        parts: list[Tensor] = []
        while count > 0:
            if self.position >= len(self.order):
                self.order = self.index[torch.randperm(len(self.index), generator=self.generator)]
                self.position = 0
            part = self.order[self.position : self.position + count]
            self.position += len(part)
            count -= len(part)
            parts.append(part)
        return parts[0] if len(parts) == 1 else torch.cat([self.order[:0], *parts])


class SharedBatches(Sampler[Tensor]):
    """One process's share of every batch of a sampler that all processes run alike.

    Args:
        whole: yields the batches of all; must draw the same ones in every process.
        shard: this process.
    """

    def __init__(self, whole: Sampler[Tensor], shard: Shard) -> None:
        self.whole, self.shard = whole, shard

    def __len__(self) -> int:
        return len(self.whole)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Tensor]:
        return (self.shard.of_batch(index) for index in self.whole)


class ReadAhead(IterableDataset[Batch]):
    """Batches of a matrix on disk: the rows of many batches are read at once, in the order of the file.

    Row by row, a batch would read as many pages of the file as it has rows, and the whole file would be in memory
    after a few hundred batches. The batches are the same.

    Args:
        rows: where the batches come from.
        source: the matrix of ``rows`` as a memory map.
        sampler: yields the batches' index tensors (B,).
    """

    def __init__(self, rows: RowBlocks, source: np.ndarray, sampler: Sampler[Tensor]) -> None:
        self.rows, self.source, self.sampler = rows, source, sampler

    def __len__(self) -> int:
        return len(self.sampler)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Batch]:
        waiting: list[Tensor] = []
        for index in self.sampler:
            waiting.append(index)
            if len(waiting) * len(index) * self.source[:1].nbytes >= AHEAD_BYTES:
                yield from self._read(waiting)
                waiting = []
        yield from self._read(waiting)

    def _read(self, batches: Sequence[Tensor]) -> Iterator[Batch]:
        if not batches:
            return
        wanted, order = torch.sort(torch.cat(list(batches)))
        X = torch.empty((len(wanted), self.source.shape[1]), dtype=self.rows.X.dtype)
        y = torch.empty(len(wanted), dtype=self.rows.y.dtype)
        for start in range(0, len(wanted), FAR_APART_ROWS):
            part = slice(start, start + FAR_APART_ROWS)
            X[part], y[part] = self.rows[wanted[part]]
            release(self.source)
        position = torch.empty_like(order)
        position[order] = torch.arange(len(order))
        for own in torch.split(position, [len(index) for index in batches]):
            yield X[own], y[own]


class SequentialBatches(Sampler[slice]):
    """Slices of a matrix, in order; of a large memory map no more than a few are held.

    Args:
        source: the matrix.
        rows: which of its rows.
    """

    def __init__(self, source: np.ndarray, rows: range) -> None:
        self.source, self.rows = source, rows

    def __len__(self) -> int:
        return math.ceil(len(self.rows) / VALIDATION_BATCH)

    def __iter__(self) -> Iterator[slice]:
        starts = range(self.rows.start, self.rows.stop, VALIDATION_BATCH)
        for number, start in enumerate(starts, start=1):
            yield slice(start, min(start + VALIDATION_BATCH, self.rows.stop))
            if self.source.nbytes > HELD_BYTES and number % RELEASED_BATCHES == 0:
                release(self.source)


class TrainingData(pl.LightningDataModule):
    """Training rows as the strategy samples them, validation rows at natural prevalence.

    Args:
        train: X (N, F) float32 and y (N,).
        validation: the same at natural prevalence; never resampled.
        rows: what the strategy made of the training rows.
        batch_size: rows in a training batch, of all processes together.
        steps: training batches.
        seed: of the order of the rows.
    """

    def __init__(
        self,
        train: tuple[np.ndarray, np.ndarray],
        validation: tuple[np.ndarray, np.ndarray],
        *,
        rows: TrainingRows,
        batch_size: int,
        steps: int,
        seed: int,
    ) -> None:
        super().__init__()
        self.train, self.validation, self.rows = _tensors(*train), _tensors(*validation), rows
        self.sources, self.shard = (train[0], validation[0]), this_shard()
        self.batch_size, self.steps, self.seed = batch_size, steps, seed

    def train_dataloader(self) -> DataLoader[Batch]:
        """Batches of the training rows, as index tensors."""
        blocks, sampler = RowBlocks(*self.train, self.rows), self._sampler(self.train[1])
        if self.shard.world > 1:
            sampler = SharedBatches(sampler, self.shard)
        if self.sources[0].nbytes > HELD_BYTES:
            return DataLoader(ReadAhead(blocks, self.sources[0], sampler), batch_size=None, num_workers=0)
        return DataLoader(blocks, sampler=sampler, batch_size=None, num_workers=0)

    def val_dataloader(self) -> DataLoader[Batch]:
        """The validation rows in order, in large batches; each of several processes has its part."""
        X, y = self.validation
        in_order = SequentialBatches(self.sources[1], self.shard.of_rows(len(y)))
        return DataLoader(RowBlocks(X, y), sampler=in_order, batch_size=None, num_workers=0)

    def _sampler(self, y: Tensor) -> Sampler[Tensor]:
        index = torch.from_numpy(self.rows.index)
        generator = torch.Generator().manual_seed(self.seed)
        if self.rows.balanced_batches:
            return BalancedBatches(
                index,
                y,
                positive_share=self.rows.positive_share,
                batch_size=self.batch_size,
                steps=self.steps,
                generator=generator,
            )
        return ShuffledBatches(index, batch_size=self.batch_size, steps=self.steps, generator=generator)


def _tensors(X: np.ndarray, y: np.ndarray) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(X), torch.from_numpy(np.asarray(y, dtype=np.float32))
