"""Features of an entity's whole history: recency, age and its own level of amounts.

Everything here works on a frame that ``by_entity`` sorted: the rows of one entity together, oldest first. An
entity's past is then the rows from one position up to another; a sum over it is a difference of two running sums of
the whole frame, and needs no grouping.

Amounts are fixed-point integers. A running sum of floats depends on everything added to it, rows of other entities
included; a sum of integers does not. So a whole build, a day-by-day build and a build in buckets are equal to the last
bit.
"""

from collections.abc import Mapping

import polars as pl

from fraud.features.sorted_search import entity_order, put_in_order

UNITS = 10_000
"""Fixed-point units in one unit of money, and in one unit of log(1 + amount)."""
AMOUNT_LIMIT = 1e10
"""Amounts beyond +-1e10 count as that much in sums, so that 92,000 of them still fit 64 bits."""
SMALLEST_SPREAD = 0.1
"""Least standard deviation of log(1 + amount): one or two equal amounts are a poor estimate of an entity's spread."""

MEMORY_DAYS = 30
"""Longest age of an entity or pair, in days. Unbounded ages grow with the length of the history, so that later months
differ from the whole training window, and scores, thresholds and probabilities drift.
"""

HOUR = 3_600_000_000
"""Microseconds."""
DAY = 24 * HOUR
"""Microseconds."""


def in_units(amount: pl.Expr) -> pl.Expr:
    """Amount in integer units of 1e-4."""
    return (amount.clip(-AMOUNT_LIMIT, AMOUNT_LIMIT) * UNITS).round().cast(pl.Int64)


def in_log_units(amount: pl.Expr) -> pl.Expr:
    """Log amount in integer units of 1e-4."""
    return (log_amount(amount) * UNITS).round().cast(pl.Int64)


def log_amount(amount: pl.Expr) -> pl.Expr:
    """sign(amount) * log(1 + |amount|): negative amounts, refunds, mirror the positive ones."""
    return amount.sign() * amount.abs().log1p()


def elapsed(since: pl.Expr, unit: int) -> pl.Expr:
    """Time from ``since`` to the event, in units of ``unit`` microseconds, Float64."""
    # NOTE: times the reciprocal, here and elsewhere: polars divides a single row by a constant differently from many
    # rows, and the last bit can differ.
    return (pl.col("event_time") - since).dt.total_microseconds() * (1 / unit)


def within_memory(days: pl.Expr) -> pl.Expr:
    """Days, null where more than ``MEMORY_DAYS``."""
    return pl.when(days <= MEMORY_DAYS).then(days)


def named(prefix: str, features: Mapping[str, pl.Expr]) -> list[pl.Expr]:
    """Features as Float32 columns ``{prefix}_{name}``."""
    return [value.cast(pl.Float32).alias(f"{prefix}_{name}") for name, value in features.items()]


def code_of(entity: str) -> str:
    """Name of the column that holds the entity as a UInt32 code; no column of the data has such a name."""
    return f"{entity} (code)"


def by_entity(transactions: pl.DataFrame, *entities: str) -> pl.DataFrame:
    """Rows that have the entity, those of one entity together, otherwise in their order.

    Args:
        transactions: with the entities' codes.
        entities: one, or several: each combination is then a key of its own.
    """
    codes = [code_of(entity) for entity in entities]
    keyed = transactions.drop_nulls(codes)
    return put_in_order(keyed, entity_order(keyed.select(codes)))


def with_past(ordered: pl.DataFrame, *entities: str) -> pl.DataFrame:
    """Add the positions of each row's past: ``first``, ``now``, UInt32.

    Args:
        ordered: sorted by ``by_entity``, each entity's rows oldest first.
        entities: as for ``by_entity``.

    Returns:
        With ``first``, the position of the key's first row, and ``now``, that of its first row at the same event_time.
        The strictly earlier events of the key are those from ``first`` up to ``now``.
    """
    first = pl.any_horizontal(changed(code_of(entity)) for entity in entities)
    starts = {"first": first, "now": first | changed("event_time")}
    position = pl.int_range(pl.len(), dtype=pl.UInt32)
    return ordered.with_columns(
        pl.when(start).then(position).otherwise(0).cum_max().alias(name) for name, start in starts.items()
    )


def changed(name: str) -> pl.Expr:
    """Whether the value differs from that of the row before; true in the first row."""
    return pl.col(name).ne_missing(pl.col(name).shift(1))


def running_total(values: pl.Series) -> pl.Series:
    """Sum of all values before each position and, at the end, of all: n + 1 integers.

    The sum from one position up to another is the difference of two of them.
    """
    # NOTE: a sum that overflows wraps around, and the difference of two such sums is still right.
    return pl.concat([pl.Series([0], dtype=values.dtype), values.cum_sum()]).rechunk()


def between(total: pl.Series, begin: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Sum of the values from one position up to another, from their ``running_total``."""
    return pl.lit(total).gather(end) - pl.lit(total).gather(begin)


def history_features(requested: pl.LazyFrame, past: pl.DataFrame, entity: str, *, has_amount: bool) -> pl.LazyFrame:
    """Features of an entity's whole history, one row for each row of ``requested``.

    Args:
        requested: all or some of the rows of ``past``.
        past: as ``with_past`` returns them, with ``level`` where there are amounts.
        entity: column of the entity.
        has_amount: whether there are amounts.

    Returns:
        Float32, ``{entity}_age_days`` since the first strictly earlier event, ``MEMORY_DAYS`` at most,
        ``{entity}_previous_hours`` since the latest of them, and ``{entity}_amount_zscore``, the log amount against
        their mean and standard deviation. All are null for an entity's first event.
    """
    first = pl.lit(past["event_time"]).gather("first")
    features = {
        "age_days": _if_any(elapsed(first, DAY).clip(upper_bound=MEMORY_DAYS)),
        "previous_hours": _if_any(elapsed(_previous(past), HOUR)),
    }
    if has_amount:
        features["amount_zscore"] = _zscore(past["level"])
    return requested.select(named(entity, features))


def pair_features(requested: pl.LazyFrame, past: pl.DataFrame, entity: str, other: str) -> pl.LazyFrame:
    """How new a pair is, one row for each row of ``requested``.

    Args:
        requested: all or some of the rows of ``past``.
        past: as ``with_past`` returns them for both entities.
        entity: the first of them.
        other: the second.

    Returns:
        Float32, ``{entity}_{other}_previous_days`` since the pair's latest strictly earlier event; null for a pair
        that is new, or last seen more than ``MEMORY_DAYS`` ago.
    """
    features = {"previous_days": within_memory(_if_any(elapsed(_previous(past), DAY)))}
    return requested.select(named(f"{entity}_{other}", features))


def _if_any(feature: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("now") > pl.col("first")).then(feature)


def _previous(past: pl.DataFrame) -> pl.Expr:
    """Time of the key's latest strictly earlier event; undefined where there is none."""
    return pl.lit(past["event_time"]).gather(pl.col("now").clip(1) - 1)


def _zscore(level: pl.Series) -> pl.Expr:
    """Against the earlier levels: their sum and their sum of squares are exact integers."""
    first, now = pl.col("first"), pl.col("now")
    earlier = now - first
    mean = between(running_total(level), first, now) / earlier
    variance = between(running_total(level * level), first, now) / earlier - mean * mean
    spread = variance.clip(0).sqrt().clip(SMALLEST_SPREAD * UNITS)
    return _if_any((pl.col("level") - mean) / spread)
