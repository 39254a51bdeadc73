"""What a figure's uncertainty is summed over: clusters of transactions, one or two ways, and windows in time.

Frauds of one customer are found or missed together, and so are those at one terminal: where transactions have two
entities, both are ways to cluster them. Rows of one combination of clusters and fold are one **cell**: everything that
intervals need is sums over cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.errors import LeakageError, TargetError
from fraud.evaluation.statistics.clusters import Clusters

FEWEST_CLUSTERS = 10
"""With fewer clusters no interval is made: five seeds or four folds cannot show how another month would differ."""

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Sampling:
    """Clusters and folds of the pooled test rows (N,), shared by every strategy, so that differences are paired.

    Raises:
        LeakageError: fewer than ``FEWEST_CLUSTERS`` clusters in one of the ways.
        TargetError: ways and folds of different lengths.
    """

    ways: tuple[Clusters, ...]
    """One or two, rows as in every array handed in later."""
    fold: Codes
    """Window in time (N,) that each transaction was judged in, 0..F-1."""

    @classmethod
    def of(cls, *ways: Clusters, fold: ArrayLike | None = None) -> "Sampling":
        """One or two clusterings; without ``fold`` (N,) everything is one window."""
        rows = ways[0].codes.size
        return cls(ways, np.zeros(rows, np.int64) if fold is None else np.asarray(fold, dtype=np.int64))

    def __post_init__(self) -> None:
        for way in self.ways:
            if way.count < FEWEST_CLUSTERS:
                raise LeakageError(
                    f"sampling: expected at least {FEWEST_CLUSTERS} clusters (cards, days or blocks of time), "
                    f"found {way.count} ({way.kind}); a longer test window is needed"
                )
            if way.codes.shape != self.fold.shape:
                raise TargetError(f"sampling: expected {self.fold.shape} clusters, found {way.codes.shape}")

    @property
    def rows(self) -> int:
        """N."""
        return self.fold.size

    @property
    def folds(self) -> int:
        """F."""
        return int(self.fold.max(initial=0)) + 1

    @property
    def is_time(self) -> bool:
        """Whether days or blocks of time are the clusters, which bring their alerts along."""
        return self.ways[0].is_time

    @cached_property
    def cell(self) -> Codes:
        """Cell (N,) of each row: its clusters and its fold."""
        return self._cells[1]

    @property
    def cells(self) -> int:
        """M."""
        return self._cells[0].size

    @cached_property
    def cell_fold(self) -> Codes:
        """Fold (M,) of each cell."""
        return self.fold[self._cells[0]]

    @cached_property
    def cell_ways(self) -> tuple[Codes, ...]:
        """Cluster (M,) of each cell, of each way; with two ways also of their intersection, as the third."""
        codes = [np.asarray(way.codes[self._cells[0]], dtype=np.int64) for way in self.ways]
        if len(codes) == 2:
            codes.append(np.unique(codes[0] * self.ways[1].count + codes[1], return_inverse=True)[1])
        return tuple(codes)

    @cached_property
    def _cells(self) -> tuple[Codes, Codes]:
        """A row (M,) of each cell, and the cell (N,) of each row."""
        key = self.fold.astype(np.int64)
        for way in self.ways:
            # Numbered anew after each step, so that the product of the counts never overflows.
            key = np.unique(key * way.count + way.codes, return_inverse=True)[1]
        _, first, cell = np.unique(key, return_index=True, return_inverse=True)
        return first, cell

    def in_cells(self, values: Floats) -> Floats:
        """Sums (M,) of the values of the rows (N,)."""
        self.check(values)
        return summed(self.cell, values, self.cells)

    def in_clusters(self, values: Floats) -> list[Floats]:
        """Sums of the values of the rows (N,) by cluster, one array a way."""
        self.check(values)
        return [summed(way.codes, values, way.count) for way in self.ways]

    def check(self, values: NDArray[np.generic]) -> None:
        """Refuse values of other rows.

        Raises:
            TargetError: another number of them.
        """
        if values.shape != self.fold.shape:
            raise TargetError(f"sampling: expected {self.fold.shape} values, found {values.shape}")


def summed(codes: NDArray[np.integer[Any]], values: ArrayLike, count: int = 0) -> Floats:
    """Sums of values by their codes, of at least ``count`` codes."""
    return np.bincount(codes, weights=np.asarray(values, dtype=np.float64), minlength=count).astype(np.float64)


def describe_sources(sampling: Sampling, seeds: Sequence[int]) -> dict[str, object]:
    """The section ``intervals`` of ``report.json``: how intervals are made and what varies in them.

    Args:
        sampling: of the run.
        seeds: networks of each judged strategy in a fold; a single one shows nothing of how another would differ.
    """
    sources: list[dict[str, object]] = [
        {"source": way.kind, "count": way.count, "kind": "clusters", "included": True} for way in sampling.ways
    ]
    sources.append(
        {"source": "seed", "count": max(seeds, default=1), "kind": "seeds", "included": min(seeds, default=1) > 1}
    )
    sources.append({"source": "fold", "count": sampling.folds, "kind": "folds", "included": sampling.folds > 1})
    return {"method": "influence values by cluster (infinitesimal jackknife)", "level": 0.95, "sources": sources}
