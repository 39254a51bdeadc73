"""The feature table of more transactions than fit into memory: time slices, entity buckets, time slices again.

Three passes over parts that fit: (1) slice by slice the rows are read from the store, sorted, numbered and written
once for each entity type, by bucket; (2) the features of the buckets are computed in parallel; (3) slice by slice the
columns of the same rows are joined. The result equals the build in memory to the last bit, whatever the number of
slices and buckets.
"""

import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import uuid4

import joblib
import polars as pl

from fraud.config import EngineConfig
from fraud.engine import Kind, run_all
from fraud.features.entity_buckets import Scratch, build_bucket, gather, scatter
from fraud.features.recipe import Recipe
from fraud.features.table_writer import writing
from fraud.features.time_slices import TimeSlice, time_slices
from fraud.features.transaction_columns import read_columns, sorted_by_time

MEMORY_ROWS = 5_000_000
"""Transactions whose features are computed in memory: about 4.5 GB."""
SCRATCH = "scratch-"
"""Prefix of the folders of builds in progress."""

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may be in memory at once, and in how many processes."""

    memory_rows: int = MEMORY_ROWS
    """Transactions, by all processes together."""
    jobs: int = 1
    """Parallel processes."""
    kind: Kind = "local"
    """Where they run."""

    @classmethod
    def of(cls, engine: EngineConfig) -> Self:
        """The limits that a configuration sets."""
        return cls(memory_rows=engine.memory_rows, jobs=engine.jobs, kind=engine.kind)

    @property
    def slice_rows(self) -> int:
        """Rows of a slice: it is in memory with the features of all entities, and copied when they are joined."""
        return max(self.memory_rows // 4, 1)

    @property
    def threads(self) -> dict[str, str]:
        """Environment that limits polars' threads: more threads than processors slow each other down."""
        return {"POLARS_MAX_THREADS": str(max((os.cpu_count() or 1) // self.jobs, 1))} if self.jobs > 1 else {}

    def buckets(self, rows: int) -> int:
        """Buckets of so many rows: even if some have half as many rows again as others, all jobs fit at once."""
        return math.ceil(1.5 * rows * self.jobs / self.memory_rows)


@dataclass(frozen=True, kw_only=True)
class OutOfCoreBuild:
    """A build in progress."""

    scratch: Scratch
    slices: tuple[TimeSlice, ...]
    limits: Limits
    progress: Progress

    @property
    def rows(self) -> int:
        """Of the whole table."""
        return sum(time_slice.rows for time_slice in self.slices)

    def scatter(self, transactions: pl.LazyFrame) -> Iterator[tuple[TimeSlice, pl.DataFrame]]:
        """Write the slices, and yield each with its rows, in order."""
        for number, time_slice in enumerate(self.slices):
            found = read_columns(time_slice.of(transactions), self.scratch.recipe)
            ordered = sorted_by_time(found.collect(engine="streaming"))
            scatter(ordered, self.scratch, number, first=time_slice.first)
            self.progress(f"{time_slice.first + time_slice.rows:,} of {self.rows:,} rows sorted")
            yield time_slice, ordered

    def make_features(self) -> None:
        """Compute the features of all buckets in parallel."""
        for entity in self.scratch.recipe.entities:
            buckets = range(self.scratch.buckets)
            calls = (joblib.delayed(build_bucket)(self.scratch, entity, bucket) for bucket in buckets)
            finished = run_all(calls, kind=self.limits.kind, jobs=self.limits.jobs, environment=self.limits.threads)
            for done, _ in enumerate(finished, start=1):
                self.progress(f"{entity}: {done} of {len(buckets)} buckets")
            self.scratch.drop_rows(entity)

    def gather(self, *, skip: int = 0) -> Iterator[pl.DataFrame]:
        """The table without its first ``skip`` rows, slice by slice."""
        for number, time_slice in enumerate(self.slices):
            end = time_slice.first + time_slice.rows
            if end > skip:
                yield gather(self.scratch, number, first=time_slice.first, skip=max(skip - time_slice.first, 0))
                self.progress(f"{end:,} of {self.rows:,} rows written")

    def keys(self, names: Sequence[str], *, rows: int) -> Iterator[pl.DataFrame]:
        """Own columns of the first rows, slice by slice."""
        for number, time_slice in enumerate(self.slices):
            if time_slice.first < rows:
                yield pl.read_parquet(self.scratch.own(number), columns=list(names)).head(rows - time_slice.first)

    def starting_from(self, since: datetime | None) -> Self:
        """The same build, whose features start at a moment."""
        return replace(self, scratch=replace(self.scratch, since=since))


@contextmanager
def out_of_core_build(
    transactions: pl.LazyFrame,
    recipe: Recipe,
    folder: Path,
    *,
    limits: Limits,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> Iterator[OutOfCoreBuild]:
    """A build whose files are in ``folder`` while it lasts, and are deleted after it.

    Args:
        transactions: canonical transactions in any order.
        recipe: which features, from which columns.
        folder: made if missing.
        limits: what may be held in memory.
        since: features of earlier rows are left out.
        progress: called with a line for every finished slice and bucket.

    Raises:
        StoreError: no room or no permission to write.
    """
    scratch_folder = folder.absolute() / f"{SCRATCH}{uuid4().hex}"
    try:
        with writing(folder):
            scratch_folder.mkdir(parents=True)
            slices = time_slices(transactions, limits.slice_rows)
            buckets = limits.buckets(sum(time_slice.rows for time_slice in slices))
            scratch = Scratch(folder=scratch_folder, recipe=recipe, buckets=buckets, since=since)
            yield OutOfCoreBuild(scratch=scratch, slices=tuple(slices), limits=limits, progress=progress or _silent)
    finally:
        shutil.rmtree(scratch_folder, ignore_errors=True)


def rows_since(
    transactions: pl.LazyFrame,
    recipe: Recipe,
    since: datetime,
    folder: Path,
    *,
    limits: Limits,
    progress: Progress | None = None,
) -> Iterator[pl.DataFrame]:
    """The feature table from a moment on, slice by slice, built on disk; none of the slices is empty.

    Args:
        transactions: canonical transactions in any order.
        recipe: which features, from which columns.
        since: the moment.
        folder: to write to.
        limits: what may be held in memory.
        progress: called with a line for every finished slice and bucket.

    Raises:
        StoreError: no room or no permission to write.
    """
    before = count_rows(transactions.filter(pl.col("event_time") < since))
    with out_of_core_build(transactions, recipe, folder, limits=limits, since=since, progress=progress) as build:
        for _ in build.scatter(transactions):
            pass
        build.make_features()
        yield from build.gather(skip=before)


def write_history(transactions: pl.LazyFrame, recipe: Recipe, since: datetime, target: Path) -> pl.LazyFrame:
    """The transactions from a moment on, and the earlier ones that share an entity with any of them.

    They are written to disk, since they are read several times.

    Args:
        transactions: canonical transactions in any order.
        recipe: which features, from which columns.
        since: the moment.
        target: Parquet file to write.

    Raises:
        StoreError: no room or no permission to write.
    """
    requested = pl.col("event_time") >= since
    shared = []
    for name in recipe.entities:
        # NOTE: hashes compare faster than names; history of another entity with the same hash changes nothing.
        named = transactions.filter(requested).select(pl.col(name).drop_nulls().hash().unique())
        hashes = named.collect(engine="streaming").to_series()
        shared.append(pl.col(name).is_not_null() & pl.col(name).hash().is_in(hashes.implode()))
    found = read_columns(transactions, recipe).filter(pl.any_horizontal(requested, *shared))
    with writing(target.parent):
        found.sink_parquet(target, compression="lz4", engine="streaming")
    return pl.scan_parquet(target)


def count_rows(transactions: pl.LazyFrame) -> int:
    """How many there are."""
    return int(transactions.select(pl.len()).collect(engine="streaming").item())


def clear_scratch(folder: Path) -> None:
    """Delete the files of builds that were stopped."""
    for stopped in folder.glob(f"{SCRATCH}*"):
        shutil.rmtree(stopped, ignore_errors=True)


def _silent(_: str) -> None:
    pass
