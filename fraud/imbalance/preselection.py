"""Which rows a neighbour search sees: the frauds, and as many genuine rows as the cap allows."""

from dataclasses import dataclass

import numpy as np

from fraud.errors import StrategyError
from fraud.features import take
from fraud.imbalance.rows import Matrix, NaturalRows, Rows


@dataclass(frozen=True, eq=False)
class NeighbourPool:
    """The rows among which neighbours are searched: frauds first, then genuine rows.

    Attributes:
        frauds: ``(P,)`` positions of the frauds that are searched.
        genuine: ``(G,)`` positions of the genuine rows that are searched.
        notes: one sentence on what was left out; empty where nothing was.
    """

    frauds: Rows
    genuine: Rows
    notes: tuple[str, ...]

    @property
    def rows(self) -> Rows:
        """``(P + G,)`` positions, frauds first."""
        return np.concatenate([self.frauds, self.genuine])

    @property
    def y(self) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
        """``(P + G,)`` labels of ``rows``."""
        return np.repeat(np.array([1, 0], dtype=np.int8), [len(self.frauds), len(self.genuine)])


def preselect(natural: NaturalRows, *, rows: int, balanced: bool = False) -> NeighbourPool:
    """A pool of at most ``rows`` rows: all frauds that fit in half of it, and genuine rows drawn at random.

    NOTE: leaving genuine rows out thins them around every fraud, so that samplers that compare the classes find fewer
    frauds surrounded: ``over-borderline`` discards fewer as noise, ``over-adasyn`` spreads its rows more evenly.

    Args:
        natural: the natural rows.
        rows: size of the pool.
        balanced: half of it genuine rows, no more than a quarter frauds; the rest is left for synthetic frauds.
    """
    frauds = draw(natural.frauds, rows // 4 if balanced else rows // 2, natural.rng)
    genuine = draw(natural.genuine, rows // 2 if balanced else rows - len(frauds), natural.rng)
    seen, total = len(frauds) + len(genuine), natural.counts.total
    if seen == total:
        return NeighbourPool(frauds, genuine, ())
    all_frauds = "all" if len(frauds) == len(natural.frauds) else f"of {len(natural.frauds)}"
    note = (
        f"Neighbours were searched among {seen} of {total} rows: {len(frauds)} frauds ({all_frauds}) and "
        f"{len(genuine)} genuine rows, drawn at random."
    )
    return NeighbourPool(frauds, genuine, (note,))


def numeric_columns(natural: NaturalRows) -> Rows:
    """Columns that have distances, (F_numeric,): the distance of two category codes means nothing.

    Raises:
        StrategyError: every column holds category codes.
    """
    columns = np.setdiff1d(np.arange(natural.X.shape[1]), np.asarray(natural.categorical, dtype=np.int64))
    if not len(columns):
        raise StrategyError(
            "a neighbour search needs a numeric feature, found category codes alone; "
            "use a strategy that weights or samples at random"
        )
    return columns


def numeric_rows(natural: NaturalRows, rows: Rows) -> Matrix:
    """Numeric columns of some rows, ``(R, F_numeric)`` float32, copied."""
    if not len(natural.categorical):
        return take(natural.X, rows)
    return np.ascontiguousarray(take(natural.X, rows)[:, numeric_columns(natural)])


def draw(positions: Rows, count: int, rng: np.random.Generator) -> Rows:
    """``count`` of the positions, without replacement and ascending; all where there are no more."""
    if count >= len(positions):
        return positions
    return np.sort(rng.choice(positions, size=count, replace=False))
