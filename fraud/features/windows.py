"""What an entity did in the last hours, days or weeks: count, sum, mean and maximum of amounts over [t - w, t).

The window is closed on the left: an event at t itself, and any other event of the same moment, is outside. So ties
cannot leak, and it does not matter in which order they were stored.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_

import polars as pl

from fraud.features.history import UNITS, between, code_of, named, running_total
from fraud.features.order import events_before, largest_between, merge, merged, minutes, packed


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
    longest = max(windows, key=minutes, default="")
    usual = pl.col(f"{entity}_amount_mean_{longest}")
    return [
        pl.when(usual > 0).then(pl.col(name) / usual).alias(f"{name}_over_{longest}")
        for window in windows
        if window != longest
        for name in (f"{entity}_amount_mean_{window}", f"{entity}_amount_max_{window}")
    ]


def window_features(
    asked: pl.DataFrame, past: pl.DataFrame, entity: str, windows: Sequence[str], *, has_amount: bool
) -> pl.LazyFrame:
    """Features of one entity over all windows, row by row beside ``asked``.

    Args:
        asked: all or some of the rows of ``past``, in its order, with the columns of ``order.clock``.
        past: as ``history.with_past`` gives them; both with ``units`` where there are amounts.
        entity: column of the entity.
        windows: lengths as polars writes them: ``"12h"``, ``"7d"``.
        has_amount: whether there are amounts to add up.

    Returns:
        Float32, ``{entity}_count_{window}``, ``{entity}_amount_sum_{window}``, ``..._mean_...``, ``..._max_...``, and
        ``{entity}_amount_ratio_{window}``, this amount over that mean (null where refunds make it 0 or less). Count
        and sum are 0, the others null, for an empty window.
    """
    beside = with_begins(asked, past, entity, windows)
    if not has_amount:
        return beside.lazy().select(named(entity, {f"count_{window}": _count(window) for window in windows}))
    largest = {
        _largest(window): largest_between(past["units"], beside[_begin(window)], beside["now"]) for window in windows
    }
    return beside.with_columns(**largest).lazy().select(amount_features(past, entity, windows))


def with_begins(asked: pl.DataFrame, past: pl.DataFrame, entity: str, windows: Sequence[str]) -> pl.DataFrame:
    """Add where in the past the windows begin; they end at ``now``. As ``window_features`` takes all of them."""
    code = code_of(entity)
    rows = packed(past[code], past["row"])
    begins = {_begin(window): merge(packed(asked[code], asked[events_before(window)]), rows) for window in windows}
    return asked.with_columns(merged(begins))


def amount_features(past: pl.DataFrame, entity: str, windows: Sequence[str]) -> list[pl.Expr]:
    """Of ``window_features`` those of amounts and the counts, from the columns of ``with_begins`` and the largest."""
    total = running_total(past["units"])
    return named(entity, reduce(or_, [_amounts(window, total) for window in windows], {}))


def _begin(window: str) -> str:
    """Name of the column that says where in the past the window begins."""
    return f"begin -{window}"


def _largest(window: str) -> str:
    """Name of the column that says the largest amount in the window."""
    return f"largest -{window}"


def _count(window: str) -> pl.Expr:
    return pl.col("now") - pl.col(_begin(window))


def _amounts(window: str, total: pl.Series) -> dict[str, pl.Expr]:
    count = _count(window)
    amount_sum = between(total, pl.col(_begin(window)), pl.col("now"))
    mean = pl.when(count > 0).then(amount_sum / count)
    return {
        f"count_{window}": count,
        f"amount_sum_{window}": amount_sum * (1 / UNITS),
        f"amount_mean_{window}": mean * (1 / UNITS),
        f"amount_max_{window}": pl.when(count > 0).then(_largest(window)) * (1 / UNITS),
        f"amount_ratio_{window}": pl.when(mean > 0).then(pl.col("units") / mean),
    }
