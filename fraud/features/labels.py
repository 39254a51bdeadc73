"""What was known at t about an entity's earlier events: fraud rates, last labels, streaks.

A label may be used from the moment it became known, ``label_time``, and never for its own event or one of the same
moment: it counts from ``known_at = max(label_time, event_time + 1 us)``. Windows are measured on that clock,
(t - w, t]; with one delay d for all labels this is the Fraud Detection Handbook's window [t - d - w, t - d).

Labels are put in the order in which they became known. What is known of an entity after each of them is one row of
a *ledger*; a transaction at t looks up the last row with ``known_at <= t``. So a label that arrives late changes
nothing before it arrived.
"""

from collections.abc import Sequence

import polars as pl

from fraud.features.history import DAY, elapsed

LAST_LABELS = 3
"""How many of the last known labels the short memory holds."""


def label_features(
    transactions: pl.LazyFrame, entity: str, windows: Sequence[str], *, has_amount: bool, asked: pl.LazyFrame
) -> pl.LazyFrame:
    """Features from the labels known at each event's time, one row for each row of ``asked``, in its order.

    Args:
        transactions: all of them, sorted by (event_time, transaction_id), with is_fraud and label_time.
        entity: column of the entity.
        windows: lengths as polars writes them.
        has_amount: whether amounts exist.
        asked: the transactions that want features, a part of ``transactions`` in the same order.

    Returns:
        Float32: ``{entity}_known_count_{w}``, ``{entity}_fraud_count_{w}`` and ``{entity}_fraud_rate_{w}`` of labels
        that became known in (t - w, t]; ``{entity}_known_count_ever``, ``{entity}_fraud_count_ever``;
        ``{entity}_last_label``; ``{entity}_last_3_rate``; ``{entity}_last_fraud_days`` since the latest event known
        as fraud; ``{entity}_last_genuine_days``; ``{entity}_streak_days`` since the first event of the current
        streak; ``{entity}_amount_to_genuine_max``, this amount over the largest one known as genuine.
    """
    ledger = _ledger(transactions, entity, has_amount=has_amount)
    now = _look_up(asked, ledger, entity, pl.col("event_time"))
    counted = [_in_window(asked, now, ledger, entity, window) for window in windows]
    amount = [pl.col("amount")] if has_amount else []
    state = pl.concat([asked.select("event_time", *amount), now], how="horizontal").select(
        value.cast(pl.Float32).alias(f"{entity}_{name}") for name, value in _state(has_amount=has_amount).items()
    )
    return pl.concat([*counted, state], how="horizontal")


def _ledger(transactions: pl.LazyFrame, entity: str, *, has_amount: bool) -> pl.LazyFrame:
    """One row per known label, sorted by known_at: what is known of its entity from then on."""
    event = pl.col("event_time")
    known_at = pl.max_horizontal(pl.col("label_time"), event + pl.duration(microseconds=1))
    amount = [pl.col("amount")] if has_amount else []
    labels = transactions.filter(pl.col("is_fraud").is_not_null() & pl.col("label_time").is_not_null()).drop_nulls(
        entity
    )
    ordered = labels.select(entity, event, "is_fraud", *amount, known_at=known_at).sort("known_at", maintain_order=True)
    fraud = pl.col("is_fraud")
    counted = ordered.with_columns(
        known=pl.int_range(1, pl.len() + 1).over(entity),
        frauds=fraud.cast(pl.Int64).cum_sum().over(entity),
        last_3=sum(fraud.cast(pl.Int64).shift(k, fill_value=0).over(entity) for k in range(LAST_LABELS)),
        last_fraud=pl.when(fraud).then(event).cum_max().forward_fill().over(entity),
        last_genuine=pl.when(~fraud).then(event).cum_max().forward_fill().over(entity),
    )
    if has_amount:
        largest = pl.when(~fraud).then(pl.col("amount")).cum_max().forward_fill().over(entity)
        counted = counted.with_columns(genuine_max=largest)
    return _with_streak(counted, entity).drop("event_time", *(["amount"] if has_amount else []))


def _with_streak(ledger: pl.LazyFrame, entity: str) -> pl.LazyFrame:
    """Add ``streak_start``: the earliest event of the current run of frauds.

    A streak begins when a fraud becomes known that happened after every event known as genuine, and ends when an
    event later than all known frauds becomes known as genuine. Where labels arrive in the order of their events,
    that is a run of consecutive frauds; elsewhere an old genuine label that arrives late does not break it.
    """
    genuine = pl.col("last_genuine")
    running = (pl.col("last_fraud").is_not_null() & (genuine.is_null() | (pl.col("last_fraud") > genuine))).alias(
        "running"
    )
    marked = ledger.with_columns(running).with_columns(
        run=(~pl.col("running")).cast(pl.Int64).cum_sum().over(entity),
        member=pl.when(
            pl.col("running") & pl.col("is_fraud") & (genuine.is_null() | (pl.col("event_time") > genuine))
        ).then(pl.col("event_time")),
    )
    start = pl.when("running").then(pl.col("member").cum_min().forward_fill().over(entity, "run"))
    return marked.with_columns(streak_start=start).drop("running", "run", "member")


def _look_up(asked: pl.LazyFrame, ledger: pl.LazyFrame, entity: str, moment: pl.Expr) -> pl.LazyFrame:
    """The ledger's last row with known_at <= moment, for each row of ``asked``; null where there is none."""
    questions = asked.select(entity, moment.alias("moment"))
    # NOTE: both sides are sorted by time as a whole, which the check could only see group by group.
    found = questions.join_asof(
        ledger, left_on="moment", right_on="known_at", by=entity, strategy="backward", check_sortedness=False
    )
    return found.drop(entity, "moment", "known_at", strict=False)


def _in_window(asked: pl.LazyFrame, now: pl.LazyFrame, ledger: pl.LazyFrame, entity: str, window: str) -> pl.LazyFrame:
    before = _look_up(
        asked,
        ledger.select(entity, "known_at", "known", "frauds"),
        entity,
        pl.col("event_time").dt.offset_by(f"-{window}"),
    )
    both = pl.concat(
        [now.select("known", "frauds"), before.rename({"known": "old", "frauds": "old_frauds"})], how="horizontal"
    )
    known = pl.col("known").fill_null(0) - pl.col("old").fill_null(0)
    frauds = pl.col("frauds").fill_null(0) - pl.col("old_frauds").fill_null(0)
    rate = pl.when(known > 0).then(frauds / known)
    named = {"known_count": known, "fraud_count": frauds, "fraud_rate": rate}
    return both.select(value.cast(pl.Float32).alias(f"{entity}_{name}_{window}") for name, value in named.items())


def _state(*, has_amount: bool) -> dict[str, pl.Expr]:
    known = pl.col("known")
    features = {
        "known_count_ever": known.fill_null(0),
        "fraud_count_ever": pl.col("frauds").fill_null(0),
        "last_label": pl.col("is_fraud"),
        "last_3_rate": pl.col("last_3") / pl.min_horizontal(known, LAST_LABELS),
        "last_fraud_days": elapsed(pl.col("last_fraud"), DAY),
        "last_genuine_days": elapsed(pl.col("last_genuine"), DAY),
        "streak_days": elapsed(pl.col("streak_start"), DAY),
    }
    if has_amount:
        largest = pl.col("genuine_max")
        features["amount_to_genuine_max"] = pl.when(largest > 0).then(pl.col("amount") / largest)
    return features
