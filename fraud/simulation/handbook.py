"""The simulation of the Fraud Detection Handbook (chapter 3.2) with its three kinds of fraud, day by day."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from fraud.simulation.population import Flags, Floats, Ints, make_population, seconds_of_day
from fraud.simulation.settings import Simulation
from fraud.simulation.streams import day_rng, epoch_us, events_due, world_rng

Scenarios = npt.NDArray[np.int8]

AMOUNT_LIMIT: Final = 220.0
TERMINAL_DAYS: Final = 28
CUSTOMER_DAYS: Final = 14
CUSTOMER_SHARE: Final = 1 / 3
CUSTOMER_FACTOR: Final = 5.0
TERMINALS_A_DAY: Final = 2 / 10_000
CUSTOMERS_A_DAY: Final = 3 / 5_000


class HandbookWorld:
    """Customers, terminals and which of them are compromised; days must follow each other, from day 0 on."""

    def __init__(self, settings: Simulation) -> None:
        self.settings = settings
        self.population = make_population(settings.customers, settings.terminals, rng=world_rng(settings.seed))
        self._terminal_until = np.zeros(settings.terminals, dtype=np.int64)
        self._customer_until = np.zeros(settings.customers, dtype=np.int64)

    def transactions_of(self, days: range) -> pl.DataFrame:
        """All transactions of these days in the order of time, without TRANSACTION_ID."""
        return pl.concat([self._transactions_of_day(day) for day in days])

    def _transactions_of_day(self, day: int) -> pl.DataFrame:
        rng = day_rng(self.settings.seed, day)
        self._compromise(day, rng)
        shifts = self.settings.shifts.on(day)
        customers = np.repeat(
            np.arange(self.settings.customers), rng.poisson(self.population.daily * self.settings.volume_on(day))
        )
        seconds, inside = seconds_of_day(customers.size, hours_moved=shifts.hours_moved, rng=rng)
        customers, seconds = _in_order(customers[inside], seconds[inside])
        terminals = self.population.terminals_for(customers, rng)
        amounts = normal_amounts(self.population.mean_amount[customers], rng) * shifts.amount_inflation
        scenario, amounts = self._scenarios(
            day, customers, terminals, amounts.round(2), limit=AMOUNT_LIMIT * shifts.amount_inflation, rng=rng
        )
        return pl.DataFrame(
            {
                "TX_DATETIME": epoch_us(self.settings.date_of(day), seconds),
                "CUSTOMER_ID": customers.astype(np.int32),
                "TERMINAL_ID": terminals.astype(np.int32),
                "TX_AMOUNT": amounts,
                "TX_FRAUD": (scenario > 0).astype(np.int8),
                "TX_FRAUD_SCENARIO": scenario,
            }
        ).with_columns(pl.col("TX_DATETIME").cast(pl.Datetime("us")))

    def _compromise(self, day: int, rng: np.random.Generator) -> None:
        """Today's new victims: two terminals and three customers in a world of the handbook's size."""
        factor, size = self.settings.fraud_factor, self.settings
        terminals = events_due(day, size.terminals * TERMINALS_A_DAY * factor, most=size.terminals)
        customers = events_due(day, size.customers * CUSTOMERS_A_DAY * factor, most=size.customers)
        self._terminal_until[rng.choice(size.terminals, terminals, replace=False)] = day + TERMINAL_DAYS
        self._customer_until[rng.choice(size.customers, customers, replace=False)] = day + CUSTOMER_DAYS

    def _scenarios(
        self, day: int, customers: Ints, terminals: Ints, amounts: Floats, *, limit: float, rng: np.random.Generator
    ) -> tuple[Scenarios, Floats]:
        """The scenario of each transaction, 0 for genuine, and the amounts after scenario 3; the last rule wins."""
        scenario = (amounts > limit).astype(np.int8)
        scenario[self._terminal_until[terminals] > day] = 2
        stolen: Flags = self._customer_until[customers] > day
        stolen[stolen] = rng.random(np.count_nonzero(stolen)) < CUSTOMER_SHARE
        scenario[stolen] = 3
        return scenario, np.where(stolen, (amounts * CUSTOMER_FACTOR).round(2), amounts)


def normal_amounts(mean: Floats, rng: np.random.Generator) -> Floats:
    """Amounts around each mean, standard deviation half of it; where negative, uniform up to twice the mean."""
    amounts = mean * (1 + rng.standard_normal(mean.size) / 2)
    negative = amounts < 0
    amounts[negative] = rng.random(np.count_nonzero(negative)) * 2 * mean[negative]
    return amounts


def _in_order(customers: Ints, seconds: Ints) -> tuple[Ints, Ints]:
    """Both sorted by second, then customer: one sort of one number, which is faster than an argsort and two gathers."""
    keys = np.sort((seconds << 32) | customers)
    return keys & 0xFFFF_FFFF, keys >> 32
