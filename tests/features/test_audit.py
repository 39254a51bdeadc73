"""The audit of the feature table lets every honest table pass, and tells a file read twice from data of few kinds."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st
from small_tables import DELAY_DAYS, START, Row, recipe, table, transactions

from fraud.config import LabelsConfig, SplitConfig
from fraud.errors import LeakageError
from fraud.features import audit
from fraud.features.audit import check_not_read_again, check_point_in_time, check_rows
from fraud.features.build import build_features
from fraud.features.splits import Split, split_by_time

MOMENTS = st.integers(0, 24 * 14).map(lambda hours: START + timedelta(hours=hours))


@examples(40)
@given(transactions("any"), MOMENTS)
def test_an_honest_table_passes_at_every_moment(rows: list[Row], moment: datetime) -> None:
    stored = table(rows).lazy()
    features = build_features(stored, recipe())
    check_rows(features, stored)
    check_point_in_time(features, stored, recipe(), moment=moment)


@examples(40)
@given(transactions("reports"), MOMENTS)
def test_an_honest_table_of_data_that_tell_reports_passes_at_every_moment(rows: list[Row], moment: datetime) -> None:
    stored, late = table(rows).lazy(), recipe(delay_days=DELAY_DAYS)
    check_point_in_time(build_features(stored, late), stored, late, moment=moment)


def test_only_the_last_rows_are_built_a_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        Row(f"t{n:03}", START + timedelta(hours=n), 1.0, n % 5 == 0, START + timedelta(hours=n + 24), "c1", "s1")
        for n in range(100)
    ]
    stored, moments = table(rows).lazy(), []
    features = build_features(stored, recipe())
    monkeypatch.setattr(audit, "AUDITED_ROWS", 10)
    monkeypatch.setattr(
        audit, "build_features", lambda *args, since: moments.append(since) or build_features(*args, since=since)
    )
    check_point_in_time(features, stored, recipe(), moment=rows[60].event_time)
    assert moments == [rows[50].event_time]


def days_of(kinds: np.ndarray) -> tuple[pl.DataFrame, Split]:
    """A transaction an hour, each of some kind, and its windows."""
    times = [START + timedelta(hours=n) for n in range(len(kinds))]
    frame = pl.DataFrame(
        {
            "transaction_id": [f"t{n:06}" for n in range(len(kinds))],
            "event_time": pl.Series(times, dtype=pl.Datetime("us", "UTC")),
            "is_fraud": [n % 10 == 0 for n in range(len(kinds))],
            "kind": kinds,
        }
    ).with_columns(label_time=pl.col("event_time"))
    lengths, labels = SplitConfig(train=0.5, validation=0.2, test=0.2), LabelsConfig(delay_days=0)
    return frame, split_by_time(frame, split=lengths, labels=labels, has_label_time=False)


@pytest.mark.parametrize("kinds", [1, 2, 3, 4, 6, 10, 30, 1000, 10**6])
def test_data_of_few_kinds_are_not_taken_for_a_file_read_again(kinds: int) -> None:
    rng = np.random.default_rng(kinds)
    frame, split = days_of(rng.integers(kinds, size=20_000))
    check_not_read_again(frame, split, inputs=["kind"])


@pytest.mark.parametrize("period", [1, 24, 168, 720])
def test_what_recurs_every_day_week_or_month_is_not_taken_for_a_file_read_again(period: int) -> None:
    frame, split = days_of(np.arange(8000) % period)
    check_not_read_again(frame, split, inputs=["kind"])


def test_a_file_read_again_is_found_wherever_it_starts() -> None:
    kinds = np.random.default_rng(0).integers(10**6, size=12_000)
    kinds[9_500:] = kinds[1_234:3_734]
    frame, split = days_of(kinds)
    with pytest.raises(LeakageError, match="in the test window are in the training window as well"):
        check_not_read_again(frame, split, inputs=["kind"])


@pytest.mark.parametrize("most", [50, 7, 10**6])
def test_a_share_of_many_sequences_tells_a_file_read_twice_as_well(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "MOST_SEQUENCES", most)
    once = np.random.default_rng(0).integers(0, 1000, 24 * 30)
    frame, split = days_of(np.concatenate([once, once]))
    with pytest.raises(LeakageError, match="a file was read again"):
        check_not_read_again(frame, split, inputs=["kind"])
    frame, split = days_of(np.random.default_rng(1).integers(0, 1000, 24 * 60))
    check_not_read_again(frame, split, inputs=["kind"])
