"""Values as text: whole numbers of 100 in sentences, decimals in tables.

Shares are fractions in [0, 1] on the way in; ``None`` (nothing was measured) becomes an en dash.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fraud.text import counted, rounded

NARROW = "\u202f"
MINUS = "\u2212"
NOTHING = "\u2013"


def of_100(share: float | None) -> str:
    """A share as a whole number of 100: ``0.712`` is ``71``; never 0 or 100 by rounding.

    >>> of_100(0.712), of_100(0.002), of_100(0.998), of_100(0)
    ('71', 'fewer than 1', 'more than 99', '0')
    """
    if share is None:
        return NOTHING
    if 0 < share < 0.005:
        return "fewer than 1"
    if 0.995 <= share < 1:
        return "more than 99"
    return f"{share * 100:.0f}"


def whole_points(share: float | None) -> str:
    """A difference of shares as signed whole points of 100: ``-0.071`` is minus 7."""
    if share is None:
        return NOTHING
    return _signed(round(share * 100), "d")


def percent(share: float | None) -> str:
    """A share with one decimal; more where it would round to nothing or to all.

    >>> [percent(share).replace(NARROW, "") for share in (0.7123, 0.0004, 0.9996, 0, 1)]
    ['71.2%', '0.04%', '99.96%', '0%', '100%']
    """
    if share is None:
        return NOTHING
    away = min(abs(share), abs(1 - share))
    decimals = next((n for n in (1, 2, 3, 4) if round(100 * away, n) > 0), 0)
    return f"{share * 100:.{decimals}f}{NARROW}%"


def rate(share: float | None) -> str:
    """A small share with two significant digits, as columns need them: ``0.009`` is ``0.90 %``."""
    if share is None:
        return NOTHING
    return f"{100 * share:.0f}{NARROW}%" if share >= 0.1 else f"{100 * share:#.2g}{NARROW}%"


def percent_number(share: float | None) -> str:
    """A share with one decimal and without its sign, for columns and intervals: ``0.7123`` is ``71.2``."""
    return NOTHING if share is None else f"{share * 100:.1f}".replace("-", MINUS)


def points(share: float | None) -> str:
    """A difference of shares as signed points with one decimal: ``-0.0713`` is minus 7.1."""
    return NOTHING if share is None else _signed(share * 100, ".1f")


def points_of_100(share: float) -> str:
    """A margin without its sign: ``0.02`` is ``2 of 100``."""
    return f"{float(f'{share * 100:.2g}'):g} of 100"


def decimal(value: float | None) -> str:
    """Three decimals: ``0.7914`` is ``0.791``; very small values in powers of ten."""
    if value is None:
        return NOTHING
    if 0 < abs(value) < 0.001:
        mantissa, _, exponent = f"{value:.1e}".partition("e")
        return f"{mantissa} x 10^{int(exponent)}".replace("-", MINUS)
    return f"{value:.3f}".replace("-", MINUS)


def one_decimal(value: float | None) -> str:
    """One decimal: ``2.13`` is ``2.1``; thousands apart."""
    return NOTHING if value is None else f"{value:,.1f}".replace("-", MINUS)


def count(value: float | None) -> str:
    """A whole number, thousands apart: ``1754155`` is ``1,754,155``."""
    return NOTHING if value is None else f"{value:,.0f}".replace("-", MINUS)


def alert_count(value: float | None) -> str:
    """A number of alerts, never 0 by rounding: ``97.2`` is ``97``, ``0.32`` stays ``0.32``."""
    return NOTHING if value is None else rounded(value)


def money(value: float | None) -> str:
    """An amount with two decimals, thousands apart: ``1234.5`` is ``1,234.50``."""
    return NOTHING if value is None else f"{value:,.2f}".replace("-", MINUS)


def days(value: float | None) -> str:
    """A span of days: ``7.0`` is ``7 days``, ``1.25`` is ``1.2 days``; below one in hours: ``0.5`` is ``12 hours``."""
    if value is None:
        return NOTHING
    size, unit = (value, "day") if value >= 1 or value == 0 else (24 * value, "hour")
    text = f"{size:.1f}".removesuffix(".0")
    return f"{text}{NARROW}{unit}{'' if text == '1' else 's'}"


def number(value: float | None) -> str:
    """A number in its shortest form: ``100.0`` is ``100``, ``0.05`` stays ``0.05``."""
    return NOTHING if value is None else f"{value:,.10g}".replace("-", MINUS)


def seconds(value: float | None) -> str:
    """A duration in seconds, minutes from two minutes on: ``95`` is ``95 s``, ``600`` is ``10 min``."""
    if value is None:
        return NOTHING
    if value >= 120:
        return f"{value / 60:,.0f}{NARROW}min"
    return f"{value:.0f}{NARROW}s" if value >= 10 else f"{value:.1f}{NARROW}s"


def false_alarms(precision: float | None) -> str:
    """False alarms for each fraud found, ``(1 - precision) / precision``: ``0.32`` is ``2.1``."""
    return NOTHING if not precision else one_decimal((1 - precision) / precision)


def probability(value: float | None) -> str:
    """A p value: three decimals, ``< 0.001`` below."""
    if value is None:
        return NOTHING
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def date(value: str | None) -> str:
    """An ISO date or time as a date in words: ``2018-09-01`` is ``1 September 2018``; other text as it is."""
    if value is None:
        return NOTHING
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return f"{moment.day} {moment:%B %Y}"


def period(first: str, last: str) -> str:
    """Two ISO dates as a period in words, with month and year once where both share them.

    >>> period("2018-09-01", "2018-09-30"), period("2018-04-01", "2018-09-30")
    ('1 to 30 September 2018', '1 April to 30 September 2018')
    """
    start, end = date(first), date(last)
    if start == end:
        return end
    for shared in (end.partition(" ")[2], end.rpartition(" ")[2]):
        if shared and start.endswith(f" {shared}"):
            return f"{start.removesuffix(shared).strip()} to {end}"
    return f"{start} to {end}"


def text(value: object) -> str:
    """Text as it is; a missing value as a dash."""
    return NOTHING if value is None else str(value)


def _signed(value: float, kind: str) -> str:
    digits = format(abs(value), kind)
    if float(digits) == 0:
        return digits
    return f"+{digits}" if value > 0 else f"{MINUS}{digits}"


def listed(values: Sequence[Any] | None) -> str:
    """Values one after the other.

    >>> listed([0, 1])
    '0, 1'
    """
    return ", ".join(map(str, values)) if values else NOTHING


FORMATS: Mapping[str, Callable[[Any], str]] = {
    value_format.__name__: value_format
    for value_format in (
        *(of_100, whole_points, percent, rate, percent_number, points, decimal, one_decimal),
        *(count, alert_count, days, money, number, seconds, false_alarms, probability, date, text, listed),
    )
}
"""Formats of values, by name."""


def operating_point(policy: Mapping[str, Any]) -> str:
    """The operating point in words, as *at 100 alerts a day*.

    Args:
        policy: ``kind`` and ``value`` of the report's policy; ``review_cost`` where costs set the threshold.
    """
    value = policy.get("value")
    match policy["kind"]:
        case "alerts_per_day":
            return f"at {counted(policy['value'], 'alert')} a day"
        case "alert_rate":
            return f"with alerts on {percent(value)} of the transactions"
        case "max_fpr":
            return f"with alerts on at most {percent(value)} of the genuine transactions"
        case "min_precision":
            return f"with fraud in at least {of_100(value)} of 100 alerts"
        case _:
            cost = policy.get("review_cost")
            return "at the lowest total cost" + (f", with {number(cost)} for each review" if cost else "")


FAMILIES: Mapping[str, str] = {
    "none": "no treatment",
    "weighting": "weighting",
    "oversampling": "oversampling",
    "undersampling": "undersampling",
    "combined": "combined sampling",
    "batch": "balanced batches",
    "baseline": "not a network",
}
"""Names of the families of strategies, in the order in which they are shown."""


def family(name: str) -> str:
    """A family's name in sentences."""
    return FAMILIES.get(name, name)
