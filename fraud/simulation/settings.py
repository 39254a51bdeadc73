"""Settings of a simulation, checked at construction."""

import dataclasses
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, Self, get_args

from fraud.errors import ConfigError

PresetName = Literal["handbook", "rich"]
SECONDS_PER_DAY = 86_400
FEWEST_RICH_MERCHANTS = 300
"""So that every category and every country has one."""
TRANSACTIONS_PER_CUSTOMER_DAY = 1.94
"""Two intended transactions on average, less the 3 % whose time of day falls outside the day."""


@dataclass(frozen=True, kw_only=True)
class Shifts:
    """How the transactions change from one day on; the defaults change nothing.

    Genuine payments and frauds change together: these are shifts of the inputs, not new kinds of fraud. Episodes of
    fraud that began before that day end as planned.
    """

    from_day: int = 0
    """Day, counted from 0, from which on the shifts hold."""
    category_mix: float = 0.0
    """Share of the transactions, in [0, 1], that move to the merchant categories which were rare before (rich)."""
    amount_inflation: float = 1.0
    """Factor on every amount, and on every limit that is an amount: the currency lost value."""
    volume_growth: float = 1.0
    """Factor on the number of transactions."""
    hours_moved: float = 0.0
    """Hours by which all payments move to later in the day, around the clock."""

    def __post_init__(self) -> None:
        _require(self.from_day >= 0, "from_day", "0 or more", self.from_day)
        _require(0 <= self.category_mix <= 1, "category_mix", "in [0, 1]", self.category_mix)
        _require(self.amount_inflation > 0, "amount_inflation", "above 0", self.amount_inflation)
        _require(0 < self.volume_growth <= 100, "volume_growth", "in (0, 100]", self.volume_growth)
        _require(-24 < self.hours_moved < 24, "hours_moved", "in (-24, 24)", self.hours_moved)

    def on(self, day: int) -> Self:
        """The shifts that hold on this day: these, or none before ``from_day``."""
        return self if day >= self.from_day else type(self)()


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """A reproducible simulation: the same settings give the same bytes; more ``days`` only add days at the end."""

    preset: PresetName = "handbook"
    """handbook: three scenarios on seven columns. rich: merchants, channels, devices, reports, five kinds of fraud."""
    seed: int = 0
    start: date = date(2018, 4, 1)
    days: int = 183
    customers: int = 5_000
    terminals: int = 10_000
    """Terminals (handbook) or merchants (rich); the map grows with them, so that density stays."""
    fraud_factor: float = 1.0
    """Factor on how often terminals and customers become victims; a small simulation may need more."""
    weekly_rhythm: tuple[float, ...] = (0.94, 0.94, 0.96, 1.0, 1.08, 1.12, 0.96)
    """Factor on the number of transactions, Monday to Sunday."""
    late_pattern_day: int = 90
    """Rich: day, counted from 0, on which the new kind of fraud appears."""
    unreported_share: float = 0.03
    """Rich: share of the frauds that are never reported; in the dump they are genuine."""
    shifts: Shifts = field(default_factory=Shifts)

    def __post_init__(self) -> None:
        _require(
            self.preset in get_args(PresetName), "preset", f"one of {', '.join(get_args(PresetName))}", self.preset
        )
        _require(self.seed >= 0, "seed", "0 or more", self.seed)
        for name in ("days", "customers", "terminals"):
            _require(getattr(self, name) >= 1, name, "1 or more", getattr(self, name))
        enough = self.preset == "handbook" or self.terminals >= FEWEST_RICH_MERCHANTS
        _require(enough, "terminals", f"{FEWEST_RICH_MERCHANTS} or more with the rich preset", self.terminals)
        _require(self.fraud_factor >= 0, "fraud_factor", "0 or more", self.fraud_factor)
        is_week = len(self.weekly_rhythm) == 7 and min(self.weekly_rhythm) >= 0
        _require(is_week, "weekly_rhythm", "seven factors of 0 or more", self.weekly_rhythm)
        _require(self.late_pattern_day >= 0, "late_pattern_day", "0 or more", self.late_pattern_day)
        _require(0 <= self.unreported_share < 1, "unreported_share", "in [0, 1)", self.unreported_share)
        has_categories = self.preset == "rich" or self.shifts.category_mix == 0
        _require(has_categories, "category_mix", "0 with the handbook preset: no categories", self.shifts.category_mix)

    def sized(self, transactions: int) -> Self:
        """These settings with as many customers and terminals as make about this many transactions."""
        customers = max(1, round(transactions / (self.days * TRANSACTIONS_PER_CUSTOMER_DAY)))
        fewest = FEWEST_RICH_MERCHANTS if self.preset == "rich" else 1
        return dataclasses.replace(self, customers=customers, terminals=max(fewest, 2 * customers))

    def date_of(self, day: int) -> date:
        """Calendar date of a day counted from 0."""
        return self.start + timedelta(days=day)

    def volume_on(self, day: int) -> float:
        """Factor on the number of transactions of a day: the weekly rhythm and the growth planted."""
        return self.weekly_rhythm[self.date_of(day).weekday()] * self.shifts.on(day).volume_growth


def _require(holds: bool, name: str, expected: str, found: object) -> None:
    if not holds:
        raise ConfigError(f"simulation: {name} must be {expected}, found {found}; change it")
