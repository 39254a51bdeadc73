"""Phrases about figures that several texts share: differences, accuracies, what no comparison has proven."""


def unproven(low: float | None, high: float | None, *, several: bool) -> str:
    """What an interval says that a verdict does not bear out; empty where it holds 0 or has no ends.

    The corrected p value allows less than such an interval, and neither "fewer" nor "no difference" would be true.

    Args:
        low: of the difference's interval.
        high: likewise.
        several: whether the comparison is one of several.

    >>> unproven(-0.116, -0.03, several=True), unproven(0.005, 0.038, several=False), unproven(-0.1, 0.1, several=True)
    ('perhaps fewer, but not proven among so many comparisons', 'perhaps more, but not proven', '')
    """
    if low is None or high is None or low <= 0 <= high:
        return ""
    return f"perhaps {'more' if low > 0 else 'fewer'}, but not proven{' among so many comparisons' * several}"


def signed(points: float) -> str:
    """A difference in frauds of 100, as a whole number with a true minus.

    >>> signed(-7.2), signed(0.3), signed(2.6)
    ('−7', '0', '+3')
    """
    whole = round(points)
    return f"+{whole}" if whole > 0 else f"−{-whole}" if whole else "0"


def describe_difference(apart: int, low: float, high: float, *, beyond: bool = False) -> str:
    """A difference in frauds of 100 with its interval, in whole numbers that a person can picture.

    What is printed adds up: a difference rounded by itself would contradict the two recalls, each of them rounded, in
    whose place it stands. The interval is rounded outwards where it would not hold the difference otherwise.

    Args:
        apart: difference of the two recalls as they are printed, less than 1 from the true one.
        low: of the true difference's interval.
        high: likewise.
        beyond: whether it is said that the interval leaves out 0, so that none of its ends may read as nothing.

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
