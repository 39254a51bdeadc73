"""Slices of time: every row once, in order, and never more than may be held."""

from datetime import timedelta

import polars as pl
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small_tables import START, TIME

from fraud.features.time_slices import TimeSlice, time_slices
from fraud.features.transaction_columns import sorted_by_time

MICROSECONDS = [0, 0, 0, 1, 2, 999_999, 1_000_000, 3_600_000_000, 3_600_000_001, 90_000_000_000]


def frame_of(offsets: list[int]) -> pl.DataFrame:
    times = [START + timedelta(microseconds=offset) for offset in offsets]
    ids = [f"t{number % 7}-{number}" for number in range(len(offsets))]
    return pl.DataFrame({"transaction_id": ids, "event_time": times}, schema_overrides={"event_time": TIME})


@examples(50)
@given(st.lists(st.sampled_from(MICROSECONDS), min_size=1, max_size=30), st.integers(1, 12))
def test_slices_hold_every_row_once_in_order_and_never_too_many(offsets: list[int], rows: int) -> None:
    frame = frame_of(offsets)
    slices = time_slices(frame.lazy(), rows)
    parts = [sorted_by_time(one.of(frame.lazy()).collect()) for one in slices]
    assert [one.rows for one in slices] == [len(part) for part in parts]
    assert [one.first for one in slices] == [sum(map(len, parts[:number])) for number in range(len(parts))]
    assert max(map(len, parts)) <= rows
    assert_frame_equal(pl.concat(parts), frame.sort("event_time", "transaction_id"))


def test_a_moment_that_fits_is_never_cut() -> None:
    slices = time_slices(frame_of([0, 0, 0, 5, 5, 5, 5]).lazy(), 4)
    assert [(one.rows, one.ids) for one in slices] == [(3, None), (4, None)]


def test_slices_are_as_few_as_whole_hours_allow() -> None:
    hours = [hour * 3_600_000_000 for hour in range(10)]
    assert [one.rows for one in time_slices(frame_of(hours).lazy(), 4)] == [4, 4, 2]


def test_nothing_has_no_slice() -> None:
    assert time_slices(frame_of([]).lazy(), 4) == []
    assert TimeSlice(start=START, end=None, first=0, rows=0).of(frame_of([0]).lazy()).collect().height == 1
