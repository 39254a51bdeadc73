"""Where an event stands in the day and in the week, as cycles: 23:59 lies beside 00:00, Sunday beside Monday.

All in UTC, the time zone of ``event_time``. Data whose time is only the order of its rows have no calendar.
"""

import math

import polars as pl

NIGHT_ENDS = 7
"""Hour: from midnight until before this hour it is night, as in the Fraud Detection Handbook."""
SATURDAY = 6
"""ISO weekday."""


def calendar_features() -> list[pl.Expr]:
    """``hour_sin``, ``hour_cos``, ``weekday_sin``, ``weekday_cos``, ``is_night``, ``is_weekend``, all Float32.

    Times without an hour make the hour's features constant; the encoder drops constants.
    """
    time = pl.col("event_time")
    day = (time.dt.hour().cast(pl.Float64) + time.dt.minute().cast(pl.Float64) / 60) / 24
    week = (time.dt.weekday().cast(pl.Float64) - 1) / 7
    features = {
        "hour_sin": (day * math.tau).sin(),
        "hour_cos": (day * math.tau).cos(),
        "weekday_sin": (week * math.tau).sin(),
        "weekday_cos": (week * math.tau).cos(),
        "is_night": time.dt.hour() < NIGHT_ENDS,
        "is_weekend": time.dt.weekday() >= SATURDAY,
    }
    return [value.cast(pl.Float32).alias(name) for name, value in features.items()]
