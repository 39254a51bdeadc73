"""The answer in words states what the comparisons show, and no more."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.config import PolicyConfig
from fraud.evaluation.budgets import BudgetLimits
from fraud.evaluation.record.answer import describe_policy, write_answer
from fraud.evaluation.statistics.verdicts import Comparison

RECALLS = {"weight-sqrt": 0.71, "none": 0.702, "over-random": 0.69, "under-random": 0.64}
FAMILIES = {
    "none": "none",
    "weighting": "weight-sqrt",
    "oversampling": "over-random",
    "undersampling": "under-random",
}
POLICY = PolicyConfig(kind="alerts_per_day", value=100)


def row(name):
    recall = RECALLS[name]
    return {
        "name": name,
        "recall": {"mean": recall, "low": recall - 0.03, "high": recall + 0.03},
        "amount_recall": None,
    }


def against_chosen(name, difference, half, verdict, *, flipped=False):
    """A comparison of ``name`` with weight-sqrt, compared from either side."""
    a, b, sign = ("weight-sqrt", name, -1) if flipped else (name, "weight-sqrt", 1)
    return Comparison(
        a=a,
        b=b,
        metric="recall",
        difference=sign * difference,
        low=sign * difference - half,
        high=sign * difference + half,
        p_value=0.5,
        verdict={"a": "b", "b": "a"}.get(verdict, verdict) if flipped else verdict,
    )


def answer(*comparisons, chosen="weight-sqrt", families=FAMILIES):
    return write_answer(
        [row(name) for name in RECALLS],
        comparisons,
        chosen=chosen,
        family_best=families,
        policy=POLICY,
        margin=0.02,
        all_genuine_accuracy=0.99115,
    )["text"]


@pytest.mark.parametrize("flipped", [False, True])
def test_every_verdict_has_its_words_whichever_side_it_is_compared_from(flipped):
    text = answer(
        against_chosen("none", -0.008, 0.004, "equivalent", flipped=flipped),
        against_chosen("over-random", -0.02, 0.03, "inconclusive", flipped=flipped),
        against_chosen("under-random", -0.07, 0.04, "b", flipped=flipped),
    )
    assert text.startswith(
        "Weight the loss by the square root of the class ratio (best on validation; doing nothing about the "
        "imbalance is as good, within the margin): at 100 alerts a day it finds 71 of 100 frauds (between 68 and 74). "
        "Oversampling finds 69"
    )
    assert "Doing nothing about the imbalance finds 70 (equivalent within the margin: −1, between −1 and 0)" in text
    assert "Oversampling finds 69 (no difference shown: −2, between −5 and +1)" in text
    assert "undersampling finds 64 (fewer: −7, between −11 and −3)" in text
    assert "nor ruled out: the intervals leave it open" in text
    assert "An accuracy of 99.1 % needs no model at all" in text


def answer_for(chosen, other, low, high, verdict):
    """The answer on doing nothing beside weight-sqrt, of two recalls and their difference's interval."""
    rows = [
        {"name": name, "recall": {"mean": recall, "low": recall - 0.03, "high": recall + 0.03}}
        for name, recall in (("weight-sqrt", chosen), ("none", other))
    ]
    difference = other - chosen
    one = Comparison(
        a="none",
        b="weight-sqrt",
        metric="recall",
        difference=difference,
        low=low,
        high=high,
        p_value=0.5,
        verdict=verdict,
    )
    families = {"none": "none", "weighting": "weight-sqrt"}
    settings = {
        "chosen": "weight-sqrt",
        "family_best": families,
        "policy": POLICY,
        "margin": 0.02,
        "all_genuine_accuracy": 0.99,
    }
    return write_answer(rows, [one], **settings)["text"]


def test_a_difference_below_one_of_100_is_not_printed_as_0_between_0_and_0():
    assert "finds 71 (equivalent within the margin: less than 1 of 100 apart)" in answer_for(
        0.711, 0.712, -0.002, 0.004, "equivalent"
    )
    assert "finds 70 (equivalent within the margin: −1, give or take less than 1)" in answer_for(
        0.711, 0.702, -0.012, -0.006, "equivalent"
    )


