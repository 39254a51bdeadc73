"""The ledger of labels: one row per label, with the state of its entity once the label was known.

The labels of one entity are together, in the order in which they became known. An event is identified by its ``row``,
its position in the order of (event_time, transaction_id). Running sums and maxima go over the whole ledger, without
grouping: a running maximum of ``group * rows + row`` is the latest row of the current group, since the numbers of later
groups are all larger.

Where the data contain the time of each report, an event without a report counts as genuine after the delay. A fraud
reported even later therefore has two rows: genuine from that moment on, like any event that really is genuine, and
fraud from its report on. If it were absent until its report, its absence would leak the label. The report is a label
like any other: it counts from its arrival and revises nothing before it. So the event remains among those once
considered genuine, in counts, in the latest of them and in the largest of their amounts.
"""

from datetime import timedelta

import polars as pl

from fraud.features.history import by_entity, changed, code_of

_MOMENT = timedelta(microseconds=1)
"""Least time between an event and its label, so that no label counts at its own moment."""


def known_labels(transactions: pl.DataFrame, *, delay_days: float | None) -> pl.DataFrame:
    """Labels in the order in which they became known.

    Args:
        transactions: sorted by (event_time, transaction_id), with ``row``, the codes of the entities, is_fraud and
            label_time.
        delay_days: where the data have label times of their own, how long after its event an unreported one counts
            as genuine; None where one delay holds for all labels.

    Returns:
        The same columns but for label_time, and ``known_at``. Labels that became known at one moment are in the
        order of their events. A fraud reported after the delay has two rows, the first of them genuine.
    """
    labelled = transactions.lazy().drop_nulls(["is_fraud", "label_time"])
    taken = labelled if delay_days is None else _with_provisional(labelled, delay_days)
    known_at = pl.max_horizontal("label_time", pl.col("event_time") + _MOMENT)
    known = taken.with_columns(known_at=known_at).drop("label_time").collect(engine="in-memory")
    if delay_days is not None:
        return known.sort("known_at", "row")
    # NOTE: the rows are in order, so a stable sort by one key suffices; with one delay for all none is needed.
    return known if known["known_at"].is_sorted() else known.sort("known_at", maintain_order=True)


def taken_as_genuine_at(delay_days: float) -> pl.Expr:
    """Moment from which an unreported event counts as genuine, an expression of event_time."""
    return pl.col("event_time") + max(timedelta(days=delay_days), _MOMENT)


def _with_provisional(labelled: pl.LazyFrame, delay_days: float) -> pl.LazyFrame:
    """Add a genuine label for every event not labelled in time; its late genuine label, if any, is then dropped."""
    late = pl.col("label_time") > taken_as_genuine_at(delay_days)
    provisional = labelled.filter(late).with_columns(
        is_fraud=pl.lit(value=False), label_time=taken_as_genuine_at(delay_days)
    )
    return pl.concat([labelled.filter(pl.col("is_fraud") | ~late), provisional])


def ledger_of(labels: pl.DataFrame, entity: str, *, rows: int, has_amount: bool) -> pl.DataFrame:
    """The state of an entity from each label on.

    Args:
        labels: as ``labels_by_entity`` returns them.
        entity: column of the entity.
        rows: number of transactions; every ``row`` is below it.
        has_amount: whether there are amounts.

    Returns:
        ``labels``, and: ``last_fraud``, ``last_genuine`` and ``streak_start``, times of events, null
        where there is none; ``fraud_known_at``, when a fraud last became known; and ``genuine_max``, the largest
        amount known as genuine.
    """
    key = code_of(entity)
    # NOTE: collected step by step: as one query, shared parts of the running maxima are computed repeatedly.
    numbered = _with_latest(labels.lazy(), key, rows).collect()
    ledger = _with_times(_with_streak(numbered.lazy(), rows).collect().lazy())
    largest = pl.when(~pl.col("is_fraud")).then("amount").cum_max().forward_fill().over(key)
    return (ledger.with_columns(genuine_max=largest) if has_amount else ledger).collect(engine="in-memory")


def labels_by_entity(labels: pl.DataFrame, entity: str) -> pl.DataFrame:
    """The labels of one entity together, as they became known; ``number`` is their position among those of all."""
    return by_entity(labels.with_row_index("number"), entity)


def _with_latest(ledger: pl.LazyFrame, key: str, rows: int) -> pl.LazyFrame:
    """Add the latest event known as fraud and the latest known as genuine: ``nth``, its row plus one; 0 for none."""
    fraud = pl.col("is_fraud")
    return (
        ledger.with_columns(group_start=changed(key), nth=pl.col("row").cast(pl.Int64) + 1)
        .with_columns(group=pl.col("group_start").cum_sum().cast(pl.Int64) * rows)
        .with_columns(nth_fraud=_largest("nth", fraud, "group"), nth_genuine=_largest("nth", ~fraud, "group"))
        .drop("group")
    )


def _with_streak(ledger: pl.LazyFrame, rows: int) -> pl.LazyFrame:
    """Add the earliest event of the current streak, if there is one: the number of rows from it to the end.

    A streak begins when a fraud becomes known that is later than every event known as genuine, and ends when an event
    later than all known frauds becomes known as genuine. Where labels arrive in the order of their events, that is a
    run of consecutive frauds; elsewhere an old genuine label that arrives late does not break it. A provisional
    genuine label does not keep the event's own report from starting one.
    """
    running = (pl.col("nth_fraud") > 0) & (pl.col("nth_fraud") >= pl.col("nth_genuine"))
    begins = pl.col("running") & (pl.col("group_start") | ~pl.col("running").shift(1, fill_value=False))
    return (
        ledger.with_columns(running=running)
        .with_columns(
            member=pl.col("running") & pl.col("is_fraud") & (pl.col("nth") >= pl.col("nth_genuine")),
            streak=begins.cum_sum().cast(pl.Int64) * rows,
            to_the_end=rows + 1 - pl.col("nth"),
        )
        .with_columns(longest=_largest("to_the_end", pl.col("member"), "streak"))
        .drop("streak", "group_start")
    )


def _with_times(ledger: pl.LazyFrame) -> pl.LazyFrame:
    """Times of events instead of their rows."""
    fraud, any_fraud, any_genuine = pl.col("is_fraud"), pl.col("nth_fraud") > 0, pl.col("nth_genuine") > 0
    first = pl.col("member") & (pl.col("to_the_end") == pl.col("longest"))
    return ledger.with_columns(
        last_fraud=_held("event_time", fraud & (pl.col("nth") == pl.col("nth_fraud")), any_fraud),
        last_genuine=_held("event_time", ~fraud & (pl.col("nth") == pl.col("nth_genuine")), any_genuine),
        streak_start=_held("event_time", first, pl.col("running")),
        fraud_known_at=_held("known_at", fraud, any_fraud),
    ).drop("nth", "nth_fraud", "nth_genuine", "running", "member", "to_the_end", "longest")


def _largest(value: str, where: pl.Expr, group: str) -> pl.Expr:
    """Running maximum within the group over the rows of the condition; 0 where there was none yet.

    Groups are ascending multiples of a bound on the values.
    """
    return pl.when(where).then(pl.col(group) + pl.col(value)).otherwise(group).cum_max() - pl.col(group)


def _held(name: str, at: pl.Expr, while_: pl.Expr) -> pl.Expr:
    """The column at the latest row of one condition, as long as the other one holds."""
    return pl.when(while_).then(pl.when(at).then(name).forward_fill())
