"""Exact intervals and tests of few frauds, at counts that need not be whole.

Frauds of one card are found or missed together, so ten frauds may count as three. Effective counts are not whole
numbers; the beta quantiles behind the exact intervals take real arguments as they are (Korn and Graubard 1998,
"Confidence intervals for proportions with small expected number of positive counts estimated from survey data").
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

Floats = NDArray[np.float64]


def kish(sums: Floats) -> float:
    """Kish's effective number (Kish 1965): (sum of w)^2 / sum of w^2; 0 without any weight.

    50 cards with as many frauds each count 50, one card with nearly all of them counts little more than 1.

    >>> kish(np.array([2.0, 2.0, 2.0])), round(kish(np.array([100.0, 1.0])), 4)
    (3.0, 1.02)
    """
    squares = float(np.sum(sums**2))
    return float(np.sum(np.abs(sums))) ** 2 / squares if squares else 0.0


def clopper_pearson(found: float, events: float, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share (Clopper and Pearson 1934), ``found`` of ``events``, either a real number.

    >>> [round(bound, 3) for bound in clopper_pearson(1, 40)]
    [0.001, 0.132]
    """
    if events <= 0:
        return 0.0, 1.0
    tail, missed = (1 - level) / 2, events - found
    low = 0.0 if found <= 0 else float(betaincinv(found, missed + 1, tail))
    high = 1.0 if missed <= 0 else float(betaincinv(found + 1, missed, 1 - tail))
    return low, high


def mcnemar(more: float, fewer: float) -> float:
    """Two-sided exact p value (McNemar 1947): of so many discordant frauds, each is as likely for one as the other.

    >>> mcnemar(1, 0), mcnemar(5, 0)
    (1.0, 0.0625)
    """
    least, most = min(more, fewer), max(more, fewer)
    if most <= 0:
        return 1.0
    return min(1.0, 2 * float(betainc(most, least + 1, 0.5)))


def discordant_difference(more: float, fewer: float, *, events: float, level: float = 0.95) -> tuple[float, float]:
    """Interval of a paired difference of shares, from the shares that only one of the two finds.

    Each share has Clopper and Pearson's interval; their difference has that of Zou and Donner (2008, "Construction of
    confidence limits about effect measures"), the square-and-add method. One discordant fraud says little of how many
    another month would have, and this says so; the conditional interval takes their number as given.

    Args:
        more: share of the events that only the first finds.
        fewer: share that only the second finds.
        events: effective number of events.
        level: of the interval.

    >>> [round(bound, 2) for bound in discordant_difference(0.1, 0.0, events=10)]
    [-0.22, 0.45]
    """
    (low_a, high_a), (low_b, high_b) = (clopper_pearson(share * events, events, level) for share in (more, fewer))
    difference = more - fewer
    below, above = np.hypot(more - low_a, high_b - fewer), np.hypot(high_a - more, fewer - low_b)
    return float(difference - below), float(difference + above)