def test_a_shown_difference_is_never_printed_as_0():
    assert "finds 71 (more: less than 1 of 100, between just above 0 and +1)" in answer_for(
        0.706, 0.712, 0.003, 0.009, "a"
    )
    assert "finds 69 (fewer: −2, between −4 and just below 0)" in answer_for(0.71, 0.692, -0.036, -0.001, "b")


def test_an_interval_without_zero_that_shows_nothing_is_not_called_no_difference():
    assert "finds 78 (possibly fewer, not significant: −6, between −12 and −3)" in answer_for(
        0.841, 0.776, -0.116, -0.03, "inconclusive"
    )
    several = answer(
        against_chosen("none", -0.008, 0.004, "inconclusive"),
        against_chosen("over-random", -0.02, 0.03, "inconclusive"),
    )
    assert (
        "finds 70 (possibly fewer, not significant after correction for multiple comparisons: −1, between −1 and just "
        "below 0)" in several
    )
    assert "finds 69 (no difference shown: −2, between −5 and +1)" in several


@given(
    chosen=st.floats(0, 1),
    other=st.floats(0, 1),
    below=st.floats(1e-6, 0.3),
    above=st.floats(1e-6, 0.3),
    close=st.booleans(),
)
def test_what_is_printed_of_two_strategies_adds_up(chosen, other, below, above, close):
    difference = other - chosen
    low, high = difference - below, difference + above
    verdict = "equivalent" if close else "a" if low > 0 else "b" if high < 0 else "inconclusive"
    text = answer_for(chosen, other, low, high, verdict).replace("−", "-")
    finds = [int(number) for number in re.findall(r"finds (\d+) ", text)]
    printed = re.search(r"nothing about the imbalance finds \d+ \(\D*: (.*?)\)", text)[1]
    point = 0 if printed.startswith("less than 1") else int(re.match(r"[+-]?\d+", printed)[0])
    assert point == finds[1] - finds[0]
    ends = re.search(r"between (.*) and (.*)", printed)
    if ends is None:
        assert max(abs(100 * end - point) for end in (low, high)) <= 1 + 1e-9
        return
    least, most = (0 if "just" in end else int(end) for end in ends.groups())
    assert least <= point <= most
    assert -1 - 1e-9 <= least - 100 * low <= 0.5 + 1e-9
    assert -0.5 - 1e-9 <= most - 100 * high <= 1 + 1e-9
    assert ("just above 0" in printed) == (verdict != "equivalent" and low > 0 and least == 0)
    assert ("just below 0" in printed) == (verdict != "equivalent" and high < 0 and most == 0)


@pytest.mark.parametrize(
    ("over", "under", "expected"),
    [
        ("a", "inconclusive", "holds here for over-random."),
        ("b", "b", "is refuted here: weighting finds more."),
        (
            "equivalent",
            "b",
            "is not borne out here: resampling finds as much at best, give or take a margin of 2 of 100 frauds.",
        ),
        ("equivalent", "inconclusive", "is not borne out by this data, nor ruled out"),
    ],
)
def test_the_claim_under_test_is_judged_by_the_families_best(over, under, expected):
    text = answer(against_chosen("over-random", 0.0, 0.05, over), against_chosen("under-random", 0.0, 0.05, under))
    assert f"The claim that over- or undersampling is better than weighting {expected}" in text


def test_a_choice_that_beats_no_other_is_not_presented_as_a_finding():
    text = answer(against_chosen("over-random", -0.02, 0.03, "inconclusive"))
    assert "(best on validation, not shown to be better than the others): at 100 alerts a day" in text


