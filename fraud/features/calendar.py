"""Time of day and day of week as cycles: 23:59 is next to 00:00, Sunday next to Monday; and which day it is.

All in the time zone of the data, while ``event_time`` itself is UTC. Data whose time is only the order of its rows have
no calendar.
"""

import math
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

NIGHT_ENDS = 7
"""Hour: from midnight until before this hour it is night, as in the Fraud Detection Handbook."""
MINUTES_A_DAY = 24 * 60
DAYS_A_WEEK = 7
SATURDAY = 5
"""Monday is 0."""
FIRST_DAY = 3
"""1970-01-01, from which time is counted, was a Thursday."""
MICROSECONDS_A_MINUTE = 60_000_000
CALENDAR_FEATURES = ("hour_sin", "hour_cos", "weekday_sin", "weekday_cos", "is_night", "is_weekend")


def calendar_features(timezone: str = "UTC") -> list[pl.Expr]:
    """One expression for each of ``CALENDAR_FEATURES``, all Float32.

    Times without an hour make the hour's features constant; the encoder drops constants.

    Args:
        timezone: whose clock and week it is.
    """
    minutes = local_time(pl.col("event_time"), timezone).dt.timestamp("us") // MICROSECONDS_A_MINUTE
    minute, weekday = minutes % MINUTES_A_DAY, (minutes // MINUTES_A_DAY + FIRST_DAY) % DAYS_A_WEEK
    values = (
        _on_circle("sin", minute, MINUTES_A_DAY),
        _on_circle("cos", minute, MINUTES_A_DAY),
        _on_circle("sin", weekday, DAYS_A_WEEK),
        _on_circle("cos", weekday, DAYS_A_WEEK),
        minute < NIGHT_ENDS * 60,
        weekday >= SATURDAY,
    )
    return [value.cast(pl.Float32).alias(name) for name, value in zip(CALENDAR_FEATURES, values, strict=True)]


def local_time(time: pl.Expr, timezone: str) -> pl.Expr:
    """What the clocks of a time zone show at a UTC time, without a zone."""
    return (time if timezone == "UTC" else time.dt.convert_time_zone(timezone)).dt.replace_time_zone(None)


def local_day(time: pl.Expr, timezone: str) -> pl.Expr:
    """Day of a UTC time in a time zone, as days since 1970-01-01 (Int32)."""
    return local_time(time, timezone).dt.epoch("d")


def day_coverage(day: ArrayLike, start: datetime, end: datetime, *, timezone: str) -> NDArray[np.float64]:
    """Share of each day that lies in a window: 1 for whole days, less for the first and the last of an odd window.

    Args:
        day: days since 1970 in the time zone (D,), each touched by the window.
        start: first moment of the window.
        end: first moment after it.
        timezone: whose days they are; one of 23 or 25 hours is whole as well.
    """
    days = np.asarray(day)
    covered = np.ones(days.size)
    for edge in np.flatnonzero((days == days.min()) | (days == days.max())) if days.size else ():
        first, after = (_midnight(int(days[edge]) + later, timezone) for later in (0, 1))
        covered[edge] = (min(after, end) - max(first, start)) / (after - first)
    return covered.clip(1e-6, 1.0)


def _midnight(day: int, timezone: str) -> datetime:
    """UTC time at which a day of the time zone begins."""
    there = date(1970, 1, 1) + timedelta(days=day)
    return datetime(there.year, there.month, there.day, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def _on_circle(wave: Literal["sin", "cos"], step: pl.Expr, steps: int) -> pl.Expr:
    """Sine or cosine of one of so many steps around the circle, from a table: there are few."""
    angles = pl.int_range(steps, eager=True).cast(pl.Float64) * (math.tau / steps)
    return pl.lit(getattr(angles, wave)().cast(pl.Float32)).gather(step)
