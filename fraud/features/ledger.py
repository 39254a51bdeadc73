"""The ledger of an entity's labels: after each label that became known, what is known of the entity.

One row per label, the labels of one entity side by side, in the order in which they became known. An event is called
by its ``row``, its position in the order of (event_time, transaction_id). Running sums and maxima go over the whole
ledger, without grouping: a running maximum of ``group * rows + row`` is the latest row of the group at hand, since
the numbers of later groups are all larger.

Where the data say when each fraud was reported, an event without a report counts as genuine after the delay. A fraud
that is reported later still therefore stands in the ledger twice: as genuine from that moment on, like any event that
really is genuine, and as fraud from its report on. Were it absent until its report, its very absence would give it
away. The report is a label like any other: it counts when it arrives, and takes back nothing that came before it. So
the event stays among those once taken for genuine, in counts, in the latest of them and in the largest of their
amounts.
"""

from datetime import timedelta

import polars as pl

from fraud.features.history import code_of, held

LAST_LABELS = 3
"""How many of the latest known labels the short memory holds."""

_NONE = -1
"""Stands for "no such event": smaller than every row."""


_MOMENT = timedelta(microseconds=1)
"""How much later than its event a label counts at the earliest, so that none counts for its own moment."""


def known_labels(transactions: pl.LazyFrame, *, delay_days: float | None) -> pl.LazyFrame:
    """Labels in the order in which they became known.

    Args:
        transactions: sorted by (event_time, transaction_id), with ``row``, the codes of the entities, is_fraud and
            label_time.
        delay_days: where the data have label times of their own, how long after its event an unreported one counts
            as genuine; None where one delay holds for all labels.

    Returns:
        The same columns but for label_time, and ``known_at``. Labels that became known at one moment stand in the
        order of their events. A fraud reported after the delay has two rows, the first of them genuine.
    """
    labelled = transactions.filter(pl.col("is_fraud").is_not_null() & pl.col("label_time").is_not_null())
    taken = labelled if delay_days is None else _with_provisional(labelled, delay_days)
    known_at = pl.max_horizontal("label_time", pl.col("event_time") + _MOMENT)
    known = taken.with_columns(known_at=known_at).drop("label_time").collect()
    if delay_days is not None:
        return known.lazy().sort("known_at", "row")
    # NOTE: the rows stand in their order, so a stable sort by one key does; with one delay for all none is needed.
    in_order = known["known_at"].is_sorted()
    return known.lazy() if in_order else known.lazy().sort("known_at", maintain_order=True)


def taken_as_genuine_at(delay_days: float) -> pl.Expr:
    """When an event counts as genuine for want of a report, from event_time."""
    return pl.col("event_time") + max(timedelta(days=delay_days), _MOMENT)


def _with_provisional(labelled: pl.LazyFrame, delay_days: float) -> pl.LazyFrame:
    """Add the genuine labels of all that was not reported in time; a late word that it is genuine is no news then."""
    late = pl.col("label_time") > taken_as_genuine_at(delay_days)
    provisional = labelled.filter(late).with_columns(
        is_fraud=pl.lit(value=False), label_time=taken_as_genuine_at(delay_days)
    )
    return pl.concat([labelled.filter(pl.col("is_fraud") | ~late), provisional])


def ledger_of(labels: pl.LazyFrame, entity: str, *, rows: int, has_amount: bool) -> pl.LazyFrame:
    """What is known of an entity from each ``known_at`` on.

    Args:
        labels: as ``known_labels`` gives them.
        entity: column of the entity.
        rows: number of transactions; every ``row`` is below it.
        has_amount: whether there are amounts.

    Returns:
        ``key``, the entity's code; ``known_at``, ``is_fraud``; ``known`` and ``frauds``, how many labels are known
        and how many of them are fraud; ``last_3``, frauds among the last three; ``last_fraud``, ``last_genuine`` and
        ``streak_start``, rows of events, null where there is none; ``fraud_known_at``, when a fraud last became known;
        and ``genuine_max``, the largest amount known as genuine.
    """
    counted = counted_ledger(labels, entity, has_amount=has_amount).lazy()
    ledger = _with_streak(_with_latest(counted, rows), rows)
    largest = pl.when(~pl.col("is_fraud")).then("amount").cum_max().forward_fill().over("key")
    return ledger.with_columns(genuine_max=largest) if has_amount else ledger


