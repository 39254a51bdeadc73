"""The weeks of the Fraud Detection Handbook's protocol (chapter 5.3): train 7 days, wait 7, test 7."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from fraud.config import LabelsConfig, SplitConfig
from fraud.features import Window, check_split, labels_as_of, split_by_time

DELAY_DAYS, TRAIN_DAYS, TEST_DAYS = 7, 7, 7
PUBLISHED = ("2018-07-25", "2018-08-01", "2018-08-08", "2018-08-15")
"""First days of the published training weeks; they are tested from 2018-08-08 on."""
DEVELOPMENT = ("2018-06-27", "2018-07-04", "2018-07-11", "2018-07-18")
"""Whose test weeks end before 2018-08-08: everything is chosen on these."""


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One week to test on, and what may be trained on for it."""

    train: dict[str, Window]
    """``7 days``, as published; ``all history``, every event whose label was known when the test week began."""
    test: Window
    """Without the customers that were known as compromised."""


def cut_fold(features: pl.DataFrame, first_day: str, *, card: str) -> Fold:
    """The windows of one fold, cut and checked by the project's own split.

    Args:
        features: the whole feature table, in its order.
        first_day: of the published training week, ISO.
        card: the entity that investigators check.
    """
    start = datetime.fromisoformat(first_day).replace(tzinfo=UTC)
    known = start + timedelta(days=TRAIN_DAYS + 2 * DELAY_DAYS + TEST_DAYS)
    split = split_by_time(
        features,
        # The published training week takes the position of the project's validation: just before the delay.
        split=SplitConfig(train=0, validation=TRAIN_DAYS, test=TEST_DAYS, as_of=known.isoformat()),
        labels=LabelsConfig(delay_days=DELAY_DAYS),
        has_label_time=False,
    )
    check_split(split, features)
    week = replace(split.validation, name="train")
    if week.start != start:
        raise SystemExit(f"fold {first_day}: expected training from {start}, found {week.start}; give all six dumps")
    return Fold(
        train={"7 days": week, "all history": _known_before(features, week, used_at=split.test.start)},
        test=_without_known(features, split.test, since=start, card=card),
    )


def _known_before(features: pl.DataFrame, week: Window, *, used_at: datetime) -> Window:
    """The window from the first event to the end of the week."""
    label = labels_as_of(used_at, maturity_days=DELAY_DAYS, has_label_time=False)
    rows = (
        features.lazy()
        .select("event_time", row=pl.int_range(pl.len()), y=label)
        .filter(pl.col("event_time") < week.end)
        .drop_nulls("y")
        .collect()
    )
    y = rows["y"].to_numpy().astype(np.int8)
    return replace(week, start=rows["event_time"][0], rows=rows["row"].to_numpy().astype(np.int64), y=y)


def _without_known(features: pl.DataFrame, test: Window, *, since: datetime, card: str) -> Window:
    """The test window without cards that had a fraud since the training week began, known before the test day.

    NOTE: the handbook counts in whole days: a fraud of day d is known from day d + delay + 1 on.
    """
    day = pl.col("event_time").dt.truncate("1d")
    frauds = features.lazy().filter(pl.col("is_fraud") & (pl.col("event_time") >= since))
    known = frauds.group_by(card).agg(known_on=day.min() + timedelta(days=DELAY_DAYS + 1))
    tested = features[test.rows].lazy().select(card, day=day).join(known, on=card, how="left", maintain_order="left")
    kept = tested.select((pl.col("known_on") > pl.col("day")).fill_null(value=True)).collect().to_series().to_numpy()
    return replace(test, rows=test.rows[kept], y=test.y[kept])
