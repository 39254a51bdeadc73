"""New transactions, scored with the store's history by the champion: ranked alerts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.data.dumps import find_dumps, recognise, sha256_of
from fraud.data.staging import stage_dump
from fraud.data.times import ROW_ORDER_EPOCH
from fraud.features.build import build_features
from fraud.features.table import Recipe
from fraud.model.bundle import Bundle


def read_unlabelled(
    dumps: Sequence[str], scratch: Path, *, columns: ColumnsConfig, labels: LabelsConfig, last_event: datetime
) -> tuple[pl.LazyFrame, int]:
    """Canonical transactions of dumps that need no labels, and how many rows were rejected; nothing is stored.

    Args:
        dumps: files, globs or folders.
        scratch: an empty folder, which must last as long as the frame.
        columns: roles of the columns; those of labels are not read.
        labels: of the config.
        last_event: of the store; where the order of rows stands for time, new rows come after it.

    Raises:
        DumpError: a dump cannot be read or mapped.
    """
    unlabelled = replace(columns, is_fraud=None, label_time=None, fraud_type=None)
    frames, rejected = [], 0
    offset = int((last_event - ROW_ORDER_EPOCH).total_seconds()) if columns.event_time.is_row_order else 0
    for number, path in enumerate(find_dumps(dumps)):
        folder = scratch / str(number)
        folder.mkdir()
        staged = stage_dump(
            recognise(path), folder, columns=unlabelled, labels=labels, sha256=sha256_of(path), row_offset=offset
        )
        offset += staged.manifest.rows
        frames.append(pl.scan_parquet(staged.rows))
        rejected += staged.manifest.rejected
    return pl.concat(frames).unique("transaction_id", keep="last"), rejected


def score_transactions(bundle: Bundle, new: pl.LazyFrame, stored: pl.LazyFrame, recipe: Recipe) -> pl.DataFrame:
    """Score transactions as of their own moment, the highest score first.

    A transaction that is stored already is scored as stored, with the labels that were known at its moment.

    Args:
        bundle: the model.
        new: canonical transactions without labels.
        stored: canonical transactions of the store, whose history the features need.
        recipe: of the features.

    Returns:
        rank, transaction_id, event_time, entities, amount, y_score, alert.
    """
    ids = new.select("transaction_id").collect()
    unseen = new.join(stored.select("transaction_id"), on="transaction_id", how="anti").with_columns(
        is_fraud=pl.lit(None, pl.Boolean), label_time=pl.lit(None, pl.Datetime("us", "UTC"))
    )
    columns = [name for name in unseen.collect_schema() if name in stored.collect_schema()]
    first = new.select(pl.col("event_time").min()).collect().item()
    history = pl.concat([stored.select(columns), unseen.select(columns)])
    features = build_features(history, recipe, since=first).join(
        ids, on="transaction_id", how="semi", maintain_order="left"
    )
    kept = ["transaction_id", "event_time", *recipe.entities, *(["amount"] if recipe.has_amount else [])]
    scored = features.select(kept).with_columns(y_score=pl.Series(bundle.score(features)))
    ranked = scored.sort(["y_score", "transaction_id"], descending=[True, False])
    return ranked.with_columns(alert=pl.col("y_score") >= bundle.threshold).with_row_index("rank", offset=1)
