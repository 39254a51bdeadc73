"""Is the feature table what the store holds and what each moment allows? Checked on every run, before anything trains.

| mistake | guard |
|---|---|
| rows sampled, repeated, made up or left out before the split | ``check_rows`` |
| a feature that sees later events, labels not known yet, a clock or chance | ``check_point_in_time`` |
| a file read again under other dates and ids, so that test repeats train | ``check_not_read_again`` |
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from fraud.errors import LeakageError
from fraud.features.build import build_features
from fraud.features.columns import TableRows
from fraud.features.maturity import known_as_of
from fraud.features.splits import Split, Window
from fraud.features.table import Recipe

AUDITED_ROWS = 10_000
"""Rows that are built a second time: the cost is in the history before them, not in their number."""
IN_A_ROW = 8
"""Transactions that must follow each other in the same order to count as read again."""
MOST_SEQUENCES = 4_000_000
"""Of the training window that are looked at, about."""
SHARE_READ_AGAIN = 0.5
"""Of sequences drawn by chance at most 1/e occur once in train and again elsewhere, however few kinds there are."""

_IDENTITY = ("transaction_id", "event_time", "is_fraud", "label_time")
_TOLD_LATER = ("is_fraud", "label_time", "fraud_type")
"""Columns beside the features that are allowed to know more."""


def check_rows(features: pl.DataFrame | pl.LazyFrame, stored: pl.LazyFrame) -> None:
    """Stop unless the feature table has the rows of the store, each once, with their times and labels.

    Args:
        features: the whole table.
        stored: canonical transactions of the version that it was built from.

    Raises:
        LeakageError: rows were added, repeated, made up, left out or labelled otherwise.
    """
    found, expected = (_summary(rows) for rows in (features.lazy(), stored))
    if found != expected:
        raise LeakageError(
            f"features: {found[1]} frauds in {found[0]} rows, the store has {expected[1]} in {expected[0]}"
            f"{'' if found[:2] != expected[:2] else ', but other rows'}; rows were sampled, repeated, made up or left "
            "out before the split. Split first, then sample the training rows alone"
        )


def check_point_in_time(
    features: pl.DataFrame | pl.LazyFrame, stored: pl.LazyFrame, recipe: Recipe, *, moment: datetime
) -> None:
    """Stop unless features equal those built from nothing but what was known at a moment.

    The last ``AUDITED_ROWS`` rows before the moment are built again, from the transactions before it and the labels
    that had arrived by then, and must be the same to the last bit.

    Args:
        features: the whole table, sorted by (event_time, transaction_id).
        stored: canonical transactions of the version that it was built from.
        recipe: of the table.
        moment: UTC; the start of validation audits the training rows.

    Raises:
        LeakageError: a feature differs.
    """
    times = features.lazy().select("event_time").collect().to_series()
    end = int(times.search_sorted(moment))
    if not end:
        return
    since: datetime = times[max(0, end - AUDITED_ROWS)]
    first = int(times.search_sorted(since))
    audited = features.lazy().slice(first, end - first).collect()
    then = known_as_of(stored, moment, delay_days=recipe.delay_days)
    rebuilt = build_features(then, recipe, since=since)
    differing = [
        name for name in audited.columns if name not in _TOLD_LATER and not audited[name].equals(rebuilt[name])
    ]
    if differing:
        raise LeakageError(
            f"features: {', '.join(differing[:3])}{', ...' * (len(differing) > 3)} of the {len(audited)} rows from "
            f"{since:%Y-%m-%d %H:%M} on are not what could be known on {moment:%Y-%m-%d %H:%M}; a feature sees later "
            "events, labels before their time, a clock or chance, or the table is from other code. Mend the feature, "
            "delete the folder of the feature table and run `fraud prepare`"
        )


def check_not_read_again(features: pl.DataFrame | pl.LazyFrame, split: Split, *, inputs: Sequence[str]) -> None:
    """Stop when validation or test repeats the training window row by row, under other dates and ids.

    Of many sequences a share is looked at, the same ones in every window, as what a sequence is decides whether it is.

    Args:
        features: the whole table.
        split: cut from it.
        inputs: what a transaction says of itself, times and labels apart.

    Raises:
        LeakageError: more than half of a window's sequences are sequences of train.
    """
    if not inputs:
        return
    share = max(1, len(split.train.rows) // MOST_SEQUENCES)
    sequences = _sequences(features, split.train, inputs, share)
    once = sequences.filter(sequences.is_unique()).implode()
    for window in (split.validation, split.test):
        found = _sequences(features, window, inputs, share)
        repeated = int(found.is_in(once).sum())
        if repeated > SHARE_READ_AGAIN * len(found):
            raise LeakageError(
                f"split: {repeated * share} of {len(found) * share} sequences of {IN_A_ROW} transactions in the "
                f"{window.name} window are in the training window as well; a file was read again under other dates or "
                "ids. Ingest each file once"
            )


def _summary(rows: pl.LazyFrame) -> tuple[int, ...]:
    """Rows, frauds, and a sum that depends on each row's identity and not on their order."""
    # NOTE: 32 bits of each hash, so that the sum of billions of them fits into 64.
    identity = (pl.struct(_IDENTITY).hash() % 2**32).sum()
    found = rows.select(pl.len(), frauds=pl.col("is_fraud").sum(), identity=identity).collect(engine="streaming")
    return tuple(int(value) for value in found.row(0))


def _sequences(features: pl.DataFrame | pl.LazyFrame, window: Window, inputs: Sequence[str], share: int) -> pl.Series:
    """One number for each ``IN_A_ROW`` rows of a window that follow each other; of those, one in ``share``."""
    kept: list[pl.Series] = []
    before = pl.Series(dtype=pl.UInt64)
    for _, stretch in TableRows(features.lazy(), window.rows).stretches(inputs):
        rows = before.append(stretch.select(inputs).hash_rows())
        before = rows.tail(IN_A_ROW - 1)
        shifted = {str(step): rows.shift(-step) for step in range(IN_A_ROW)}
        found = pl.DataFrame(shifted).head(max(0, len(rows) - IN_A_ROW + 1)).hash_rows()
        kept.append(found.filter(found % share == 0))
    return pl.concat(kept)
