"""SMOTE, and then rows taken out again: by cleaning (Batista, Prati and Monard 2004) or at random (Chawla et al. 2002).

Cleaning lets every row, natural and made up, ask for its neighbours. It is done on a bench of ``row_cap / 5`` rows, at
one fraud to one genuine row, as imbalanced-learn's ``SMOTETomek`` and ``SMOTEENN`` do on all rows: 40,000 rows asking
40,000 are as many distances as 8,000 frauds asking 200,000. Natural rows that the bench did not hold stay; the made-up
frauds that survive are used as often as ``ratio`` asks.

NOTE: on a million rows the bench holds one genuine row in fifty, so what cleaning takes away there is mostly frauds,
natural and made up, that lie among genuine rows.
"""

from collections.abc import Callable

import numpy as np

from fraud.errors import StrategyError
from fraud.imbalance import resampling
from fraud.imbalance.oversampling import smote, smote_rows, with_made
from fraud.imbalance.preselection import Bench, measurable, numeric_columns, preselect
from fraud.imbalance.rows import Labels, Matrix, NaturalRows, Rows, TrainingRows

CLEANING_SHARE = 5
Cleaner = Callable[[Matrix, Labels], Rows]


def smote_tomek(natural: NaturalRows, *, ratio: float, neighbours: int) -> TrainingRows:
    """SMOTE, then both ends of every Tomek link out."""
    return _cleaned(natural, resampling.kept_by_tomek, ratio=ratio, neighbours=neighbours)


def smote_enn(natural: NaturalRows, *, ratio: float, neighbours: int, cleaning_neighbours: int) -> TrainingRows:
    """SMOTE, then every row out whose nearest rows are not all of its own class (edited nearest neighbours)."""

    def clean(X: Matrix, y: Labels) -> Rows:
        return resampling.kept_by_enn(X, y, neighbours=min(int(cleaning_neighbours), len(y) - 1))

    return _cleaned(natural, clean, ratio=ratio, neighbours=neighbours)


def smote_under(natural: NaturalRows, *, over_ratio: float, ratio: float, neighbours: int) -> TrainingRows:
    """SMOTE up to ``over_ratio`` frauds to one genuine row, then genuine rows out at random, down to ``ratio``."""
    rows = smote(natural, ratio=over_ratio, neighbours=neighbours)
    keep = min(int(rows.positive / ratio), rows.negative)
    genuine = natural.rng.choice(natural.genuine, size=keep, replace=False)
    made = rows.index[rows.index >= len(natural.y)]
    return TrainingRows(
        index=np.concatenate([np.sort(np.concatenate([natural.frauds, genuine])), made]),
        positive=rows.positive,
        negative=keep,
        synthetic_X=rows.synthetic_X,
        synthetic_y=rows.synthetic_y,
        notes=rows.notes,
    )


def _cleaned(natural: NaturalRows, clean: Cleaner, *, ratio: float, neighbours: int) -> TrainingRows:
    bench = preselect(natural, rows=natural.row_cap // CLEANING_SHARE, balanced=True)
    made, notes = _made(natural, bench, neighbours=neighbours)
    removed, survivors = _clean(natural, bench, made, clean)
    kept = np.setdiff1d(np.arange(len(natural.y)), removed, assume_unique=True)
    frauds = int(np.count_nonzero(natural.y[kept]))
    _check_some_left(frauds + len(survivors), len(kept) - frauds)
    count = max(0, int(ratio * (len(kept) - frauds)) - frauds) if len(survivors) else 0
    lost = len(made) - len(survivors)
    note = f"Cleaning took {len(removed)} natural rows and {lost} of {len(made)} made-up frauds out."
    return with_made(natural, survivors, count=count, notes=(*bench.notes, *notes, note), kept=kept)


def _made(natural: NaturalRows, bench: Bench, *, neighbours: int) -> tuple[Matrix, tuple[str, ...]]:
    missing = len(bench.genuine) - len(bench.frauds)
    if missing <= 0:
        return np.empty((0, natural.X.shape[1]), dtype=np.float32), ()
    return smote_rows(natural, bench.frauds, count=missing, neighbours=neighbours)


def _clean(natural: NaturalRows, bench: Bench, made: Matrix, clean: Cleaner) -> tuple[Rows, Matrix]:
    """Positions of the natural rows that go, and the made-up rows that stay."""
    X = np.concatenate([measurable(natural, bench.rows), made[:, numeric_columns(natural)]])
    y = np.concatenate([bench.y, np.ones(len(made), dtype=np.int8)])
    stays = np.zeros(len(X), dtype=bool)
    stays[clean(X, y)] = True
    n = len(bench.rows)
    return np.sort(bench.rows[~stays[:n]]), made[stays[n:]]


def _check_some_left(frauds: int, genuine: int) -> None:
    if not frauds or not genuine:
        raise StrategyError(
            f"cleaning after SMOTE leaves {frauds} frauds and {genuine} genuine rows; the classes lie too close "
            "together for it: use over-smote"
        )
