"""Sorted search: positions of moments among the rows of each entity, by merges of ascending integers.

Two merges find a moment among the rows of an entity. The number of events before it, over all entities, is computed
once. An entity's code in the upper bits above that number gives integers that ascend wherever rows are sorted by entity
and time; so the position within the entity is a merge again. Nothing is grouped or hashed, whatever the number of
entities.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

MINUTES = {"m": 1, "h": 60, "d": 60 * 24, "w": 60 * 24 * 7}
"""Minutes of each unit of window lengths."""

Packed = NDArray[np.uint64]

_BITS = np.uint64(32)
_MOMENT = timedelta(microseconds=1)


def minutes(window: str) -> int:
    """Length of a window.

    >>> minutes("7d")
    10080
    """
    return int(window[:-1]) * MINUTES[window[-1]]


def events_before(window: str) -> str:
    """Name of the column of ``moment_positions`` with the number of events, of all entities, before t - w."""
    return f"events before -{window}"


def labels_at(window: str | None = None) -> str:
    """Name of the column of ``moment_positions`` with the number of labels known at t - w, or at t, of all entities."""
    return "labels" if window is None else f"labels at -{window}"


def moment_positions(times: pl.Series, known_at: pl.Series, windows: Sequence[str], *, first: int = 0) -> pl.DataFrame:
    """Positions among all events, and among all labels, at which the windows of each transaction begin.

    Args:
        times: event_time of all transactions, ascending.
        known_at: when each label became known, ascending.
        windows: lengths as polars writes them.
        first: number of transactions at the start that are left out.

    Returns:
        The columns ``events_before`` and ``labels_at`` of all windows, and ``labels_at()``, UInt32.
    """
    now = times[first:]
    found = {labels_at(): merge(now + _MOMENT, known_at)}
    for window in windows:
        then = now - timedelta(minutes=minutes(window))
        found |= {events_before(window): merge(then, times), labels_at(window): merge(then + _MOMENT, known_at)}
    return pl.DataFrame(merged(found))


def merge(moments: pl.Series, ascending: pl.Series) -> pl.LazyFrame:
    """How many values of ``ascending`` are smaller than each of ``moments``, which ascend too; one column, UInt32."""
    numbered = ascending.to_frame("at").lazy().select("at", count=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32))
    found = moments.to_frame("at").lazy()
    found = found.join_asof(numbered, on="at", allow_exact_matches=False, check_sortedness=False)
    return found.select(pl.col("count").fill_null(0))


def merged(merges: Mapping[str, pl.LazyFrame]) -> list[pl.Series]:
    """The columns of merges under their names, computed in parallel."""
    return [
        found.to_series().rechunk().alias(name)
        for name, found in zip(merges, pl.collect_all(merges.values()), strict=True)
    ]


def packed(code: pl.Series, number: pl.Series) -> pl.Series:
    """A code in the upper 32 bits and a number in the lower ones; UInt64."""
    return pl.Series(_packed(code.to_numpy(), number.to_numpy()))


def entity_order(codes: pl.DataFrame) -> pl.Series:
    """Positions of the rows sorted by code, otherwise in their order; UInt32.

    Args:
        codes: of one entity or of several, UInt32, without nulls; the first is the primary key.
    """
    # NOTE: sorting integers that hold code and position is several times as fast as sorting positions by their code.
    positions = np.arange(len(codes), dtype=np.uint32)
    order = None
    for code in reversed(codes.get_columns()):
        both = _packed(code.to_numpy() if order is None else code.to_numpy()[order], positions)
        both.sort()
        sorted_by_code = both.astype(np.uint32)
        order = sorted_by_code if order is None else order[sorted_by_code]
    return pl.Series(order)


def put_in_order(rows: pl.DataFrame, source: pl.Series) -> pl.DataFrame:
    """The rows at these positions, UInt32."""
    # NOTE: column by column, each in one chunk first: among many chunks every single row is searched for.
    with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
        return pl.DataFrame(list(threads.map(lambda column: column.rechunk().gather(source), rows)))


def _packed(code: NDArray[np.uint32], number: NDArray[np.uint32]) -> Packed:
    return (code.astype(np.uint64) << _BITS) | number


def largest_between(values: pl.Series, begin: pl.Series, end: pl.Series) -> pl.Series:
    """The largest of the values from one position up to another, row by row; 0 where there is none.

    Two ranges of 2^k values, one from the begin on, one up to the end, cover all between them (a sparse table).

    Args:
        values: Int64.
        begin: position of the first, UInt32.
        end: position after the last, UInt32.
    """
    largest, begins, ends = values.to_numpy(), begin.to_numpy(), end.to_numpy()
    doublings = np.frexp((ends - begins).astype(np.float64))[1].astype(np.int8) - 1
    found = np.zeros(len(begins), dtype=np.int64)
    for k in range(int(doublings.max(initial=-1)) + 1):
        at = np.flatnonzero(doublings == k)
        found[at] = np.maximum(largest[begins[at]], largest[ends[at] - 2**k])
        largest = np.maximum(largest[: -(2**k)], largest[2**k :])
    return pl.Series(found)
