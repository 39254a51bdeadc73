"""Formats of the values in reasons: factors, amounts, shares, times."""

from typing import Any

from fraud.features import MEMORY_DAYS

MEMORY = f"{MEMORY_DAYS} days"
BEYOND = 1_000_000
"""Larger factors and distances are written as *more than* this."""
UNREADABLE = 1e15
"""From here on a number is written as a power of ten."""


def times(value: float) -> str:
    """A factor: 8.2x.

    >>> times(8.24), times(99.7), times(float("inf"))
    ('8.2x', '100x', 'more than 1,000,000x')
    """
    if value > BEYOND:
        return f"more than {BEYOND:,}x"
    if 0 < value < 0.01:
        return "less than 0.01x"
    return f"{value:,.0f}x" if abs(value) >= 10 else f"{value:.2g}x"


def count(value: float) -> str:
    """A whole number."""
    return f"{value:,.0f}"


def money(value: float) -> str:
    """An amount with two decimals; an unreadably large one as a power of ten.

    >>> money(645.15), money(23456.79), money(1e300)
    ('645.15', '23,456.79', '1e+300')
    """
    return f"{value:,.2f}" if abs(value) < UNREADABLE else f"{value:.4g}"


def share(value: float) -> str:
    """A share in per cent."""
    return f"{100 * value:.0f} %"


def hours(value: float) -> str:
    """A time in the unit that fits it.

    >>> hours(0.05), hours(5), hours(1), hours(80)
    ('3 minutes', '5 hours', '1 hour', '3.3 days')
    """
    unit, factor = ("minute", 60.0) if value < 1 else ("hour", 1.0) if value < 48 else ("day", 1 / 24)
    number = f"{value * factor:.2g}" if unit == "day" and value < 240 else f"{value * factor:,.0f}"
    return f"{number} {unit}{'s' * (number != '1')}"


def days(value: float) -> str:
    """As ``hours``, of days."""
    return hours(24 * value)


def since_first(value: float) -> str:
    """Time since something was first seen; beyond the memory of the features, *more than 30 days ago*."""
    return f"more than {MEMORY} ago" if value >= MEMORY_DAYS else f"{days(value)} ago"


def deviations(value: float) -> str:
    """Standard deviations above or below."""
    if abs(value) > BEYOND:
        return f"more than {BEYOND:,} standard deviations {'above' if value >= 0 else 'below'}"
    return f"{abs(value):.1f} standard deviations {'above' if value >= 0 else 'below'}"


def number(value: float) -> str:
    """A number of the data: two decimals, four digits of a small one.

    >>> number(23456.789), number(7.0), number(0.012345), number(2e15), number(0.1 + 0.2)
    ('23,456.79', '7', '0.01235', '2e+15', '0.3')
    """
    if not 1 <= abs(value) < UNREADABLE:
        return f"{value:.4g}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def label(value: float) -> str:
    """A label in a word."""
    return "fraud" if value >= 0.5 else "genuine"


def clock(value: Any) -> str:
    """The time of day and its zone."""
    return f"{value:%H:%M %Z}"


def weekday(value: Any) -> str:
    """The day of the week."""
    return f"{value:%A}"


def quoted(value: str) -> str:
    """A category in quotation marks."""
    return f"'{value}'"
