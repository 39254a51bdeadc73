"""What a strategy's figures imply, at the edges of the ranges."""

from typing import Any

import pytest

from fraud.evaluation.record.strategy_facts import strategy_facts


def row(kinds: list[tuple[str, int, float | None]] | None = None, **ratios: float | None) -> dict[str, Any]:
    stages = {name: {"mean_score_over_prevalence": ratio} for name, ratio in ratios.items()}
    found = [
        {"fraud_type": kind, "frauds": frauds, "recall": None if mean is None else {"mean": mean}}
        for kind, frauds, mean in kinds or []
    ]
    return {"calibration": {"shifted": None, **stages}, "recall_by_type": found}


@pytest.mark.parametrize(
    ("shifted", "calibrated", "expected"),
    [(0.85, 1.1, (True, True)), (0.84, 1.11, (False, False)), (1.16, 0.89, (False, False)), (None, None, (None, None))],
)
def test_scores_are_held_against_the_prevalence(
    shifted: float | None, calibrated: float | None, expected: tuple[bool | None, bool | None]
) -> None:
    facts = strategy_facts(row(shifted=shifted, calibrated=calibrated))
    assert (facts["shift_suffices"], facts["is_probability"]) == expected


def test_a_strategy_without_an_exact_shift_has_no_verdict_on_it() -> None:
    assert strategy_facts(row())["shift_suffices"] is None


def test_the_kind_with_the_most_missed_frauds_is_named_with_its_share() -> None:
    facts = strategy_facts(row([("spree", 100, 0.9), ("testing", 20, 0.0), ("none found", 0, None)]))
    assert facts["most_missed"] == {"fraud_type": "testing", "share_of_missed": pytest.approx(2 / 3)}


@pytest.mark.parametrize("kinds", [[], [("spree", 10, 0.5)], [("spree", 10, 1.0), ("testing", 5, 1.0)]])
def test_one_kind_or_nothing_missed_names_no_kind(kinds: list[tuple[str, int, float | None]]) -> None:
    assert strategy_facts(row(kinds))["most_missed"] is None
