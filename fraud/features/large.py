"""The feature table of more transactions than memory may hold: slices of time, buckets of entities, slices again.

Three walks, each over pieces that fit: (1) slice by slice the rows are read from the store, sorted, numbered and
written down once for each entity, by bucket; (2) bucket by bucket, side by side, the features of an entity are made;
(3) slice by slice all that belongs to the same rows is put together. The result equals the build in memory to the
last bit, whatever the number of slices and buckets.
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
from fraud.features.buckets import Scratch, build_bucket, gather, scatter
from fraud.features.rows import read_columns, sorted_by_time
from fraud.features.slices import Slice, time_slices
from fraud.features.table import Recipe, writing

MEMORY_ROWS = 5_000_000
"""Transactions whose features are made in memory: about 4.5 GB."""
SCRATCH = "scratch-"
"""What the folders of builds on their way are called."""

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much may be held at once, and by how many processes."""

    memory_rows: int = MEMORY_ROWS
    """Transactions, by all processes together."""
    jobs: int = 1
    """Processes side by side."""
    kind: Kind = "local"
    """Where they run."""

    @classmethod
    def of(cls, engine: EngineConfig) -> Self:
        """The limits that a configuration sets."""
        return cls(memory_rows=engine.memory_rows, jobs=engine.jobs, kind=engine.kind)

    @property
    def slice_rows(self) -> int:
        """Rows of a slice: it is held with the features of all entities, and copied as it is put together."""
        return max(self.memory_rows // 4, 1)

    @property
    def threads(self) -> dict[str, str]:
        """Threads of a process, as polars reads them: more of them than processors only stand in each other's way."""
        return {"POLARS_MAX_THREADS": str(max((os.cpu_count() or 1) // self.jobs, 1))} if self.jobs > 1 else {}

    def buckets(self, rows: int) -> int:
        """Buckets of so many rows: even where some hold half as much again as others, all jobs fit at once."""
        return math.ceil(1.5 * rows * self.jobs / self.memory_rows)


@dataclass(frozen=True, kw_only=True)
class LargeBuild:
    """A build on its way."""

    scratch: Scratch
    slices: tuple[Slice, ...]
    limits: Limits
    progress: Progress

    @property
    def rows(self) -> int:
        """Of the whole table."""
        return sum(piece.rows for piece in self.slices)

    def scatter(self, transactions: pl.LazyFrame) -> Iterator[tuple[Slice, pl.DataFrame]]:
        """Walk over the slices, write each down and hand it on, in order."""
        for number, piece in enumerate(self.slices):
            found = read_columns(piece.of(transactions), self.scratch.recipe)
            ordered = sorted_by_time(found.collect(engine="streaming"))
            scatter(ordered, self.scratch, number, first=piece.first)
            self.progress(f"{piece.first + piece.rows:,} of {self.rows:,} rows sorted")
            yield piece, ordered

    def make_features(self) -> None:
        """Make the features of all buckets, side by side."""
        for entity in self.scratch.recipe.entities:
            buckets = range(self.scratch.buckets)
            calls = (joblib.delayed(build_bucket)(self.scratch, entity, bucket) for bucket in buckets)
            finished = run_all(calls, kind=self.limits.kind, jobs=self.limits.jobs, environment=self.limits.threads)
            for done, _ in enumerate(finished, start=1):
                self.progress(f"{entity}: {done} of {len(buckets)} buckets")
            self.scratch.drop_rows(entity)

    def gather(self, *, skip: int = 0) -> Iterator[pl.DataFrame]:
        """The table but for its first ``skip`` rows, slice by slice."""
        for number, piece in enumerate(self.slices):
            end = piece.first + piece.rows
            if end > skip:
                yield gather(self.scratch, number, first=piece.first, skip=max(skip - piece.first, 0))
                self.progress(f"{end:,} of {self.rows:,} rows written")

    def keys(self, names: Sequence[str], *, rows: int) -> Iterator[pl.DataFrame]:
        """Columns of the first rows that are no features, slice by slice."""
        for number, piece in enumerate(self.slices):
            if piece.first < rows:
                yield pl.read_parquet(self.scratch.own(number), columns=list(names)).head(rows - piece.first)

    def asked_from(self, since: datetime | None) -> Self:
        """The same build, of which only the rows at or after a moment are asked for."""
        return replace(self, scratch=replace(self.scratch, since=since))


@contextmanager
def large_build(
    transactions: pl.LazyFrame,
    recipe: Recipe,
    folder: Path,
    *,
    limits: Limits,
    since: datetime | None = None,
    progress: Progress | None = None,
) -> Iterator[LargeBuild]:
    """A build whose files lie in ``folder`` while it lasts, and are gone after it.

    Args:
        transactions: canonical transactions in any order.
        recipe: which features, from which columns.
        folder: made if missing.
        limits: what may be held.
        since: only rows at or after this moment are asked for, and known to be from the start.
        progress: told of every slice and bucket that is done.

    Raises:
        StoreError: no room or no permission to write.
    """
    place = folder.absolute() / f"{SCRATCH}{uuid4().hex}"
    try:
        with writing(folder):
            place.mkdir(parents=True)
            slices = time_slices(transactions, limits.slice_rows)
            buckets = limits.buckets(sum(piece.rows for piece in slices))
            scratch = Scratch(folder=place, recipe=recipe, buckets=buckets, since=since)
            yield LargeBuild(scratch=scratch, slices=tuple(slices), limits=limits, progress=progress or _silent)
    finally:
        shutil.rmtree(place, ignore_errors=True)


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
        limits: what may be held.
        progress: told of every slice and bucket that is done.

    Raises:
        StoreError: no room or no permission to write.
    """
    before = count_rows(transactions.filter(pl.col("event_time") < since))
    with large_build(transactions, recipe, folder, limits=limits, since=since, progress=progress) as build:
        for _ in build.scatter(transactions):
            pass
        build.make_features()
        yield from build.gather(skip=before)


def write_history(transactions: pl.LazyFrame, recipe: Recipe, since: datetime, target: Path) -> pl.LazyFrame:
    """The transactions from a moment on, and of the earlier ones those that share an entity with any of them.

    They are written down, since they are walked through several times.

    Args:
        transactions: canonical transactions in any order.
        recipe: which features, from which columns.
        since: the moment.
        target: Parquet file to write.

    Raises:
        StoreError: no room or no permission to write.
    """
    asked = pl.col("event_time") >= since
    shared = []
    for name in recipe.entities:
        # NOTE: of hashes, which are found faster than names; a history that nobody asked for changes nothing.
        named = transactions.filter(asked).select(pl.col(name).drop_nulls().hash().unique())
        hashes = named.collect(engine="streaming").to_series()
        shared.append(pl.col(name).is_not_null() & pl.col(name).hash().is_in(hashes.implode()))
    found = read_columns(transactions, recipe).filter(pl.any_horizontal(asked, *shared))
    with writing(target.parent):
        found.sink_parquet(target, compression="lz4", engine="streaming")
    return pl.scan_parquet(target)


def count_rows(transactions: pl.LazyFrame) -> int:
    """How many there are."""
    return int(transactions.select(pl.len()).collect(engine="streaming").item())


def clear_scratch(folder: Path) -> None:
    """Delete what builds left in the folder that were stopped."""
    for place in folder.glob(f"{SCRATCH}*"):
        shutil.rmtree(place, ignore_errors=True)


def _silent(_: str) -> None:
    pass
