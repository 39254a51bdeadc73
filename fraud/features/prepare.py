"""Keeps the feature table of a folder up to date: only what changed is built again."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import polars as pl

from fraud.features.build import build_features, compute_features, in_order
from fraud.features.out_of_core import Limits, OutOfCoreBuild, Progress, clear_scratch, count_rows, out_of_core_build
from fraud.features.recipe import Recipe
from fraud.features.refresh import Comparison, first_change
from fraud.features.table import FeatureTable, reusable_table
from fraud.features.table_writer import Earlier, write_parts


@dataclass(frozen=True, kw_only=True)
class _Origin:
    """Which version of the transactions a feature table was built from, and a digest of its contents."""

    store_version: int
    store_contents: str | None

    @classmethod
    def of(cls, table: FeatureTable) -> Self:
        return cls(store_version=table.store_version, store_contents=table.store_contents)


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
    changed or newly labelled transaction can affect. The result equals a whole build. More transactions than the
    limits allow in memory are built on disk, beside the table.

    Args:
        transactions: canonical transactions of one version of the store, in any order.
        folder: of the table; made if missing.
        recipe: which features, from which columns.
        store_version: that version.
        store_contents: a digest of that version's contents; where it and the version are those of the folder's table,
            nothing is read.
        limits: what may be held in memory.
        progress: called with a line for every slice and bucket of a build on disk.

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
    ordered = in_order(transactions, recipe)
    if prepared is None:
        features = compute_features(ordered, recipe)
        return _write([features], folder, recipe, origin, columns=features.columns)
    return _refresh(prepared, ordered, folder, origin)


def _refresh(prepared: FeatureTable, ordered: pl.DataFrame, folder: Path, origin: _Origin) -> FeatureTable:
    """The table of transactions in memory; rows before the first change are those of the prepared one."""
    recipe = prepared.recipe
    identity = recipe.kept_columns(ordered.columns)
    old = prepared.scan().select(list(dict.fromkeys((*identity, *recipe.inputs)))).collect()
    since = first_change(old, ordered, inputs=recipe.inputs, delay_days=recipe.delay_days)
    rows = len(ordered) if since is None else int((ordered["event_time"] < since).sum())
    keys = ordered.select(identity).head(rows)
    same = keys.equals(old.select(identity).head(rows))
    if since is None and same and origin == _Origin.of(prepared):
        return prepared
    fresh = _no_rows(prepared) if since is None else compute_features(ordered, recipe, since=since)
    earlier = Earlier(table=prepared, rows=rows, keys=None if same else [keys])
    return _write([fresh], folder, recipe, origin, columns=fresh.columns, earlier=earlier)


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
    columns = build_features(transactions.head(0), recipe).columns  # raises for a wrong name before any work
    with out_of_core_build(transactions, recipe, folder, limits=limits, progress=progress) as build:
        if prepared is not None:
            return _refresh_on_disk(prepared, build, transactions, folder, origin, columns=columns)
        for _ in build.scatter(transactions):
            pass
        build.make_features()
        return _write(build.gather(), folder, recipe, origin, columns=columns)


def _refresh_on_disk(
    prepared: FeatureTable,
    build: OutOfCoreBuild,
    transactions: pl.LazyFrame,
    folder: Path,
    origin: _Origin,
    *,
    columns: Sequence[str],
) -> FeatureTable:
    """As ``_refresh``, of transactions on disk."""
    recipe = prepared.recipe
    identity = recipe.kept_columns(columns)
    comparison = Comparison(prepared, identity)
    for time_slice, ordered in build.scatter(transactions):
        comparison.compare(ordered, first=time_slice.first, last=time_slice is build.slices[-1])
    since = comparison.since
    rows = build.rows if since is None else count_rows(transactions.filter(pl.col("event_time") < since))
    same = comparison.same_keys >= rows
    if since is None and same and origin == _Origin.of(prepared):
        return prepared
    fresh: Iterable[pl.DataFrame] = [_no_rows(prepared)]
    if rows < build.rows:
        latest = build.starting_from(since)
        latest.make_features()
        fresh = latest.gather(skip=rows)
    earlier = Earlier(table=prepared, rows=rows, keys=None if same else build.keys(identity, rows=rows))
    return _write(fresh, folder, recipe, origin, columns=columns, earlier=earlier)


def _no_rows(table: FeatureTable) -> pl.DataFrame:
    return table.scan().head(0).collect()


def _write(
    frames: Iterable[pl.DataFrame],
    folder: Path,
    recipe: Recipe,
    origin: _Origin,
    *,
    columns: Sequence[str],
    earlier: Earlier | None = None,
) -> FeatureTable:
    numeric = recipe.numeric_features(columns)
    return write_parts(frames, folder, recipe=recipe, numeric=numeric, earlier=earlier, **asdict(origin))
