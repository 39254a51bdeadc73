"""New rows and stored rows of the same transactions: what is new, what changed, what stays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from fraud.data.duplicates import HASHES_AT_ONCE, IDS_AT_ONCE, KEY, key
from fraud.data.parquet import count_rows, write_rows

OLD = "__old"
FILE, CHANGED, CORRECTED = "__file", "__changed", "__corrected"
LABEL = ("is_fraud", "label_time", "fraud_type")
ORIGIN = ("dump", "dump_row")


@dataclass
class Merge:
    """What an upsert does to the files of the table, and the counts of rows behind it."""

    added: list[Path] = field(default_factory=list)
    """Parquet files that join the table."""
    removed: list[Path] = field(default_factory=list)
    """Files of the table that are left behind; their unchanged rows are in ``added``."""
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    corrected: int = 0
    """Of the updated rows, those that differ in more than their label."""


def merge_rows(
    staged: Sequence[Path], stored: Sequence[Path], scratch: Path, *, has_label_time: bool, keep_event_time: bool
) -> Merge:
    """Compare staged with stored rows by transaction_id and write what the table needs into ``scratch``.

    A staged row replaces what is stored of its transaction, except that a label once known is never erased by a row
    without one, nor by one whose ``label_time`` (``has_label_time``: as told by the dump) is earlier.

    Args:
        staged: Parquet files of canonical rows; a transaction_id comes once in all of them.
        stored: Parquet files of the table.
        scratch: folder to write to.
        has_label_time: whether label_time comes from the dumps rather than from a usual delay.
        keep_event_time: whether the stored event_time stays, as it must where row order stands for time.
    """
    shared = _shared_keys(staged, stored)
    rows = sum(count_rows(path) for path in staged)
    if shared.is_empty():
        return Merge(added=list(staged), new=rows)
    matched = [
        _merge_some(keys, staged, stored, scratch / f"matched-{n}.parquet", times=(has_label_time, keep_event_time))
        for n, keys in enumerate(_slices(shared))
    ]
    merge = _counts(matched, rows)
    if merge.new:
        ids = pl.scan_parquet(matched).select("transaction_id")
        merge.added.append(scratch / "new.parquet")
        write_rows(pl.scan_parquet(list(staged)).join(ids, on="transaction_id", how="anti"), merge.added[-1])
    if merge.updated:
        _replace_changed(merge, matched, scratch)
    return merge


def batches_without_overlap(dumps: Sequence[Path]) -> list[list[int]]:
    """Positions of the dumps, in order, cut into the fewest runs in which no transaction_id comes twice."""
    predecessors = [-1] * len(dumps)
    if len(dumps) > 1:
        keys = [
            pl.scan_parquet(path).select(key(), pl.lit(i, dtype=pl.Int32).alias(FILE)) for i, path in enumerate(dumps)
        ]
        for later, earlier in _neighbours(pl.concat(keys)):
            predecessors[later] = max(predecessors[later], earlier)
    batches: list[list[int]] = []
    for i, predecessor in enumerate(predecessors):
        if not batches or predecessor >= batches[-1][0]:
            batches.append([])
        batches[-1].append(i)
    return batches


def _neighbours(keys: pl.LazyFrame) -> Iterator[tuple[int, int]]:
    """Pairs of a dump and the latest one before it that shares a transaction_id with it."""
    for part in _parts(keys):
        same = pl.col(KEY) == pl.col(KEY).shift(1)
        ordered = part.sort(KEY, FILE).with_columns(before=pl.when(same).then(pl.col(FILE).shift(1)))
        yield from ordered.drop_nulls("before").select(FILE, "before").unique().iter_rows()


def _parts(keys: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    parts = keys.select(pl.len()).collect(engine="streaming").item() // HASHES_AT_ONCE + 1
    for part in range(parts):
        yield keys.filter(pl.col(KEY) % parts == part).collect(engine="streaming")


def _shared_keys(staged: Sequence[Path], stored: Sequence[Path]) -> pl.Series:
    """Keys of the staged rows that the table has as well."""
    if not stored:
        return pl.Series(KEY, [], dtype=pl.UInt64)
    old = pl.scan_parquet(list(stored)).select(key())
    found = [
        old.join(part.lazy(), on=KEY, how="semi").collect(engine="streaming").to_series()
        for part in _parts(pl.scan_parquet(list(staged)).select(key()))
    ]
    return pl.concat(found).unique()


def _slices(keys: pl.Series) -> Iterator[pl.LazyFrame]:
    for start in range(0, len(keys), IDS_AT_ONCE):
        yield keys[start : start + IDS_AT_ONCE].to_frame().lazy()


def _merge_some(
    keys: pl.LazyFrame, staged: Sequence[Path], stored: Sequence[Path], target: Path, *, times: tuple[bool, bool]
) -> Path:
    """Write the transactions that both sides have, as they shall be, with the stored file and what changed."""
    has_label_time, keep_event_time = times
    old = pl.scan_parquet(list(stored), include_file_paths=FILE).with_columns(key()).join(keys, on=KEY, how="semi")
    new = pl.scan_parquet(list(staged)).with_columns(key()).join(keys, on=KEY, how="semi")
    names = [name for name in new.collect_schema() if name != KEY]
    pairs = new.collect(engine="streaming").join(
        old.collect(engine="streaming").drop(KEY), on="transaction_id", how="inner", suffix=OLD
    )
    if keep_event_time:
        kept = pl.col(f"event_time{OLD}") + (pl.col("label_time") - pl.col("event_time"))
        pairs = pairs.with_columns(event_time=pl.col(f"event_time{OLD}"), label_time=kept)
    merged = pairs.with_columns(_label(names, has_label_time=has_label_time))
    said = [name for name in names if name not in (*LABEL, *ORIGIN, "transaction_id")]
    label = [name for name in names if name in LABEL]
    merged = merged.with_columns(_differs(said).alias(CORRECTED), _differs([*said, *label]).alias(CHANGED))
    merged.select(*names, FILE, CHANGED, CORRECTED).write_parquet(target, compression="lz4")
    return target


def _label(names: Sequence[str], *, has_label_time: bool) -> list[pl.Expr]:
    """The label of a transaction that was stored and comes again."""
    old = {name: pl.col(f"{name}{OLD}") for name in (*LABEL, "event_time")}
    later = (pl.col("label_time") >= old["label_time"]) if has_label_time else pl.lit(value=True)
    known = pl.col("is_fraud").is_not_null() & (old["is_fraud"].is_null() | later)
    stays = pl.max_horizontal(old["label_time"], pl.col("event_time"))
    stays = stays if has_label_time else pl.col("event_time") + (old["label_time"] - old["event_time"])
    stays = pl.when(old["is_fraud"].is_not_null()).then(stays)
    label = [
        pl.when(known).then("is_fraud").otherwise(old["is_fraud"]).alias("is_fraud"),
        pl.when(known).then("label_time").otherwise(stays).alias("label_time"),
    ]
    if "fraud_type" in names:
        same = pl.when(pl.col("is_fraud") == old["is_fraud"]).then(old["fraud_type"])
        kind = pl.when(known).then(pl.coalesce("fraud_type", same))
        label.append(kind.otherwise(pl.coalesce(old["fraud_type"], "fraud_type")).alias("fraud_type"))
    return label


def _differs(names: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}{OLD}")) for name in names)


def _counts(matched: Sequence[Path], rows: int) -> Merge:
    sums = pl.scan_parquet(list(matched)).select(pl.len(), pl.col(CHANGED).sum(), pl.col(CORRECTED).sum())
    both, updated, corrected = sums.collect(engine="streaming").row(0)
    return Merge(new=rows - both, updated=updated, unchanged=both - updated, corrected=corrected)


def _replace_changed(merge: Merge, matched: Sequence[Path], scratch: Path) -> None:
    """Write the changed rows, and the files they leave without them."""
    changed = pl.scan_parquet(list(matched)).filter(CHANGED)
    merge.added.append(scratch / "changed.parquet")
    write_rows(changed.drop(FILE, CHANGED, CORRECTED), merge.added[-1])
    merge.removed = [Path(path) for path in changed.select(pl.col(FILE).unique()).collect().to_series().sort()]
    for n, path in enumerate(merge.removed):
        rest = scratch / f"rest-{n}.parquet"
        write_rows(pl.scan_parquet(path).join(changed.select("transaction_id"), on="transaction_id", how="anti"), rest)
        if count_rows(rest):
            merge.added.append(rest)
