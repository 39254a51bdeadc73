"""Average precision and ROC AUC on many resamples at once, exactly."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from fraud.evaluation.statistics.clusters import Clusters

Floats = NDArray[np.float64]


class RankedSums:
    """Rows of one score vector, summed per cluster between neighbouring distinct scores of frauds.

    Only scores that a fraud has move recall, so all that a resample needs is, for each of these P scores: the drawn
    frauds at it, the drawn genuine transactions at it, and those between it and the next higher one.
    """

    def __init__(self, y: NDArray[np.bool_], scores: Floats, clusters: Clusters) -> None:
        self.levels = np.unique(scores[y])[::-1]
        self.count = self.levels.size
        # Index of the highest level at or below each score; genuine rows below all levels get the count of levels.
        level = self.count - np.searchsorted(self.levels[::-1], scores, side="right")
        codes = clusters.codes
        tied = (level < self.count) & (self.levels[np.minimum(level, self.count - 1)] == scores) if self.count else y
        shape = (self.count + 1, clusters.count)
        self.frauds = pair_counts(level[y], codes[y], shape)
        self.above = pair_counts(level[~y & ~tied], codes[~y & ~tied], shape)
        self.tied = pair_counts(level[~y & tied], codes[~y & tied], shape)

    def figures(self, weights: NDArray[np.float32]) -> tuple[Floats, Floats]:
        """Average precision and ROC AUC of each column of ``weights`` (C, chunk); nan where they do not exist."""
        gain = (self.frauds @ weights).astype(np.float64)
        tied = (self.tied @ weights).astype(np.float64)
        negative = np.cumsum(self.above @ weights + tied, axis=0)
        positive = np.cumsum(gain, axis=0)
        frauds, genuine = positive[-1], negative[-1]
        precision = divide(positive, positive + negative)
        ap = divide(np.nansum(gain * precision, axis=0), frauds)
        below = genuine - negative + tied / 2
        return ap, divide(np.sum(gain * below, axis=0), frauds * genuine)


def pair_counts(rows: NDArray[np.int64], columns: NDArray[np.int32], shape: tuple[int, int]) -> sparse.csr_array:
    """How often each (row, column) pair occurs; float32, exact up to 2^24, so that products with weights are fast."""
    ones = np.ones(rows.size, dtype=np.float32)
    return sparse.coo_array((ones, (rows, columns)), shape=shape).tocsr()


def divide(over: Floats, under: Floats) -> Floats:
    """Element by element, nan where there is nothing to divide by."""
    result = np.full(np.broadcast(over, under).shape, np.nan)
    np.divide(over, under, out=result, where=under != 0)
    return result
