"""Genuine rows left out for where they lie among the frauds. Distances are those of the numeric columns."""

import numpy as np

from fraud.imbalance import resampling
from fraud.imbalance.preselection import measurable, preselect
from fraud.imbalance.rows import NaturalRows, Rows, TrainingRows, already_at


def nearmiss(natural: NaturalRows, *, ratio: float, neighbours: int, version: int) -> TrainingRows:
    """All frauds, and the genuine rows nearest to them (NearMiss, Mani and Zhang 2003).

    Version 1 takes the genuine rows with the smallest mean distance to their nearest frauds; version 3 takes, of the
    nearest genuine rows of each fraud, those farthest from their nearest frauds, and may find fewer than asked.
    Genuine rows that the search did not see are out: choosing among what it sees is the whole rule.
    """
    wanted = int(natural.counts.positive / ratio)
    if wanted >= natural.counts.negative:
        return already_at(natural, ratio)
    bench = preselect(natural, rows=natural.row_cap)
    kept = resampling.kept_by_nearmiss(
        measurable(natural, bench.rows),
        bench.y,
        count=min(wanted, len(bench.genuine)),
        neighbours=min(int(neighbours), len(bench.frauds)),
        version=int(version),
    )
    short = (f"{len(kept)} genuine rows were kept, {wanted} asked for.",) if len(kept) < wanted else ()
    return only(natural.frauds, bench.rows[kept], notes=bench.notes + short)


def tomek(natural: NaturalRows) -> TrainingRows:
    """Every row but the genuine ones in a Tomek link: a fraud and a genuine row that are each other's nearest (1976).

    Few rows go, so that the classes stay about as they were. Genuine rows that the search did not see stay.
    """
    bench = preselect(natural, rows=natural.row_cap)
    linked = bench.rows[resampling.genuine_in_tomek_links(measurable(natural, bench.rows), bench.y)]
    genuine = np.setdiff1d(natural.genuine, linked, assume_unique=True)
    return only(natural.frauds, genuine, notes=(*bench.notes, f"{len(linked)} genuine rows were left out."))


def only(frauds: Rows, genuine: Rows, *, notes: tuple[str, ...]) -> TrainingRows:
    """Some frauds and some genuine rows, in the order of the table."""
    index = np.sort(np.concatenate([frauds, genuine]))
    return TrainingRows(index=index, positive=len(frauds), negative=len(genuine), notes=notes)
