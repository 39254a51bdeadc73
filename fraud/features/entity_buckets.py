"""Entity features of a table that does not fit into memory, computed in buckets of entities.

Every feature of an entity is made from the rows of that entity alone. So the rows are written to disk once for each
entity type, with a bucket that is the hash of the entity; each bucket, read alone and in the order of time, has the
same features as in the whole table; and these return to the order of the table by their row number.

Files during a build, in one folder: of each time slice its own columns, and for each entity type its rows sorted by
bucket; of each bucket its features in the order of time. By the statistics of the Parquet files a reader finds the few
row groups of its bucket or slice.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from fraud.features.entity import entity_features, in_time_order
from fraud.features.history import code_of
from fraud.features.ledger import known_labels
from fraud.features.recipe import Recipe
from fraud.features.sorted_search import moment_positions
from fraud.features.transaction_columns import coded, in_whole_numbers, named_by_code, own_columns
from fraud.files import write_atomically

ROW, BUCKET = "row", "bucket"
LEAST_GROUP = 4096
"""Rows of the smallest row group: with fewer a file is mostly footer."""


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """The files of a build in progress."""

    folder: Path
    recipe: Recipe
    buckets: int
    """Of each entity type."""
    since: datetime | None = None
    """Features of earlier rows are left out; the rows still count as history of later ones."""

    def own(self, number: int) -> Path:
        """File of the own columns of a slice."""
        return self.folder / f"own-{number:06}.parquet"

    def rows(self, entity: str, number: int) -> Path:
        """File of the rows of a slice that have the entity."""
        return self.folder / f"rows-{self._number(entity)}-{number:06}.parquet"

    def features(self, entity: str, bucket: int) -> Path:
        """File of the features of a bucket."""
        return self.folder / f"features-{self._number(entity)}-{bucket:06}.parquet"

    def scan_rows(self, entity: str) -> pl.LazyFrame:
        """The rows of all slices that have the entity."""
        return pl.scan_parquet(sorted(self.folder.glob(f"rows-{self._number(entity)}-*.parquet")))

    def scan_features(self, entity: str) -> pl.LazyFrame:
        """The features of all buckets."""
        return pl.scan_parquet(sorted(self.folder.glob(f"features-{self._number(entity)}-*.parquet")))

    def drop_rows(self, entity: str) -> None:
        """Delete the rows of an entity type, once its features are computed."""
        for file in self.folder.glob(f"rows-{self._number(entity)}-*.parquet"):
            file.unlink()

    def _number(self, entity: str) -> int:
        return self.recipe.entities.index(entity)


def pairs_of(recipe: Recipe, entity: str) -> tuple[str, ...]:
    """Entities whose pairs with this one are among its features: those of the card with all others."""
    return recipe.entities[1:] if entity == recipe.entities[0] else ()


def scatter(ordered: pl.DataFrame, scratch: Scratch, number: int, *, first: int) -> None:
    """Write a slice: its own columns, and for each entity type its rows by bucket.

    Args:
        ordered: its rows, sorted by (event_time, transaction_id).
        scratch: of this build.
        number: of the slice.
        first: number of rows before it.
    """
    recipe = scratch.recipe
    if scratch.since is None or ordered["event_time"][-1] >= scratch.since:
        own_columns(ordered.lazy(), recipe).write_parquet(scratch.own(number), compression="lz4")
    for entity in recipe.entities:
        read = named_by_code((entity, *pairs_of(recipe, entity)), has_amount=recipe.has_amount)
        bucket = pl.col(code_of(entity)).hash() % scratch.buckets
        rows = (
            ordered.lazy()
            .select(pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias(ROW), *read)
            .drop_nulls(code_of(entity))
            .with_columns(bucket.cast(pl.UInt32).alias(BUCKET))
            .sort(BUCKET, maintain_order=True)
            .collect()
        )
        group = max(len(rows) // scratch.buckets, LEAST_GROUP)
        rows.write_parquet(scratch.rows(entity, number), compression="lz4", row_group_size=group)


def build_bucket(scratch: Scratch, entity: str, bucket: int) -> int:
    """Compute the features of one bucket and write them in one step; returns the number of its rows."""
    rows = scratch.scan_rows(entity).filter(pl.col(BUCKET) == bucket).drop(BUCKET)
    features = bucket_features(rows.collect(engine="streaming").sort(ROW), entity, scratch.recipe, since=scratch.since)
    with write_atomically(scratch.features(entity, bucket)) as part:
        features.write_parquet(part, compression="lz4", row_group_size=max(len(features) // 64, LEAST_GROUP))
    return len(features)


def bucket_features(rows: pl.DataFrame, entity: str, recipe: Recipe, *, since: datetime | None = None) -> pl.DataFrame:
    """Features of one entity type for rows that contain the whole history of each of their entities.

    Args:
        rows: sorted by ``row``, their number in the table, with the columns of ``named_by_code``.
        entity: column of the entity.
        recipe: which features.
        since: only rows at or after this moment are returned.

    Returns:
        ``row`` and the Float32 features, in the order of ``row``.
    """
    others = pairs_of(recipe, entity)
    here = coded(rows.drop(ROW), (entity, *others))
    labels = known_labels(here, delay_days=recipe.delay_days)
    requested = rows if since is None else rows.filter(pl.col("event_time") >= since)
    features = entity_features(
        in_whole_numbers(here),
        labels,
        moment_positions(here["event_time"], labels["known_at"], recipe.windows, first=len(rows) - len(requested)),
        entity,
        others=others,
        windows=recipe.windows,
        has_amount=recipe.has_amount,
    )
    return pl.concat([requested.select(ROW), features], how="horizontal")


def gather(scratch: Scratch, number: int, *, first: int, skip: int = 0) -> pl.DataFrame:
    """The rows of a slice with all their columns: their own and the features of all entities.

    Args:
        scratch: of this build; all buckets are computed.
        number: of the slice.
        first: number of rows before the slice.
        skip: rows at its start that are left out.
    """
    own = pl.read_parquet(scratch.own(number))[skip:]
    start, end = first + skip, first + skip + len(own)
    parts = [own]
    for entity in scratch.recipe.entities:
        found = scratch.scan_features(entity).filter(pl.col(ROW) >= start, pl.col(ROW) < end)
        features = found.collect(engine="streaming")
        parts.append(in_time_order(features[ROW], features.drop(ROW), start, len(own)))
    return pl.concat(parts, how="horizontal")
