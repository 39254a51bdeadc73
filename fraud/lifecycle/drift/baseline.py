"""Normal variation: how much blocks of days of the reference differ from the rest of it.

Neighbouring days are correlated and weeks repeat, so that a test over single rows would flag everything. As many days
as the current rows have (a third of the reference at most) are taken out of the reference and compared with the rest,
in two ways: weeks drawn at random, and every stretch of neighbouring days. A difference of the current rows is drift
only where it passes all of these limits:

* more than chance: of the draws of weeks at most ``CHANCE`` differ by as much, in the measure that is most extreme
  among all measures of all columns (the maximum statistic of Westfall and Young, 1993, in units of each measure's
  standard deviation: it corrects for the number of columns and their correlation);
* more than usual: the same number of standard deviations of the stretches, which allows for slow changes, such as
  counts over 30 days or waves of fraud that last a month. Few stretches estimate it badly: ``FEW`` widens it;
* more than any stretch of the reference, and more than is relevant: ``FLOORS``.
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
"""The stretches' spread is multiplied by 1 + FEW / held: few non-overlapping stretches estimate it badly."""
STRETCHES: Final = 200
"""Most stretches of the reference compared, spread evenly."""
FLOORS: Final[Mapping[Measure, float]] = {"psi": 0.02, "ks": 0.03, "missing": 0.01, "prevalence": 0.1}
"""Smaller differences are irrelevant: PSI, share of rows (KS, missing), log of the ratio of two prevalences."""
LEAST_SPREAD: Final = 0.05
"""Least spread of a measure, as a share of its floor."""
SMALLEST_SHARE: Final = 1e-4
"""Smallest share of a bin, so that the PSI stays finite."""


@dataclass(frozen=True)
class Draws:
    """Weight of each block (0 or 1), in the pseudo-reference and in the pseudo-current rows."""

    reference: Floats
    """(R, K)"""
    current: Floats
    """(R, K)"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One measure of one column: of the current rows, and of draws and stretches of the reference."""

    column: str
    measure: Measure
    found: float
    drawn: Floats
    """(R,)"""
    stretches: Floats
    """(S,)"""
    held: float
    """Non-overlapping stretches that the reference holds."""


class Baseline:
    """Draws and stretches, the same for all columns.

    Args:
        blocks: number of blocks of the reference.
        current: number of blocks that the current rows fill.
        thinner: current rows over the rows of as many blocks of the reference; where much below 1, draws are thinned
            to as few rows, because few rows differ more by chance.
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
    """The limit of each measure above which it is drift, corrected for the number of measures."""
    if not measured:
        return []
    least = [LEAST_SPREAD * FLOORS[one.measure] for one in measured]
    most_extreme = np.max(
        [(one.drawn - one.drawn.mean()) / max(one.drawn.std(), few) for one, few in zip(measured, least, strict=True)],
        axis=0,
    )
    deviations = float(np.quantile(most_extreme, 1 - CHANCE))
    return [_limit(one, deviations, few) for one, few in zip(measured, least, strict=True)]


def _limit(one: Measured, deviations: float, least: float) -> float:
    chance = one.drawn.mean() + deviations * max(one.drawn.std(), least)
    usual = one.stretches.mean() + deviations * (1 + FEW / one.held) * max(one.stretches.std(), least)
    return float(max(FLOORS[one.measure], chance, usual, one.stretches.max()))


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
    """``DRAWS`` times: weeks drawn without replacement, ``length`` blocks in all, against the rest."""
    run = min(WEEK, length)
    runs, wanted = blocks // run, -(-length // run)
    starts = np.argsort(rng.random((DRAWS, runs)), axis=1)[:, :wanted] * run + rng.integers(0, blocks, (DRAWS, 1))
    drawn = (starts[:, :, None] + np.arange(run)).reshape(DRAWS, -1)[:, :length] % blocks
    inside = np.zeros((DRAWS, blocks))
    np.put_along_axis(inside, drawn, 1.0, axis=1)
    return Draws(1 - inside, inside)


def _stretches(blocks: int, length: int) -> Draws:
    """Every stretch of so many neighbouring blocks, wrapping around the end, against the rest."""
    starts = np.unique(np.linspace(0, blocks - 1, STRETCHES).astype(np.int64))
    inside = ((np.arange(blocks) - starts[:, None]) % blocks < length).astype(float)
    return Draws(1 - inside, inside)
