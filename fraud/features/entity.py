"""All features of one entity, for every transaction, in the order of the transactions.

One pure function per entity: it reads the rows of that entity alone, so the same function serves the whole table, its
new days, and a bucket of entities.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from fraud.features.history import by_entity, history_features, pair_features
from fraud.features.labels import label_features
from fraud.features.windows import window_features


def entity_features(
    transactions: pl.DataFrame,
    entity: str,
    *,
    others: Sequence[str] = (),
    windows: Sequence[str],
    has_amount: bool,
    since: datetime | None = None,
) -> pl.DataFrame:
    """Windows, history, known labels and pairs of one entity.

    Args:
        transactions: sorted by (event_time, transaction_id), with is_fraud and label_time; entities as numbers.
        entity: column of the entity.
        others: entities whose pairs with this one are asked for.
        windows: lengths as polars writes them.
        has_amount: whether amounts exist.
        since: only rows at or after this moment come back; all earlier ones count as history.

    Returns:
        Float32 features, one row for each transaction asked for, in their order; null where the entity is null.
    """
    rows = transactions.lazy().with_row_index("row")
    first = 0 if since is None else int(transactions.select((pl.col("event_time") < since).sum()).item())
    asked = transactions.lazy().slice(first)
    total = len(transactions) - first
    past = _past(rows, entity, windows, has_amount=has_amount, since=since).collect()
    parts = [_in_time_order(past, first, total)]
    parts += [_in_time_order(_pairs(rows, entity, other, since=since).collect(), first, total) for other in others]
    parts.append(label_features(transactions.lazy(), entity, windows, has_amount=has_amount, asked=asked).collect())
    return pl.concat(parts, how="horizontal")


def _past(
    rows: pl.LazyFrame, entity: str, windows: Sequence[str], *, has_amount: bool, since: datetime | None
) -> pl.LazyFrame:
    """``row`` and the features from earlier events, entity by entity."""
    amount = ["amount"] if has_amount else []
    ordered = by_entity(rows.select("row", "event_time", entity, *amount), entity).collect().lazy()
    ever = (feature.cast(pl.Float32) for feature in history_features(entity, has_amount=has_amount))
    parts = [_from(ordered.select("row", "event_time", *ever), since)]
    for window in windows:
        recent = ordered.select("event_time", entity, *amount)
        if since is not None:
            # NOTE: nothing before since - w can fall into a window of a row that is asked for.
            recent = recent.filter(pl.col("event_time") >= pl.lit(since).dt.offset_by(f"-{window}"))
        parts.append(_from(window_features(recent, entity, window, has_amount=has_amount), since))
    return pl.concat(parts, how="horizontal")


def _pairs(rows: pl.LazyFrame, entity: str, other: str, *, since: datetime | None) -> pl.LazyFrame:
    ordered = by_entity(rows.select("row", "event_time", entity, other), entity, other)
    features = (feature.cast(pl.Float32) for feature in pair_features(entity, other))
    return _from(ordered.select("row", "event_time", *features), since)


def _from(features: pl.LazyFrame, since: datetime | None) -> pl.LazyFrame:
    emitted = features if since is None else features.filter(pl.col("event_time") >= since)
    return emitted.drop("event_time")


def _in_time_order(features: pl.DataFrame, first: int, total: int) -> pl.DataFrame:
    """Put the rows back where ``row`` says; rows without the entity become null."""
    place = np.full(total, -1, dtype=np.int64)
    place[features["row"].to_numpy().astype(np.int64) - first] = np.arange(len(features))
    source = pl.Series(place) if len(features) == total else pl.Series(place).replace(-1, None)
    return features.drop("row").select(pl.all().gather(source))
