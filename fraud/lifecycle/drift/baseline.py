"""How much two stretches of the same world differ: blocks of days of the reference against the rest of it.

Neighbouring days resemble each other and weeks repeat, so that single rows, however many, prove nothing. As many days
as the current rows have (a third of the reference at most) are taken out of the reference and held against the rest,
in two ways: weeks drawn at random, and every stretch of neighbouring days. What the current rows show is drift only
where it passes all of these:

* more than chance: weeks drawn differ by so much, in the measure that stands out most among all measures of all
  columns, in at most ``CHANCE`` of the draws (the maximum statistic of Westfall and Young, 1993, in units of each
  measure's spread: it corrects for the number of columns, correlated as they are);
* more than ordinary: the same limit in the spread of the stretches, which holds back what moves slowly, such as counts
  over 30 days or waves of fraud that last a month. Three stretches tell their spread badly: ``FEW`` widens it;
* more than any stretch of the reference, and more than matters: ``FLOORS``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from fraud.lifecycle.drift.counts import Counts

Floats = NDArray[np.float64]
Measure = Literal["psi", "ks", "missing", "prevalence"]

DRAWS: Final = 1000
CHANCE: Final = 0.005
WEEK: Final = 7
FEW: Final = 6.0
"""Divided by how many stretches the reference holds end to end: by 1 plus that is their spread taken to be wider."""
STRETCHES: Final = 200
"""Stretches of the reference looked at, at most, spread evenly."""
FLOORS: Final[Mapping[Measure, float]] = {"psi": 0.02, "ks": 0.03, "missing": 0.01, "prevalence": 0.1}
"""Smaller differences change no decision: PSI, share of rows (KS, missing), log of the ratio of two prevalences."""
LEAST_SPREAD: Final = 0.05
"""Spread of a measure that never moves, as a share of its floor."""
SMALLEST_SHARE: Final = 1e-4
"""Of a bin, so that an empty one gives no infinite PSI."""


@dataclass(frozen=True)
class Draws:
    """How often each block counts, in the pseudo-reference and in the pseudo-current rows."""

    reference: Floats
    """(R, K)"""
    current: Floats
    """(R, K)"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One measure of one column: what was found and what draws and stretches of the reference gave."""

    column: str
    measure: Measure
    found: float
    drawn: Floats
    """(R,)"""
    stretches: Floats
    """(S,)"""
    held: float
    """How many such stretches the reference holds end to end."""


