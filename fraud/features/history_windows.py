"""Features of an entity's last hours, days or weeks: count, sum, mean and maximum of amounts over [t - w, t).

The window excludes t itself and any other event of the same moment. So ties cannot leak, and their order in the store
does not matter.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_

import polars as pl

from fraud.features.history import UNITS, between, code_of, named, running_total
from fraud.features.sorted_search import events_before, largest_between, merge, merged, minutes, packed


def level_features(entity: str, windows: Sequence[str]) -> list[pl.Expr]:
    """An entity's recent amounts relative to its usual ones, from the columns of ``window_features``.

    A stolen card also shows in the days before: the mean or maximum of its last day lies far above its month's.

    Args:
        entity: column of the entity.
        windows: all of them; the longest defines the usual amounts.

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
    requested: pl.DataFrame, past: pl.DataFrame, entity: str, windows: Sequence[str], *, has_amount: bool
) -> pl.LazyFrame:
    """Features of one entity over all windows, one row for each row of ``requested``.

    Args:
        requested: all or some of the rows of ``past``, in its order, with the columns of ``moment_positions``.
        past: as ``history.with_past`` returns them; both with ``units`` where there are amounts.
        entity: column of the entity.
        windows: lengths as polars writes them: ``"12h"``, ``"7d"``.
        has_amount: whether there are amounts.

    Returns:
        Float32, ``{entity}_count_{window}``, ``{entity}_amount_sum_{window}``, ``..._mean_...``, ``..._max_...``, and
        ``{entity}_amount_ratio_{window}``, this amount over that mean (null where refunds make it 0 or less). Count
        and sum are 0, the others null, for an empty window.
    """
    located = with_begins(requested, past, entity, windows)
    if not has_amount:
        return located.lazy().select(named(entity, {f"count_{window}": _count(window) for window in windows}))
    largest = {
        _largest(window): largest_between(past["units"], located[_begin(window)], located["now"]) for window in windows
    }
    return located.with_columns(**largest).lazy().select(amount_features(past, entity, windows))


def with_begins(requested: pl.DataFrame, past: pl.DataFrame, entity: str, windows: Sequence[str]) -> pl.DataFrame:
    """Add the position in ``past`` at which each window begins; all end at ``now``. As for ``window_features``."""
    code, rows = requested[code_of(entity)], packed(past[code_of(entity)], past["row"])
    begins = {_begin(window): merge(packed(code, requested[events_before(window)]), rows) for window in windows}
    return requested.with_columns(merged(begins))


def amount_features(past: pl.DataFrame, entity: str, windows: Sequence[str]) -> list[pl.Expr]:
    """Counts and amounts of ``window_features``, from the columns of ``with_begins`` and the largest amounts."""
    total = running_total(past["units"])
    return named(entity, reduce(or_, [_amounts(window, total) for window in windows], {}))


def _begin(window: str) -> str:
    """Name of the column with the position at which the window begins."""
    return f"begin -{window}"


def _largest(window: str) -> str:
    """Name of the column with the largest amount in the window."""
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
