"""Random streams, one for the population and one a day, and times as microseconds.

Every day draws from its own stream, so that a longer simulation begins with the shorter one.
"""

from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from fraud.simulation.population import Ints

_WORLD: Final = 0
_DAY: Final = 1


def world_rng(seed: int) -> np.random.Generator:
    """The stream that makes customers and terminals."""
    return np.random.default_rng([seed, _WORLD])


def day_rng(seed: int, day: int) -> np.random.Generator:
    """The stream of one day."""
    return np.random.default_rng([seed, _DAY, day])


def events_due(day: int, rate: float, *, most: int) -> int:
    """How many events of a daily rate fall on a day: evenly spread, so that a rate below 1 is kept too."""
    return min(int((day + 1) * rate) - int(day * rate), most)


def epoch_us(day: date, seconds: Ints) -> Ints:
    """Microseconds since 1970 of seconds into a day (UTC)."""
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return (seconds + midnight) * 1_000_000
