"""What an entity did in the last hours, days or weeks: count, sum, mean and maximum of amounts over [t - w, t).

The window is closed on the left: an event at t itself, and any other event of the same moment, is outside. So ties
cannot leak, and it does not matter in which order they were stored.
"""

from collections.abc import Sequence

import polars as pl

from fraud.features.history import UNITS, in_units

MINUTES = {"m": 1, "h": 60, "d": 60 * 24, "w": 60 * 24 * 7}
"""In each unit that a window may be given in."""


def level_features(entity: str, windows: Sequence[str]) -> list[pl.Expr]:
    """How an entity's recent amounts stand against its usual ones, from the columns of ``window_features``.

    A stolen card shows in the days before as well: the mean or maximum of its last day lies far above its month's.

    Args:
        entity: column of the entity.
        windows: all of them; the longest says what is usual.

    Returns:
        Float32, for each window but the longest one: ``{entity}_amount_mean_{w}_over_{longest}`` and
        ``{entity}_amount_max_{w}_over_{longest}``, over the mean of the longest window; null where that is 0 or less,
        or the shorter window empty.
    """
    longest = max(windows, key=_minutes, default="")
    usual = pl.col(f"{entity}_amount_mean_{longest}")
    return [
        pl.when(usual > 0).then(pl.col(name) / usual).alias(f"{name}_over_{longest}")
        for window in windows
        if window != longest
        for name in (f"{entity}_amount_mean_{window}", f"{entity}_amount_max_{window}")
    ]


def _minutes(window: str) -> int:
    return int(window[:-1]) * MINUTES[window[-1]]


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
