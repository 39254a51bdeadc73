"""What an entity did in the last hours, days or weeks: count, sum, mean and maximum of amounts over [t - w, t).

The window is closed on the left: an event at t itself, and any other event of the same moment, is outside. So ties
cannot leak, and it does not matter in which order they were stored.
"""

import polars as pl

from fraud.features.history import UNITS, in_units


def window_features(ordered: pl.LazyFrame, entity: str, window: str, *, has_amount: bool) -> pl.LazyFrame:
    """Features of one entity over one window, row by row beside ``ordered``.

    Args:
        ordered: sorted by ``history.by_entity`` with the entity as its key.
        entity: column of the entity.
        window: length as polars writes it: ``"12h"``, ``"7d"``.
        has_amount: whether there are amounts to add up.

    Returns:
        ``event_time`` and, Float32, ``{entity}_count_{window}``, ``{entity}_amount_sum_{window}``, ``..._mean_...``,
        ``..._max_...``, and ``{entity}_amount_ratio_{window}``, this amount over that mean (null where
        refunds make it 0 or less). Count and sum are 0, the others null, for an empty window.
    """
    if not has_amount:
        rolled = ordered.rolling("event_time", period=window, closed="left", group_by="key").agg(
            pl.len().alias("count")
        )
        return rolled.select("event_time", pl.col("count").cast(pl.Float32).alias(f"{entity}_count_{window}"))
    measured = ordered.with_columns(units=in_units(pl.col("amount")))
    units = pl.col("units")
    rolled = measured.rolling("event_time", period=window, closed="left", group_by="key").agg(
        pl.len().alias("count"), units.sum().alias("sum"), units.max().alias("max")
    )
    beside = pl.concat([rolled, measured.select("units")], how="horizontal")
    return beside.select("event_time", *_named(entity, window))


def _named(entity: str, window: str) -> list[pl.Expr]:
    count = pl.col("count")
    mean = pl.when(count > 0).then(pl.col("sum") / count)
    features = {
        "count": count,
        "amount_sum": pl.col("sum") * (1 / UNITS),
        "amount_mean": mean * (1 / UNITS),
        "amount_max": pl.col("max") * (1 / UNITS),
        "amount_ratio": pl.when(mean > 0).then(pl.col("units") / mean),
    }
    return [value.cast(pl.Float32).alias(f"{entity}_{name}_{window}") for name, value in features.items()]
