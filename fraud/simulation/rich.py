"""A richer simulation, day by day: merchants, channels, countries, devices, trips, frauds that are reported late."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from fraud.simulation.episodes import DEVICES_A_CUSTOMER, NO_DEVICE, PAYMENT, Victims, plan_episodes
from fraud.simulation.kinds import (
    CHANNELS,
    CHIP,
    CONTACTLESS,
    CONTACTLESS_LIMIT,
    GENUINE,
    KINDS,
    LATE_PATTERN,
    MAGSTRIPE,
    NEVER,
    ONLINE,
    TERMINAL_COMPROMISE,
    WALLET,
    report_delays,
)
from fraud.simulation.merchants import CATEGORY_NAMES, COUNTRIES, make_merchants
from fraud.simulation.population import Flags, Floats, Ints, make_population, seconds_of_day
from fraud.simulation.settings import SECONDS_PER_DAY, Shifts, Simulation
from fraud.simulation.streams import day_rng, epoch_us, events_due, world_rng

MERCHANT_DAYS: Final = 28
SPOILED_SHARE: Final = 0.5
TRIPS_A_DAY: Final = 0.004
TRIP_DAYS: Final = (3, 15)
BORROWED_SHARE: Final = 1 / 25
"""Genuine payments online from a device never seen before, so that a new device is no proof of fraud."""
DEVICE_DAYS: Final = 200
"""A customer buys a new device after so long."""


class RichWorld:
    """Customers, merchants and fraudsters; days must follow each other, from day 0 on."""

    def __init__(self, settings: Simulation) -> None:
        rng = world_rng(settings.seed)
        self.settings = settings
        self.merchants = make_merchants(settings.terminals, rng=rng)
        self.population = make_population(settings.customers, self.merchants.at_home, rng=rng)
        self.online_share = rng.uniform(0.05, 0.5, settings.customers)
        self.device_age = rng.integers(0, DEVICE_DAYS, settings.customers)
        self._victims = Victims(self.population, self.merchants)
        self._merchant_until = np.zeros(settings.terminals, dtype=np.int64)
        self._trip_until = np.zeros(settings.customers, dtype=np.int64)
        self._trip_country = np.zeros(settings.customers, dtype=np.int64)
        self._planned = PAYMENT.to_frame()

    def transactions_of(self, days: range) -> pl.DataFrame:
        """All transactions of these days in the order of time, without TRANSACTION_ID."""
        payments = [self._transactions_of_day(day) for day in days]
        midnight = days.stop * SECONDS_PER_DAY
        due = self._planned.filter(pl.col("second") < midnight)
        self._planned = self._planned.filter(pl.col("second") >= midnight)
        return self._dump(pl.concat([*payments, due]).sort("second", maintain_order=True))

    def _transactions_of_day(self, day: int) -> pl.DataFrame:
        """Payments of the customers on a day; the fraud episodes that begin on it are only planned."""
        rng = day_rng(self.settings.seed, day)
        shifts = self.settings.shifts.on(day)
        self._start_trips(day, rng)
        self._plan(day, shifts, rng)
        return self._genuine(day, shifts, rng)

    def _start_trips(self, day: int, rng: np.random.Generator) -> None:
        leaving = np.flatnonzero(rng.random(self.settings.customers) < TRIPS_A_DAY)
        self._trip_until[leaving] = day + rng.integers(*TRIP_DAYS, leaving.size)
        self._trip_country[leaving] = rng.integers(1, len(COUNTRIES), leaving.size)

    def _plan(self, day: int, shifts: Shifts, rng: np.random.Generator) -> None:
        """Today's new episodes and compromised terminals."""
        growth = self.settings.fraud_factor * shifts.volume_growth
        due = {
            kind: events_due(day, self.settings.customers * one.episodes * growth, most=self.settings.customers)
            for kind, one in enumerate(KINDS)
            if kind != LATE_PATTERN or day >= self.settings.late_pattern_day
        }
        episodes = plan_episodes(
            self._victims,
            day,
            due=due,
            shifts=shifts,
            unreported_share=self.settings.unreported_share,
            rng=rng,
        )
        self._planned = pl.concat([self._planned, episodes])
        rate = self.settings.terminals * KINDS[TERMINAL_COMPROMISE].episodes * self.settings.fraud_factor
        spoiled = rng.integers(0, self.merchants.at_home, events_due(day, rate, most=self.merchants.at_home))
        self._merchant_until[spoiled] = day + MERCHANT_DAYS

    def _genuine(self, day: int, shifts: Shifts, rng: np.random.Generator) -> pl.DataFrame:
        """Payments of the customers, copies made at compromised terminals included, in the columns of ``PAYMENT``."""
        volume = self.population.daily * self.settings.volume_on(day)
        customer = np.repeat(np.arange(self.settings.customers), rng.poisson(volume))
        second, inside = seconds_of_day(customer.size, hours_moved=shifts.hours_moved, rng=rng)
        customer, second = customer[inside], second[inside]
        merchant = self._merchant(day, customer, shifts, rng)
        amount = (self._victims.amounts(customer, merchant, rng) * shifts.amount_inflation).round(2)
        is_online = merchant >= self.merchants.online[0]
        kind, delay = self._spoil(day, merchant, rng)
        channel = _channel(amount, is_online, limit=CONTACTLESS_LIMIT * shifts.amount_inflation, rng=rng)
        channel[kind == TERMINAL_COMPROMISE] = MAGSTRIPE
        columns = {
            "second": second + day * SECONDS_PER_DAY,
            "customer": customer,
            "merchant": merchant,
            "amount": amount,
            "channel": channel,
            "device": np.where(is_online, self._device(day, customer, rng), NO_DEVICE),
            "kind": kind,
            "delay": delay,
        }
        return pl.DataFrame(columns)

    def _merchant(self, day: int, customer: Ints, shifts: Shifts, rng: np.random.Generator) -> Ints:
        """Nearby, online (a few take most), abroad on a trip; a planted shift moves some to the rare categories."""
        merchant = self.population.terminals_for(customer, rng)
        on_trip = self._trip_until[customer] > day
        merchant[on_trip] = self.merchants.abroad(self._trip_country[customer[on_trip]], rng)
        is_online = rng.random(customer.size) < self.online_share[customer]
        online = self.merchants.online
        merchant[is_online] = online[
            (np.square(rng.random(np.count_nonzero(is_online))) * online.size).astype(np.int64)
        ]
        if shifts.category_mix > 0:
            moved = rng.random(customer.size) < shifts.category_mix
            merchant[moved] = rng.choice(self.merchants.rare, np.count_nonzero(moved))
        return merchant

    def _spoil(self, day: int, merchant: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Kind and delay of each payment: half of those at a compromised terminal are copies made by thieves."""
        kind = np.full(merchant.size, GENUINE)
        delay = np.full(merchant.size, NEVER)
        exposed = np.flatnonzero(self._merchant_until[merchant] > day)
        spoiled = exposed[rng.random(exposed.size) < SPOILED_SHARE]
        kind[spoiled] = TERMINAL_COMPROMISE
        delay[spoiled] = report_delays(kind[spoiled], unreported_share=self.settings.unreported_share, rng=rng)
        return kind, delay

    def _device(self, day: int, customer: Ints, rng: np.random.Generator) -> Ints:
        """The customer's device of these months, one time in six the second one, one time in 25 a stranger's."""
        luck = rng.random(customer.size)
        generation = (day + self.device_age[customer]) // DEVICE_DAYS % (DEVICES_A_CUSTOMER // 2)
        own = customer * DEVICES_A_CUSTOMER + generation * 2 + (luck < 1 / 6)
        return np.where(luck > 1 - BORROWED_SHARE, rng.integers(2**31, 2**32, customer.size), own)

    def _dump(self, payments: pl.DataFrame) -> pl.DataFrame:
        """Payments as a bank would export them; frauds that are never reported are genuine in it."""
        column = {name: payments[name].to_numpy() for name in PAYMENT}
        event_time = epoch_us(self.settings.start, column["second"])
        reported: Flags = column["delay"] != NEVER
        kind_names = (None, *(kind.name for kind in KINDS[1:]))
        frame = pl.DataFrame(
            {
                "EVENT_TIME": event_time,
                "CUSTOMER_ID": column["customer"].astype(np.int32),
                "MERCHANT_ID": column["merchant"].astype(np.int32),
                "DEVICE_ID": np.where(column["device"] == NO_DEVICE, NO_DEVICE, _scrambled(column["device"])),
                "AMOUNT": column["amount"],
                "CATEGORY": _texts(CATEGORY_NAMES, self.merchants.category[column["merchant"]]),
                "CHANNEL": _texts(CHANNELS, column["channel"]),
                "COUNTRY": _texts(COUNTRIES, self.merchants.country[column["merchant"]]),
                "IS_FRAUD": reported.astype(np.int8),
                "FRAUD_TYPE": _texts(kind_names, np.where(reported, column["kind"], GENUINE)),
                "REPORTED_AT": event_time + column["delay"] * 1_000_000,
            }
        )
        return frame.with_columns(
            pl.col("EVENT_TIME").cast(pl.Datetime("us")),
            pl.when(pl.col("DEVICE_ID") != NO_DEVICE).then("DEVICE_ID").alias("DEVICE_ID"),
            pl.when(pl.col("IS_FRAUD") == 1).then(pl.col("REPORTED_AT").cast(pl.Datetime("us"))).alias("REPORTED_AT"),
        )


def _channel(amount: Floats, is_online: Flags, *, limit: float, rng: np.random.Generator) -> Ints:
    """Online, or wallet one time in 20, magstripe one in 50, contactless for most small amounts, else chip."""
    luck = rng.random(amount.size)
    contactless = (amount <= limit) & (luck > 0.3)
    return np.select(
        [is_online, luck < 0.05, luck < 0.07, contactless], [ONLINE, WALLET, MAGSTRIPE, CONTACTLESS], default=CHIP
    )


def _scrambled(numbers: Ints) -> Ints:
    """The same numbers under other names, one to one below 2^32, so that a number shows nothing of its owner."""
    scrambled: Ints = (numbers * 2_654_435_761) & 0xFFFF_FFFF
    return scrambled


def _texts(names: tuple[str | None, ...], codes: npt.NDArray[np.integer]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(codes.astype(np.uint32))
