"""Simulated test windows of which the truth is known, for the figures that judging gives of them.

Genuine transactions are noise. Frauds come in bursts: several on one card within days of each other, or in worlds of
two entities half of them at one terminal, on cards of anyone. How visible a burst is differs from burst to burst and is
the same for all strategies, but for a part of their own. A network of another seed, or of another fold, is tilted: it
sees frauds of each of a few kinds more or less clearly, all of them alike.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.sampling import Sampling

DAYS, CARDS, TERMINALS, KINDS = 30, 800, 300, 4
BURST = 2.5
"""Mean number of frauds of a burst, geometric; with heavy tails one burst in ten has ten times as many."""
VISIBLE, SEEN, NOISE, TILT, SEED_NOISE = 0.8, 0.4, 0.3, 0.4, 0.2
"""Standard deviations in logits: of bursts; of a strategy's view of a burst and a row; of seeds, by kind and by row."""
LEAD = 0.5
"""By how many logits the better strategy sees frauds more clearly."""
STRATEGIES = ("better", "equal", "equal again")


@dataclass(frozen=True, kw_only=True)
class World:
    """What varies between the worlds of a benchmark."""

    alerts_per_day: int
    frauds: int
    """Expected in the window."""
    entities: int = 1
    seeds: int = 1
    """Networks a strategy and fold; a single one has no tilt."""
    folds: int = 1
    heavy: bool = False
    """Whether some bursts are ten times as long."""

    @property
    def genuine_per_day(self) -> int:
        """Enough that the alerts are a small part of a day."""
        return max(150, 6 * self.alerts_per_day)


@dataclass(frozen=True, kw_only=True)
class Window:
    """One simulated test window: rows (N,) and the logits (strategies, S, N) of each strategy's networks."""

    y: np.ndarray
    day: np.ndarray
    card: np.ndarray
    sampling: Sampling
    logits: np.ndarray


def simulate(world: World, rng: np.random.Generator) -> Window:
    """One window of a world."""
    burst, day, card, terminal = _frauds(world, rng)
    bursts = int(burst.max(initial=-1)) + 1
    genuine = DAYS * world.genuine_per_day
    y = np.arange(genuine + burst.size) >= genuine
    days = np.append(np.repeat(np.arange(DAYS), world.genuine_per_day), day)
    cards = np.append(rng.integers(0, CARDS, genuine), card)
    terminals = np.append(rng.integers(0, TERMINALS, genuine), terminal)
    fold = days * world.folds // DAYS
    middle = float(ndtri(1 - world.alerts_per_day / world.genuine_per_day))
    visible, kind = rng.normal(middle, VISIBLE, bursts), rng.integers(0, KINDS, bursts)
    common = rng.normal(size=y.size)
    common[y] += visible[burst]
    logits = np.empty((len(STRATEGIES), world.seeds, y.size))
    for number in range(len(STRATEGIES)):
        view = common + NOISE * rng.normal(size=y.size)
        view[y] += SEEN * rng.normal(size=bursts)[burst] + LEAD * (number == 0)
        for seed in range(world.seeds):
            logits[number, seed] = view
            if world.seeds > 1:
                tilt = TILT * rng.normal(size=(world.folds, KINDS))
                logits[number, seed] += SEED_NOISE * rng.normal(size=y.size)
                logits[number, seed, y] += tilt[fold[y], kind[burst]]
    ways = [Clusters(cards.astype(np.int32), CARDS, "card")]
    if world.entities > 1:
        ways.append(Clusters(terminals.astype(np.int32), TERMINALS, "terminal"))
    return Window(y=y, day=days, card=cards, sampling=Sampling.of(*ways, fold=fold), logits=logits)


def _frauds(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Burst, day, card and terminal of each fraud; at least one fraud."""
    longer = 1 + 0.1 * 9 * world.heavy
    bursts = max(1, int(rng.poisson(world.frauds / (BURST * longer))))
    length = rng.geometric(1 / BURST, bursts)
    if world.heavy:
        length[rng.random(bursts) < 0.1] *= 10
    burst = np.repeat(np.arange(bursts), length)
    start, gap = rng.integers(0, DAYS, bursts)[burst], rng.geometric(0.4, burst.size) - 1
    at_terminal = (rng.random(bursts) < 0.5)[burst] & (world.entities > 1)
    card = np.where(at_terminal, rng.integers(0, CARDS, burst.size), rng.integers(0, CARDS, bursts)[burst])
    terminal = np.where(at_terminal, rng.integers(0, TERMINALS, bursts)[burst], rng.integers(0, TERMINALS, burst.size))
    return burst, (start + gap) % DAYS, card, terminal
