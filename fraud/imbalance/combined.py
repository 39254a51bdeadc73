"""SMOTE, then rows removed: by cleaning (Batista, Prati and Monard 2004) or at random (Chawla et al. 2002).

Cleaning searches neighbours in a pool at one fraud to one genuine row, of ``row_cap / 5`` rows at most: the neighbours
of 40,000 rows among 40,000 need as many distances as those of 8,000 frauds among 200,000. The synthetic frauds that
survive are repeated until the correction is reached. Where the pool holds all rows, both are the published methods.

``smote_enn`` judges every row by the pool, those outside it and further synthetic frauds as well, so that both classes
are cleaned alike. ``smote_tomek`` removes the links of the pool alone, and natural rows outside it stay: a link is a
pair, and of a million rows, of which the pool holds one genuine row in fifty, mostly frauds are removed.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fraud.errors import StrategyError
from fraud.imbalance import resampling
from fraud.imbalance.oversampling import smote, smote_rows, with_synthetic
from fraud.imbalance.preselection import NeighbourPool, numeric_columns, numeric_rows, preselect
from fraud.imbalance.rows import Labels, Matrix, NaturalRows, Rows, TrainingRows

CLEANING_SHARE = 5
VOTE_DISTANCES = 2_000_000_000
"""Distances between all rows and a pool: some ten seconds; a million rows are judged by a pool of 2,000."""
VOTE_ROWS = 50_000
"""Rows that are judged at a time."""
Mask = NDArray[np.bool_]
Cleaner = Callable[[Matrix, Labels], Rows]
Vote = Callable[[Matrix, Labels, Matrix, Labels], Mask]
"""``vote(X, y, rows, labels)``: which of the rows the nearest of ``X`` outvote."""


def smote_tomek(natural: NaturalRows, *, correction: float, neighbours: int) -> TrainingRows:
    """SMOTE, then both rows of every Tomek link removed."""
    return _cleaned(natural, resampling.kept_by_tomek, correction=correction, neighbours=neighbours)


def smote_enn(natural: NaturalRows, *, correction: float, neighbours: int, cleaning_neighbours: int) -> TrainingRows:
    """SMOTE, then every row removed that most of its nearest rows outvote (edited nearest neighbours, Wilson 1972)."""

    def clean(X: Matrix, y: Labels) -> Rows:
        return resampling.kept_by_enn(X, y, neighbours=min(int(cleaning_neighbours), len(y) - 1))

    def outvoted(X: Matrix, y: Labels, rows: Matrix, labels: Labels) -> Mask:
        return resampling.outvoted(X, y, rows, labels, neighbours=min(int(cleaning_neighbours), len(y)))

    return _cleaned(natural, clean, correction=correction, neighbours=neighbours, outvoted=outvoted)


def smote_under(natural: NaturalRows, *, correction: float, neighbours: int) -> TrainingRows:
    """SMOTE for half of the correction, then genuine rows removed at random for the other half (of the log-odds)."""
    rows = smote(natural, correction=correction / 2, neighbours=neighbours)
    keep = min(round(rows.positive / natural.counts.odds_at(correction)), rows.negative)
    genuine = natural.rng.choice(natural.genuine, size=keep, replace=False)
    synthetic = rows.index[rows.index >= len(natural.y)]
    return TrainingRows(
        index=np.concatenate([np.sort(np.concatenate([natural.frauds, genuine])), synthetic]),
        positive=rows.positive,
        negative=keep,
        synthetic_X=rows.synthetic_X,
        synthetic_y=rows.synthetic_y,
        notes=rows.notes,
    )


def _cleaned(
    natural: NaturalRows, clean: Cleaner, *, correction: float, neighbours: int, outvoted: Vote | None = None
) -> TrainingRows:
    limit = natural.row_cap // CLEANING_SHARE
    pool = preselect(natural, rows=min(limit, _affordable(natural)) if outvoted else limit, balanced=True)
    synthetic, notes = _synthetic(natural, pool, neighbours=neighbours)
    removed, survivors = _clean(natural, pool, synthetic, clean)
    if outvoted and len(pool.rows) < natural.counts.total:
        vote = partial(outvoted, *_pool_rows(natural, pool, synthetic))
        removed = np.sort(np.concatenate([removed, _outvoted_outside(natural, pool, vote)]))
        more, _ = smote_rows(natural, pool.frauds, count=natural.row_cap // 2, neighbours=neighbours)
        stays = ~vote(more[:, numeric_columns(natural)], np.ones(len(more), dtype=np.int8))
        synthetic, survivors = np.concatenate([synthetic, more]), np.concatenate([survivors, more[stays]])
    kept = np.setdiff1d(np.arange(len(natural.y)), removed, assume_unique=True)
    frauds = int(np.count_nonzero(natural.y[kept]))
    _check_some_left(frauds + len(survivors), len(kept) - frauds)
    wanted = round(natural.counts.odds_at(correction) * (len(kept) - frauds))
    count = max(0, wanted - frauds) if len(survivors) else 0
    lost = len(synthetic) - len(survivors)
    note = f"Cleaning removed {len(removed)} natural rows and {lost} of {len(synthetic)} synthetic frauds."
    return with_synthetic(natural, survivors, count=count, notes=(*pool.notes, *notes, note), kept=kept)


def _synthetic(natural: NaturalRows, pool: NeighbourPool, *, neighbours: int) -> tuple[Matrix, tuple[str, ...]]:
    """Synthetic frauds (S, F) until the pool holds as many frauds as genuine rows, and notes."""
    missing = len(pool.genuine) - len(pool.frauds)
    if missing <= 0:
        return np.empty((0, natural.X.shape[1]), dtype=np.float32), ()
    return smote_rows(natural, pool.frauds, count=missing, neighbours=neighbours)


def _clean(natural: NaturalRows, pool: NeighbourPool, synthetic: Matrix, clean: Cleaner) -> tuple[Rows, Matrix]:
    """Positions of the natural rows that are removed, and the synthetic rows that stay."""
    X, y = _pool_rows(natural, pool, synthetic)
    stays = np.zeros(len(X), dtype=bool)
    stays[clean(X, y)] = True
    n = len(pool.rows)
    return np.sort(pool.rows[~stays[:n]]), synthetic[stays[n:]]


def _pool_rows(natural: NaturalRows, pool: NeighbourPool, synthetic: Matrix) -> tuple[Matrix, Labels]:
    """Numeric columns and labels of the pool: its natural rows, then the synthetic frauds."""
    X = np.concatenate([numeric_rows(natural, pool.rows), synthetic[:, numeric_columns(natural)]])
    return X, np.concatenate([pool.y, np.ones(len(synthetic), dtype=np.int8)])


def _affordable(natural: NaturalRows) -> int:
    """Rows of a pool by which all rows can be judged in reasonable time."""
    return max(VOTE_DISTANCES // natural.counts.total, 20)


def _outvoted_outside(natural: NaturalRows, pool: NeighbourPool, vote: Callable[[Matrix, Labels], Mask]) -> Rows:
    """Positions of the natural rows outside the pool that it outvotes."""
    outside = np.setdiff1d(np.arange(len(natural.y)), pool.rows, assume_unique=True)
    parts = np.array_split(outside, max(1, len(outside) // VOTE_ROWS))
    return np.concatenate([part[vote(numeric_rows(natural, part), natural.y[part])] for part in parts])


def _check_some_left(frauds: int, genuine: int) -> None:
    if not frauds or not genuine:
        raise StrategyError(
            f"cleaning after SMOTE leaves {frauds} frauds and {genuine} genuine rows; the classes overlap too much "
            "for it: use over-smote"
        )
