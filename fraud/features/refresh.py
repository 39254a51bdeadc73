"""From when on a prepared feature table is out of date: only that part of it is built again.

A transaction that came, went or changed touches features from its own event_time on. A label that came or changed
touches them from the moment it became known, even if its event is older; where an unreported event counts as genuine
after a delay, from then on at the latest. Everything before both stays as it is.
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from fraud.features.ledger import taken_as_genuine_at


def first_change(
    old: pl.DataFrame, new: pl.DataFrame, *, inputs: Sequence[str], delay_days: float | None
) -> datetime | None:
    """The earliest event_time whose features may differ; None where none can.

    Args:
        old: the prepared table's event_time, transaction_id, is_fraud, label_time and ``inputs``.
        new: the same of the stored transactions; both sorted by (event_time, transaction_id).
        inputs: columns that features are made of, labels apart.
        delay_days: as ``ledger.known_labels`` takes it, the same for both.
    """
    common = min(len(old), len(new))
    same = _same_rows(old.head(common), new.head(common), ["event_time", "transaction_id", *inputs])
    kept = common if same.all() else int(same.arg_min() or 0)
    moments = [frame["event_time"][kept] for frame in (old, new) if kept < len(frame)]
    moments += _label_changes(old.head(kept), new.head(kept), delay_days)
    return min(moments, default=None)


def _same_rows(old: pl.DataFrame, new: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    equal = [old[name].eq_missing(new[name].cast(old[name].dtype)) for name in columns]
    return pl.DataFrame({str(position): column for position, column in enumerate(equal)}).select(
        pl.all_horizontal(pl.all())
    )["0"]


def _label_changes(old: pl.DataFrame, new: pl.DataFrame, delay_days: float | None) -> list[datetime]:
    """The earliest moment at which a label, as it was or as it is now, counts for the first time; empty for none."""
    changed = ~_same_rows(old, new, ["is_fraud", "label_time"])
    labelled = (frame.filter(changed & frame["label_time"].is_not_null()) for frame in (old, new))
    counts_from = pl.col("label_time")
    if delay_days is not None:
        counts_from = pl.min_horizontal(counts_from, taken_as_genuine_at(delay_days))
    known = (frame.select(counts_from.min()).item() for frame in labelled)
    return [moment for moment in known if isinstance(moment, datetime)]
