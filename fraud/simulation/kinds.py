"""The kinds of fraud of the rich simulation, the channels, and when a fraud is reported."""

from typing import Final, NamedTuple

import numpy as np

from fraud.simulation.population import Ints
from fraud.simulation.settings import SECONDS_PER_DAY

CHANNELS: Final = ("chip", "contactless", "magstripe", "wallet", "online")
CHIP, CONTACTLESS, MAGSTRIPE, WALLET, ONLINE = range(len(CHANNELS))
CONTACTLESS_LIMIT: Final = 50.0


class Kind(NamedTuple):
    """A kind of fraud: how often, how many payments, how soon reported."""

    name: str
    episodes: float
    """A day and customer; of compromised terminals a day and merchant."""
    payments: float
    """Mean number of an episode, at least 1; a compromised terminal spoils payments that others make."""
    report_days: float
    """Median time until the report."""


KINDS: Final = (
    Kind("genuine", 0.0, 0.0, 0.0),
    Kind("card_testing", 0.0001, 30.0, 10.0),
    Kind("spree", 0.0005, 8.0, 1.0),
    Kind("account_takeover", 0.0006, 6.0, 4.0),
    Kind("terminal_compromise", 0.0001, 0.0, 14.0),
    Kind("wallet_enrolment", 0.001, 5.0, 5.0),
)
GENUINE, CARD_TESTING, SPREE, ACCOUNT_TAKEOVER, TERMINAL_COMPROMISE, WALLET_ENROLMENT = range(len(KINDS))
LATE_PATTERN: Final = WALLET_ENROLMENT

REPORT_SPREAD: Final = 1.2
SHORTEST_REPORT_DAYS: Final = 2 / 24
LONGEST_REPORT_DAYS: Final = 60.0
NEVER: Final = -1


def report_delays(kind: Ints, *, unreported_share: float, rng: np.random.Generator) -> Ints:
    """Seconds from each payment to its report, or ``NEVER``; shape of ``kind``.

    Log-normal around the kind's median, cut to between two hours and 60 days.
    """
    median = np.array([one.report_days for one in KINDS])[kind]
    days = median * np.exp(REPORT_SPREAD * rng.standard_normal(kind.size))
    seconds = (days.clip(SHORTEST_REPORT_DAYS, LONGEST_REPORT_DAYS) * SECONDS_PER_DAY).astype(np.int64)
    return np.where(rng.random(kind.size) < unreported_share, NEVER, seconds)
