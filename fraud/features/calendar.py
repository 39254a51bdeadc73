"""Time of day and day of week as cycles: 23:59 is next to 00:00, Sunday next to Monday.

All in UTC, the time zone of ``event_time``. Data whose time is only the order of its rows have no calendar.
"""

import math
from typing import Literal

import polars as pl

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


def calendar_features() -> list[pl.Expr]:
    """One expression for each of ``CALENDAR_FEATURES``, all Float32.

    Times without an hour make the hour's features constant; the encoder drops constants.
    """
    minutes = pl.col("event_time").dt.timestamp("us") // MICROSECONDS_A_MINUTE
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


def _on_circle(wave: Literal["sin", "cos"], step: pl.Expr, steps: int) -> pl.Expr:
    """Sine or cosine of one of so many steps around the circle, from a table: there are few."""
    angles = pl.int_range(steps, eager=True).cast(pl.Float64) * (math.tau / steps)
    return pl.lit(getattr(angles, wave)().cast(pl.Float32)).gather(step)
