"""SMOTE, then rows removed: by cleaning (Batista, Prati and Monard 2004) or at random (Chawla et al. 2002).

Cleaning searches the neighbours of every row, natural and synthetic, in a pool of ``row_cap / 5`` rows at one fraud to
one genuine row, as imbalanced-learn's ``SMOTETomek`` and ``SMOTEENN`` do on all rows: the neighbours of 40,000 rows
among 40,000 need as many distances as those of 8,000 frauds among 200,000. Natural rows outside the pool stay; the
synthetic frauds that survive are repeated until the correction is reached.

NOTE: of a million rows the pool holds one genuine row in fifty, so that cleaning removes mostly frauds, natural and
synthetic, that lie among genuine rows.
"""

from collections.abc import Callable

import numpy as np

from fraud.errors import StrategyError
from fraud.imbalance import resampling
from fraud.imbalance.oversampling import smote, smote_rows, with_synthetic
from fraud.imbalance.preselection import NeighbourPool, numeric_columns, numeric_rows, preselect
from fraud.imbalance.rows import Labels, Matrix, NaturalRows, Rows, TrainingRows

CLEANING_SHARE = 5
Cleaner = Callable[[Matrix, Labels], Rows]


def smote_tomek(natural: NaturalRows, *, correction: float, neighbours: int) -> TrainingRows:
    """SMOTE, then both rows of every Tomek link removed."""
    return _cleaned(natural, resampling.kept_by_tomek, correction=correction, neighbours=neighbours)


def smote_enn(natural: NaturalRows, *, correction: float, neighbours: int, cleaning_neighbours: int) -> TrainingRows:
    """SMOTE, then every row removed whose nearest rows are not all of its class (edited nearest neighbours)."""

    def clean(X: Matrix, y: Labels) -> Rows:
        return resampling.kept_by_enn(X, y, neighbours=min(int(cleaning_neighbours), len(y) - 1))

    return _cleaned(natural, clean, correction=correction, neighbours=neighbours)


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


def _cleaned(natural: NaturalRows, clean: Cleaner, *, correction: float, neighbours: int) -> TrainingRows:
    pool = preselect(natural, rows=natural.row_cap // CLEANING_SHARE, balanced=True)
    synthetic, notes = _synthetic(natural, pool, neighbours=neighbours)
    removed, survivors = _clean(natural, pool, synthetic, clean)
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
    X = np.concatenate([numeric_rows(natural, pool.rows), synthetic[:, numeric_columns(natural)]])
    y = np.concatenate([pool.y, np.ones(len(synthetic), dtype=np.int8)])
    stays = np.zeros(len(X), dtype=bool)
    stays[clean(X, y)] = True
    n = len(pool.rows)
    return np.sort(pool.rows[~stays[:n]]), synthetic[stays[n:]]


def _check_some_left(frauds: int, genuine: int) -> None:
    if not frauds or not genuine:
        raise StrategyError(
            f"cleaning after SMOTE leaves {frauds} frauds and {genuine} genuine rows; the classes overlap too much "
            "for it: use over-smote"
        )
