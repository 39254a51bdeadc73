"""Where an event stands in the day and in the week, as cycles: 23:59 lies beside 00:00, Sunday beside Monday.

All in UTC, the time zone of ``event_time``. Data whose time is only the order of its rows have no calendar.
"""

import math

import polars as pl

NIGHT_ENDS = 7
"""Hour: from midnight until before this hour it is night, as in the Fraud Detection Handbook."""
MINUTES_A_DAY = 24 * 60
DAYS_A_WEEK = 7
SATURDAY = 6
"""ISO weekday."""


def calendar_features() -> list[pl.Expr]:
    """``hour_sin``, ``hour_cos``, ``weekday_sin``, ``weekday_cos``, ``is_night``, ``is_weekend``, all Float32.

    Times without an hour make the hour's features constant; the encoder drops constants.
    """
    time = pl.col("event_time")
    day = (time.dt.hour().cast(pl.Int64) * 60 + time.dt.minute()) * (math.tau / MINUTES_A_DAY)
    week = (time.dt.weekday().cast(pl.Int64) - 1) * (math.tau / DAYS_A_WEEK)
    features = {
        "hour_sin": day.sin(),
        "hour_cos": day.cos(),
        "weekday_sin": week.sin(),
        "weekday_cos": week.cos(),
        "is_night": time.dt.hour() < NIGHT_ENDS,
        "is_weekend": time.dt.weekday() >= SATURDAY,
    }
    return [value.cast(pl.Float32).alias(name) for name, value in features.items()]
