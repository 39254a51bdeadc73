"""A feature table made a few days at a time is the table made at once."""

from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from small_tables import START, Row, recipe, table

from fraud.features.build import build_by_days, build_features

ROWS = [
    Row(
        transaction_id=f"t{number:03}",
        event_time=START + timedelta(hours=7 * number),
        amount=float(number % 9),
        is_fraud=number % 5 == 0,
        label_time=START + timedelta(hours=7 * number, days=3),
        card=f"c{number % 4}",
        shop=f"s{number % 3}" if number % 11 else None,
    )
    for number in range(120)
]


@pytest.mark.parametrize("rows", [1, 10, 10_000])
def test_ranges_of_whole_days_are_the_whole_table(rows: int) -> None:
    whole = build_features(table(ROWS).lazy(), recipe())
    days = whole["event_time"].dt.date().unique().to_list()
    ranges = list(build_by_days(table(ROWS).lazy(), recipe(), days=days, rows=rows))
    assert_frame_equal(pl.concat(ranges), whole)
    assert len(ranges) == {1: len(days), 10: 12, 10_000: 1}[rows]


def test_days_that_are_not_requested_are_left_out() -> None:
    whole = build_features(table(ROWS).lazy(), recipe())
    days = sorted(whole["event_time"].dt.date().unique())
    requested = [days[3], days[4], days[20]]
    ranges = list(build_by_days(table(ROWS).lazy(), recipe(), days=requested))
    assert [one["event_time"].dt.date().unique(maintain_order=True).to_list() for one in ranges] == [
        [days[3], days[4]],
        [days[20]],
    ]
    assert_frame_equal(pl.concat(ranges), whole.filter(pl.col("event_time").dt.date().is_in(requested)))
