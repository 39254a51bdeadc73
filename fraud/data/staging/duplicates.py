"""Rows of one dump that share a transaction_id."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from fraud.data.mapping.label_precedence import precedence
from fraud.data.store.row_hashes import IDS_AT_ONCE, KEY, key, repeated_keys

VALID, WINS, DECIDED = "__valid", "__wins", "__decided"


@dataclass(frozen=True)
class Duplicates:
    """Numbers (``dump_row``) of the rows that another row replaces, and of those that contradict each other."""

    repeated: pl.Series
    """Valid rows that are equal to an earlier row, or of which another row is the later state."""
    conflicting: pl.Series
    """Rows, valid or not, of a transaction_id with different rows and none that is the latest."""


def find_duplicates(valid: Path, broken: Path, *, default_delay: timedelta | None) -> Duplicates:
    """Judge the rows of one dump that share a transaction_id, whatever their order.

    Equal rows count once. Of different rows the one with the latest ``label_time`` wins; a genuine label whose time is
    the default is below all reported ones. Where the dump has no such column, a labelled row wins over unlabelled ones
    that agree with it in all else. Otherwise it is not known which is true, and all are conflicting.

    Args:
        valid: Parquet file of the rows that broke no rule.
        broken: Parquet file of the others.
        default_delay: used for a label_time that the dump leaves out; None where it has no label_time at all.
    """
    judged = [_judge(rows, default_delay) for rows in _sharing_rows(valid, broken)]
    if not judged:
        nothing = pl.Series("dump_row", [], dtype=pl.Int64)
        return Duplicates(repeated=nothing, conflicting=nothing)
    repeated, conflicting = zip(*judged, strict=True)
    return Duplicates(repeated=pl.concat(repeated), conflicting=pl.concat(conflicting))


def _sharing_rows(valid: Path, broken: Path) -> Iterator[pl.DataFrame]:
    """Frames with all rows of each transaction_id that may come twice."""
    sides = [pl.scan_parquet(path).filter(pl.col("transaction_id").is_not_null()) for path in (valid, broken)]
    marked = [side.with_columns(key(), pl.lit(side is sides[0]).alias(VALID)) for side in sides]
    for shared in repeated_keys(pl.concat([side.select(key()) for side in sides])):
        for start in range(0, len(shared), IDS_AT_ONCE):
            some = shared[start : start + IDS_AT_ONCE].to_frame().lazy()
            rows = pl.concat(marked, how="diagonal").join(some, on=KEY, how="semi")
            yield rows.drop(KEY).collect(engine="streaming")


def _judge(rows: pl.DataFrame, default_delay: timedelta | None) -> tuple[pl.Series, pl.Series]:
    content = [name for name in rows.columns if name not in ("dump_row", "dump", VALID)]
    distinct = rows.sort("dump_row").unique(subset=content, keep="first", maintain_order=True)
    again = rows.filter(VALID).join(distinct, on="dump_row", how="anti")["dump_row"]
    several = distinct.filter(pl.len().over("transaction_id") > 1)
    known = pl.col("is_fraud").is_not_null() if default_delay is None else precedence(default_delay)
    unlabelled = [name for name in content if name not in ("transaction_id", "is_fraud", "label_time", "fraud_type")]
    same = pl.struct(unlabelled).hash().n_unique().over("transaction_id") == 1
    agree = same if default_delay is None else pl.lit(value=True)
    latest = known.cast(pl.Int64).rank("min", descending=True).over("transaction_id") == 1
    alone = latest.sum().over("transaction_id") == 1
    verdicts = several.with_columns((latest & alone & agree & pl.col(VALID)).alias(WINS)).with_columns(
        pl.col(WINS).any().over("transaction_id").alias(DECIDED)
    )
    outdated = verdicts.filter(pl.col(DECIDED) & ~pl.col(WINS) & pl.col(VALID))["dump_row"]
    return pl.concat([again, outdated]), verdicts.filter(~pl.col(DECIDED))["dump_row"]
