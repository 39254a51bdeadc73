"""A verdict in words is about the strategy of its row, from whichever side it was compared."""

import pytest

from fraud.evaluation.record.phrases import verdict_text


def text(verdict: str, low: float | None, high: float | None, *, name: str = "none", several: bool = True) -> str:
    """The words for one of the two, where ``none`` minus ``focal`` lies between ``low`` and ``high``."""
    row = {"a": "none", "b": "focal", "low": low, "high": high, "verdict": verdict}
    return verdict_text(row, name, several=several, margin=0.02)


@pytest.mark.parametrize(
    ("verdict", "name", "expected"),
    [
        ("inconclusive", "none", "no difference shown"),
        ("equivalent", "none", "equivalent (within 2 of 100)"),
        ("b", "none", "finds fewer"),
        ("a", "none", "finds more"),
        ("a", "focal", "finds fewer"),
        ("b", "focal", "finds more"),
    ],
)
def test_a_verdict_is_about_the_strategy_of_its_row(verdict: str, name: str, expected: str) -> None:
    assert text(verdict, -0.01, 0.01, name=name) == expected


CORRECTED = "not significant after correction for multiple comparisons"


@pytest.mark.parametrize(
    ("bounds", "name", "several", "expected"),
    [
        ((-0.116, -0.03), "none", True, f"possibly fewer, {CORRECTED}"),
        ((-0.116, -0.03), "focal", True, f"possibly more, {CORRECTED}"),
        ((0.005, 0.038), "none", False, "possibly more, not significant"),
        ((0.005, 0.038), "focal", False, "possibly fewer, not significant"),
        ((-0.1, 0.0), "none", True, "no difference shown"),
        ((None, None), "none", True, "no difference shown"),
    ],
)
def test_an_interval_without_zero_that_shows_nothing_is_not_called_no_difference(
    bounds: tuple[float | None, float | None], name: str, several: bool, expected: str
) -> None:
    assert text("inconclusive", *bounds, name=name, several=several) == expected
