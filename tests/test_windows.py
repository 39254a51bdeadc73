"""Windows are laid from the end backwards, whatever the times and the lengths."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.windows import DAY, MOMENT, end_of_windows, lay_windows, midnight

START = datetime(2024, 3, 1, 9, tzinfo=UTC)
LENGTHS = st.sampled_from([0.001, 0.1, 0.3, 1.0, 2.5])


def times_of(hours: list[int]) -> pl.Series:
    moments = [START + timedelta(hours=hour) for hour in sorted(hours)]
    return pl.Series(moments, dtype=pl.Datetime("us", "UTC"))


@given(
    hours=st.lists(st.integers(0, 200), min_size=1, max_size=40),
    lengths=st.fixed_dictionaries({"train": st.just(0.0) | LENGTHS, "validation": LENGTHS, "test": LENGTHS}),
    gap_days=st.sampled_from([0.0, 0.5, 2.0]),
)
def test_windows_follow_each_other_with_the_gap_between_them(hours, lengths, gap_days) -> None:
    times, gap = times_of(hours), timedelta(days=gap_days)
    end = times[-1] + MOMENT
    train, validation, test = lay_windows(times, end, gap, **lengths)
    assert test[1] == end
    assert test[0] - validation[1] == validation[0] - train[1] == gap
    assert test[0] < test[1]
    for (start, _), length in zip((validation, test), (lengths["validation"], lengths["test"]), strict=True):
        assert length >= 1 or start in times  # a share never parts events of one moment


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 9])
def test_a_share_of_few_rows_is_one_row_at_least(rows: int) -> None:
    times = times_of([24 * row for row in range(rows)])
    *_, test = lay_windows(times, times[-1] + MOMENT, timedelta(0), train=0.0, validation=0.1, test=0.1)
    assert test[0] == times[-1]


def test_windows_in_days_end_with_a_whole_day_and_where_labels_are_mature() -> None:
    last, gap = START + 3 * DAY, timedelta(days=1)
    settings = {"as_of": None, "whole_days": True}
    assert end_of_windows(last, gap, has_label_time=False, **settings) == midnight(last) + DAY
    assert end_of_windows(last, gap, has_label_time=True, **settings) == midnight(last) - gap
    assert end_of_windows(last, gap, has_label_time=False, as_of=last, whole_days=False) == last - gap
