"""Training as of a day never uses what became known after it, with reports that take from hours to 60 days."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st

from fraud.config import LabelsConfig, SplitConfig
from fraud.features.splits import Split, check_split, split_by_time

START = datetime(2018, 4, 1, tzinfo=UTC)
DAYS, ROWS = 120, 60
USUAL_DAYS = 30


def reported_stream(seed: int) -> pl.DataFrame:
    """Frauds reported after hours to 60 days; genuine rows without a report, whose time is only the usual one."""
    rng = np.random.default_rng(seed)
    count = DAYS * ROWS
    event = np.arange(count) * (86_400 // ROWS)
    fraud = rng.random(count) < 0.1
    hours = np.clip(rng.lognormal(np.log(120), 1.3, count), 1, 60 * 24)
    known = event + np.where(fraud, hours * 3600, USUAL_DAYS * 86_400).astype(np.int64)
    times = [pl.from_epoch(pl.Series(side + int(START.timestamp())), time_unit="s") for side in (event, known)]
    event_time, label_time = (time.cast(pl.Datetime("us")).dt.replace_time_zone("UTC") for time in times)
    return pl.DataFrame({"event_time": event_time, "is_fraud": fraud, "label_time": label_time})


def windows_as_of(keys: pl.DataFrame, day: int, maturity_days: float) -> Split:
    return split_by_time(
        keys,
        split=SplitConfig(validation=10, test=10, as_of=str((START + timedelta(days=day)).date())),
        labels=LabelsConfig(delay_days=USUAL_DAYS, maturity_days=maturity_days),
        has_label_time=True,
    )


@examples(25)
@given(st.integers(0, 10**6), st.integers(85, DAYS), st.sampled_from([7.0, 14.0, 21.0]))
def test_no_label_that_is_used_was_told_after_the_day(seed, day, maturity_days):
    keys = reported_stream(seed)
    moment = START + timedelta(days=day)
    split = windows_as_of(keys, day, maturity_days)
    check_split(split, keys)
    for window in split.windows:
        used = keys[window.rows]
        assert used["event_time"].max() < moment
        frauds = used.filter(pl.Series(window.y == 1))
        assert frauds["is_fraud"].all()
        assert frauds["label_time"].max() <= moment
    assert keys[split.train.rows].filter(pl.Series(split.train.y == 1))["label_time"].max() <= split.validation.start


@examples(25)
@given(st.integers(0, 10**6), st.integers(85, DAYS), st.sampled_from([7.0, 14.0, 21.0]))
def test_whatever_is_told_after_the_day_changes_nothing(seed, day, maturity_days):
    keys = reported_stream(seed)
    later = pl.col("label_time") > START + timedelta(days=day)
    other = keys.with_columns(
        is_fraud=pl.when(later).then(~pl.col("is_fraud")).otherwise("is_fraud"),
        label_time=pl.when(later).then(pl.col("label_time") + timedelta(days=3)).otherwise("label_time"),
    )
    splits = [windows_as_of(table, day, maturity_days) for table in (keys, other)]
    for one, two in zip(*(split.windows for split in splits), strict=True):
        assert (one.start, one.end) == (two.start, two.end)
        assert np.array_equal(one.rows, two.rows)
        assert np.array_equal(one.y, two.y)
