"""Features from the labels known at t of an entity's earlier events: fraud rates, last labels, streaks.

A label may be used from the moment it became known, ``label_time``, and never for its own event or one of the same
moment: it counts from ``known_at = max(label_time, event_time + 1 us)``. Windows are of ``known_at``, (t - w, t]; with
one delay d for all labels this is the Fraud Detection Handbook's window [t - d - w, t - d).

A transaction at t reads the last row of the entity's ledger with ``known_at <= t``. So a label that arrives late
changes nothing before it arrived. Where frauds are reported one by one, an unreported event counts as genuine after
the usual delay; a later report is one more label, which counts from its own arrival (see ``ledger``).
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_

import polars as pl
import polars.selectors as cs

from fraud.features.history import DAY, MEMORY_DAYS, between, code_of, elapsed, named, running_total
from fraud.features.sorted_search import labels_at, merge, merged, packed, put_in_order

LAST_LABELS = 3
"""Latest known labels that ``last_3_rate`` averages."""

START = "start"
"""Column with the position of the entity's first row in the ledger."""
STATE_COLUMNS = ("is_fraud", "last_fraud", "last_genuine", "streak_start", "fraud_known_at", "genuine_max")
"""Columns of the ledger that are read at the last known label."""


def label_features(
    requested: pl.DataFrame, ledger: pl.DataFrame, entity: str, *, windows: Sequence[str], has_amount: bool
) -> pl.LazyFrame:
    """Features from the labels known at each event's time, one row for each row of ``requested``.

    Args:
        requested: as ``history.by_entity`` returns them, with the columns of ``sorted_search.moment_positions``.
        ledger: as ``ledger.ledger_of`` returns it.
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
    positions = label_positions(requested, ledger, entity, windows)
    state = _state_features(requested, ledger, positions, entity, has_amount=has_amount)
    return pl.concat([state, label_counts(ledger, positions, entity, windows)], how="horizontal")


def label_counts(ledger: pl.DataFrame, positions: pl.DataFrame, entity: str, windows: Sequence[str]) -> pl.LazyFrame:
    """Features that count the known labels of windows, one row for each row of ``positions``.

    Args:
        ledger: as ``ledger.ledger_of`` or ``ledger.labels_by_entity`` returns it.
        positions: as ``label_positions`` returns them.
        entity: column of the entity.
        windows: lengths as polars writes them.

    Returns:
        Float32: ``{entity}_known_count_{w}``, ``{entity}_fraud_count_{w}`` and ``{entity}_fraud_rate_{w}`` of labels
        that became known in (t - w, t], a provisional one and its correction being two.
    """
    frauds = _frauds(ledger)
    return positions.lazy().select(named(entity, reduce(or_, [_in_window(window, frauds) for window in windows], {})))


def label_positions(requested: pl.DataFrame, ledger: pl.DataFrame, entity: str, windows: Sequence[str]) -> pl.DataFrame:
    """Positions in the ledger up to which the entity's labels were known at t, and at t - w.

    Args:
        requested: as ``label_features`` takes them.
        ledger: as ``ledger.ledger_of`` or ``ledger.labels_by_entity`` returns it.
        entity: column of the entity.
        windows: lengths as polars writes them.

    Returns:
        The columns ``order.labels_at``, UInt32: the labels between two of them became known in between.
    """
    code, label_keys = requested[code_of(entity)], packed(ledger[code_of(entity)], ledger["number"])
    columns = [labels_at(), *map(labels_at, windows)]
    return pl.DataFrame(merged({name: merge(packed(code, requested[name]), label_keys) for name in columns}))


def _state_features(
    requested: pl.DataFrame, ledger: pl.DataFrame, positions: pl.DataFrame, entity: str, *, has_amount: bool
) -> pl.LazyFrame:
    code, label_keys = requested[code_of(entity)], packed(ledger[code_of(entity)], ledger["number"])
    start = merged({START: merge(packed(code, code * 0), label_keys)})
    located = positions.select(labels_at()).with_columns(start)
    known = pl.col(labels_at())
    last = located.select(pl.when(known > pl.col(START)).then(known - 1)).to_series()
    # NOTE: not in a query: polars treats two literal columns of a single null as the same, whatever their types.
    state = put_in_order(ledger.select(name for name in STATE_COLUMNS if name in ledger.columns), last)
    own = requested.lazy().select("event_time", cs.matches("^amount$"))
    joined = pl.concat([own, located.lazy(), state.lazy()], how="horizontal")
    return joined.select(named(entity, _state(_frauds(ledger), has_amount=has_amount)))


def _frauds(ledger: pl.DataFrame) -> pl.Series:
    return running_total(ledger["is_fraud"].cast(pl.UInt32))


def _in_window(window: str, frauds: pl.Series) -> dict[str, pl.Expr]:
    begin, end = pl.col(labels_at(window)), pl.col(labels_at())
    known, found = end - begin, between(frauds, begin, end)
    rate = pl.when(known > 0).then(found / known)
    return {f"known_count_{window}": known, f"fraud_count_{window}": found, f"fraud_rate_{window}": rate}


def _state(frauds: pl.Series, *, has_amount: bool) -> dict[str, pl.Expr]:
    known = pl.col(labels_at())
    last = pl.min_horizontal(known - pl.col(START), LAST_LABELS)
    report_days = elapsed(pl.col("fraud_known_at"), DAY)
    features = {
        "last_label": pl.col("is_fraud"),
        "last_3_rate": pl.when(last > 0).then(between(frauds, known - last, known) / last),
        "last_fraud_days": pl.when(report_days <= MEMORY_DAYS).then(elapsed(pl.col("last_fraud"), DAY)),
        "last_genuine_days": elapsed(pl.col("last_genuine"), DAY),
        "streak_days": elapsed(pl.col("streak_start"), DAY),
    }
    if has_amount:
        features["amount_to_genuine_max"] = pl.when(pl.col("genuine_max") > 0).then(
            pl.col("amount") / pl.col("genuine_max")
        )
    return features