class Baseline:
    """Draws and stretches, the same for all columns.

    Args:
        blocks: number of blocks of the reference.
        current: number of blocks that the current rows fill.
        thinner: rows of the current stretch over those that as many blocks of the reference hold; where it has
            markedly fewer, draws are thinned alike, as few rows differ more by chance.
        rng: draws.
    """

    def __init__(self, blocks: int, current: int, *, thinner: float, rng: np.random.Generator) -> None:
        self._thinner, self._rng = thinner, rng
        length = min(current, max(1, blocks // 3))
        self._held = blocks / length
        self._draws = _draw_weeks(blocks, length, rng)
        self._stretches = _stretches(blocks, length)

    def measure(self, column: str, measure: Measure, reference: Counts, current: Counts) -> Measured:
        """One measure of a column.

        Args:
            column: its name.
            measure: of ``DISTANCES``.
            reference: (K, B)
            current: (B,)
        """
        distance = DISTANCES[measure]
        found = distance(reference.sum(axis=0)[None].astype(float), current[None].astype(float))
        drawn = self._thinned(self._draws.current @ reference)
        return Measured(
            column=column,
            measure=measure,
            found=float(found[0]),
            held=self._held,
            drawn=distance(self._draws.reference @ reference, drawn),
            stretches=distance(
                self._stretches.reference @ reference, self._thinned(self._stretches.current @ reference)
            ),
        )

    def _thinned(self, counts: Floats) -> Floats:
        if self._thinner > 0.7:
            return counts
        rows = counts.sum(axis=1, keepdims=True)
        few = np.maximum(1, np.round(rows[:, 0] * self._thinner)).astype(np.int64)
        shares = np.divide(counts, rows, out=np.full_like(counts, 1 / counts.shape[1]), where=rows > 0)
        return self._rng.multinomial(few, shares).astype(float)


def limits(measured: Sequence[Measured]) -> list[float]:
    """What each measure must pass to count as drift, all these corrected for together."""
    if not measured:
        return []
    least = [LEAST_SPREAD * FLOORS[one.measure] for one in measured]
    loudest = np.max(
        [(one.drawn - one.drawn.mean()) / max(one.drawn.std(), few) for one, few in zip(measured, least, strict=True)],
        axis=0,
    )
    times = float(np.quantile(loudest, 1 - CHANCE))
    return [_limit(one, times, few) for one, few in zip(measured, least, strict=True)]


def _limit(one: Measured, times: float, least: float) -> float:
    chance = one.drawn.mean() + times * max(one.drawn.std(), least)
    ordinary = one.stretches.mean() + times * (1 + FEW / one.held) * max(one.stretches.std(), least)
    return float(max(FLOORS[one.measure], chance, ordinary, one.stretches.max()))


def psi(reference: Floats, current: Floats) -> Floats:
    """Population stability index (R,) of counts (R, B): sum of (q - p) ln(q / p); 0 where a side is empty."""
    p, q, some = _shares(reference, current)
    p, q = np.maximum(p, SMALLEST_SHARE), np.maximum(q, SMALLEST_SHARE)
    return np.where(some, ((q - p) * np.log(q / p)).sum(axis=1), 0.0)


def ks(reference: Floats, current: Floats) -> Floats:
    """Largest distance (R,) of the two distribution functions at the bins' edges; 0 where a side is empty."""
    p, q, some = _shares(reference, current)
    return np.where(some, np.abs(np.cumsum(q - p, axis=1)).max(axis=1, initial=0.0), 0.0)


def share_moved(reference: Floats, current: Floats) -> Floats:
    """Change (R,) of the share of the second of two bins."""
    p, q, some = _shares(reference, current)
    return np.where(some, np.abs(q - p)[:, 1], 0.0)


def log_ratio(reference: Floats, current: Floats) -> Floats:
    """Absolute logarithm (R,) of the ratio of the shares of the second of two bins, half a row added to each."""
    p, q = ((side[:, 1] + 0.5) / (side.sum(axis=1) + 1) for side in (reference, current))
    some = (reference.sum(axis=1) > 0) & (current.sum(axis=1) > 0)
    moved: Floats = np.where(some, np.abs(np.log(q / p)), 0.0)
    return moved


DISTANCES: Final[Mapping[Measure, Callable[[Floats, Floats], Floats]]] = {
    "psi": psi,
    "ks": ks,
    "missing": share_moved,
    "prevalence": log_ratio,
}


def _shares(reference: Floats, current: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    sums = [side.sum(axis=1, keepdims=True) for side in (reference, current)]
    p, q = (side / np.maximum(total, 1) for side, total in zip((reference, current), sums, strict=True))
    return p, q, ((sums[0] > 0) & (sums[1] > 0))[:, 0]


def _draw_weeks(blocks: int, length: int, rng: np.random.Generator) -> Draws:
    """``DRAWS`` times: runs of ``WEEK`` neighbours, drawn without replacement, ``length`` blocks in all; the rest."""
    run = min(WEEK, length)
    runs, wanted = blocks // run, -(-length // run)
    starts = np.argsort(rng.random((DRAWS, runs)), axis=1)[:, :wanted] * run + rng.integers(0, blocks, (DRAWS, 1))
    drawn = (starts[:, :, None] + np.arange(run)).reshape(DRAWS, -1)[:, :length] % blocks
    inside = np.zeros((DRAWS, blocks))
    np.put_along_axis(inside, drawn, 1.0, axis=1)
    return Draws(1 - inside, inside)


def _stretches(blocks: int, length: int) -> Draws:
    """Every stretch of so many neighbours around the circle; the rest."""
    starts = np.unique(np.linspace(0, blocks - 1, STRETCHES).astype(np.int64))
    inside = ((np.arange(blocks) - starts[:, None]) % blocks < length).astype(float)
    return Draws(1 - inside, inside)
