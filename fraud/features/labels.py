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
import polars.selectors as cs

from fraud.features.history import DAY, MEMORY_DAYS, between, code_of, elapsed, named, running_total
from fraud.features.order import labels_at, merge, merged, packed, put_in_order

LAST_LABELS = 3
"""How many of the latest known labels the short memory holds."""

NONE = "none"
"""Column that says how many rows of the ledger come before all of the entity."""
FACTS = ("is_fraud", "last_fraud", "last_genuine", "streak_start", "fraud_known_at", "genuine_max")
"""Columns of the ledger that are read on the page of the last label."""


def label_features(
    asked: pl.DataFrame, ledger: pl.DataFrame, entity: str, *, windows: Sequence[str], has_amount: bool
) -> pl.LazyFrame:
    """Features from the labels known at each event's time, row by row beside ``asked``.

    Args:
        asked: as ``history.by_entity`` gives them, with the columns of ``order.clock``.
        ledger: as ``ledger.ledger_of`` gives it.
        entity: column of the entity.
        windows: lengths as polars writes them.
        has_amount: whether there are amounts.

    Returns:
        Float32: ``{entity}_last_label``;
        ``{entity}_last_3_rate``, of the last three that became known;
        ``{entity}_last_fraud_days`` since the latest event known as fraud, null where none became known for
        ``MEMORY_DAYS``; ``{entity}_last_genuine_days`` since the latest one known as genuine; ``{entity}_streak_days``
        since the first event of the current streak; ``{entity}_amount_to_genuine_max``, this amount over the largest
        one known as genuine; and those of ``label_counts``. Counts are 0, the others null, where no label is known.
    """
    pages = look_up(asked, ledger, entity, windows)
    state = _state_features(asked, ledger, pages, entity, has_amount=has_amount)
    return pl.concat([state, label_counts(ledger, pages, entity, windows)], how="horizontal")


def label_counts(ledger: pl.DataFrame, pages: pl.DataFrame, entity: str, windows: Sequence[str]) -> pl.LazyFrame:
    """Features that count the known labels of windows, row by row beside ``pages``.

    Args:
        ledger: as ``ledger.ledger_of`` or ``ledger.labels_by_entity`` gives it.
        pages: as ``look_up`` gives them.
        entity: column of the entity.
        windows: lengths as polars writes them.

    Returns:
        Float32: ``{entity}_known_count_{w}``, ``{entity}_fraud_count_{w}`` and ``{entity}_fraud_rate_{w}`` of labels
        that became known in (t - w, t], a provisional one and its correction being two.
    """
    frauds = _frauds(ledger)
    return pages.lazy().select(named(entity, reduce(or_, [_in_window(window, frauds) for window in windows], {})))


def look_up(asked: pl.DataFrame, ledger: pl.DataFrame, entity: str, windows: Sequence[str]) -> pl.DataFrame:
    """How many rows of the ledger come before those of the entity that became known after t, and after t - w.

    Args:
        asked: as ``label_features`` takes them.
        ledger: as ``ledger.ledger_of`` or ``ledger.labels_by_entity`` gives it.
        entity: column of the entity.
        windows: lengths as polars writes them.

    Returns:
        The columns ``order.labels_at``, UInt32: what lies between two of them in the ledger became known meanwhile.
    """
    code, book = asked[code_of(entity)], packed(ledger[code_of(entity)], ledger["number"])
    columns = [labels_at(), *map(labels_at, windows)]
    return pl.DataFrame(merged({name: merge(packed(code, asked[name]), book) for name in columns}))


def _state_features(
    asked: pl.DataFrame, ledger: pl.DataFrame, pages: pl.DataFrame, entity: str, *, has_amount: bool
) -> pl.LazyFrame:
    code, book = asked[code_of(entity)], packed(ledger[code_of(entity)], ledger["number"])
    counts = pages.select(labels_at()).with_columns(merged({NONE: merge(packed(code, code * 0), book)}))
    known = pl.col(labels_at())
    last = counts.select(pl.when(known > pl.col(NONE)).then(known - 1)).to_series()
    # NOTE: not in a query: polars takes two literal columns of a single null for the same, whatever their types.
    facts = put_in_order(ledger.select(name for name in FACTS if name in ledger.columns), last)
    read = asked.lazy().select("event_time", cs.matches("^amount$"))
    on_page = pl.concat([read, counts.lazy(), facts.lazy()], how="horizontal")
    return on_page.select(named(entity, _state(_frauds(ledger), has_amount=has_amount)))


def _frauds(ledger: pl.DataFrame) -> pl.Series:
    return running_total(ledger["is_fraud"].cast(pl.UInt32))


def _in_window(window: str, frauds: pl.Series) -> dict[str, pl.Expr]:
    begin, end = pl.col(labels_at(window)), pl.col(labels_at())
    known, found = end - begin, between(frauds, begin, end)
    rate = pl.when(known > 0).then(found / known)
    return {f"known_count_{window}": known, f"fraud_count_{window}": found, f"fraud_rate_{window}": rate}


def _state(frauds: pl.Series, *, has_amount: bool) -> dict[str, pl.Expr]:
    known = pl.col(labels_at())
    last = pl.min_horizontal(known - pl.col(NONE), LAST_LABELS)
    news_days = elapsed(pl.col("fraud_known_at"), DAY)
    features = {
        "last_label": pl.col("is_fraud"),
        "last_3_rate": pl.when(last > 0).then(between(frauds, known - last, known) / last),
        "last_fraud_days": pl.when(news_days <= MEMORY_DAYS).then(elapsed(pl.col("last_fraud"), DAY)),
        "last_genuine_days": elapsed(pl.col("last_genuine"), DAY),
        "streak_days": elapsed(pl.col("streak_start"), DAY),
    }
    if has_amount:
        features["amount_to_genuine_max"] = pl.when(pl.col("genuine_max") > 0).then(
            pl.col("amount") / pl.col("genuine_max")
        )
    return features
