"""What was known at t about an entity's earlier events: fraud rates, last labels, streaks.

A label may be used from the moment it became known, ``label_time``, and never for its own event or one of the same
moment: it counts from ``known_at = max(label_time, event_time + 1 us)``. Windows are measured on that clock,
(t - w, t]; with one delay d for all labels this is the Fraud Detection Handbook's window [t - d - w, t - d).

A transaction at t looks up the last row of the entity's ledger with ``known_at <= t``. So a label that arrives late
changes nothing before it arrived.
"""

from collections.abc import Sequence

import polars as pl

from fraud.features.history import DAY, elapsed, named
from fraud.features.ledger import LAST_LABELS, ledger_of


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
        asked: event_time, the entity and, where there is one, amount; the rows of an entity sorted by time.
        labels: as ``ledger.known_labels`` gives them.
        entity: column of the entity.
        times: event_time of all transactions, by their ``row``.
        windows: lengths as polars writes them.
        has_amount: whether there are amounts.

    Returns:
        Float32: ``{entity}_known_count_{w}``, ``{entity}_fraud_count_{w}`` and ``{entity}_fraud_rate_{w}`` of labels
        that became known in (t - w, t]; ``{entity}_known_count_ever``, ``{entity}_fraud_count_ever``;
        ``{entity}_last_label``; ``{entity}_last_3_rate``; ``{entity}_last_fraud_days`` and
        ``{entity}_last_genuine_days`` since the latest event known as fraud, or as genuine; ``{entity}_streak_days``
        since the first event of the current streak; ``{entity}_amount_to_genuine_max``, this amount over the largest
        one known as genuine. Counts are 0, the others null, where no label is known.
    """
    ledger = ledger_of(labels, entity, rows=len(times), has_amount=has_amount).collect().lazy()
    amount = ["amount"] if has_amount else []
    pages = {"page": pl.col("event_time")} | {f"page_{w}": pl.col("event_time").dt.offset_by(f"-{w}") for w in windows}
    found = [_page(asked, ledger, entity, moment).rename({"page": name}) for name, moment in pages.items()]
    beside = pl.concat([asked.select("event_time", *amount), *found], how="horizontal").collect().lazy()
    book = ledger.collect()
    features: dict[str, pl.Expr] = {}
    for window in windows:
        features |= _window(book, window)
    return beside.select(named(entity, features | _state(book, times, has_amount=has_amount)))


def _page(asked: pl.LazyFrame, ledger: pl.LazyFrame, entity: str, moment: pl.Expr) -> pl.LazyFrame:
    """Position of the ledger's last row with known_at <= moment, for each row of ``asked``; null if there is none."""
    pages = ledger.select(entity, "known_at", page=pl.int_range(pl.len(), dtype=pl.UInt32))
    # NOTE: both sides are sorted by time within each entity, as the join needs; the check wants it as a whole.
    return (
        asked.select(entity, moment=moment)
        .join_asof(pages, left_on="moment", right_on="known_at", by=entity, check_sortedness=False)
        .select("page")
    )


def _window(book: pl.DataFrame, window: str) -> dict[str, pl.Expr]:
    known, frauds = (
        _read(book[name], "page").fill_null(0) - _read(book[name], f"page_{window}").fill_null(0)
        for name in ("known", "frauds")
    )
    rate = pl.when(known > 0).then(frauds / known)
    return {f"known_count_{window}": known, f"fraud_count_{window}": frauds, f"fraud_rate_{window}": rate}


def _state(book: pl.DataFrame, times: pl.Series, *, has_amount: bool) -> dict[str, pl.Expr]:
    known = _read(book["known"], "page")
    days = {name: elapsed(_read(times.gather(book[name]), "page"), DAY) for name in ("last_fraud", "last_genuine")}
    features = {
        "known_count_ever": known.fill_null(0),
        "fraud_count_ever": _read(book["frauds"], "page").fill_null(0),
        "last_label": _read(book["is_fraud"], "page"),
        "last_3_rate": _read(book["last_3"], "page") / pl.min_horizontal(known, LAST_LABELS),
        "last_fraud_days": days["last_fraud"],
        "last_genuine_days": days["last_genuine"],
        "streak_days": elapsed(_read(times.gather(book["streak_start"]), "page"), DAY),
    }
    if has_amount:
        largest = _read(book["genuine_max"], "page")
        features["amount_to_genuine_max"] = pl.when(largest > 0).then(pl.col("amount") / largest)
    return features


def _read(column: pl.Series, page: str) -> pl.Expr:
    return pl.lit(column).gather(pl.col(page))
