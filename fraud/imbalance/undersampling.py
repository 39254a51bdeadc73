"""Genuine rows removed by their distance to the frauds, measured in the numeric columns."""

import numpy as np

from fraud.imbalance import resampling
from fraud.imbalance.preselection import numeric_rows, preselect
from fraud.imbalance.rows import NaturalRows, Rows, TrainingRows, nothing_sampled


def nearmiss(natural: NaturalRows, *, correction: float, neighbours: int, version: int) -> TrainingRows:
    """All frauds, and the genuine rows nearest to them (NearMiss, Mani and Zhang 2003).

    Version 1 takes the genuine rows with the smallest mean distance to their nearest frauds; version 3 takes, of the
    nearest genuine rows of each fraud, those farthest from their nearest frauds, and may find fewer than requested.
    Genuine rows outside the searched pool are removed, unless more are to stay than were searched: the rest is then
    drawn at random, so that the correction is what it is called.
    """
    wanted = natural.genuine_kept(correction)
    if wanted == natural.counts.negative:
        return nothing_sampled(natural, correction)
    pool = preselect(natural, rows=natural.row_cap)
    kept = resampling.kept_by_nearmiss(
        numeric_rows(natural, pool.rows),
        pool.y,
        count=min(wanted, len(pool.genuine)),
        neighbours=min(int(neighbours), len(pool.frauds)),
        version=int(version),
    )
    genuine, notes = pool.rows[kept], list(pool.notes)
    if more := max(0, wanted - len(pool.genuine)):
        unseen = np.setdiff1d(natural.genuine, pool.genuine, assume_unique=True)
        genuine = np.concatenate([genuine, natural.rng.choice(unseen, size=more, replace=False)])
        notes.append(f"{more} genuine rows that were not searched were kept at random.")
    if len(genuine) < wanted:
        notes.append(f"{len(genuine)} genuine rows were kept, {wanted} were requested.")
    return only(natural.frauds, genuine, notes=tuple(notes))


def tomek(natural: NaturalRows) -> TrainingRows:
    """Every row but the genuine ones in a Tomek link: a fraud and a genuine row that are each other's nearest (1976).

    Few rows are removed, so that the class shares hardly change. Genuine rows outside the searched pool stay.
    """
    pool = preselect(natural, rows=natural.row_cap)
    linked = pool.rows[resampling.genuine_in_tomek_links(numeric_rows(natural, pool.rows), pool.y)]
    genuine = np.setdiff1d(natural.genuine, linked, assume_unique=True)
    return only(natural.frauds, genuine, notes=(*pool.notes, f"{len(linked)} genuine rows were removed."))


def only(frauds: Rows, genuine: Rows, *, notes: tuple[str, ...]) -> TrainingRows:
    """Some frauds and some genuine rows, in the order of the table."""
    index = np.sort(np.concatenate([frauds, genuine]))
    return TrainingRows(index=index, positive=len(frauds), negative=len(genuine), notes=notes)
