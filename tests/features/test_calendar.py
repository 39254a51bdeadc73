"""Hours, weekdays and days of the data's time zone; the share of a day that a window covers."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.features import Recipe, day_coverage, local_day
from fraud.features.calendar import calendar_features

TIMES = [datetime(2024, 1, 5, 22, 30, tzinfo=UTC), datetime(2024, 1, 5, 23, 30, tzinfo=UTC)]
"""A Friday; the second one is Saturday in Brussels."""


def day_number(year: int, month: int, day: int) -> int:
    return int((datetime(year, month, day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days)


def test_the_calendar_is_that_of_the_time_zone() -> None:
    frame = pl.DataFrame({"event_time": TIMES})
    for zone, weekend, night in (("UTC", [0, 0], [0, 0]), ("Europe/Brussels", [0, 1], [0, 1])):
        made = frame.select(calendar_features(zone))
        assert made["is_weekend"].to_list() == weekend
        assert made["is_night"].to_list() == night


def test_a_day_is_one_of_the_time_zone() -> None:
    days = pl.DataFrame({"event_time": TIMES}).select(
        utc=local_day(pl.col("event_time"), "UTC"), there=local_day(pl.col("event_time"), "Europe/Brussels")
    )
    assert days["utc"].to_list() == [day_number(2024, 1, 5)] * 2
    assert days["there"].to_list() == [day_number(2024, 1, 5), day_number(2024, 1, 6)]


def test_a_partial_day_is_covered_in_part_and_a_day_of_23_hours_is_whole() -> None:
    days = [day_number(2024, 3, day) for day in (30, 31)] + [day_number(2024, 4, 1)]
    zone = ZoneInfo("Europe/Brussels")
    start, end = datetime(2024, 3, 30, 18, tzinfo=zone), datetime(2024, 4, 1, 12, tzinfo=zone)
    found = day_coverage(days, start.astimezone(UTC), end.astimezone(UTC), timezone="Europe/Brussels")
    assert found.tolist() == [0.25, 1.0, 0.5]
    assert day_coverage(days[1:2], start, end, timezone="Europe/Brussels").tolist() == [1.0]


def test_a_window_within_one_day_covers_its_hours() -> None:
    day = day_number(2024, 1, 5)
    start, end = (datetime(2024, 1, 5, hour, tzinfo=UTC) for hour in (6, 16))
    assert day_coverage([day], start, end, timezone="UTC") == pytest.approx([10 / 24])


def test_the_recipe_takes_the_time_zone_of_the_event_time() -> None:
    columns = ColumnsConfig(event_time={"column": "t", "timezone": "Europe/Brussels"}, is_fraud="y")  # type: ignore[arg-type]
    assert Recipe.of(columns, labels=LabelsConfig(), windows=("1d",)).timezone == "Europe/Brussels"
