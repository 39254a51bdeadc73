"""Which rows a search for neighbours sees: all frauds, and as many genuine rows as one core can bear."""

from dataclasses import dataclass

import numpy as np

from fraud.errors import StrategyError
from fraud.features import take
from fraud.imbalance.rows import Matrix, NaturalRows, Rows


@dataclass(frozen=True, eq=False)
class Bench:
    """Rows under the eyes of a neighbour search: frauds first, then genuine rows.

    Attributes:
        frauds: ``(P,)`` positions of the frauds that are searched.
        genuine: ``(G,)`` positions of the genuine rows that are searched.
        notes: what was left out, one sentence; empty where nothing was.
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


def preselect(natural: NaturalRows, *, rows: int, balanced: bool = False) -> Bench:
    """A bench of at most ``rows`` rows: all frauds that fit in half of it, and genuine rows drawn at random.

    The genuine rows around a fraud get thinner by the share left out, so that a search that weighs the classes against
    each other finds fewer frauds surrounded: ``over-borderline`` sets fewer aside as lost among genuine rows,
    ``over-adasyn`` spreads its rows more evenly.

    Args:
        natural: the natural rows.
        rows: size of the bench.
        balanced: half of it genuine rows, no more than a quarter frauds; the rest is for frauds made up later.
    """
    frauds = draw(natural.frauds, rows // 4 if balanced else rows // 2, natural.rng)
    genuine = draw(natural.genuine, rows // 2 if balanced else rows - len(frauds), natural.rng)
    seen, total = len(frauds) + len(genuine), natural.counts.total
    if seen == total:
        return Bench(frauds, genuine, ())
    all_frauds = "all" if len(frauds) == len(natural.frauds) else f"of {len(natural.frauds)}"
    note = (
        f"Neighbours were searched among {seen} of {total} rows: {len(frauds)} frauds ({all_frauds}) and "
        f"{len(genuine)} genuine rows, drawn at random."
    )
    return Bench(frauds, genuine, (note,))


def numeric_columns(natural: NaturalRows) -> Rows:
    """Columns that have distances: category codes are names, and the distance of two names means nothing.

    Raises:
        StrategyError: every column holds category codes.
    """
    columns = np.setdiff1d(np.arange(natural.X.shape[1]), np.asarray(natural.categorical, dtype=np.int64))
    if not len(columns):
        raise StrategyError(
            "a search for neighbours needs a numeric feature, found category codes alone; "
            "use a strategy that weights or samples at random"
        )
    return columns


def measurable(natural: NaturalRows, rows: Rows) -> Matrix:
    """Numeric columns of some rows, ``(R, F_numeric)`` float32: a copy, of these rows alone."""
    if not len(natural.categorical):
        return take(natural.X, rows)
    return np.ascontiguousarray(take(natural.X, rows)[:, numeric_columns(natural)])


def draw(positions: Rows, count: int, rng: np.random.Generator) -> Rows:
    """``count`` of the positions, without replacement and ascending; all where there are no more."""
    if count >= len(positions):
        return positions
    return np.sort(rng.choice(positions, size=count, replace=False))
