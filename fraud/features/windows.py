"""What an entity did in the last hours, days or weeks: count, sum, mean and maximum of amounts over [t - w, t).

The window is closed on the left: an event at t itself, and any other event of the same moment, is outside. So ties
cannot leak, and it does not matter in which order they were stored.
"""

from collections.abc import Sequence

import polars as pl

from fraud.features.history import UNITS, in_units

_COUNT, _VALUED, _SUM, _MAX = "count", "valued", "sum", "max"


def window_names(entity: str, window: str, *, has_amount: bool) -> list[str]:
    """Names of the features of one entity and one window, in the order of ``window_features``."""
    amounts = ("amount_sum", "amount_mean", "amount_max", "amount_ratio") if has_amount else ()
    return [f"{entity}_{kind}_{window}" for kind in ("count", *amounts)]


def window_features(ordered: pl.LazyFrame, entity: str, window: str, *, has_amount: bool) -> pl.LazyFrame:
    """Features of one entity over one window, row by row beside ``ordered``.

    Args:
        ordered: sorted by ``history.by_entity`` with the entity as its key.
        entity: column of the entity.
        window: length as polars writes it: ``"12h"``, ``"7d"``.
        has_amount: whether there are amounts to add up.

    Returns:
        ``event_time`` and, Float32, count, sum, mean and maximum of the amounts in the window, and this amount as a
        ratio to that mean. Sum and count are 0, the others null, for an empty window. Same rows, same order.
    """
    units = pl.col("units")
    amounts = (units.count().alias(_VALUED), units.sum().alias(_SUM), units.max().alias(_MAX)) if has_amount else ()
    measured = ordered.with_columns(in_units(pl.col("amount")).alias("units")) if has_amount else ordered
    rolled = measured.rolling("event_time", period=window, closed="left", group_by=entity)
    facts = rolled.agg(pl.len().alias(_COUNT), *amounts)
    beside = pl.concat([facts, measured.select("units")], how="horizontal") if has_amount else facts
    named = zip(_features(has_amount=has_amount), window_names(entity, window, has_amount=has_amount), strict=True)
    return beside.select("event_time", *(value.cast(pl.Float32).alias(name) for value, name in named))


def _features(*, has_amount: bool) -> Sequence[pl.Expr]:
    count = pl.col(_COUNT)
    if not has_amount:
        return [count]
    mean = pl.when(pl.col(_VALUED) > 0).then(pl.col(_SUM) / pl.col(_VALUED))
    ratio = pl.when(mean != 0).then(pl.col("units") / mean)
    return [count, pl.col(_SUM) / UNITS, mean / UNITS, pl.col(_MAX) / UNITS, ratio]
