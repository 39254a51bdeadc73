"""What an entity did before: counts, recency and its own level of amounts, over its whole history.

Everything here works on a frame that ``by_entity`` sorted: the rows of one entity side by side, oldest first. A sum
over an entity's past is then a difference of two running sums of the whole frame, and needs no grouping.

Amounts are counted in fixed-point integers. A running sum of floats depends on everything that was ever added to it,
rows of other entities and later windows included; a sum of integers does not. That is what makes a whole build, a
day-by-day build and a build in buckets equal to the last bit.
"""

from collections.abc import Mapping

import polars as pl
import polars.selectors as cs

UNITS = 10_000
"""Fixed-point units in one unit of money, and in one unit of log(1 + amount)."""
AMOUNT_LIMIT = 1e10
"""Amounts beyond +-1e10 count as that much in sums, so that 92,000 of them still fit 64 bits."""
SMALLEST_SPREAD = 0.1
"""Least standard deviation of log(1 + amount): one or two equal amounts say little about an entity's spread."""

MEMORY_DAYS = 30
"""Ages and pairs are remembered for so long. Without a bound they grow with the length of the history: every later
month then looks like none of the training window, and scores, thresholds and probabilities drift away.
"""

HOUR = 3_600_000_000
"""Microseconds."""
DAY = 24 * HOUR
"""Microseconds."""


def in_units(amount: pl.Expr) -> pl.Expr:
    """Amount in integer units of 1e-4."""
    return (amount.clip(-AMOUNT_LIMIT, AMOUNT_LIMIT) * UNITS).round().cast(pl.Int64)


def log_amount(amount: pl.Expr) -> pl.Expr:
    """sign(amount) * log(1 + |amount|): negative amounts, refunds, mirror the positive ones."""
    return amount.sign() * amount.abs().log1p()


def elapsed(since: pl.Expr, unit: int) -> pl.Expr:
    """Time from ``since`` to the event, in units of ``unit`` microseconds, Float64."""
    # NOTE: times the reciprocal, here and elsewhere: polars divides a column of one row by a constant otherwise than
    # one of many rows, and the last bit can differ.
    return (pl.col("event_time") - since).dt.total_microseconds() * (1 / unit)


def remembered(days: pl.Expr) -> pl.Expr:
    """Days since something, null where it is longer ago than ``MEMORY_DAYS``."""
    return pl.when(days <= MEMORY_DAYS).then(days)


def named(prefix: str, features: Mapping[str, pl.Expr]) -> list[pl.Expr]:
    """Features as Float32 columns ``{prefix}_{name}``."""
    return [value.cast(pl.Float32).alias(f"{prefix}_{name}") for name, value in features.items()]


def code_of(entity: str) -> str:
    """Name of the column that holds the entity as a UInt32 code; no column of the data is called so."""
    return f"{entity} (code)"


def by_entity(transactions: pl.LazyFrame, entity: str, other: str | None = None) -> pl.LazyFrame:
    """Rows that name the entity, those of one entity side by side, each oldest first.

    Args:
        transactions: ``row``, event_time, the entities' codes and, where there is one, amount; sorted by time, the
            rows of one moment in any order.
        entity: the entity.
        other: a second entity; each pair of the two is then a key of its own.

    Returns:
        ``row``, event_time, amount; the ``key``; the flags ``group_start``, first row of its key, and
        ``moment_start``, first row of its key at its event_time; and ``earlier``, the number of strictly earlier
        events of the key, Int64.
    """
    codes = [code_of(name) for name in (entity, other) if name is not None]
    key = pl.col(codes[0]) if other is None else pl.col(codes[0]).cast(pl.UInt64) * 2**32 + pl.col(codes[1])
    keyed = transactions.drop_nulls(codes).select("row", "event_time", cs.matches("^amount$"), key=key)
    # NOTE: the sort must be stable: it keeps each key's rows in the order of time.
    ordered = keyed.sort("key", maintain_order=True)
    flagged = ordered.with_columns(group_start=_changed("key")).with_columns(
        moment_start=pl.col("group_start") | _changed("event_time")
    )
    position = pl.int_range(pl.len())
    return flagged.with_columns(earlier=held(position, "moment_start") - held(position, "group_start"))


def held(value: pl.Expr, start: str) -> pl.Expr:
    """The value at the latest row, this one included, where the flag ``start`` holds."""
    return pl.when(pl.col(start)).then(value).forward_fill()


def earlier_sum(name: str) -> pl.Expr:
    """Sum of an integer column over the key's strictly earlier events; events of one moment never see each other."""
    before = pl.col(name).cum_sum() - pl.col(name)
    return held(before, "moment_start") - held(before, "group_start")


