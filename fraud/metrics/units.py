"""What one alert is: a card on a day, or a single transaction."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.metrics.checks import as_keys, as_numbers


def alert_units(day: ArrayLike, card: ArrayLike | None) -> tuple[NDArray[np.int64], int]:
    """Unit of each transaction: the transactions of one card on one day are one alert.

    Args:
        day: day of each transaction (N,), anything that sorts.
        card: card of each transaction (N,); None (NaN among numbers) where it is unknown: a unit of its own.
            Without cards at all (None) every transaction is.

    Returns:
        Codes (N,) running 0..n-1, and n.

    >>> alert_units([1, 1, 1, 2], ["a", "a", None, "a"])[1]
    3
    """
    days = np.asarray(day)
    if card is None:
        return np.arange(days.size, dtype=np.int64), int(days.size)
    cards = as_keys(card, days.size, "card")
    known = has_card(cards)
    codes = np.empty(days.size, dtype=np.int64)
    card_code = np.unique(cards[known], return_inverse=True)[1].astype(np.int64)
    day_code = np.unique(days[known], return_inverse=True)[1].astype(np.int64)
    pairs, codes[known] = np.unique(day_code * (card_code.max(initial=0) + 1) + card_code, return_inverse=True)
    alone = int((~known).sum())
    codes[~known] = pairs.size + np.arange(alone)
    return codes, int(pairs.size) + alone


def unit_max(values: ArrayLike, codes: NDArray[np.int64], n: int) -> NDArray[np.float64]:
    """Highest value of each unit, shape (n,), such as the score that puts a card into the ranking of its day.

    Args:
        values: of the transactions (N,).
        codes: unit of each (N,), from ``alert_units``.
        n: number of units, each with a transaction.

    >>> unit_max([0.2, 0.9, 0.5], np.array([0, 0, 1]), 2).tolist()
    [0.9, 0.5]
    """
    highest = np.full(n, -np.inf)
    np.maximum.at(highest, codes, as_numbers(values, codes.size, "values"))
    return highest


def unit_values(values: ArrayLike, codes: NDArray[np.int64], n: int) -> NDArray[np.generic]:
    """Value of each unit, shape (n,), of what all its transactions share, such as its day."""
    keys = as_keys(values, codes.size, "values")
    of_unit = np.empty(n, dtype=keys.dtype)
    of_unit[codes] = keys
    return of_unit


def has_card(card: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Which transactions have a card (N,): one that is not None, or NaN among numbers."""
    if card.dtype == object:
        return np.array([one is not None for one in card.tolist()], dtype=np.bool_)
    return ~np.isnan(card) if np.issubdtype(card.dtype, np.floating) else np.ones(card.size, dtype=np.bool_)
