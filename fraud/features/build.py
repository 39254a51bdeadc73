"""Builds the feature table: every transaction with what was known at its own moment."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from fraud.errors import ConfigError
from fraud.features.day_ranges import day_ranges, split_by_day_ranges, start_of_day
from fraud.features.entity import entity_features
from fraud.features.entity_buckets import pairs_of
from fraud.features.ledger import known_labels
from fraud.features.out_of_core import Limits, Progress, count_rows, rows_since, write_history
from fraud.features.recipe import Recipe
from fraud.features.sorted_search import moment_positions
from fraud.features.transaction_columns import (
    coded,
    in_whole_numbers,
    named_by_code,
    own_columns,
    read_columns,
    sorted_by_time,
)

RANGE_ROWS = 250_000
"""Rows of a range of days: their features take about 150 MB."""
HISTORY = "history.parquet"
"""The rows that part of the table needs, written to disk where the whole does not fit into memory."""


def build_features(
    transactions: pl.LazyFrame, recipe: Recipe, *, since: datetime | None = None, limits: Limits | None = None
) -> pl.DataFrame:
    """The feature table, sorted by (event_time, transaction_id).

    Args:
        transactions: canonical transactions in any order.
        recipe: which features, from which columns.
        since: return only rows at or after this moment, equal to the same rows of the whole build.
        limits: rows before ``since`` that may be held in memory.

    Returns:
        The ``KEYS`` that exist, the entities, then the features: numeric ones Float32 (``amount`` stays Float64),
        categorical ones String.

    Raises:
        ConfigError: a column of the data has the name of a feature.
        StoreError: no room for a build on disk.
    """
    limits = limits or Limits()
    if since is None or count_rows(transactions) <= limits.memory_rows:
        return compute_features(in_order(transactions, recipe), recipe, since=since)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        history = write_history(transactions, recipe, since, folder / HISTORY)
        if count_rows(history) > limits.memory_rows:
            return pl.concat(rows_since(history, recipe, since, folder, limits=limits))
        return compute_features(in_order(history, recipe), recipe, since=since)


def build_by_days(
    transactions: pl.LazyFrame,
    recipe: Recipe,
    *,
    days: Collection[date],
    rows: int = RANGE_ROWS,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Iterator[pl.DataFrame]:
    """The feature table of some days, a few whole days (UTC) at a time, equal to the same rows of the whole build.

    Args:
        transactions: canonical transactions in any order.
        recipe: which features, from which columns.
        days: the requested days.
        rows: a range of days ends with the day on which it reaches so many.
        limits: rows that may be held in memory; more are built on disk, in a temporary folder.
        progress: called with a line for every slice and bucket of a build on disk.

    Yields:
        As ``build_features``, the ranges in the order of time.

    Raises:
        ConfigError: a column of the data has the name of a feature.
        StoreError: no room for a build on disk.
    """
    limits = limits or Limits()
    if not days or count_rows(transactions) <= limits.memory_rows:
        yield from _by_days(in_order(transactions, recipe), recipe, days, rows)
        return
    start, end = start_of_day(min(days)), start_of_day(max(days), 1)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        history = write_history(transactions.filter(pl.col("event_time") < end), recipe, start, folder / HISTORY)
        if count_rows(history) > limits.memory_rows:
            built = rows_since(history, recipe, start, folder, limits=limits, progress=progress)
            yield from split_by_day_ranges(built, days, rows)
        else:
            yield from _by_days(in_order(history, recipe), recipe, days, rows)


def _by_days(ordered: pl.DataFrame, recipe: Recipe, days: Collection[date], rows: int) -> Iterator[pl.DataFrame]:
    times = ordered["event_time"]
    for first, last in day_ranges(times.dt.date(), days, rows):
        before_the_end = ordered.head(int((times < start_of_day(last, 1)).sum()))
        yield compute_features(before_the_end, recipe, since=start_of_day(first))


def in_order(transactions: pl.LazyFrame, recipe: Recipe) -> pl.DataFrame:
    """The columns that a recipe reads, sorted by (event_time, transaction_id)."""
    return sorted_by_time(read_columns(transactions, recipe).collect())


def compute_features(ordered: pl.DataFrame, recipe: Recipe, *, since: datetime | None = None) -> pl.DataFrame:
    """Features of transactions that are in memory and ``in_order``; arguments and result as of ``build_features``."""
    requested = ordered.lazy() if since is None else ordered.lazy().filter(pl.col("event_time") >= since)
    parts = [own_columns(requested, recipe)]
    here = coded(ordered.select(named_by_code(recipe.entities, has_amount=recipe.has_amount)), recipe.entities)
    labels = known_labels(here, delay_days=recipe.delay_days)
    events = in_whole_numbers(here)
    first = len(here) - len(parts[0])
    positions = moment_positions(here["event_time"], labels["known_at"], recipe.windows, first=first)
    parts += [
        entity_features(
            events,
            labels,
            positions,
            entity,
            others=pairs_of(recipe, entity),
            windows=recipe.windows,
            has_amount=recipe.has_amount,
        )
        for entity in recipe.entities
    ]
    _check_names(parts)
    return pl.concat(parts, how="horizontal")


def _check_names(parts: Sequence[pl.DataFrame]) -> None:
    names = [name for part in parts for name in part.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(
            f"[columns]: '{twice[0]}' is the name of a column of the data and of a feature made from it; "
            "rename the column in the dump, or the entity on its left"
        )
