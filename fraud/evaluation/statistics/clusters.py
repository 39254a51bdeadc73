"""Groups of transactions that stand or fall together: cards where there are cards, else days, else blocks of time.

Single transactions are not independent: the frauds of one compromised card are found or missed together, so a window
with 500 frauds on 60 cards carries far less information than 500 independent frauds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.errors import TargetError
from fraud.metrics import as_keys

FEWEST_CARDS = 50
"""With fewer distinct cards than this, time is the cluster instead."""
FEWEST_SECOND = 20
"""With fewer distinct values than this, a second entity is no second way to cluster."""
FEWEST_DAYS = 10
"""With fewer days than this, shorter blocks of time are the clusters instead."""
FEWEST_BLOCKS = 10
"""With fewer moments than this, each transaction is a cluster."""
BLOCKS = 20
"""Blocks of time at least, where days are too few."""


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


def choose_clusters(event_time: ArrayLike, *, entity: ArrayLike | None = None, entity_name: str = "card") -> Clusters:
    """Clusters of the transactions of one window: by entity where there are enough of them, else by time.

    Where there are neither cards nor more than a few moments, each transaction stands for itself.

    Args:
        event_time: datetime64 (N,).
        entity: card or customer of each transaction (N,), None where unknown (then a cluster of its own).
        entity_name: what ``kind`` calls it.

    Raises:
        TargetError: no transactions, or lengths that differ.
    """
    times = np.asarray(event_time)
    if not times.size:
        raise TargetError("clusters: expected at least one transaction, found none")
    if entity is not None:
        codes = _entity_codes(as_keys(entity, times.size, "entity"))
        if int(codes.max()) + 1 >= FEWEST_CARDS:
            return _counted(codes, entity_name)
    found = time_clusters(times)
    if found.count < FEWEST_BLOCKS:  # for example months by number: nothing but single transactions is left
        return _counted(np.arange(times.size), "transaction")
    return found


def second_clusters(entity: ArrayLike | None, *, entity_name: str, first: Clusters) -> Clusters | None:
    """A second way to cluster the same transactions, such as their terminals beside their customers.

    Args:
        entity: of each transaction (N,), None where unknown; None without a second entity.
        entity_name: what ``kind`` calls it.
        first: the first way; where that is time or single transactions, entities were too few, and there is no second.

    Returns:
        None where there is no second way.
    """
    if entity is None or first.is_time or first.kind == "transaction":
        return None
    codes = _entity_codes(as_keys(entity, first.codes.size, "entity"))
    return _counted(codes, entity_name) if int(codes.max(initial=-1)) + 1 >= FEWEST_SECOND else None


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


def _counted(codes: NDArray[np.int64], kind: str) -> Clusters:
    return Clusters(codes.astype(np.int32), int(codes.max()) + 1, kind)
