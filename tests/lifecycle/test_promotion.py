"""The promotion rule, its figures, and a guard against a decision that contradicts them."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.config import PromotionConfig
from fraud.errors import LeakageError
from fraud.evaluation.statistics.verdicts import Comparison
from fraud.lifecycle.promotion import Decision, check_decision, decide


def compare_on_window(difference: float, low: float, high: float) -> Comparison:
    return Comparison(
        a="challenger",
        b="champion",
        metric="recall",
        difference=difference,
        low=low,
        high=high,
        p_value=0.5,
        verdict="inconclusive",
    )


def decided(low: float, rule: str, margin: float = 0.01, fresher_days: float = 31) -> Decision:
    found = compare_on_window(low + 0.02, low, low + 0.04)
    return decide(found, PromotionConfig(rule=rule, margin=margin), champion=4, fresher_days=fresher_days)


@pytest.mark.parametrize(
    ("rule", "low", "fresher_days", "promoted"),
    [
        ("better", 0.001, 31, True),
        ("better", 0.0, 31, False),
        ("not-worse", -0.009, 31, True),
        ("not-worse", -0.01, 31, False),
        ("not-worse", 0.05, 0, False),
        ("not-worse", 0.05, -7, False),
        ("always", -0.9, -7, True),
        ("never", 0.9, 31, False),
    ],
)
def test_the_rule_decides(rule: str, low: float, fresher_days: float, promoted: bool) -> None:
    assert decided(low, rule, fresher_days=fresher_days).promote is promoted


def test_the_decision_opens_with_what_happens_and_gives_figures_and_rule() -> None:
    kept = decide(compare_on_window(0.02, -0.012, 0.05), PromotionConfig(rule="better"), champion=4, fresher_days=31)
    assert kept.text == (
        "Champion 4 stays: the challenger finds 2.0 more of 100 frauds, between −1.2 and +5.0; "
        "the rule requires evidence that it finds more."
    )
    fresher = decide(
        compare_on_window(0.0, -0.004, 0.004), PromotionConfig(rule="not-worse"), champion=4, fresher_days=31
    )
    assert fresher.text.startswith("The challenger replaces champion 4: the challenger finds as many of 100")
    assert fresher.text.endswith("less than 1 fewer, and newer training data: they end 31 days later.")


@given(
    st.integers(-(10**8), 10**8).map(lambda n: n / 10**9)
    | st.sampled_from([-0.0101, -0.01, -0.00999, -0.004, 0.0, 0.0004, -0.0004]),
    st.sampled_from(["better", "not-worse"]),
    st.sampled_from([0.0, 0.01, 0.025]),
)
def test_whoever_applies_the_rule_to_the_words_decides_as_the_rule_did(low: float, rule: str, margin: float) -> None:
    decision = decided(low, rule, margin)
    lowest = float(re.search(r"between (\S+) and", decision.text)[1].replace("−", "-"))
    assert (lowest > (0 if rule == "better" else -100 * margin)) == decision.promote


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (31, "31 days later"),
        (-7, "7 days earlier"),
        (0.5, "12 hours later"),
        (-1 / 1440, "1 minute earlier"),
        (0, "at the same moment"),
    ],
)
def test_how_much_fresher_the_challenger_is_agrees_with_the_rule_in_words(days: float, words: str) -> None:
    assert decided(0.0, "not-worse", fresher_days=days).text.endswith(f"they end {words}.")


def test_where_rows_stand_for_time_there_are_no_days() -> None:
    found = decide(
        compare_on_window(0, -0.004, 0.004), PromotionConfig(), champion=4, fresher_days=6000 / 86_400, has_days=False
    )
    assert found.fresher == "6,000 rows later"
    assert "day" not in found.text


def report_of(decision: Decision, low: float) -> dict[str, Any]:
    return {
        "decision": decision.as_json(challenger=5),
        "comparisons": [{"a": "challenger", "b": "champion", "metric": "recall", "low": low, "high": low + 0.04}],
        "champion": {"version": 5 if decision.promote else 4},
        "answer": {"text": decision.text},
    }


@given(st.floats(-0.5, 0.5), st.sampled_from(["better", "not-worse", "always", "never"]), st.sampled_from([-7, 0, 31]))
def test_a_report_that_follows_its_rule_passes(low: float, rule: str, fresher_days: int) -> None:
    check_decision(report_of(decided(low, rule, fresher_days=fresher_days), low))


def promote_anyway(report: dict[str, Any]) -> None:
    report["decision"]["promote"] = True


def another_in_use(report: dict[str, Any]) -> None:
    report["champion"]["version"] = 5


def other_words(report: dict[str, Any]) -> None:
    report["answer"]["text"] = "The challenger replaces champion 4: it finds more."


def other_figures(report: dict[str, Any]) -> None:
    report["comparisons"][0]["low"] = 0.02


def other_rule(report: dict[str, Any]) -> None:
    report["decision"]["rule"] = "always"


def other_metric(report: dict[str, Any]) -> None:
    report["comparisons"][0]["metric"] = "precision"


@pytest.mark.parametrize(
    "plant", [promote_anyway, another_in_use, other_words, other_figures, other_rule, other_metric]
)
def test_mistake_14_a_decision_against_its_own_figures_is_stopped(plant: Any) -> None:
    report = report_of(decided(-0.03, "not-worse"), -0.03)
    check_decision(report)
    plant(report)
    with pytest.raises(LeakageError, match="promotion: "):
        check_decision(report)


def test_figures_of_the_wrong_side_decide_nothing() -> None:
    turned = Comparison(
        a="champion", b="challenger", metric="recall", difference=0, low=0, high=0, p_value=1, verdict="equivalent"
    )
    with pytest.raises(LeakageError, match="expected challenger against champion"):
        decide(turned, PromotionConfig(), champion=1, fresher_days=1)
