"""What a strategy's figures show, and what they leave open."""

from typing import Any

import numpy as np
import pytest

from fraud.evaluation.record.strategy_facts import strategy_facts
from fraud.metrics import mean_score_interval

Bounds = tuple[float, float | None] | None


def row(kinds: list[tuple[str, int, float | None]] | None = None, **ratios: Bounds) -> dict[str, Any]:
    stages = {name: stage(*bounds) if bounds else None for name, bounds in ratios.items()}
    found = [
        {"fraud_type": kind, "frauds": frauds, "recall": None if mean is None else {"mean": mean}}
        for kind, frauds, mean in kinds or []
    ]
    return {"calibration": {"raw": stage(19.0, 21.0), "shifted": None, **stages}, "recall_by_type": found}


def stage(low: float, high: float | None) -> dict[str, float | None]:
    return {"mean_score_over_prevalence_low": low, "mean_score_over_prevalence_high": high}


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((0.95, 1.05), True),
        ((0.8, 1.25), True),
        ((0.85, 1.5), None),
        ((0.7, None), None),
        ((1.05, 1.3), None),
        ((1.11, 1.2), False),
        ((1.2, None), False),
        ((0.7, 0.9), False),
        (None, None),
    ],
)
def test_scores_are_probabilities_or_not_only_where_it_is_shown(bounds: Bounds, expected: bool | None) -> None:
    facts = strategy_facts(row(shifted=bounds, calibrated=bounds))
    assert (facts["shift_suffices"], facts["is_probability"]) == (expected, expected)


def test_57_expected_frauds_of_which_51_came_show_nothing() -> None:
    rng = np.random.default_rng(0)
    p = rng.beta(0.05, 1.0, 4_000)
    p *= 57.6 / p.sum()
    y = np.zeros(p.size, dtype=bool)
    y[:51] = True
    low, high = mean_score_interval(y, p)
    assert strategy_facts(row(calibrated=(low, high)))["is_probability"] is None


def test_a_strategy_that_shifts_nothing_has_no_verdict_on_its_shift() -> None:
    unshifted = row(shifted=(19.0, 21.0))
    assert unshifted["calibration"]["shifted"] == unshifted["calibration"]["raw"]
    assert strategy_facts(unshifted)["shift_suffices"] is None


def test_a_strategy_without_an_exact_shift_has_no_verdict_on_it() -> None:
    assert strategy_facts(row())["shift_suffices"] is None


def test_the_kind_with_the_most_missed_frauds_is_named_with_its_share() -> None:
    facts = strategy_facts(row([("spree", 100, 0.9), ("testing", 20, 0.0), ("none found", 0, None)]))
    assert facts["most_missed"] == {"fraud_type": "testing", "share_of_missed": pytest.approx(2 / 3)}


@pytest.mark.parametrize("kinds", [[], [("spree", 10, 0.5)], [("spree", 10, 1.0), ("testing", 5, 1.0)]])
def test_one_kind_or_nothing_missed_names_no_kind(kinds: list[tuple[str, int, float | None]]) -> None:
    assert strategy_facts(row(kinds))["most_missed"] is None
