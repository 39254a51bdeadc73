"""Merges, orders and blocks give what a plain search, sort or slice gives."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small_tables import Row, features_of, transactions

from fraud.features import entity
from fraud.features.sorted_search import (
    entity_order,
    events_before,
    labels_at,
    largest_between,
    merge,
    merged,
    moment_positions,
)

START = datetime(2024, 3, 1, tzinfo=UTC)
numbers = st.lists(st.integers(0, 20), max_size=30).map(sorted)


@given(numbers, numbers)
def test_a_merge_counts_what_is_smaller(moments: list[int], ascending: list[int]) -> None:
    searched = merge(pl.Series(moments, dtype=pl.Int64), pl.Series(ascending, dtype=pl.Int64))
    (found,) = merged({"found": searched})
    assert found.dtype == pl.UInt32
    assert found.to_list() == np.searchsorted(ascending, moments).tolist()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(2**32 - 3, 2**32 - 1)), max_size=30))
def test_rows_of_one_entity_come_together_in_their_order(codes: list[tuple[int, int]]) -> None:
    frame = pl.DataFrame(codes, schema={"card": pl.UInt32, "shop": pl.UInt32}, orient="row")
    assert entity_order(frame).to_list() == sorted(range(len(codes)), key=lambda row: codes[row])


@given(st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=70), st.data())
def test_the_largest_of_a_range_is_found(values: list[int], data: st.DataObject) -> None:
    position = st.integers(0, len(values) - 1)
    ends = [sorted(data.draw(st.tuples(position, position))) for _ in range(10)]
    frame = pl.DataFrame(ends, schema={"begin": pl.UInt32, "end": pl.UInt32}, orient="row")
    found = largest_between(pl.Series(values), frame["begin"], frame["end"])
    assert found.to_list() == [max(values[begin:end], default=0) for begin, end in ends]


def test_windows_of_events_and_labels_begin_at_their_positions() -> None:
    """An event at t - w is in the window; a label that became known at t - w is not, one at t is."""
    day = timedelta(days=1)
    times = pl.Series([START, START + day, START + 2 * day], dtype=pl.Datetime("us", "UTC"))
    found = moment_positions(times, times, ["1d"], first=1)
    assert found[events_before("1d")].to_list() == [0, 1]
    assert found[labels_at()].to_list() == [2, 3]
    assert found[labels_at("1d")].to_list() == [1, 2]


@pytest.mark.parametrize("rows_of_a_block", [1, 2, 5])
def test_blocks_of_any_size_give_the_same_features(monkeypatch: pytest.MonkeyPatch, rows_of_a_block: int) -> None:
    @examples(10)
    @given(transactions(delay="any"), st.integers(0, 24 * 14))
    def check(rows: list[Row], hours: int) -> None:
        since = START + timedelta(hours=hours)
        with monkeypatch.context() as small:
            small.setattr(entity, "BLOCK_ROWS", rows_of_a_block)
            found, latest = features_of(rows), features_of(rows, since)
        assert_frame_equal(found, features_of(rows), check_exact=True)
        assert_frame_equal(latest, found.filter(pl.col("event_time") >= since), check_exact=True)

    check()
