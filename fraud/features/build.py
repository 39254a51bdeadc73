"""The feature table: every transaction with what could be known of it at its own moment."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from fraud.errors import ConfigError
from fraud.features.calendar import calendar_features
from fraud.features.entity import entity_features
from fraud.features.history import log_amount
from fraud.features.ledger import known_labels
from fraud.features.table import FeatureTable, write_table

__all__ = ["KEYS", "FeatureTable", "build_features", "prepare_features"]

KEYS = ("transaction_id", "event_time", "amount", "is_fraud", "label_time", "fraud_type")
"""Columns kept beside the features, where the data has them; the entities follow."""


def build_features(
    transactions: pl.LazyFrame,
    *,
    entities: Sequence[str],
    numeric: Sequence[str],
    categorical: Sequence[str],
    windows: Sequence[str],
    has_amount: bool,
    has_calendar: bool = True,
    since: datetime | None = None,
) -> pl.DataFrame:
    """The feature table, sorted by (event_time, transaction_id).

    Args:
        transactions: canonical transactions in any order.
        entities: entity columns, the card first.
        numeric: numeric extras, passed through.
        categorical: categorical extras, passed through.
        windows: lengths of the history windows.
        has_amount: whether the data has amounts.
        has_calendar: False where time is only the order of the rows.
        since: emit only rows at or after this moment, equal to the same rows of the whole build.

    Returns:
        The ``KEYS`` that exist, the entities, then the features: numeric ones Float32 (``amount`` stays Float64),
        categorical ones String.

    Raises:
        ConfigError: a column of the data has the name of a feature.
    """
    kept = [*(name for name in KEYS if name in transactions.collect_schema()), *entities]
    columns = list(dict.fromkeys([*kept, *numeric, *categorical]))
    ordered = transactions.select(columns).collect().sort("event_time", "transaction_id")
    coded = _coded(ordered, entities, has_amount=has_amount)
    asked = pl.lit(value=True) if since is None else pl.col("event_time") >= since
    emitted = ordered.lazy().filter(asked)
    own = [log_amount(pl.col("amount")).cast(pl.Float32).alias("amount_log")] if has_amount else []
    plain = emitted.select(
        *kept,
        *own,
        *(calendar_features() if has_calendar else ()),
        *(pl.col(name).cast(pl.Float32) for name in numeric),
        *categorical,
    ).collect()
    labels = known_labels(coded.lazy()).collect()
    coded = coded.drop("is_fraud", "label_time")
    parts = [plain]
    for entity in entities:
        others = entities[1:] if entity == entities[0] else ()
        parts.append(
            entity_features(coded, labels, entity, others=others, windows=windows, has_amount=has_amount, since=since)
        )
    _check_names(parts)
    return pl.concat(parts, how="horizontal")


def _coded(ordered: pl.DataFrame, entities: Sequence[str], *, has_amount: bool) -> pl.DataFrame:
    """What the entity features read, entities as numbers: sorting and grouping numbers is several times faster."""
    codes = (pl.col(name).cast(pl.Categorical).to_physical() for name in entities)
    amount = ["amount"] if has_amount else []
    return ordered.select("event_time", "is_fraud", "label_time", *amount, *codes).with_row_index("row")


def _check_names(parts: Sequence[pl.DataFrame]) -> None:
    names = [name for part in parts for name in part.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(
            f"[columns]: '{twice[0]}' is the name of a column of the data and of a feature made from it; "
            "rename the column in the dump, or the entity on its left"
        )


def prepare_features(
    transactions: pl.LazyFrame,
    folder: Path,
    *,
    store_version: int,
    entities: Sequence[str],
    numeric: Sequence[str],
    categorical: Sequence[str],
    windows: Sequence[str],
    has_amount: bool,
    has_calendar: bool = True,
) -> FeatureTable:
    """Build the feature table and make it the current one of ``folder``, in one step.

    Args:
        transactions: canonical transactions of one version of the store.
        folder: where the table lives.
        store_version: that version.
        entities: see ``build_features``, as all that follow.
        numeric: numeric extras.
        categorical: categorical extras.
        windows: lengths of the history windows.
        has_amount: whether the data has amounts.
        has_calendar: False where time is only the order of the rows.

    Raises:
        ConfigError: a column of the data has the name of a feature.
        StoreError: the folder cannot be written.
    """
    features = build_features(
        transactions,
        entities=entities,
        numeric=numeric,
        categorical=categorical,
        windows=windows,
        has_amount=has_amount,
        has_calendar=has_calendar,
    )
    beside = {*KEYS, *entities, *categorical} - {"amount"}
    columns = {
        "numeric": tuple(name for name in features.columns if name not in beside),
        "categorical": tuple(categorical),
        "entities": tuple(entities),
        "windows": tuple(windows),
    }
    return write_table(features, folder, columns=columns, store_version=store_version)
