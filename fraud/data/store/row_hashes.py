"""Transactions by the hash of their identity: which come twice, and which of those are equal.

Hashes of eight bytes replace rows of hundreds, part by part, so that memory stays bounded whatever the table's size.
Where two identities may be the same, they are compared themselves. Only that a row is unchanged is decided by hashes
alone: a changed row is taken for an unchanged one by chance once in 2^64 (2e19) rows.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

HASHES_AT_ONCE = 20_000_000
IDS_AT_ONCE = 500_000
"""Bounds on what is held in memory."""
KEY, CONTENT = "__key", "__content"
ORIGIN_COLUMNS = ("dump", "dump_row")
"""Where a row came from; they are no part of its content."""
DUMP = "__dump"


def key() -> pl.Expr:
    """64-bit hash of the transaction_id."""
    return pl.col("transaction_id").hash().alias(KEY)


def content(names: Sequence[str]) -> pl.Expr:
    """64-bit hash of all columns of a row but ``ORIGIN_COLUMNS``."""
    return pl.struct(name for name in names if name not in ORIGIN_COLUMNS).hash().alias(CONTENT)


def repeated_keys(keys: pl.LazyFrame) -> Iterator[pl.Series]:
    """The keys that come more than once, part by part."""
    parts = _parts(keys)
    for part in range(parts):
        hashes = _part(keys, part, of=parts).collect(engine="streaming").to_series().to_numpy(writable=True)
        hashes.sort()  # NOTE: in storage, and by the processor's vectors: a third of what polars takes
        shared = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
        if len(shared):
            yield pl.Series(KEY, shared)


def batches_without_overlap(dumps: Sequence[Path]) -> list[list[int]]:
    """Positions of the dumps, in order, cut into the fewest runs in which no transaction_id comes twice."""
    predecessors = [-1] * len(dumps)
    if len(dumps) > 1:
        keys = [pl.scan_parquet(path).select(key(), _number(i)) for i, path in enumerate(dumps)]
        for later, earlier in _neighbours(pl.concat(keys)):
            predecessors[later] = max(predecessors[later], earlier)
    batches: list[list[int]] = []
    for i, predecessor in enumerate(predecessors):
        if not batches or predecessor >= batches[-1][0]:
            batches.append([])
        batches[-1].append(i)
    return batches


def compare(staged: pl.LazyFrame, stored: pl.LazyFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two frames (``KEY``, ``CONTENT``) of the staged rows whose transaction is stored: equal ones, different ones.

    Equal in every column but ``ORIGIN_COLUMNS``; such a row need not be merged.
    """
    hashes = [key(), content(staged.collect_schema().names())]
    parts = _parts(staged)
    nothing = pl.DataFrame(schema={KEY: pl.UInt64, CONTENT: pl.UInt64})
    same, other = [nothing], [nothing]
    for part in range(parts):
        known = _part(stored.select(key()), part, of=parts)
        if _part(staged.select(key()), part, of=parts).join(known, on=KEY, how="semi").head(1).collect().is_empty():
            continue
        new = _part(staged.select(hashes), part, of=parts)
        shared = new.join(known, on=KEY, how="semi").collect(engine="streaming")
        old = _part(stored.select(hashes), part, of=parts)
        same.append(shared.lazy().join(old, on=[KEY, CONTENT], how="semi").collect(engine="streaming"))
        other.append(shared.join(same[-1], on=[KEY, CONTENT], how="anti"))
    return pl.concat(same), pl.concat(other)


def _neighbours(keys: pl.LazyFrame) -> Iterator[tuple[int, int]]:
    """Pairs of a dump and the latest one before it that shares a transaction_id with it."""
    parts = _parts(keys)
    for part in range(parts):
        ordered = _part(keys, part, of=parts).sort(KEY, DUMP).collect(engine="streaming")
        before = pl.when(pl.col(KEY) == pl.col(KEY).shift(1)).then(pl.col(DUMP).shift(1))
        yield from ordered.select(DUMP, before=before).drop_nulls().unique().iter_rows()


def _number(dump: int) -> pl.Expr:
    return pl.lit(dump, dtype=pl.Int32).alias(DUMP)


def _parts(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect(engine="streaming").item()) // HASHES_AT_ONCE + 1


def _part(keys: pl.LazyFrame, part: int, *, of: int) -> pl.LazyFrame:
    return keys.filter(pl.col(KEY) % of == part) if of > 1 else keys
