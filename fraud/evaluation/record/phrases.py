"""Phrases about figures that several texts share: verdicts, differences, accuracies."""

from collections.abc import Mapping
from typing import Any


def verdict_text(comparison: Mapping[str, Any], name: str, *, several: bool, margin: float | None = None) -> str:
    """The verdict of a comparison in words, for one of its two strategies: "finds more" means that it finds more.

    An interval without 0 may be without a verdict: the corrected p value allows less than the interval, and neither
    "fewer" nor "no difference" would be true.

    Args:
        comparison: a row of ``comparisons`` in report.json.
        name: the strategy, a or b.
        several: whether the comparison is one of several, whose p values are corrected.
        margin: the recall difference that does not matter, where it is to be named.

    >>> row = {"a": "none", "b": "focal", "low": -0.116, "high": -0.03, "verdict": "inconclusive"}
    >>> verdict_text(row, "none", several=False), verdict_text(row, "focal", several=True)
    ('possibly fewer, not significant', 'possibly more, not significant after correction for multiple comparisons')
    >>> verdict_text(row | {"verdict": "b"}, "none", several=True)
    'finds fewer'
    >>> verdict_text(row | {"verdict": "equivalent"}, "none", several=True, margin=0.02)
    'equivalent (within 2 of 100)'
    """
    verdict, low, high = comparison["verdict"], comparison["low"], comparison["high"]
    if verdict == "equivalent":
        return "equivalent" if margin is None else f"equivalent (within {100 * margin:.2g} of 100)"
    if verdict != "inconclusive":
        return "finds more" if comparison[verdict] == name else "finds fewer"
    if low is None or high is None or low <= 0 <= high:
        return "no difference shown"
    more = (low > 0) == (name == comparison["a"])
    correction = " after correction for multiple comparisons" if several else ""
    return f"possibly {'more' if more else 'fewer'}, not significant{correction}"


def signed(points: float) -> str:
    """A difference in frauds of 100, as a whole number with a true minus.

    >>> signed(-7.2), signed(0.3), signed(2.6)
    ('−7', '0', '+3')
    """
    whole = round(points)
    return f"+{whole}" if whole > 0 else f"−{-whole}" if whole else "0"


def describe_difference(apart: int, low: float, high: float, *, beyond: bool = False) -> str:
    """A difference in frauds of 100 with its interval, in whole numbers.

    The printed numbers are consistent: a difference rounded by itself could contradict the two recalls, each of them
    rounded. The interval is rounded outwards where it would not contain the difference otherwise.

    Args:
        apart: difference of the two recalls as they are printed, less than 1 from the true one.
        low: of the true difference's interval.
        high: likewise.
        beyond: whether the text states that the interval excludes 0, so that neither end may be printed as 0.

    >>> describe_difference(-7, -11.2, -3.3), describe_difference(-1, -1.4, -0.6), describe_difference(5, 4.1, 4.4)
    ('−7, between −11 and −3', '−1, give or take less than 1', '+5, between +4 and +5')
    >>> describe_difference(0, -0.4, 0.3), describe_difference(2, 0.2, 3.8, beyond=True)
    ('less than 1 of 100 apart', '+2, between just above 0 and +4')
    """
    least, most = min(round(low), apart), max(round(high), apart)
    if least == most:
        return f"{signed(apart)}, give or take less than 1" if apart else "less than 1 of 100 apart"
    nothing = ("just above 0" if low > 0 else "just below 0") if beyond else "0"
    ends = (signed(end) if end else nothing for end in (least, most))
    point = "less than 1 of 100" if beyond and not apart else signed(apart)
    return f"{point}, between {' and '.join(ends)}"


def whole(share: float) -> str:
    """A share as a whole number of 100."""
    return f"{100 * share:.0f}"


def accuracy(share: float) -> str:
    """Never rounded up to a perfect score.

    >>> accuracy(0.99115), accuracy(0.9996), accuracy(0.99999)
    ('99.1 %', '99.96 %', '99.999 %')
    """
    digits = next((n for n in range(1, 9) if float(f"{100 * share:.{n}f}") < 100), 1)
    return f"{100 * share:.{digits}f} %"
