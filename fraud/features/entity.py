"""All features of one entity, for every transaction, in the order of the transactions.

One pure function per entity: it reads the rows of that entity alone, so the same function serves the whole table, its
new days, and a bucket of entities.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from fraud.features.history import MEMORY_DAYS, by_entity, history_features, history_until, pair_features
from fraud.features.labels import label_features
from fraud.features.windows import level_features, window_features


def entity_features(
    transactions: pl.DataFrame,
    labels: pl.DataFrame,
    entity: str,
    *,
    others: Sequence[str] = (),
    windows: Sequence[str],
    has_amount: bool,
    since: datetime | None = None,
) -> pl.DataFrame:
    """Windows, history, known labels and pairs of one entity.

    Args:
        transactions: ``row``, event_time, the entities' codes and, where there is one, amount; sorted by ``row``.
        labels: as ``ledger.known_labels`` gives them.
        entity: column of the entity.
        others: entities whose pairs with this one are asked for.
        windows: lengths as polars writes them.
        has_amount: whether there are amounts.
        since: only rows at or after this moment come back; all earlier ones count as history.

    Returns:
        Float32 features, one row for each transaction asked for, in their order; null where the entity is null.
    """
    recent, before = transactions.lazy(), None
    if since is not None:
        # NOTE: windows reach back this far; of what is older, its sums are enough.
        start = pl.min_horizontal(pl.lit(since), *(pl.lit(since).dt.offset_by(f"-{window}") for window in windows))
        before = history_until(recent.filter(pl.col("event_time") < start), entity, has_amount=has_amount)
        recent = recent.filter(pl.col("event_time") >= start)
    ordered = by_entity(recent, entity).collect().lazy()
    times = transactions["event_time"]
    past = _past(ordered, before, entity, windows, has_amount=has_amount, since=since)
    known = label_features(
        _from(ordered, since), labels.lazy(), entity, times=times, windows=windows, has_amount=has_amount
    )
    emitted = _from(ordered.select("row", "event_time"), since).select("row")
    first = 0 if since is None else int((times < since).sum())
    total = len(transactions) - first
    own = pl.concat([emitted, past, known], how="horizontal")
    pairs = [_pairs(transactions.lazy(), entity, other, since=since) for other in others]
    return pl.concat(
        [in_time_order(part.collect(), first, total) for part in (own, *pairs)],
        how="horizontal",
    )


def _past(
    ordered: pl.LazyFrame,
    before: pl.DataFrame | None,
    entity: str,
    windows: Sequence[str],
    *,
    has_amount: bool,
    since: datetime | None,
) -> pl.LazyFrame:
    """The features from earlier events, entity by entity."""
    parts = [_from(history_features(ordered, entity, has_amount=has_amount, before=before), since)]
    for window in windows:
        recent = ordered
        if since is not None:
            # NOTE: nothing before since - w can fall into a window of a row that is asked for.
            recent = recent.filter(pl.col("event_time") >= pl.lit(since).dt.offset_by(f"-{window}"))
        parts.append(_from(window_features(recent, entity, window, has_amount=has_amount), since))
    past = pl.concat([part.drop("event_time") for part in parts], how="horizontal")
    return past.with_columns(level_features(entity, windows)) if has_amount else past


def _pairs(transactions: pl.LazyFrame, entity: str, other: str, *, since: datetime | None) -> pl.LazyFrame:
    if since is not None:  # a pair is forgotten after MEMORY_DAYS: nothing before that can be told of it
        transactions = transactions.filter(pl.col("event_time") >= since - timedelta(days=MEMORY_DAYS))
    ordered = by_entity(transactions, entity, other).collect().lazy()
    parts = [ordered.select("row"), pair_features(ordered, entity, other)]
    return _from(pl.concat(parts, how="horizontal"), since).drop("event_time")


def _from(rows: pl.LazyFrame, since: datetime | None) -> pl.LazyFrame:
    return rows if since is None else rows.filter(pl.col("event_time") >= since)


def in_time_order(features: pl.DataFrame, first: int, total: int) -> pl.DataFrame:
    """Put rows back where ``row`` says; those without the entity become null.

    Args:
        features: ``row`` and others.
        first: the smallest ``row`` asked for.
        total: how many are asked for.
    """
    place = np.full(total, -1, dtype=np.int64)
    place[features["row"].to_numpy().astype(np.int64) - first] = np.arange(len(features))
    source = pl.Series(place) if len(features) == total else pl.Series(place).replace(-1, None)
    return features.drop("row").select(pl.all().gather(source))
