"""All features of one entity, for every transaction, in the order of the transactions.

A pure function of the rows of that entity alone, so that it serves the whole table, its new days, and a bucket of
entities alike.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs

from fraud.features.history import by_entity, code_of, history_features, pair_features, with_past
from fraud.features.history_windows import level_features, window_features
from fraud.features.labels import label_features
from fraud.features.ledger import labels_by_entity, ledger_of
from fraud.features.sorted_search import put_in_order

BLOCK_ROWS = 262_144
"""Rows of a block, not counting the rest of its last entity: intermediate results fit the processor's cache."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """All rows and all labels of some values of an entity.

    Attributes:
        past: as ``history.with_past`` returns them.
        requested: the rows whose features are requested, with the columns of ``sorted_search.moment_positions``.
        labels: as ``ledger.labels_by_entity`` returns them.
        first: the smallest requested ``row``.
    """

    past: pl.DataFrame
    requested: pl.DataFrame
    labels: pl.DataFrame
    first: int


def entity_features(
    transactions: pl.DataFrame,
    labels: pl.DataFrame,
    positions: pl.DataFrame,
    entity: str,
    *,
    others: Sequence[str] = (),
    windows: Sequence[str],
    has_amount: bool,
) -> pl.DataFrame:
    """Windows, history, known labels and pairs of one entity.

    Args:
        transactions: ``row``, event_time, the entities' codes and, where there is an amount, the columns of
            ``rows.in_whole_numbers``; sorted by ``row``.
        labels: as ``ledger.known_labels`` returns them.
        positions: as ``sorted_search.moment_positions`` returns them for the last transactions, the requested ones.
        entity: column of the entity.
        others: entities whose pairs with this one are features.
        windows: lengths as polars writes them.
        has_amount: whether there are amounts.

    Returns:
        Float32 features, one row for each requested transaction, in their order; null where the entity is null.
    """
    compute = partial(
        _features, entity=entity, others=others, windows=windows, rows=len(transactions), has_amount=has_amount
    )
    codes = [code_of(name) for name in (entity, *others)]
    read = transactions.select("row", "event_time", cs.matches("^(amount|units|level)$"), *codes)
    label_columns = labels.select("row", "event_time", "known_at", "is_fraud", cs.matches("^amount$"), code_of(entity))
    return compute_by_blocks(compute, read, label_columns, positions, entity)


def compute_by_blocks(
    compute: Callable[[Block], pl.DataFrame],
    transactions: pl.DataFrame,
    labels: pl.DataFrame,
    positions: pl.DataFrame,
    entity: str,
) -> pl.DataFrame:
    """Features that a function computes from the rows of each entity, in the order of the requested transactions.

    Args:
        compute: Float32 features, one row for each requested row of a block, never NaN.
        transactions: as ``entity_features`` takes them.
        labels: likewise.
        positions: likewise.
        entity: column of the entity.
    """
    first = len(transactions) - len(positions)
    ordered, ledger = by_entity(transactions, entity), labels_by_entity(labels, entity)

    def computed(block: _BlockSlices) -> tuple[pl.Series, pl.DataFrame]:
        past = with_past(ordered[block.rows], entity)
        rows = past.filter(pl.col("row") >= first) if first else past
        requested = pl.concat([rows, positions[rows["row"] - first]], how="horizontal")
        features = compute(Block(past=past, requested=requested, labels=ledger[block.labels], first=first))
        return rows["row"], features.fill_null(math.nan)  # while it is in the cache

    with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
        rows, features = zip(*threads.map(computed, _blocks(ordered, ledger, entity)), strict=True)
    return in_time_order(pl.concat(rows), pl.concat(features), first, len(positions))


class _BlockSlices(NamedTuple):
    rows: slice
    labels: slice


def _blocks(ordered: pl.DataFrame, ledger: pl.DataFrame, entity: str) -> Iterator[_BlockSlices]:
    """Slices of both frames, at least one; all rows of an entity are in one block."""
    codes, of_labels = (frame[code_of(entity)].to_numpy() for frame in (ordered, ledger))
    inner = np.unique(np.searchsorted(codes, codes[BLOCK_ROWS::BLOCK_ROWS]))
    inner = inner[inner > 0]
    ends = zip((*inner, len(codes)), (*np.searchsorted(of_labels, codes[inner]), len(of_labels)), strict=True)
    row = label = 0
    for row_end, label_end in ends:
        yield _BlockSlices(slice(row, int(row_end)), slice(label, int(label_end)))
        row, label = int(row_end), int(label_end)


def _features(
    block: Block, *, entity: str, others: Sequence[str], windows: Sequence[str], rows: int, has_amount: bool
) -> pl.DataFrame:
    requested, past = block.requested, block.past
    ledger = ledger_of(block.labels, entity, rows=rows, has_amount=has_amount)
    earlier = [
        history_features(requested.lazy(), past, entity, has_amount=has_amount),
        window_features(requested, past, entity, windows, has_amount=has_amount),
    ]
    made = pl.concat(earlier, how="horizontal")
    parts = [
        made.with_columns(level_features(entity, windows)) if has_amount else made,
        label_features(requested, ledger, entity, windows=windows, has_amount=has_amount),
        *(_pairs(block, entity, other).lazy() for other in others),
    ]
    return pl.concat(parts, how="horizontal").collect(engine="in-memory")


def _pairs(block: Block, entity: str, other: str) -> pl.DataFrame:
    """The features of a pair, one row for each requested row."""
    here = block.past.select("row", "event_time", code_of(entity), code_of(other)).with_row_index("position")
    past = with_past(by_entity(here, entity, other), entity, other)
    made = pair_features(past.lazy(), past, entity, other).collect(engine="in-memory")
    found = in_time_order(past["position"], made, 0, len(here))
    return found if len(block.requested) == len(here) else found.filter(here["row"] >= block.first)


def in_time_order(rows: pl.Series, features: pl.DataFrame, first: int, total: int) -> pl.DataFrame:
    """Features in the order of the transactions; null for transactions without any.

    Args:
        rows: the ``row`` of each row of ``features``, each once.
        features: Float32, never NaN.
        first: the smallest requested ``row``.
        total: number of requested rows.
    """
    # NOTE: columns that may be null take several times as long to reorder.
    found = features.fill_null(math.nan)
    source = np.full(total, len(features), dtype=np.uint32)
    source[rows.to_numpy().astype(np.int64) - first] = np.arange(len(features), dtype=np.uint32)
    if len(features) < total:
        nothing = pl.DataFrame({name: [math.nan] for name in features.columns}, schema=features.schema)
        found = pl.concat([found, nothing])
    return put_in_order(found, pl.Series(source)).fill_nan(None)
