"""What was known at t about an entity's earlier events: fraud rates, last labels, streaks.

A label may be used from the moment it became known, ``label_time``, and never for its own event or one of the same
moment: it counts from ``known_at = max(label_time, event_time + 1 us)``. Windows are measured on that clock,
(t - w, t]; with one delay d for all labels this is the Fraud Detection Handbook's window [t - d - w, t - d).

A transaction at t looks up the last row of the entity's ledger with ``known_at <= t``. So a label that arrives late
changes nothing before it arrived. Where frauds are reported one by one, an unreported event counts as genuine after
the usual delay; a report that comes later is one more label, counted on its own arrival (see ``ledger``).
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_

import polars as pl

from fraud.features.history import DAY, MEMORY_DAYS, elapsed, named
from fraud.features.ledger import LAST_LABELS, ledger_of

PAGE = "page"
FACTS = ("known", "last_3", "is_fraud", "fraud_known_at", "genuine_max")
"""Columns of the ledger that are read as they are; of ``ROWS`` the time of the event is read."""
ROWS = ("last_fraud", "last_genuine", "streak_start")


def label_features(
    asked: pl.LazyFrame,
    labels: pl.LazyFrame,
    entity: str,
    *,
    times: pl.Series,
    windows: Sequence[str],
    has_amount: bool,
) -> pl.LazyFrame:
    """Features from the labels known at each event's time, row by row beside ``asked``.

    Args:
        asked: as ``history.by_entity`` gives them.
        labels: as ``ledger.known_labels`` gives them.
        entity: column of the entity.
        times: event_time of all transactions, by their ``row``.
        windows: lengths as polars writes them.
        has_amount: whether there are amounts.

    Returns:
        Float32: ``{entity}_known_count_{w}``, ``{entity}_fraud_count_{w}`` and ``{entity}_fraud_rate_{w}`` of labels
        that became known in (t - w, t], a provisional one and its correction being two; ``{entity}_last_label``;
        ``{entity}_last_3_rate``, of the last three that became known;
        ``{entity}_last_fraud_days`` since the latest event known as fraud, null where none became known for
        ``MEMORY_DAYS``; ``{entity}_last_genuine_days`` since the latest one known as genuine; ``{entity}_streak_days``
        since the first event of the current streak; ``{entity}_amount_to_genuine_max``, this amount over the largest
        one known as genuine. Counts are 0, the others null, where no label is known.
    """
    ledger = ledger_of(labels, entity, rows=len(times), has_amount=has_amount).collect()
    pages = look_up(asked, ledger, windows)
    state = _state_features(asked, ledger, pages, entity, times=times, has_amount=has_amount)
    return pl.concat([state, label_counts(ledger, pages, entity, windows)], how="horizontal")


def label_counts(ledger: pl.DataFrame, pages: pl.DataFrame, entity: str, windows: Sequence[str]) -> pl.LazyFrame:
    """Of ``label_features`` the counts and rates over windows alone, row by row beside ``pages``.

    Args:
        ledger: as ``ledger.ledger_of`` or ``ledger.counted_ledger`` gives it.
        pages: as ``look_up`` gives them.
        entity: column of the entity.
        windows: lengths as polars writes them.
    """
    read = pages.lazy().with_columns(
        *(_read(ledger[name], PAGE) for name in ("known", "frauds")),
        *(_read(ledger["frauds"], _page(window)) for window in windows),
    )
    return read.select(named(entity, reduce(or_, [_in_window(window) for window in windows], {})))


def _state_features(
    asked: pl.LazyFrame, ledger: pl.DataFrame, pages: pl.DataFrame, entity: str, *, times: pl.Series, has_amount: bool
) -> pl.LazyFrame:
    amount = ["amount"] if has_amount else []
    known = pl.concat([asked.select("event_time", *amount), pages.lazy().select(PAGE)], how="horizontal").with_columns(
        *(_read(ledger[name], PAGE) for name in FACTS if name in ledger.columns),
        *(pl.lit(times).gather(_read(ledger[name], PAGE)).alias(name) for name in ROWS),
    )
    return known.select(named(entity, _state(has_amount=has_amount)))


def _page(window: str | None = None) -> str:
    return PAGE if window is None else f"{PAGE}_{window}"


def look_up(asked: pl.LazyFrame, ledger: pl.DataFrame, windows: Sequence[str]) -> pl.DataFrame:
    """Position of the ledger's last row of the entity with known_at <= t, and t - w for each window; null for none."""
    book = ledger.lazy().select("key", "known_at", page=pl.int_range(pl.len()))
    moments = {_page(): pl.col("event_time")}
    moments |= {_page(window): pl.col("event_time").dt.offset_by(f"-{window}") for window in windows}
    # NOTE: both sides are sorted by time within each entity, as the join needs; the check wants it as a whole.
    found = [
        asked.select("key", moment=moment)
        .join_asof(book, left_on="moment", right_on="known_at", by="key", check_sortedness=False)
        .select(pl.col("page").alias(name))
        for name, moment in moments.items()
    ]
    return pl.concat(found, how="horizontal").collect()


def _read(column: pl.Series, page: str) -> pl.Expr:
    """The ledger's column on that page, named after both."""
    return pl.lit(column).gather(pl.col(page)).alias(column.name + page.removeprefix(PAGE))


def _in_window(window: str) -> dict[str, pl.Expr]:
    # Pages of one entity follow each other: as many labels lie between two pages as their numbers are apart.
    between = pl.col(PAGE) - pl.col(_page(window))
    known = pl.coalesce(between, "known", 0)
    frauds = pl.col("frauds").fill_null(0) - pl.col(f"frauds_{window}").fill_null(0)
    rate = pl.when(known > 0).then(frauds / known)
    return {f"known_count_{window}": known, f"fraud_count_{window}": frauds, f"fraud_rate_{window}": rate}


def _state(*, has_amount: bool) -> dict[str, pl.Expr]:
    news_days = elapsed(pl.col("fraud_known_at"), DAY)
    features = {
        "last_label": pl.col("is_fraud"),
        "last_3_rate": pl.col("last_3") / pl.min_horizontal("known", LAST_LABELS),
        "last_fraud_days": pl.when(news_days <= MEMORY_DAYS).then(elapsed(pl.col("last_fraud"), DAY)),
        "last_genuine_days": elapsed(pl.col("last_genuine"), DAY),
        "streak_days": elapsed(pl.col("streak_start"), DAY),
    }
    if has_amount:
        features["amount_to_genuine_max"] = pl.when(pl.col("genuine_max") > 0).then(
            pl.col("amount") / pl.col("genuine_max")
        )
    return features