def counted_ledger(labels: pl.LazyFrame, entity: str, *, has_amount: bool = False) -> pl.DataFrame:
    """What is counted of ``ledger_of``: ``key``, ``known_at``, ``is_fraud``, ``known``, ``frauds``, ``last_3``."""
    amount = ["amount"] if has_amount else []
    key, row = pl.col(code_of(entity)).alias("key"), pl.col("row").cast(pl.Int64)
    named = labels.drop_nulls(code_of(entity)).select(key, row, "known_at", "is_fraud", *amount)
    ordered = named.sort("key", maintain_order=True)
    started = ordered.with_columns(group_start=pl.col("key").ne_missing(pl.col("key").shift(1)))
    # NOTE: collected here: as one query, shared parts of the running sums are computed again and again.
    return _with_counts(started).collect()


def _with_counts(ledger: pl.LazyFrame) -> pl.LazyFrame:
    position = pl.int_range(pl.len())
    fraud = pl.col("is_fraud").cast(pl.Int64)
    counted = ledger.with_columns(
        known=position - held(position, "group_start") + 1,
        frauds=fraud.cum_sum() - held(fraud.cum_sum() - fraud, "group_start"),
    )
    forgotten = pl.when(pl.col("known") > LAST_LABELS).then(pl.col("frauds").shift(LAST_LABELS)).otherwise(0)
    return counted.with_columns(last_3=pl.col("frauds") - forgotten)


def _with_latest(ledger: pl.LazyFrame, rows: int) -> pl.LazyFrame:
    """Add the latest event known as fraud, the latest known as genuine, and when a fraud last became known."""
    fraud, group = pl.col("is_fraud"), pl.col("group")
    latest_fraud = _largest(pl.when(fraud).then("row"), group)
    latest_genuine = _largest(pl.when(~fraud).then("row"), group)
    return ledger.with_columns(group=pl.col("group_start").cum_sum().cast(pl.Int64) * rows).with_columns(
        last_fraud=pl.when(pl.col("frauds") > 0).then(latest_fraud),
        last_genuine=pl.when(pl.col("known") > pl.col("frauds")).then(latest_genuine),
        fraud_known_at=pl.when(pl.col("frauds") > 0).then(pl.when(fraud).then("known_at").forward_fill()),
    )


def _with_streak(ledger: pl.LazyFrame, rows: int) -> pl.LazyFrame:
    """Add the earliest event of the streak that goes on, if one does.

    A streak begins when a fraud becomes known that is later than every event known as genuine, and ends when an event
    later than all known frauds becomes known as genuine. Where labels arrive in the order of their events, that is a
    run of consecutive frauds; elsewhere an old genuine label that arrives late does not break it. An event that was
    taken for genuine itself is no obstacle to its own report as fraud.
    """
    after_genuine = pl.col("last_genuine").fill_null(_NONE)
    running = (pl.col("last_fraud") >= after_genuine).fill_null(value=False)
    member = pl.col("running") & pl.col("is_fraud") & (pl.col("row") >= after_genuine)
    begins = pl.col("running") & (pl.col("group_start") | ~pl.col("running").shift(1, fill_value=False))
    # The earliest row is the one with the most rows after it.
    to_the_end = _largest(pl.when("member").then(rows - pl.col("row")), pl.col("streak") * rows)
    return (
        ledger.with_columns(running=running)
        .with_columns(member=member, streak=begins.cum_sum().cast(pl.Int64))
        .with_columns(streak_start=pl.when("running").then(rows - to_the_end))
        .drop("running", "member", "streak", "group", "group_start", "row")
    )


def _largest(value: pl.Expr, group: pl.Expr) -> pl.Expr:
    """Running maximum within the group, right where the group had a value already.

    Groups are ascending multiples of a bound on the values.
    """
    return (group + value).cum_max().forward_fill() - group
