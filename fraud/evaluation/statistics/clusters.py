"""What the bootstrap resamples: cards where there are cards, else days, else equal blocks of time.

Single transactions are never resampled: the frauds of one compromised card are found or missed together, so a window
with 500 frauds on 60 cards carries far less information than 500 independent frauds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.errors import TargetError
from fraud.metrics import as_keys

FEWEST_CARDS = 50
"""With fewer distinct cards than this, time is resampled instead."""
FEWEST_DAYS = 10
"""With fewer days than this, shorter blocks of time are resampled instead."""
FEWEST_BLOCKS = 10
"""With fewer moments than this, single transactions are resampled."""
BLOCKS = 20
"""Blocks of time at least, where days are too few."""
MOST_CLUSTERS = 20_000
"""More clusters than this are joined at random, to bound memory: groups of independent cards are independent too."""


@dataclass(frozen=True)
class Clusters:
    """Which cluster each transaction belongs to."""

    codes: NDArray[np.int32]
    """(N,), running 0..count-1."""
    count: int
    kind: str
    """Name of the entity ("customer"), "day" or "block"."""
    is_time: bool = False
    """Days or blocks of time, which bring their alerts along."""


def choose_clusters(
    event_time: ArrayLike, *, entity: ArrayLike | None = None, entity_name: str = "card", rng: np.random.Generator
) -> Clusters:
    """Clusters of the transactions of one window: by entity where there are enough of them, else by time.

    Where there are neither cards nor more than a few moments, each transaction stands for itself.

    Args:
        event_time: datetime64 (N,).
        entity: card or customer of each transaction (N,), None where unknown (then a cluster of its own).
        entity_name: what ``kind`` calls it.
        rng: joins clusters where there are more than ``MOST_CLUSTERS``.

    Raises:
        TargetError: no transactions, or lengths that differ.
    """
    times = np.asarray(event_time)
    if not times.size:
        raise TargetError("clusters: expected at least one transaction, found none")
    if entity is not None:
        codes = _entity_codes(as_keys(entity, times.size, "entity"))
        if int(codes.max()) + 1 >= FEWEST_CARDS:
            return _joined(codes, entity_name, rng)
    found = time_clusters(times)
    if found.count < FEWEST_BLOCKS:  # for example months by number: nothing but single transactions is left to resample
        return _joined(np.arange(times.size), "transaction", rng)
    return found


def time_clusters(event_time: ArrayLike) -> Clusters:
    """Clusters by UTC day; with fewer than ``FEWEST_DAYS`` of them, at least ``BLOCKS`` equal blocks of time.

    Blocks are of whole hours where the window has enough of them. Days or blocks without transactions do not count.
    """
    times = np.asarray(event_time).astype("datetime64[us]")
    days = np.unique(times.astype("datetime64[D]"), return_inverse=True)[1]
    if int(days.max()) + 1 >= FEWEST_DAYS:
        return Clusters(days.astype(np.int32), int(days.max()) + 1, "day", is_time=True)
    codes = np.unique(_blocks(times), return_inverse=True)[1]
    return Clusters(codes.astype(np.int32), int(codes.max()) + 1, "block", is_time=True)


def _blocks(times: NDArray[np.datetime64]) -> NDArray[np.int64]:
    hour = times.astype("datetime64[h]").astype(np.int64)
    hours = int(hour.max() - hour.min()) + 1
    if hours >= BLOCKS:
        return np.asarray((hour - hour.min()) // (hours // BLOCKS))
    since = (times - times.min()).astype(np.int64)
    return np.asarray(np.minimum(since * BLOCKS // max(int(since.max()), 1), BLOCKS - 1))


def _entity_codes(entity: NDArray[np.generic]) -> NDArray[np.int64]:
    """Codes 0..C-1 of the entities; each transaction without one gets a code of its own."""
    unknown = np.zeros(entity.size, dtype=np.bool_)
    if entity.dtype == object:
        unknown = np.array([one is None for one in entity.tolist()], dtype=np.bool_)
    codes = np.empty(entity.size, dtype=np.int64)
    known = np.unique(entity[~unknown], return_inverse=True)[1]
    codes[~unknown] = known
    first = int(known.max()) + 1 if known.size else 0
    codes[unknown] = first + np.arange(int(unknown.sum()))
    return codes


def _joined(codes: NDArray[np.int64], kind: str, rng: np.random.Generator) -> Clusters:
    count = int(codes.max()) + 1
    if count > MOST_CLUSTERS:
        codes = (rng.permutation(count) % MOST_CLUSTERS)[codes]
        count = MOST_CLUSTERS
    return Clusters(codes.astype(np.int32), count, kind)
