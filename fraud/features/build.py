"""The feature table: every transaction with what could be known of it at its own moment."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import polars as pl

from fraud.errors import ConfigError
from fraud.features.buckets import pairs_of
from fraud.features.entity import entity_features
from fraud.features.large import (
    Limits,
    Progress,
    clear_scratch,
    count_rows,
    large_build,
    rows_since,
    write_history,
)
from fraud.features.ledger import known_labels
from fraud.features.order import clock
from fraud.features.pieces import cut_by_days, midnight, spans_of_days
from fraud.features.refresh import Comparison, first_change
from fraud.features.rows import (
    coded,
    in_whole_numbers,
    kept_columns,
    named_by_code,
    own_columns,
    read_columns,
    sorted_by_time,
)
from fraud.features.table import KEYS, Earlier, FeatureTable, Recipe, reusable_table, write_parts, write_table

__all__ = ["KEYS", "FeatureTable", "Recipe", "build_features", "build_in_pieces", "prepare_features", "sorted_by_time"]

PIECE_ROWS = 250_000
"""Rows of a piece: their features take about 150 MB."""
HISTORY = "history.parquet"
"""What a part of the table needs, where the whole is more than may be held."""


def build_features(
    transactions: pl.LazyFrame, recipe: Recipe, *, since: datetime | None = None, limits: Limits | None = None
) -> pl.DataFrame:
    """The feature table, sorted by (event_time, transaction_id).

    Args:
        transactions: canonical transactions in any order.
        recipe: which features, from which columns.
        since: emit only rows at or after this moment, equal to the same rows of the whole build.
        limits: what may be held of the rows before that.

    Returns:
        The ``KEYS`` that exist, the entities, then the features: numeric ones Float32 (``amount`` stays Float64),
        categorical ones String.

    Raises:
        ConfigError: a column of the data has the name of a feature.
        StoreError: no room for a build on disk.
    """
    limits = limits or Limits()
    if since is not None and count_rows(transactions) > limits.memory_rows:
        with TemporaryDirectory() as folder:
            place = Path(folder)
            history = write_history(transactions, recipe, since, place / HISTORY)
            if count_rows(history) > limits.memory_rows:
                return pl.concat(rows_since(history, recipe, since, place, limits=limits))
            return _features(_in_order(history, recipe), recipe, since)
    return _features(_in_order(transactions, recipe), recipe, since)


def build_in_pieces(
    transactions: pl.LazyFrame,
    recipe: Recipe,
    *,
    days: Collection[date],
    rows: int = PIECE_ROWS,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Iterator[pl.DataFrame]:
    """The feature table of some days, a few whole days (UTC) at a time, equal to the same rows of the whole build.

    Args:
        transactions: canonical transactions in any order.
        recipe: which features, from which columns.
        days: that are asked for.
        rows: a piece ends with the day on which it reaches so many.
        limits: what may be held; more is built on disk, in a temporary folder.
        progress: told of every piece of a build on disk.

    Yields:
        As ``build_features``, the pieces in the order of time.

    Raises:
        ConfigError: a column of the data has the name of a feature.
        StoreError: no room for a build on disk.
    """
    limits = limits or Limits()
    if not days or count_rows(transactions) <= limits.memory_rows:
        yield from _pieces(_in_order(transactions, recipe), recipe, days, rows)
        return
    start, end = midnight(min(days)), midnight(max(days), 1)
    with TemporaryDirectory() as folder:
        place = Path(folder)
        history = write_history(transactions.filter(pl.col("event_time") < end), recipe, start, place / HISTORY)
        if count_rows(history) > limits.memory_rows:
            built = rows_since(history, recipe, start, place, limits=limits, progress=progress)
            yield from cut_by_days(built, days, rows)
        else:
            yield from _pieces(_in_order(history, recipe), recipe, days, rows)


def _pieces(ordered: pl.DataFrame, recipe: Recipe, days: Collection[date], rows: int) -> Iterator[pl.DataFrame]:
    times = ordered["event_time"]
    for first, last in spans_of_days(times.dt.date(), days, rows):
        yield _features(ordered.head(int((times < midnight(last, 1)).sum())), recipe, midnight(first))


def prepare_features(
    transactions: pl.LazyFrame,
    folder: Path,
    *,
    recipe: Recipe,
    store_version: int,
    store_contents: str | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> FeatureTable:
    """Make the feature table of ``folder`` the one of these transactions, in one step.

    Where the folder holds a table of the same recipe, only what changed is built, from the first moment that a new,
    changed or newly labelled transaction can touch. The result equals a whole build. More transactions than the
    limits allow in memory are built on disk, beside the table.

    Args:
        transactions: canonical transactions of one version of the store, in any order.
        folder: where the table lives; made if missing.
        recipe: which features, from which columns.
        store_version: that version.
        store_contents: a digest of what that version holds; where it and the version are those of the folder's table,
            nothing is read.
        limits: what may be held in memory.
        progress: told of every piece of a build on disk.

    Raises:
        ConfigError: a column of the data has the name of a feature.
        StoreError: the folder cannot be read or written.
    """
    limits = limits or Limits()
    clear_scratch(folder)
    prepared = reusable_table(folder, recipe)
    origin = _Origin(store_version=store_version, store_contents=store_contents)
    if prepared is not None and store_contents is not None and origin == _Origin.of(prepared):
        return prepared
    if count_rows(transactions) > limits.memory_rows:
        return _prepare_on_disk(transactions, folder, recipe, prepared, origin, limits=limits, progress=progress)
    ordered = _in_order(transactions, recipe)
    if prepared is None:
        return _write(_features(ordered, recipe, None), folder, recipe, origin)
    identity = kept_columns(ordered.columns, recipe)
    old = prepared.scan().select(list(dict.fromkeys((*identity, *recipe.inputs)))).collect()
    since = first_change(old, ordered, inputs=recipe.inputs, delay_days=recipe.delay_days)
    rows = len(ordered) if since is None else int((ordered["event_time"] < since).sum())
    keys = ordered.select(identity).head(rows)
    same = keys.equals(old.select(identity).head(rows))
    if since is None and same and origin == _Origin.of(prepared):
        return prepared
    fresh = prepared.scan().head(0).collect() if since is None else _features(ordered, recipe, since)
    earlier = Earlier(table=prepared, rows=rows, keys=None if same else [keys])
    return _write(fresh, folder, recipe, origin, earlier=earlier)


@dataclass(frozen=True, kw_only=True)
class _Origin:
    """Which version of the transactions a feature table is made of, and what it held."""

    store_version: int
    store_contents: str | None

    @classmethod
    def of(cls, table: FeatureTable) -> Self:
        return cls(store_version=table.store_version, store_contents=table.store_contents)


def _prepare_on_disk(
    transactions: pl.LazyFrame,
    folder: Path,
    recipe: Recipe,
    prepared: FeatureTable | None,
    origin: _Origin,
    *,
    limits: Limits,
    progress: Progress | None,
) -> FeatureTable:
    columns = build_features(transactions.head(0), recipe).columns  # a wrong name is said before the work, not after it
    numeric, identity = _numeric(columns, recipe), kept_columns(columns, recipe)
    with large_build(transactions, recipe, folder, limits=limits, progress=progress) as build:
        kept = None if prepared is None else Comparison(prepared, identity)
        for piece, ordered in build.scatter(transactions):
            if kept is not None:
                kept.see(ordered, first=piece.first, last=piece is build.slices[-1])
        if prepared is None or kept is None:
            build.make_features()
            return write_parts(build.gather(), folder, recipe=recipe, numeric=numeric, **asdict(origin))
        rows = build.rows if kept.since is None else count_rows(transactions.filter(pl.col("event_time") < kept.since))
        same = kept.same_keys >= rows
        if kept.since is None and same and origin == _Origin.of(prepared):
            return prepared
        earlier = Earlier(table=prepared, rows=rows, keys=None if same else build.keys(identity, rows=rows))
        fresh: Iterable[pl.DataFrame] = [prepared.scan().head(0).collect()]
        if rows < build.rows:
            asked = build.asked_from(kept.since)
            asked.make_features()
            fresh = asked.gather(skip=rows)
        return write_parts(fresh, folder, recipe=recipe, numeric=numeric, earlier=earlier, **asdict(origin))


def _write(
    features: pl.DataFrame, folder: Path, recipe: Recipe, origin: _Origin, *, earlier: Earlier | None = None
) -> FeatureTable:
    numeric = _numeric(features.columns, recipe)
    return write_table(features, folder, recipe=recipe, numeric=numeric, earlier=earlier, **asdict(origin))


def _numeric(columns: Sequence[str], recipe: Recipe) -> tuple[str, ...]:
    beside = {*KEYS, *recipe.entities, *recipe.categorical} - {"amount"}
    return tuple(name for name in columns if name not in beside)


def _in_order(transactions: pl.LazyFrame, recipe: Recipe) -> pl.DataFrame:
    return sorted_by_time(read_columns(transactions, recipe).collect())


def _features(ordered: pl.DataFrame, recipe: Recipe, since: datetime | None) -> pl.DataFrame:
    parts = [
        own_columns(ordered.lazy() if since is None else ordered.lazy().filter(pl.col("event_time") >= since), recipe)
    ]
    here = coded(ordered.select(named_by_code(recipe.entities, has_amount=recipe.has_amount)), recipe.entities)
    labels = known_labels(here, delay_days=recipe.delay_days)
    events = in_whole_numbers(here)
    first = len(here) - len(parts[0])
    moments = clock(here["event_time"], labels["known_at"], recipe.windows, first=first)
    parts += [
        entity_features(
            events,
            labels,
            moments,
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
