"""New rows and stored rows of the same transactions: what is new, what changed, what stays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import polars as pl

from fraud.data.mapping.label_precedence import precedence, presumed
from fraud.data.store.parquet import count_rows, write_rows
from fraud.data.store.row_hashes import CONTENT, IDS_AT_ONCE, KEY, ORIGIN_COLUMNS, compare, content, key

OLD = "__old"
FILE, CHANGED, CORRECTED = "__file", "__changed", "__corrected"
LABEL_COLUMNS = ("is_fraud", "label_time", "fraud_type")
PART = "__part"


@dataclass
class Merge:
    """What an upsert does to the files of the table, and to how many rows."""

    added: list[Path] = field(default_factory=list)
    """Parquet files of this machine that join the table."""
    removed: list[Path | str] = field(default_factory=list)
    """Files that leave the table; their unchanged rows are in ``added``."""
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    corrected: int = 0
    """Of the updated rows, those that differ in more than their label."""


def merge_batches(
    batches: Sequence[Sequence[Path]],
    stored: Sequence[Path | str],
    scratch: Path,
    *,
    default_delay: timedelta | None,
    keep_event_time: bool,
) -> Merge:
    """Merge batches one after the other, each into the result of the one before; together one change of the table.

    Args:
        batches: each as ``merge_rows`` takes it, in the order in which they were received.
        stored: Parquet files of the table: paths, or addresses in an object store.
        scratch: empty folder to write to.
        default_delay: as ``merge_rows``.
        keep_event_time: as ``merge_rows``.
    """
    files, whole = list(stored), Merge()
    made: list[Path] = []
    for number, batch in enumerate(batches, start=1):
        folder = scratch / f"merge-{number}"
        folder.mkdir()
        merge = merge_rows(batch, files, folder, default_delay=default_delay, keep_event_time=keep_event_time)
        made += merge.added
        files = [path for path in files if path not in merge.removed] + [
            path for path in merge.added if count_rows(path)
        ]
        for count in ("new", "updated", "unchanged", "corrected"):
            setattr(whole, count, getattr(whole, count) + getattr(merge, count))
    whole.added = [path for path in made if path in files]
    whole.removed = [path for path in stored if path not in files]
    return whole


def merge_rows(
    staged: Sequence[Path],
    stored: Sequence[Path | str],
    scratch: Path,
    *,
    default_delay: timedelta | None,
    keep_event_time: bool,
) -> Merge:
    """Compare staged with stored rows by transaction_id and write what the table needs into ``scratch``.

    A staged row replaces what is stored of its transaction, except that a label once known is never erased by a row
    without one. Where the data has ``label_time``, the label known later wins; a genuine one whose time is the default
    loses against all reported ones: it never erases a reported fraud, and a report erases it.

    Args:
        staged: Parquet files of canonical rows; a transaction_id comes once in all of them.
        stored: Parquet files of the table: paths, or addresses in an object store.
        scratch: folder to write to.
        default_delay: used for a label_time that a dump leaves out; None where the data has no label_time at all, and
            the label received last wins.
        keep_event_time: whether the stored event_time is kept, as it must be where row order replaces time.
    """
    new, old = pl.scan_parquet(list(staged)), _scan(stored)
    rows = sum(count_rows(path) for path in staged)
    hashed = new.with_columns(key(), content(new.collect_schema().names()))
    same, other = compare(new, old.drop(FILE)) if stored else (pl.DataFrame(), pl.DataFrame())
    if len(same) + len(other) == 0:
        return Merge(added=list(staged), new=rows)
    pairs = [
        _pair(news, olds, scratch / f"pairs-{n}.parquet", times=(default_delay, keep_event_time))
        for n, (news, olds) in enumerate(_sides(hashed, old, other, scratch))
    ]
    merge = _counts(pairs, rows, unchanged=len(same))
    if merge.new:
        merge.added.append(scratch / "new.parquet")
        write_rows(_new_rows(hashed, same, pairs), merge.added[-1])
    if merge.updated:
        _replace_changed(merge, pairs, stored, scratch)
    return merge


def _scan(stored: Sequence[Path | str]) -> pl.LazyFrame:
    """Rows of the table, each with its file; polars reads paths or addresses in one scan, not both."""
    here, there = ([str(one) for one in stored if isinstance(one, kind)] for kind in (Path, str))
    scans = [pl.scan_parquet(files, include_file_paths=FILE) for files in (here, there) if files]
    return pl.concat(scans) if scans else pl.LazyFrame()


def _sides(
    new: pl.LazyFrame, old: pl.LazyFrame, keys: pl.DataFrame, scratch: Path
) -> Iterator[tuple[pl.LazyFrame, pl.LazyFrame]]:
    """Pairs of frames, in parts that fit into memory: staged rows of these hashes, stored rows of these ``KEY``s."""
    parts = len(keys) // IDS_AT_ONCE + 1
    sides = [
        new.join(keys.lazy(), on=[KEY, CONTENT], how="semi").drop(CONTENT),
        old.with_columns(key()).join(keys.lazy(), on=KEY, how="semi"),
    ]
    if parts == 1:
        yield sides[0], sides[1]
        return
    for number, side in enumerate(sides):
        cut = pl.PartitionBy(scratch / f"side-{number}", key=(pl.col(KEY) % parts).alias(PART), include_key=False)
        side.sink_parquet(cut, compression="lz4", mkdir=True, engine="streaming")
    for part in range(parts):
        folders = [scratch / f"side-{number}" / f"{PART}={part}" for number in (0, 1)]
        if all(folder.exists() for folder in folders):
            staged, stored = (pl.scan_parquet(folder, hive_partitioning=False) for folder in folders)
            yield staged, stored


def _new_rows(hashed: pl.LazyFrame, same: pl.DataFrame, pairs: Sequence[Path]) -> pl.LazyFrame:
    """Staged rows that are not stored."""
    others = hashed.join(same.lazy(), on=[KEY, CONTENT], how="anti").drop(KEY, CONTENT)
    if not pairs:
        return others
    return others.join(pl.scan_parquet(list(pairs)).select("transaction_id"), on="transaction_id", how="anti")


def _pair(new: pl.LazyFrame, old: pl.LazyFrame, target: Path, *, times: tuple[timedelta | None, bool]) -> Path:
    """Write the transactions of both sides as they will be stored, each with its present file and what changed."""
    default_delay, keep_event_time = times
    names = [name for name in new.collect_schema() if name != KEY]
    pairs = new.collect(engine="streaming").join(
        old.collect(engine="streaming").drop(KEY), on="transaction_id", how="inner", suffix=OLD
    )
    if keep_event_time:
        kept = pl.col(f"event_time{OLD}") + (pl.col("label_time") - pl.col("event_time"))
        pairs = pairs.with_columns(event_time=pl.col(f"event_time{OLD}"), label_time=kept)
    merged = pairs.with_columns(_label(names, default_delay))
    own = [name for name in names if name not in (*LABEL_COLUMNS, *ORIGIN_COLUMNS, "transaction_id")]
    label = [name for name in names if name in LABEL_COLUMNS]
    merged = merged.with_columns(_differs(own).alias(CORRECTED), _differs([*own, *label]).alias(CHANGED))
    merged.select(*names, FILE, CHANGED, CORRECTED).write_parquet(target, compression="lz4")
    return target


def _label(names: Sequence[str], default_delay: timedelta | None) -> list[pl.Expr]:
    """The label of a transaction that was stored and comes again."""
    old = {name: pl.col(f"{name}{OLD}") for name in (*LABEL_COLUMNS, "event_time")}
    later, moved = pl.lit(value=True), pl.col("event_time") + (old["label_time"] - old["event_time"])
    kept = moved
    if default_delay is not None:
        later = precedence(default_delay) >= precedence(default_delay, suffix=OLD)
        reported = pl.max_horizontal(old["label_time"], pl.col("event_time"))
        kept = pl.when(presumed(default_delay, suffix=OLD)).then(moved).otherwise(reported)
    known = pl.col("is_fraud").is_not_null() & (old["is_fraud"].is_null() | later)
    kept = pl.when(old["is_fraud"].is_not_null()).then(kept)
    label = [
        pl.when(known).then("is_fraud").otherwise(old["is_fraud"]).alias("is_fraud"),
        pl.when(known).then("label_time").otherwise(kept).alias("label_time"),
    ]
    if "fraud_type" in names:
        agrees = pl.col("is_fraud") == old["is_fraud"]
        same = pl.when(agrees).then(old["fraud_type"])
        new = pl.when(agrees.fill_null(value=True)).then("fraud_type")  # not the kind of a fraud that it is not
        kind = pl.when(known).then(pl.coalesce("fraud_type", same))
        label.append(kind.otherwise(pl.coalesce(old["fraud_type"], new)).alias("fraud_type"))
    return label


def _differs(names: Sequence[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}{OLD}")) for name in names)


def _counts(pairs: Sequence[Path], rows: int, *, unchanged: int) -> Merge:
    if not pairs:
        return Merge(new=rows - unchanged, unchanged=unchanged)
    sums = pl.scan_parquet(list(pairs)).select(pl.len(), pl.col(CHANGED).sum(), pl.col(CORRECTED).sum())
    both, updated, corrected = sums.collect(engine="streaming").row(0)
    stay = both - updated + unchanged
    return Merge(new=rows - both - unchanged, updated=updated, unchanged=stay, corrected=corrected)


def _replace_changed(merge: Merge, pairs: Sequence[Path], stored: Sequence[Path | str], scratch: Path) -> None:
    """Write the changed rows, and anew, without them, the files that held them."""
    changed = pl.scan_parquet(list(pairs)).filter(CHANGED)
    merge.added.append(scratch / "changed.parquet")
    write_rows(changed.drop(FILE, CHANGED, CORRECTED), merge.added[-1])
    left = set(changed.select(pl.col(FILE).unique()).collect().to_series())
    merge.removed = sorted((path for path in stored if str(path) in left), key=str)
    for n, path in enumerate(merge.removed):
        rest = scratch / f"rest-{n}.parquet"
        write_rows(pl.scan_parquet(path).join(changed.select("transaction_id"), on="transaction_id", how="anti"), rest)
        merge.added.append(rest)
