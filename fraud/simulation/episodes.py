"""Frauds of the rich simulation: episodes that start on a day and may go on for some more.

A compromised terminal is no episode: it spoils payments that customers make.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from fraud.simulation.kinds import (
    ACCOUNT_TAKEOVER,
    CARD_TESTING,
    CHIP,
    CONTACTLESS,
    CONTACTLESS_LIMIT,
    KINDS,
    ONLINE,
    SPREE,
    WALLET,
    WALLET_ENROLMENT,
    report_delays,
)
from fraud.simulation.merchants import Merchants
from fraud.simulation.population import Floats, Ints, Population
from fraud.simulation.settings import SECONDS_PER_DAY, Shifts

NO_DEVICE: Final = -1
DEVICES_A_CUSTOMER: Final = 16
MOST_EPISODES: Final = 2**16
"""Episodes of one kind on one day that have device numbers of their own."""

PAYMENT: Final = pl.Schema(
    {
        "second": pl.Int64,  # since the start of the simulation
        "customer": pl.Int64,
        "merchant": pl.Int64,
        "amount": pl.Float64,
        "channel": pl.Int64,  # position in CHANNELS
        "device": pl.Int64,  # NO_DEVICE where a card is present
        "kind": pl.Int64,  # position in KINDS
        "delay": pl.Int64,  # seconds from the payment to its report, NEVER where there is none
    }
)


@dataclass(frozen=True)
class Victims:
    """Customers and merchants, and what they usually pay."""

    population: Population
    merchants: Merchants

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return self.population.daily.size

    def some(self, count: int, rng: np.random.Generator) -> Ints:
        """So many customers, drawn with replacement."""
        return rng.integers(0, self.customers, count)

    def amounts(self, customers: Ints, merchants: Ints, rng: np.random.Generator) -> Floats:
        """Ordinary amounts: log-normal around the category's median, in proportion to the customer's mean."""
        level = self.population.mean_amount[customers] / 50
        noise = np.exp(0.6 * rng.standard_normal(customers.size))
        return self.merchants.median_amount[merchants] * level * noise


@dataclass(frozen=True)
class Payments:
    """Payments of one kind of episode, one entry a payment; seconds since the midnight that begins the first day."""

    second: Floats
    customer: Ints
    merchant: Ints
    amount: Floats
    channel: Ints
    is_remote: bool = False
    """Made on the fraudster's own device."""


def plan_episodes(
    victims: Victims,
    day: int,
    *,
    due: Mapping[int, int],
    shifts: Shifts,
    unreported_share: float,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """The payments of all episodes that start on a day, in the columns of ``PAYMENT``, in no order.

    Args:
        victims: whose payments they are.
        day: counted from 0.
        due: kind -> number of episodes.
        shifts: apply to the amounts and hours of frauds as to genuine ones.
        unreported_share: share of the episodes that are never reported.
        rng: the day's stream.
    """
    planned = []
    for kind, make in MAKERS.items():
        episodes = min(due.get(kind, 0), MOST_EPISODES)
        episode = np.repeat(np.arange(episodes), 1 + rng.poisson(max(0.0, KINDS[kind].payments - 1), episodes))
        made = make(victims, episode, rng)
        device = (day * len(KINDS) + kind) * MOST_EPISODES + episode + victims.customers * DEVICES_A_CUSTOMER
        delays = report_delays(np.full(episodes, kind), unreported_share=unreported_share, rng=rng)
        columns = {
            "second": made.second.astype(np.int64) + day * SECONDS_PER_DAY + int(shifts.hours_moved * 3600),
            "customer": made.customer,
            "merchant": made.merchant,
            "amount": (made.amount * shifts.amount_inflation).round(2),
            "channel": made.channel,
            "device": device if made.is_remote else np.full(episode.size, NO_DEVICE),
            "kind": np.full(episode.size, kind),
            "delay": delays[episode],
        }
        planned.append(columns)
    return pl.DataFrame({name: np.concatenate([columns[name] for columns in planned]) for name in PAYMENT})


def _card_testing(victims: Victims, episode: Ints, rng: np.random.Generator) -> Payments:
    """Many cards, one merchant online, tiny amounts, within 20 minutes of any hour."""
    begin = _one_each(episode, rng) * (SECONDS_PER_DAY - 1200)
    return Payments(
        second=begin + rng.random(episode.size) * 1200,
        customer=victims.some(episode.size, rng),
        merchant=_chosen(victims.merchants.online, _one_each(episode, rng)),
        amount=rng.uniform(0.5, 3, episode.size),
        channel=np.full(episode.size, ONLINE),
        is_remote=True,
    )


def _spree(victims: Victims, episode: Ints, rng: np.random.Generator) -> Payments:
    """A stolen card: within six hours of the theft, goods at three times the usual amount."""
    customer = (_one_each(episode, rng) * victims.customers).astype(np.int64)
    merchant = _chosen(victims.merchants.goods, rng.random(episode.size))
    amount = 3 * victims.amounts(customer, merchant, rng)
    return Payments(
        second=(9 + 8 * _one_each(episode, rng) + 6 * rng.random(episode.size)) * 3600,
        customer=customer,
        merchant=merchant,
        amount=amount,
        channel=np.where(amount <= CONTACTLESS_LIMIT, CONTACTLESS, CHIP),
    )


def _account_takeover(victims: Victims, episode: Ints, rng: np.random.Generator) -> Payments:
    """For five days, from a device never seen before, foreign merchants online at twice the usual amount."""
    customer = (_one_each(episode, rng) * victims.customers).astype(np.int64)
    merchant = _chosen(victims.merchants.foreign_online, rng.random(episode.size))
    return Payments(
        second=rng.random(episode.size) * 5 * SECONDS_PER_DAY,
        customer=customer,
        merchant=merchant,
        amount=2 * victims.amounts(customer, merchant, rng),
        channel=np.full(episode.size, ONLINE),
        is_remote=True,
    )


def _wallet_enrolment(victims: Victims, episode: Ints, rng: np.random.Generator) -> Payments:
    """A card enrolled in the thief's phone: small ordinary amounts nearby, between two and five in two nights."""
    customer = (_one_each(episode, rng) * victims.customers).astype(np.int64)
    night = rng.integers(1, 3, episode.size) * SECONDS_PER_DAY
    return Payments(
        second=night + rng.uniform(2, 5, episode.size) * 3600,
        customer=customer,
        merchant=rng.integers(0, victims.merchants.at_home, episode.size),
        amount=rng.uniform(15, 30, episode.size),
        channel=np.full(episode.size, WALLET),
    )


MAKERS: Final[Mapping[int, Callable[[Victims, Ints, np.random.Generator], Payments]]] = {
    CARD_TESTING: _card_testing,
    SPREE: _spree,
    ACCOUNT_TAKEOVER: _account_takeover,
    WALLET_ENROLMENT: _wallet_enrolment,
}


def _one_each(episode: Ints, rng: np.random.Generator) -> Floats:
    """One uniform number for each episode, the same for all its payments; (payments,)."""
    episodes = int(episode[-1]) + 1 if episode.size else 0
    return rng.random(episodes)[episode]


def _chosen(among: Ints, where: Floats) -> Ints:
    chosen: Ints = among[(where * among.size).astype(np.int64)]
    return chosen
