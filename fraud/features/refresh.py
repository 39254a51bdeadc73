"""The moment from which a prepared feature table is out of date: only later rows are built again.

A transaction that was added, removed or changed affects features from its own event_time on. A label that was added or
changed affects them from the moment it became known, even if its event is older; where an unreported event counts as
genuine after a delay, from then on at the latest. Everything before both stays as it is.
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from fraud.features.ledger import taken_as_genuine_at
from fraud.features.table import FeatureTable


def first_change(
    old: pl.DataFrame, new: pl.DataFrame, *, inputs: Sequence[str], delay_days: float | None
) -> datetime | None:
    """The earliest event_time whose features may differ; None where none do.

    Args:
        old: the prepared table's event_time, transaction_id, is_fraud, label_time and ``inputs``.
        new: the same of the stored transactions; both sorted by (event_time, transaction_id).
        inputs: columns that features are made of, labels apart.
        delay_days: as ``ledger.known_labels`` takes it, the same for both.
    """
    kept = unchanged_rows(old, new, inputs=inputs)
    moments = [frame["event_time"][kept] for frame in (old, new) if kept < len(frame)]
    moments += _label_changes(old.head(kept), new.head(kept), delay_days)
    return min(moments, default=None)


def unchanged_rows(old: pl.DataFrame, new: pl.DataFrame, *, inputs: Sequence[str]) -> int:
    """Number of rows at the start that are equal in both, labels apart; arguments as of ``first_change``."""
    common = min(len(old), len(new))
    same = _same_rows(old.head(common), new.head(common), ["event_time", "transaction_id", *inputs])
    return common if same.all() else int(same.arg_min() or 0)


class Comparison:
    """Which rows of a prepared table are still valid, found in one pass over the stored transactions.

    Args:
        table: the prepared table.
        identity: its columns that are kept beside the features.

    Attributes:
        since: the earliest event_time whose features may differ; None as long as there is none.
        same_keys: number of rows at the start whose identity and labels are the same.
    """

    def __init__(self, table: FeatureTable, identity: Sequence[str]) -> None:
        self.since: datetime | None = None
        self.same_keys = 0
        self._table = table
        self._identity = list(identity)
        self._aligned = True

    def compare(self, new: pl.DataFrame, *, first: int, last: bool) -> None:
        """Compare the next rows.

        Args:
            new: stored transactions, sorted by (event_time, transaction_id), that follow the ones compared before.
            first: number of rows before them.
            last: whether they are the last ones.
        """
        if not self._aligned:
            return  # a row was added, removed or changed before these: all of them are built anew
        recipe = self._table.recipe
        columns = list(dict.fromkeys((*self._identity, *recipe.inputs)))
        old = self._table.scan_rows(first, len(new) + last).select(columns).collect()
        change = first_change(old, new, inputs=recipe.inputs, delay_days=recipe.delay_days)
        self.since = min((moment for moment in (self.since, change) if moment is not None), default=None)
        self._aligned = unchanged_rows(old, new, inputs=recipe.inputs) == len(old) == len(new)
        common = min(len(old), len(new))
        same = _same_rows(old.head(common), new.head(common), self._identity)
        if self.same_keys == first:
            self.same_keys += common if same.all() else int(same.arg_min() or 0)


def _same_rows(old: pl.DataFrame, new: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    equal = [old[name].eq_missing(new[name].cast(old[name].dtype)) for name in columns]
    return pl.DataFrame({str(position): column for position, column in enumerate(equal)}).select(
        pl.all_horizontal(pl.all())
    )["0"]


def _label_changes(old: pl.DataFrame, new: pl.DataFrame, delay_days: float | None) -> list[datetime]:
    """The earliest moment at which a changed label, old or new, counts for the first time; empty for none."""
    changed = ~_same_rows(old, new, ["is_fraud", "label_time"])
    labelled = (frame.filter(changed & frame["label_time"].is_not_null()) for frame in (old, new))
    counts_from = pl.col("label_time")
    if delay_days is not None:
        counts_from = pl.min_horizontal(counts_from, taken_as_genuine_at(delay_days))
    known = (frame.select(counts_from.min()).item() for frame in labelled)
    return [moment for moment in known if isinstance(moment, datetime)]
