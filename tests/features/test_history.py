"""The pieces that the features are made of."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from fraud.features.calendar import calendar_features
from fraud.features.history import DAY, UNITS, by_entity, code_of, elapsed, in_units, log_amount, with_past
from fraud.features.history_windows import window_features
from fraud.features.sorted_search import moment_positions

START = datetime(2024, 3, 1, tzinfo=UTC)


def moments(count: int) -> pl.DataFrame:
    steps = np.random.default_rng(0).integers(1, 10**13, count)
    return pl.DataFrame({"event_time": [START + timedelta(microseconds=int(step)) for step in steps]}).cast(
        pl.Datetime("us", "UTC")
    )


def test_one_row_gives_the_same_bits_as_among_many() -> None:
    """Division by a constant would not: polars multiplies many rows by the reciprocal, but divides one."""
    many = moments(3000)
    since = elapsed(pl.lit(START), DAY).alias("days")
    one_by_one = pl.concat(many[n : n + 1].select(since, *calendar_features()) for n in range(len(many)))
    assert many.select(since, *calendar_features()).equals(one_by_one)


def test_amounts_are_counted_in_integers() -> None:
    amounts = pl.DataFrame({"amount": [0.1, 0.2, 12.34567, -3.5, 1e300]})
    assert amounts.select(in_units(pl.col("amount"))).to_series().to_list() == [
        1000,
        2000,
        123457,
        -35000,
        10**10 * UNITS,
    ]


def test_the_log_of_a_refund_mirrors_that_of_a_payment() -> None:
    logs = pl.DataFrame({"amount": [10.0, -10.0, 0.0]}).select(log_amount(pl.col("amount"))).to_series().to_list()
    assert logs == pytest.approx([np.log(11), -np.log(11), 0])


def test_rows_of_one_entity_stand_side_by_side_in_the_order_of_time() -> None:
    frame = pl.DataFrame(
        {
            "row": pl.Series([0, 1, 2, 3, 4], dtype=pl.UInt32),
            "event_time": [START, START, START + timedelta(1), START + timedelta(1), START + timedelta(2)],
            code_of("card"): pl.Series([7, 3, 7, 7, None], dtype=pl.UInt32),
        }
    )
    ordered = with_past(by_entity(frame, "card"), "card")
    assert ordered["row"].to_list() == [1, 0, 2, 3]
    assert ordered["first"].to_list() == [0, 1, 1, 1]
    assert ordered["now"].to_list() == [0, 1, 2, 2]


def test_a_window_is_closed_on_the_left_and_open_on_the_right() -> None:
    hours = [0, 24, 24, 25]
    frame = pl.DataFrame(
        {
            "row": pl.Series([0, 1, 2, 3], dtype=pl.UInt32),
            "event_time": pl.Series([START + timedelta(hours=hour) for hour in hours], dtype=pl.Datetime("us", "UTC")),
            code_of("card"): pl.Series([1] * 4, dtype=pl.UInt32),
            "units": [UNITS * amount for amount in (1, 10, 100, 1000)],
        }
    )
    moments = moment_positions(frame["event_time"], pl.Series(dtype=frame["event_time"].dtype), ["1d"])
    past = with_past(by_entity(frame, "card"), "card")
    requested = pl.concat([past, moments], how="horizontal")
    built = window_features(requested, past, "card", ["1d"], has_amount=True).collect()
    assert built["card_count_1d"].to_list() == [0, 1, 1, 2]
    assert built["card_amount_sum_1d"].to_list() == [0, 1, 1, 110]
    assert built["card_amount_max_1d"].to_list() == [None, 1, 1, 100]
    assert built["card_amount_mean_1d"].to_list() == [None, 1, 1, 55]
    assert built["card_amount_ratio_1d"].to_list() == [None, 10, 100, pytest.approx(1000 / 55)]


def test_the_day_and_the_week_are_cycles() -> None:
    times = [
        datetime(2024, 3, 3, 23, 59, tzinfo=UTC),  # Sunday
        datetime(2024, 3, 4, 0, 0, tzinfo=UTC),  # Monday
        datetime(2024, 3, 4, 12, 0, tzinfo=UTC),
    ]
    built = pl.DataFrame({"event_time": times}).select(calendar_features())
    assert built["hour_cos"].to_list() == pytest.approx([1, 1, -1], abs=1e-4)
    assert built["hour_sin"].to_list() == pytest.approx([0, 0, 0], abs=1e-2)
    assert built["is_night"].to_list() == [0, 1, 0]
    assert built["is_weekend"].to_list() == [1, 0, 0]
    assert built["weekday_cos"][1] == 1