def history_until(transactions: pl.LazyFrame, entity: str, *, has_amount: bool) -> pl.DataFrame:
    """What an entity's old rows leave to its later ones, one row a key.

    Args:
        transactions: as ``by_entity`` takes them, all of them strictly earlier than those that follow.
        entity: column of the entity.
        has_amount: whether there are amounts.

    Returns:
        ``key``; ``before``, the number of rows; ``before_first`` and ``before_last``, when; and the sums
        ``before_level`` and ``before_square`` of ``_with_log_sums``.
    """
    keyed = transactions.drop_nulls(code_of(entity)).rename({code_of(entity): "key"})
    found = {
        "before": pl.len().cast(pl.Int64),
        "before_first": pl.col("event_time").min(),
        "before_last": pl.col("event_time").max(),
    }
    if has_amount:
        found |= {"before_level": pl.col("level").sum(), "before_square": (pl.col("level") * pl.col("level")).sum()}
        keyed = keyed.with_columns(_level())
    return keyed.group_by("key").agg(**found).collect()


def history_features(
    ordered: pl.LazyFrame, entity: str, *, has_amount: bool, before: pl.DataFrame | None = None
) -> pl.LazyFrame:
    """Features of an entity's whole history, row by row beside ``ordered``.

    Args:
        ordered: sorted by ``by_entity`` with the entity as its key.
        entity: column of the entity.
        has_amount: whether there are amounts.
        before: what ``history_until`` says of the rows that are left out of ``ordered``; None where none are.

    Returns:
        ``event_time`` and, Float32, ``{entity}_age_days`` since the first strictly earlier event, ``MEMORY_DAYS`` at
        most, ``{entity}_previous_hours`` since the latest of them, and ``{entity}_amount_zscore``, the log amount
        against their mean and standard deviation. All are null for an entity's first event.
    """
    first = held(pl.col("event_time"), "group_start")
    previous = held(pl.col("event_time").shift(1), "moment_start")
    if before is not None:
        ordered = _with_before(ordered, before)
        first = pl.coalesce("before_first", first)
        previous = pl.when(pl.col("within") > 0).then(previous).otherwise("before_last")
    features = {
        "age_days": _if_any(elapsed(first, DAY).clip(upper_bound=MEMORY_DAYS)),
        "previous_hours": _if_any(elapsed(previous, HOUR)),
    }
    if has_amount:
        ordered = _with_log_sums(ordered, carried=before is not None)
        features["amount_zscore"] = _zscore()
    return ordered.select("event_time", *named(entity, features))


def pair_features(ordered: pl.LazyFrame, entity: str, other: str) -> pl.LazyFrame:
    """How new a pair is, row by row beside ``ordered``.

    Args:
        ordered: sorted by ``by_entity`` with both entities as its key.
        entity: the first of them.
        other: the second.

    Returns:
        ``event_time`` and, Float32, ``{entity}_{other}_previous_days`` since the pair's latest strictly earlier event;
        null for a pair that is new, or not seen for ``MEMORY_DAYS``.
    """
    latest = _if_any(elapsed(held(pl.col("event_time").shift(1), "moment_start"), DAY))
    features = {"previous_days": remembered(latest)}
    return ordered.select("event_time", *named(f"{entity}_{other}", features))


def _changed(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(pl.col(name).shift(1))


def _if_any(feature: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("earlier") > 0).then(feature)


def _with_before(ordered: pl.LazyFrame, before: pl.DataFrame) -> pl.LazyFrame:
    """Count the rows that are left out among the ``earlier`` ones; ``within`` counts those of ``ordered`` alone."""
    joined = ordered.join(before.lazy(), on="key", how="left", maintain_order="left")
    return joined.with_columns(
        within=pl.col("earlier"),
        earlier=pl.col("earlier") + pl.col("before").fill_null(0),
    )


def _level() -> pl.Expr:
    """The log amount in fixed-point units."""
    return (log_amount(pl.col("amount")) * UNITS).round().cast(pl.Int64).alias("level")


def _with_log_sums(ordered: pl.LazyFrame, *, carried: bool) -> pl.LazyFrame:
    """Add ``level``, the log amount, and its sum and sum of squares over the earlier events, exact integers."""
    terms = ordered.with_columns(_level()).with_columns(square=pl.col("level") * pl.col("level"))
    sums = {name: earlier_sum(name) for name in ("level", "square")}
    if carried:
        sums = {name: value + pl.col(f"before_{name}").fill_null(0) for name, value in sums.items()}
    return terms.with_columns(level_sum=sums["level"], square_sum=sums["square"])


def _zscore() -> pl.Expr:
    mean = pl.col("level_sum") / pl.col("earlier")
    variance = pl.col("square_sum") / pl.col("earlier") - mean * mean
    spread = variance.clip(0).sqrt().clip(SMALLEST_SPREAD * UNITS)
    return _if_any((pl.col("level") - mean) / spread)
