"""Merchants of the rich simulation: at home, abroad and online, each with a category and a country."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from fraud.simulation.population import Floats, Ints


class Category(NamedTuple):
    """A kind of merchant: its share among physical or among online merchants, and a typical amount."""

    name: str
    share: float
    median_amount: float


PHYSICAL: Final = (
    Category("groceries", 0.30, 35),
    Category("restaurants", 0.24, 30),
    Category("fuel", 0.14, 50),
    Category("clothing", 0.10, 55),
    Category("pharmacy", 0.08, 20),
    Category("entertainment", 0.06, 25),
    Category("electronics", 0.05, 140),
    Category("jewellery", 0.014, 180),
    Category("musical_instruments", 0.004, 120),
    Category("antiques", 0.004, 150),
    Category("pet_shops", 0.004, 30),
    Category("florists", 0.004, 30),
)
ONLINE: Final = (
    Category("online_retail", 0.52, 45),
    Category("digital_goods", 0.20, 12),
    Category("subscriptions", 0.15, 11),
    Category("travel", 0.12, 220),
    Category("gaming", 0.005, 20),
    Category("donations", 0.005, 25),
)
CATEGORIES: Final = (*PHYSICAL, *ONLINE)
CATEGORY_NAMES: Final = tuple(category.name for category in CATEGORIES)
GOODS: Final = ("clothing", "electronics", "jewellery")
RARE_SHARE: Final = 0.01

COUNTRIES: Final = ("BE", "FR", "NL", "DE", "GB", "ES", "IT", "US", "BR", "CN")
"""The first one is home."""
ONLINE_AT_HOME: Final = 0.45
SHARE_AT_HOME: Final = 0.8
SHARE_ABROAD: Final = 0.1


@dataclass(frozen=True)
class Merchants:
    """M merchants by number: first those at home, then abroad (equally many a country), then online."""

    at_home: int
    """Merchants 0 to at_home - 1 are on the map."""
    abroad_each: int
    """Physical merchants in each foreign country."""
    category: Ints
    """(M,) position in CATEGORIES."""
    country: Ints
    """(M,) position in COUNTRIES."""
    median_amount: Floats
    """(M,) typical amount of the category."""
    online: Ints
    """Numbers of the merchants online."""
    foreign_online: Ints
    """Those of them outside the home country."""
    goods: Ints
    """At home, what a thief buys and sells on."""
    rare: Ints
    """At home or online in categories that were hardly ever visited."""

    def abroad(self, country: Ints, rng: np.random.Generator) -> Ints:
        """A physical merchant in each of these foreign countries, uniformly."""
        pick = (rng.random(country.size) * self.abroad_each).astype(np.int64)
        return self.at_home + (country - 1) * self.abroad_each + pick


def make_merchants(count: int, *, rng: np.random.Generator) -> Merchants:
    """Merchants in all categories and countries; 300 or more, so that each has one."""
    foreign = len(COUNTRIES) - 1
    at_home, abroad_each = int(count * SHARE_AT_HOME), int(count * SHARE_ABROAD) // foreign
    online = count - at_home - foreign * abroad_each
    category = np.concatenate(
        [
            _categories(PHYSICAL, at_home, rng),
            _categories(PHYSICAL, foreign * abroad_each, rng),
            _categories(ONLINE, online, rng) + len(PHYSICAL),
        ]
    )
    elsewhere = np.where(rng.random(online) < ONLINE_AT_HOME, 0, rng.integers(1, foreign + 1, online))
    country = np.concatenate(
        [np.zeros(at_home, np.int64), np.repeat(np.arange(1, foreign + 1), abroad_each), elsewhere]
    )
    return _with_groups(at_home, abroad_each, category, country)


def _with_groups(at_home: int, abroad_each: int, category: Ints, country: Ints) -> Merchants:
    number = np.arange(category.size)
    is_online = category >= len(PHYSICAL)
    is_rare = np.array([one.share < RARE_SHARE for one in CATEGORIES])[category]
    is_goods = np.array([one.name in GOODS for one in CATEGORIES])[category]
    return Merchants(
        at_home=at_home,
        abroad_each=abroad_each,
        category=category,
        country=country,
        median_amount=np.array([one.median_amount for one in CATEGORIES])[category],
        online=number[is_online],
        foreign_online=number[is_online & (country > 0)],
        goods=number[is_goods & (number < at_home)],
        rare=number[is_rare & (is_online | (number < at_home))],
    )


def _categories(kinds: tuple[Category, ...], count: int, rng: np.random.Generator) -> Ints:
    """Every category once, as far as there are merchants, the others by share."""
    share = np.array([kind.share for kind in kinds])
    drawn: Ints = rng.choice(len(kinds), count, p=share / share.sum()).astype(np.int64)
    drawn[: len(kinds)] = np.arange(len(kinds))[:count]
    return drawn
