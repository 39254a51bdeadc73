"""All features of one entity, for every transaction, in the order of the transactions.

One pure function per entity: it reads the rows of that entity alone, so the same function serves the whole table, its
new days, and a bucket of entities.
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
from fraud.features.labels import label_features
from fraud.features.ledger import labels_by_entity, ledger_of
from fraud.features.order import put_in_order
from fraud.features.windows import level_features, window_features

BLOCK_ROWS = 262_144
"""Rows of a block, but for the rest of its last entity: what is made of them stays in the processor's cache."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """All rows and all labels of some values of an entity.

    Attributes:
        past: as ``history.with_past`` gives them.
        asked: those of the rows whose features are asked for, with the columns of ``order.clock``.
        labels: as ``ledger.labels_by_entity`` gives them.
        first: the smallest ``row`` that is asked for.
    """

    past: pl.DataFrame
    asked: pl.DataFrame
    labels: pl.DataFrame
    first: int


def entity_features(
    transactions: pl.DataFrame,
    labels: pl.DataFrame,
    clock: pl.DataFrame,
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
        labels: as ``ledger.known_labels`` gives them.
        clock: as ``order.clock`` gives it for the last transactions, which are those asked for.
        entity: column of the entity.
        others: entities whose pairs with this one are asked for.
        windows: lengths as polars writes them.
        has_amount: whether there are amounts.

    Returns:
        Float32 features, one row for each transaction asked for, in their order; null where the entity is null.
    """
    make = partial(
        _features, entity=entity, others=others, windows=windows, rows=len(transactions), has_amount=has_amount
    )
    codes = [code_of(name) for name in (entity, *others)]
    read = transactions.select("row", "event_time", cs.matches("^(amount|units|level)$"), *codes)
    facts = labels.select("row", "event_time", "known_at", "is_fraud", cs.matches("^amount$"), code_of(entity))
    return made_by_blocks(make, read, facts, clock, entity)


def made_by_blocks(
    make: Callable[[Block], pl.DataFrame],
    transactions: pl.DataFrame,
    labels: pl.DataFrame,
    clock: pl.DataFrame,
    entity: str,
) -> pl.DataFrame:
    """What a function makes of the rows of each entity, Float32, in the order of the transactions asked for.

    Args:
        make: Float32 features beside the rows of a block that are asked for, none of them ever NaN.
        transactions: as ``entity_features`` takes them.
        labels: likewise.
        clock: likewise.
        entity: column of the entity.
    """
    first = len(transactions) - len(clock)
    ordered, ledger = by_entity(transactions, entity), labels_by_entity(labels, entity)

    def made(cut: _Cut) -> tuple[pl.Series, pl.DataFrame]:
        past = with_past(ordered[cut.rows], entity)
        asked = past.filter(pl.col("row") >= first) if first else past
        beside = pl.concat([asked, clock[asked["row"] - first]], how="horizontal")
        features = make(Block(past=past, asked=beside, labels=ledger[cut.labels], first=first))
        return asked["row"], features.fill_null(math.nan)  # while it is in the cache

    with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
        rows, features = zip(*threads.map(made, _cuts(ordered, ledger, entity)), strict=True)
    return in_time_order(pl.concat(rows), pl.concat(features), first, len(clock))


class _Cut(NamedTuple):
    rows: slice
    labels: slice


def _cuts(ordered: pl.DataFrame, ledger: pl.DataFrame, entity: str) -> Iterator[_Cut]:
    """Where the blocks lie in both, at least one; no entity is cut in two."""
    codes, of_labels = (frame[code_of(entity)].to_numpy() for frame in (ordered, ledger))
    inner = np.unique(np.searchsorted(codes, codes[BLOCK_ROWS::BLOCK_ROWS]))
    inner = inner[inner > 0]
    ends = zip((*inner, len(codes)), (*np.searchsorted(of_labels, codes[inner]), len(of_labels)), strict=True)
    row = label = 0
    for row_end, label_end in ends:
        yield _Cut(slice(row, int(row_end)), slice(label, int(label_end)))
        row, label = int(row_end), int(label_end)


def _features(
    block: Block, *, entity: str, others: Sequence[str], windows: Sequence[str], rows: int, has_amount: bool
) -> pl.DataFrame:
    asked, past = block.asked, block.past
    ledger = ledger_of(block.labels, entity, rows=rows, has_amount=has_amount)
    earlier = [
        history_features(asked.lazy(), past, entity, has_amount=has_amount),
        window_features(asked, past, entity, windows, has_amount=has_amount),
    ]
    made = pl.concat(earlier, how="horizontal")
    parts = [
        made.with_columns(level_features(entity, windows)) if has_amount else made,
        label_features(asked, ledger, entity, windows=windows, has_amount=has_amount),
        *(_pairs(block, entity, other).lazy() for other in others),
    ]
    return pl.concat(parts, how="horizontal").collect(engine="in-memory")


def _pairs(block: Block, entity: str, other: str) -> pl.DataFrame:
    """The features of a pair, row by row beside the rows asked for."""
    here = block.past.select("row", "event_time", code_of(entity), code_of(other)).with_row_index("place")
    past = with_past(by_entity(here, entity, other), entity, other)
    made = pair_features(past.lazy(), past, entity, other).collect(engine="in-memory")
    found = in_time_order(past["place"], made, 0, len(here))
    return found if len(block.asked) == len(here) else found.filter(here["row"] >= block.first)


def in_time_order(rows: pl.Series, features: pl.DataFrame, first: int, total: int) -> pl.DataFrame:
    """Put features back where ``rows`` says; where it names nothing they are null.

    Args:
        rows: one number a row of ``features``, each once.
        features: Float32; none of them is ever NaN.
        first: the smallest number asked for.
        total: how many are asked for.
    """
    # NOTE: columns that may be null take several times as long to put in another order.
    found = features.fill_null(math.nan)
    place = np.full(total, len(features), dtype=np.uint32)
    place[rows.to_numpy().astype(np.int64) - first] = np.arange(len(features), dtype=np.uint32)
    if len(features) < total:
        nothing = pl.DataFrame({name: [math.nan] for name in features.columns}, schema=features.schema)
        found = pl.concat([found, nothing])
    return put_in_order(found, pl.Series(place)).fill_nan(None)
