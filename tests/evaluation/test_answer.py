"""The answer in words says what the comparisons say, and no more."""

import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.answer import describe_policy, write_answer
from fraud.evaluation.statistics import Comparison

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
    """A comparison of ``name`` with weight-sqrt, told from either side."""
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
        trap_accuracy=0.99115,
    )["text"]


@pytest.mark.parametrize("flipped", [False, True])
def test_every_verdict_has_its_words_whichever_side_it_is_told_from(flipped):
    text = answer(
        against_chosen("none", -0.008, 0.004, "equivalent", flipped=flipped),
        against_chosen("over-random", -0.02, 0.03, "inconclusive", flipped=flipped),
        against_chosen("under-random", -0.07, 0.04, "b", flipped=flipped),
    )
    assert text.startswith(
        "Weight the loss by the square root of the class ratio (chosen on validation; leaving the loss and the rows as "
        "they are is as good, within the margin). At 100 alerts a day"
    )
    assert "it finds 71 of 100 frauds (between 68 and 74)." in text
    assert "Doing nothing about the imbalance finds 70 (equivalent within the margin: −1, between −1 and 0)" in text
    assert "oversampling finds 69 (no difference that this data can show: −2, between −5 and +1)" in text
    assert "undersampling finds 64 (fewer: −7, between −11 and −3)" in text
    assert "nor ruled out: the intervals leave it open" in text
    assert "An accuracy of 99.1 % needs no model at all" in text


def test_a_difference_too_small_to_picture_is_not_spelled_as_nothing_between_nothing_and_nothing():
    text = answer(
        against_chosen("none", 0.001, 0.003, "equivalent"), against_chosen("over-random", -0.009, 0.003, "equivalent")
    )
    assert "equivalent within the margin: less than 1 of 100 apart" in text
    assert "equivalent within the margin: −1, give or take less than 1" in text


@pytest.mark.parametrize(
    ("over", "under", "said"),
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
def test_the_forum_claim_is_judged_by_the_families_best(over, under, said):
    text = answer(against_chosen("over-random", 0.0, 0.05, over), against_chosen("under-random", 0.0, 0.05, under))
    assert f"The claim that over- or undersampling is better than weighting {said}" in text


def test_a_choice_that_beats_nobody_is_not_sold_as_a_finding():
    text = answer(against_chosen("over-random", -0.02, 0.03, "inconclusive"))
    assert "this test window does not show it to be better than the others" in text


def test_a_choice_that_beats_plain_training_stands_without_a_caveat():
    text = answer(against_chosen("none", -0.06, 0.02, "b"), against_chosen("under-random", -0.07, 0.04, "b"))
    assert text.startswith("Weight the loss by the square root of the class ratio (chosen on validation). At 100")


@pytest.mark.parametrize(
    ("value", "said"), [(100, "100 alerts"), (12345, "12,345 alerts"), (1, "1 alert"), (4.8214, "4.8 alerts")]
)
def test_a_budget_is_a_number_that_a_person_reads(value, said):
    assert describe_policy(PolicyConfig(kind="alerts_per_day", value=value)) == f"At {said} a day"


def test_where_nothing_beats_chance_nothing_else_is_claimed():
    said = write_answer(
        [row(name) for name in RECALLS],
        [against_chosen("none", -0.06, 0.02, "b")],
        chosen="weight-sqrt",
        family_best=FAMILIES,
        policy=POLICY,
        margin=0.02,
        trap_accuracy=0.99,
        chance=0.7,
    )["text"]
    assert said.startswith("No strategy finds more fraud than chance at this budget. At 100 alerts a day raised at")
    assert "70 of 100 frauds would be found; weight-sqrt, chosen on validation, finds 71 (between 68 and 74)" in said
    assert "claim" not in said
    assert "(chosen" not in said


def test_the_claim_names_only_families_that_were_trained():
    trained = {family: name for family, name in FAMILIES.items() if family != "oversampling"}
    text = answer(against_chosen("under-random", -0.07, 0.04, "b"), families=trained)
    assert "The claim that undersampling is better than weighting is refuted here" in text
