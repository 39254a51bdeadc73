"""What an entity did before: counts, recency and its own level of amounts, over its whole history.

Everything here works on a frame that ``by_entity`` sorted: the rows of one entity side by side, oldest first. A sum
over an entity's past is then a difference of two running sums of the whole frame, and needs no grouping.

Amounts are counted in fixed-point integers. A running sum of floats depends on everything that was ever added to it,
rows of other entities and later windows included; a sum of integers does not. That is what makes a whole build, a
day-by-day build and a build in buckets equal to the last bit.
"""

import polars as pl

UNITS = 10_000
"""Fixed-point units in one unit of money, and in one unit of log(1 + amount)."""
AMOUNT_LIMIT = 1e10
"""Amounts beyond +-1e10 count as that much in sums, so that 92,000 of them still fit 64 bits."""
SMALLEST_SPREAD = 0.1
"""Least standard deviation of log(1 + amount): one or two equal amounts say little about an entity's spread."""

HOUR = 3_600_000_000
"""Microseconds."""
DAY = 24 * HOUR
"""Microseconds."""


def in_units(amount: pl.Expr) -> pl.Expr:
    """Amount in integer units of 1e-4; null stays null."""
    return (amount.clip(-AMOUNT_LIMIT, AMOUNT_LIMIT) * UNITS).round().cast(pl.Int64)


def log_amount(amount: pl.Expr) -> pl.Expr:
    """sign(amount) * log(1 + |amount|): negative amounts, refunds, mirror the positive ones."""
    return amount.sign() * amount.abs().log1p()


def elapsed(since: pl.Expr, unit: int) -> pl.Expr:
    """Time from ``since`` to the event, in units of ``unit`` microseconds, Float64."""
    return (pl.col("event_time") - since).dt.total_microseconds() / unit


def by_entity(transactions: pl.LazyFrame, entity: str, *others: str) -> pl.LazyFrame:
    """Rows that name the entity, those of one entity side by side, each oldest first.

    Args:
        transactions: sorted by (event_time, transaction_id).
        entity: column of the entity.
        *others: further columns that together with the entity make the key, as for pairs.

    Returns:
        The same columns, the keys as numbers, and two flags: ``group_start``, first row of its key, and
        ``moment_start``, first row of its key at its event_time.
    """
    keys = [entity, *others]
    # NOTE: the sort must be stable: it keeps each key's rows in the order of time.
    ordered = transactions.drop_nulls(keys).sort(keys, maintain_order=True)
    changed = pl.any_horizontal(_changed(name) for name in keys)
    return ordered.with_columns(group_start=changed).with_columns(
        moment_start=pl.col("group_start") | _changed("event_time")
    )


def held(value: pl.Expr, start: str) -> pl.Expr:
    """The value at the latest row, this one included, where the flag ``start`` holds."""
    return pl.when(pl.col(start)).then(value).forward_fill()


def earlier_sum(value: pl.Expr) -> pl.Expr:
    """Sum of an integer over the key's strictly earlier events; events of one moment never see each other."""
    before = value.cum_sum() - value
    return held(before, "moment_start") - held(before, "group_start")


def earlier_count() -> pl.Expr:
    """Number of the key's strictly earlier events, Int64."""
    position = pl.int_range(pl.len())
    return held(position, "moment_start") - held(position, "group_start")


def history_features(entity: str, *, has_amount: bool) -> list[pl.Expr]:
    """Features of an entity's whole history, for a frame sorted by ``by_entity``.

    Returns:
        ``{entity}_count_ever`` strictly earlier events, ``{entity}_age_days`` since the first and
        ``{entity}_previous_hours`` since the latest of them, and ``{entity}_amount_zscore``, the log amount against
        their mean and standard deviation. All but the count are null for an entity's first event.
    """
    previous = held(pl.col("event_time").shift(1), "moment_start")
    features = [
        earlier_count().alias(f"{entity}_count_ever"),
        _if_any(elapsed(held(pl.col("event_time"), "group_start"), DAY)).alias(f"{entity}_age_days"),
        _if_any(elapsed(previous, HOUR)).alias(f"{entity}_previous_hours"),
    ]
    return [*features, _zscore().alias(f"{entity}_amount_zscore")] if has_amount else features


def pair_features(entity: str, other: str) -> list[pl.Expr]:
    """How new a pair is, for a frame sorted by ``by_entity(transactions, entity, other)``.

    Returns:
        ``{entity}_{other}_seen`` 0 or 1, ``{entity}_{other}_count`` strictly earlier events of the pair and
        ``{entity}_{other}_age_days`` since the first of them (null for a new pair).
    """
    name = f"{entity}_{other}"
    first = held(pl.col("event_time"), "group_start")
    return [
        (earlier_count() > 0).alias(f"{name}_seen"),
        earlier_count().alias(f"{name}_count"),
        _if_any(elapsed(first, DAY)).alias(f"{name}_age_days"),
    ]


def _changed(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(pl.col(name).shift(1))


def _if_any(feature: pl.Expr) -> pl.Expr:
    return pl.when(earlier_count() > 0).then(feature)


def _zscore() -> pl.Expr:
    units = (log_amount(pl.col("amount")) * UNITS).round().cast(pl.Int64)
    filled = units.fill_null(0)
    count = earlier_sum(units.is_not_null().cast(pl.Int64))
    mean = earlier_sum(filled) / count
    variance = earlier_sum(filled * filled) / count - mean * mean
    spread = variance.clip(0).sqrt().clip(SMALLEST_SPREAD * UNITS)
    return pl.when(count > 0).then((units - mean) / spread)
