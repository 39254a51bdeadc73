"""Checks that the feature table has the rows of the store and uses nothing from the future; run before any training.

| mistake | guard |
|---|---|
| rows sampled, repeated, added or left out before the split | ``check_rows`` |
| a feature from later events, labels not known yet, the time of the build or random numbers | ``check_point_in_time`` |
| a file read again under other dates and ids, so that test repeats train | ``check_not_read_again`` |
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from fraud.errors import LeakageError
from fraud.features.build import build_features
from fraud.features.maturity import known_as_of
from fraud.features.recipe import Recipe
from fraud.features.splits import Split, Window
from fraud.features.table_rows import TableRows

AUDITED_ROWS = 10_000
"""Rows that are built a second time: the cost lies in the history before them, not in their number."""
IN_A_ROW = 8
"""Consecutive transactions that must repeat in the same order to count as read again."""
MOST_SEQUENCES = 4_000_000
"""Sequences of the training window that are compared, about."""
SHARE_READ_AGAIN = 0.5
"""Of random sequences at most 1/e occur once in train and again elsewhere, however few kinds there are."""

_IDENTITY = ("transaction_id", "event_time", "is_fraud", "label_time")
_LABEL_COLUMNS = ("is_fraud", "label_time", "fraud_type")
"""Columns that may contain what became known later."""


def check_rows(features: pl.DataFrame | pl.LazyFrame, stored: pl.LazyFrame) -> None:
    """Stop unless the feature table has the rows of the store, each once, with their times and labels.

    Args:
        features: the whole table.
        stored: canonical transactions of the version that it was built from.

    Raises:
        LeakageError: rows were added, repeated, left out or labelled differently.
    """
    found, expected = (_summary(rows) for rows in (features.lazy(), stored))
    if found != expected:
        raise LeakageError(
            f"features: {found[1]} frauds in {found[0]} rows, the store has {expected[1]} in {expected[0]}"
            f"{'' if found[:2] != expected[:2] else ', but other rows'}; rows were sampled, repeated, added or left "
            "out before the split. Split first, then sample the training rows alone"
        )


def check_point_in_time(
    features: pl.DataFrame | pl.LazyFrame, stored: pl.LazyFrame, recipe: Recipe, *, moment: datetime
) -> None:
    """Stop unless features equal those built from what was known at a moment alone.

    The last ``AUDITED_ROWS`` rows before the moment are built again, from the transactions before it and the labels
    that had arrived by then, and must be equal to the last bit.

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
        name for name in audited.columns if name not in _LABEL_COLUMNS and not audited[name].equals(rebuilt[name])
    ]
    if differing:
        raise LeakageError(
            f"features: {', '.join(differing[:3])}{', ...' * (len(differing) > 3)} of the {len(audited)} rows from "
            f"{since:%Y-%m-%d %H:%M} on are not what could be known on {moment:%Y-%m-%d %H:%M}; a feature uses later "
            "events, labels before they were known, the time of the build or random numbers, or the table is from "
            "other code. Fix the feature, delete the folder of the feature table and run `fraud prepare`"
        )


def check_not_read_again(features: pl.DataFrame | pl.LazyFrame, split: Split, *, inputs: Sequence[str]) -> None:
    """Stop when validation or test repeats the training window row by row, under other dates and ids.

    Of many sequences a share is compared, chosen by their hash, so that it is the same share in every window.

    Args:
        features: the whole table.
        split: cut from it.
        inputs: columns that the features are made of, times and labels apart.

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
    """Hashes of every ``IN_A_ROW`` consecutive rows of a window; of these, one in ``share``."""
    kept: list[pl.Series] = []
    before = pl.Series(dtype=pl.UInt64)
    for _, batch in TableRows(features.lazy(), window.rows).batches(inputs):
        rows = before.append(batch.select(inputs).hash_rows())
        before = rows.tail(IN_A_ROW - 1)
        shifted = {str(step): rows.shift(-step) for step in range(IN_A_ROW)}
        found = pl.DataFrame(shifted).head(max(0, len(rows) - IN_A_ROW + 1)).hash_rows()
        kept.append(found.filter(found % share == 0))
    return pl.concat(kept)
