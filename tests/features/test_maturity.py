"""What was known on a day: nothing that came later, whatever the store holds by now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small_tables import DELAY_DAYS, START, Row, features_of, transactions

from fraud.config import LabelsConfig, SplitConfig
from fraud.errors import SplitError
from fraud.features.late_reports import late_reports
from fraud.features.maturity import known_as_of, today_of
from fraud.features.splits import Split, check_split, split_by_time

DAY = timedelta(days=1)
TIME = pl.Datetime("us", "UTC")
SCHEMA = {"event_time": TIME, "is_fraud": pl.Boolean, "label_time": TIME}


def held_then(rows: Sequence[Row], moment: datetime, delay_days: float | None) -> list[Row]:
    """The rows of a store that was given nothing later: what was not reported yet had no label, or was genuine."""
    early = [row for row in rows if row.event_time < moment]
    return [row if row.label_time is None or row.label_time <= moment else _hidden(row, delay_days) for row in early]


def _hidden(row: Row, delay_days: float | None) -> Row:
    if delay_days is None:
        return replace(row, is_fraud=None, label_time=None)
    return replace(row, is_fraud=False, label_time=row.event_time + timedelta(days=delay_days))


@examples(40)
@given(transactions(delay="any"), st.integers(0, 24 * 80), st.sampled_from([None, DELAY_DAYS]))
def test_a_table_read_as_of_a_day_is_that_of_a_store_which_was_given_nothing_later(
    rows: list[Row], hours: int, delay_days: float | None
) -> None:
    moment = START + timedelta(hours=hours)
    now = features_of(rows, delay_days=delay_days)
    then = features_of(held_then(rows, moment, delay_days), delay_days=delay_days)
    assert_frame_equal(known_as_of(now.lazy(), moment, delay_days=delay_days).collect(), then, check_exact=True)


def test_the_kind_of_a_fraud_that_was_not_reported_yet_is_hidden_too() -> None:
    frame = pl.DataFrame(
        {"event_time": [START] * 2, "is_fraud": [True] * 2, "label_time": [START + DAY, START + 9 * DAY]}, schema=SCHEMA
    ).with_columns(fraud_type=pl.Series(["stolen", "copied"]))
    then = known_as_of(frame.lazy(), START + 5 * DAY, delay_days=3.0).collect()
    assert then["fraud_type"].to_list() == ["stolen", None]
    assert then["is_fraud"].to_list() == [True, False]


def stream(seed: int, days: int = 120, per_day: int = 40, late_days: float = 60) -> pl.DataFrame:
    """Frauds reported after hours or after up to ``late_days``; the others never: genuine, at the usual time."""
    rng = np.random.default_rng(seed)
    rows = days * per_day
    waited = np.minimum(0.1 * np.exp(rng.uniform(0, np.log(late_days / 0.1), rows)), late_days)
    fraud = rng.random(rows) < 0.2
    times = pl.Series([START + DAY * (n / per_day) for n in range(rows)], dtype=TIME)
    days_until = pl.Series(np.where(fraud, waited, DELAY_DAYS))
    frame = pl.DataFrame({"event_time": times, "is_fraud": fraud, "days": days_until})
    label_time = pl.col("event_time") + pl.duration(seconds=pl.col("days") * 86_400)
    return frame.select("event_time", "is_fraud", label_time=label_time.cast(TIME))


def cut(keys: pl.DataFrame, *, maturity_days: float, as_of: datetime | None = None) -> Split:
    config = SplitConfig(validation=14, test=14, as_of=None if as_of is None else as_of.isoformat())
    labels = LabelsConfig(delay_days=DELAY_DAYS, maturity_days=maturity_days)
    return split_by_time(keys, split=config, labels=labels, has_label_time=True)


@examples(25)
@given(st.integers(0, 10_000), st.integers(45, 120), st.sampled_from([0, 3, 14, 30]))
def test_training_as_of_a_day_never_sees_a_label_of_later(seed: int, day: int, maturity_days: int) -> None:
    keys, moment = stream(seed), START + day * DAY
    try:
        split = cut(keys, maturity_days=maturity_days, as_of=moment)
    except SplitError:  # too few days for the windows
        assert day < 29 + 3 * maturity_days + 2
        return
    check_split(split, keys)
    for window, used_at in zip(split.windows, (split.validation.start, split.test.start, moment), strict=True):
        frauds = keys[window.rows[window.y == 1]]
        assert (frauds["label_time"] <= used_at).all()
        assert (keys["event_time"].gather(window.rows) <= used_at - maturity_days * DAY).all()
        unreported = keys[window.rows[window.y == 0]].filter("is_fraud")
        assert (unreported["label_time"] > used_at).all()


@examples(15)
@given(st.integers(0, 10_000), st.integers(70, 119))
def test_a_split_as_of_a_day_is_that_of_a_store_which_was_given_nothing_later(seed: int, day: int) -> None:
    keys, moment = stream(seed), START + day * DAY
    then = known_as_of(keys.lazy(), moment, delay_days=DELAY_DAYS).collect()
    now, early = (cut(known, maturity_days=7, as_of=moment) for known in (keys, then))
    assert now.describe() == early.describe()
    assert [window.y.tolist() for window in now.windows] == [window.y.tolist() for window in early.windows]
    assert now.test.end <= moment - 7 * DAY


def test_every_row_is_in_a_window_in_a_gap_or_immature() -> None:
    keys = stream(1)
    split = cut(keys, maturity_days=7, as_of=START + 100 * DAY)
    counted = sum(len(window.rows) + window.unlabelled for window in split.windows) + split.in_gaps + split.immature
    assert counted == 100 * 40
    assert split.immature == 7 * 40
    assert split.describe()["immature"] == 7 * 40


def test_genuine_labels_that_nobody_told_say_nothing_of_when_a_dump_was_made() -> None:
    """Their usual time lies days ahead of the dump; taken for news, it would make the youngest days look mature."""
    keys = stream(2, late_days=1)
    last = keys["event_time"].max()
    assert keys["label_time"].max() > last + 2 * DAY
    assert today_of(keys, has_label_time=True) == last
    assert cut(keys, maturity_days=DELAY_DAYS).test.end <= last + DAY - DELAY_DAYS * DAY


@pytest.mark.parametrize("moment", [START + 160 * DAY, datetime(9999, 12, 31, tzinfo=UTC)])
def test_one_label_time_far_in_the_future_makes_nothing_mature(moment: datetime) -> None:
    keys = stream(2, late_days=1)
    one = keys.with_columns(
        label_time=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit(moment)).otherwise("label_time").cast(TIME),
        is_fraud=pl.col("is_fraud") | (pl.int_range(pl.len()) == 7),
    )
    before, after = (cut(rows, maturity_days=14) for rows in (keys, one))
    assert after.immature == before.immature == 15 * 40
    assert after.test.end == before.test.end
    assert today_of(one, has_label_time=True) == keys["event_time"].max()


def test_where_one_delay_holds_for_all_labels_what_is_stored_is_known() -> None:
    keys = stream(2).with_columns(label_time=pl.col("event_time") + 7 * DAY)
    assert today_of(keys, has_label_time=False) == keys["event_time"].max() + 7 * DAY


@pytest.mark.parametrize("seed", range(3))
def test_ignoring_immaturity_lowers_the_prevalence_and_is_reported(seed: int) -> None:
    keys = stream(seed, days=240)
    splits = {days: cut(keys, maturity_days=days) for days in (0, 60)}
    prevalence = {days: split.validation.frauds / len(split.validation.rows) for days, split in splits.items()}
    assert prevalence[0] < 0.9 * prevalence[60]
    (one,) = [late for late in late_reports(splits[0].windows, keys) if late.window == "validation"]
    assert one.share > 0.1
    assert "raise [labels] maturity_days" in one.sentence(0)
    assert late_reports(splits[60].windows, keys) == []
