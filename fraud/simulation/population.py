"""Customers and terminals on a map, and which terminals a customer reaches (Fraud Detection Handbook, chapter 3.2)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fraud.simulation.settings import SECONDS_PER_DAY

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

RADIUS: Final = 5.0
SIDE_OF_10_000_TERMINALS: Final = 100.0
CUSTOMERS_PER_BLOCK: Final = 8_192


@dataclass(frozen=True)
class Population:
    """C customers, and for each the terminals within reach, laid end to end.

    ``reach[first[c] : first[c + 1]]`` are the terminals of customer c.
    """

    mean_amount: Floats
    """(C,) typical amount, uniform in [5, 100); the standard deviation is half of it."""
    daily: Floats
    """(C,) expected transactions a day, uniform in [0, 4); 0 where no terminal is within reach."""
    first: Ints
    """(C + 1,) where each customer's terminals begin in ``reach``."""
    reach: Ints
    """Terminals within reach, grouped by customer."""

    def terminals_for(self, customers: Ints, rng: np.random.Generator) -> Ints:
        """One terminal within reach for each of these customers, uniformly; shape of ``customers``."""
        begin = self.first[customers]
        choices = self.first[customers + 1] - begin
        return self.reach[begin + (rng.random(customers.size) * choices).astype(np.int64)]


def make_population(customers: int, terminals: int, *, rng: np.random.Generator) -> Population:
    """A population on a square map whose density of terminals is the handbook's: 10,000 on 100 by 100."""
    side = SIDE_OF_10_000_TERMINALS * np.sqrt(terminals / 10_000)
    positions = rng.uniform(0, side, (customers, 2))
    mean_amount = rng.uniform(5, 100, customers)
    daily = rng.uniform(0, 4, customers)
    first, reach = terminals_within(positions, rng.uniform(0, side, (terminals, 2)), radius=RADIUS)
    daily[np.diff(first) == 0] = 0.0
    return Population(mean_amount, daily, first, reach)


def terminals_within(positions: Floats, terminals: Floats, *, radius: float) -> tuple[Ints, Ints]:
    """Terminals closer than ``radius`` to each position.

    Terminals are sorted into square cells as wide as the radius, so that only nine cells are searched a position.

    Args:
        positions: (C, 2) coordinates of 0 or more.
        terminals: (T, 2) coordinates of 0 or more.
        radius: in the unit of the coordinates.

    Returns:
        Where each position's terminals begin, (C + 1,), and the terminals, grouped by position and ascending cell.
    """
    stride = int(max(positions.max(), terminals.max()) / radius) + 3
    cells = _cells(terminals, radius, stride)
    by_cell = np.argsort(cells, kind="stable")
    counts, found = [np.zeros(1, dtype=np.int64)], []
    for start in range(0, len(positions), CUSTOMERS_PER_BLOCK):
        block = positions[start : start + CUSTOMERS_PER_BLOCK]
        middle = _cells(block, radius, stride)[:, None] + np.array([-stride, 0, stride])
        low = np.searchsorted(cells[by_cell], middle - 1, side="left")
        high = np.searchsorted(cells[by_cell], middle + 1, side="right")
        owner = np.repeat(np.repeat(np.arange(len(block)), 3), (high - low).ravel())
        candidate = by_cell[_ranges(low.ravel(), high.ravel())]
        near = np.square(block[owner] - terminals[candidate]).sum(axis=1) < radius**2
        counts.append(np.bincount(owner[near], minlength=len(block)))
        found.append(candidate[near])
    return np.cumsum(np.concatenate(counts)), np.concatenate(found)


def _cells(positions: Floats, radius: float, stride: int) -> Ints:
    column, row = (positions / radius).astype(np.int64).T
    cells: Ints = (row + 1) * stride + column + 1
    return cells


def _ranges(low: Ints, high: Ints) -> Ints:
    """``low[0] .. high[0] - 1, low[1] .. high[1] - 1, ...`` end to end."""
    length = high - low
    before = np.cumsum(length) - length
    ranges: Ints = np.arange(length.sum()) + np.repeat(low - before, length)
    return ranges


def seconds_of_day(count: int, *, hours_moved: float, rng: np.random.Generator) -> tuple[Ints, Flags]:
    """Times of day around noon (standard deviation 20,000 s), and which of them fall inside the day.

    The handbook drops the others, about 3 %; a planted move goes around the clock, so that it drops no more.
    """
    seconds = rng.standard_normal(count) * 20_000 + SECONDS_PER_DAY / 2
    inside = (seconds > 0) & (seconds < SECONDS_PER_DAY)
    return ((seconds + hours_moved * 3600) % SECONDS_PER_DAY).astype(np.int64), inside