def test_a_choice_that_beats_plain_training_stands_without_a_caveat():
    text = answer(against_chosen("none", -0.06, 0.02, "b"), against_chosen("under-random", -0.07, 0.04, "b"))
    assert text.startswith("Weight the loss by the square root of the class ratio (best on validation): at 100")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(100, "100 alerts"), (12345, "12,345 alerts"), (1, "1 alert"), (1.04, "1 alert"), (4.8214, "4.8 alerts")],
)
def test_a_budget_is_a_number_that_a_person_reads(value, expected):
    assert describe_policy(PolicyConfig(kind="alerts_per_day", value=value)) == f"At {expected} a day"


FAMILY = re.compile(r"(none|[Ww]eighting|[Oo]versampling|[Uu]ndersampling|[Dd]oing nothing)[\w ]* finds \d+ \(")


@pytest.mark.parametrize(
    ("chosen", "second", "further"),
    [
        ("weight-sqrt", ["Oversampling", "undersampling"], ["Doing nothing"]),
        ("none", ["Oversampling", "undersampling"], ["Weighting"]),
        ("over-random", ["Weighting", "undersampling"], ["Doing nothing"]),
    ],
)
def test_the_second_sentence_compares_the_questioned_families_with_the_choice_and_a_third_the_rest(
    chosen, second, further
):
    sentences = re.split(r"(?<=[.])\s+", answer(chosen=chosen))
    assert [FAMILY.findall(sentence) for sentence in sentences[:3]] == [[], second, further]


def judged(**facts):
    """The answer where each row has these facts of the tests against chance, or the budget these limits."""
    budget = facts.pop("budget", None)
    return write_answer(
        [row(name) | {"roc_auc": {"mean": 0.832}} | facts for name in RECALLS],
        [against_chosen("none", -0.06, 0.02, "b")],
        chosen="weight-sqrt",
        family_best=FAMILIES,
        policy=POLICY,
        margin=0.02,
        all_genuine_accuracy=0.99,
        chance=0.7,
        budget=budget,
    )["text"]


def test_where_no_ranking_is_above_chance_no_model_is_recommended():
    text = judged(ranks_above_chance=False, finds_above_chance=False)
    assert text.startswith(
        "No strategy is shown to rank fraud above the rest: do not use this model. At 100 alerts a day"
    )
    assert "weight-sqrt, chosen on validation, finds 71 of 100 frauds (between 68 and 74)" in text
    assert "as many random alerts find 70 on average" in text
    assert "claim" not in text
    assert "(best" not in text


def test_what_is_not_shown_at_the_budget_is_called_not_shown_and_the_model_is_not_condemned():
    text = judged(ranks_above_chance=True, finds_above_chance=False)
    assert text.startswith("No strategy is shown to find more than random alerts at this budget.")
    assert "Its ranking is shown to be better than chance (ROC AUC 0.83)" in text
    assert "do not use" not in text


@pytest.mark.parametrize("ranks", [True, False])
def test_more_finds_than_chance_are_enough_for_an_answer(ranks):
    assert judged(ranks_above_chance=ranks, finds_above_chance=True).startswith("Weight the loss")


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (
            {"ceiling": 0.12, "share_of_day": 0.01, "better": 9},
            "At 100 alerts a day no ranking can find more than 12 of 100 frauds, which hardly distinguishes strategies"
            "; "
            "9 alerts a day could. Weight the loss",
        ),
        (
            {"ceiling": 1.0, "share_of_day": 0.8, "better": None},
            "At 100 alerts a day most of a typical day raises an alert (80 %), which hardly distinguishes strategies. "
            "Weight the loss",
        ),
        ({"ceiling": 0.9, "share_of_day": 0.1, "better": 1}, "Weight the loss"),
    ],
)
def test_a_budget_that_cannot_tell_strategies_apart_is_said_first(limits, expected):
    assert judged(budget=BudgetLimits(**limits)).startswith(expected)


def test_the_claim_names_only_families_that_were_trained():
    trained = {family: name for family, name in FAMILIES.items() if family != "oversampling"}
    text = answer(against_chosen("under-random", -0.07, 0.04, "b"), families=trained)
    assert "The claim that undersampling is better than weighting is refuted here" in text
