"""The table of strategies: names, knobs, and errors for wrong ones."""

import math
from functools import partial

import numpy as np
import pytest

from fraud.errors import StrategyError
from fraud.imbalance.losses import WeightedBCE
from fraud.imbalance.rows import random_over
from fraud.imbalance.strategies import FAMILIES, STRATEGIES, Strategy, get_strategy, strategy_names
from fraud.imbalance.weights import ClassCounts, class_weights


def test_every_strategy_of_the_design_is_there():
    assert set(strategy_names()) == {
        *("none", "weight-inverse", "weight-normalized", "weight-sqrt", "weight-log", "weight-effective"),
        *("weight-tuned", "weight-learned", "focal", "over-random", "over-smote", "over-borderline", "over-adasyn"),
        *("under-random", "under-nearmiss", "under-tomek", "combined-smote-tomek", "combined-smote-enn"),
        *("combined-smote-under", "batch-balanced"),
    }


def test_names_come_family_by_family():
    families = [STRATEGIES[name].family for name in strategy_names()]
    assert list(dict.fromkeys(families)) == list(FAMILIES)
    assert families == sorted(families, key=FAMILIES.index)


@pytest.mark.parametrize("scheme", ["inverse", "normalized", "sqrt", "log", "effective"])
def test_a_weighting_strategy_has_the_weights_of_its_scheme(scheme):
    counts = ClassCounts(negative=1000, positive=10)
    assert get_strategy(f"weight-{scheme}").loss(counts).weights == class_weights(scheme, counts)


def test_a_strategy_with_a_correction_can_be_tuned_and_its_default_is_balance():
    tunable = {name for name in strategy_names() if get_strategy(name).is_tunable}
    sampled = {name for name in strategy_names() if get_strategy(name).sampler}
    assert tunable == sampled - {"under-tomek"} | {"weight-tuned"}
    assert {get_strategy(name).settings["correction"] for name in tunable} == {1.0}


@pytest.mark.parametrize(
    ("name", "knobs", "expected"),
    [
        ("none", {}, 0.0),
        ("weight-sqrt", {}, 0.5),
        ("weight-inverse", {}, 1.0),
        ("weight-normalized", {}, 1.0),
        ("weight-log", {}, math.log(math.log1p(101) / math.log1p(101 / 100)) / math.log(100)),
        ("weight-effective", {"beta": 0.0}, 0.0),
        ("weight-tuned", {"correction": 0.3}, 0.3),
        ("over-smote", {"correction": 0.25}, 0.25),
        ("batch-balanced", {}, 1.0),
        ("under-tomek", {}, None),
        ("focal", {}, None),
        ("weight-learned", {}, None),
    ],
)
def test_a_strategy_knows_how_strongly_it_corrects_the_imbalance(name, knobs, expected):
    found = get_strategy(name, **knobs).correction(ClassCounts(negative=10_000, positive=100))
    assert found == (expected if expected is None else pytest.approx(expected))


def test_balanced_classes_need_no_correction():
    assert get_strategy("weight-inverse").correction(ClassCounts(negative=5, positive=5)) == 0.0


def test_setting_a_knob_leaves_the_table_alone():
    tuned = get_strategy("over-smote", correction=0.1)
    assert tuned.settings == {"correction": 0.1, "neighbours": 5}
    assert get_strategy("over-smote").settings["correction"] == 1.0


@pytest.mark.parametrize(
    ("name", "knobs", "message"),
    [
        ("wieght-sqrt", {}, "unknown strategy 'wieght-sqrt'; known: none, .*Did you mean 'weight-sqrt'?"),
        ("over-smote", {"corection": 0.5}, "unknown knob 'corection'; its knobs: correction, neighbours. Did you mean"),
        ("weight-sqrt", {"ratio": 0.5}, "unknown knob 'ratio'; it has none"),
        ("over-random", {"correction": 1.5}, r"correction must be in \[0, 1\], 0 for no correction .*, found 1.5"),
        ("over-random", {"correction": "all"}, "found 'all'"),
        ("over-random", {"correction": None}, "found None"),
        ("over-smote", {"neighbours": 2.5}, "neighbours must be a whole number of 1 or more"),
        ("focal", {"gamma": -1}, "gamma must be 0 or more"),
        ("under-nearmiss", {"version": 2}, "version must be 1 or 3"),
        ("weight-effective", {"beta": True}, "beta must be"),
        ("weight-tuned", {"correction": -0.1}, "correction must be in"),
    ],
)
def test_a_wrong_name_or_knob_is_answered_with_what_is_known(name, knobs, message):
    with pytest.raises(StrategyError, match=message) as caught:
        get_strategy(name, **knobs)
    assert "\n" not in str(caught.value)


def test_a_strategy_changes_rows_or_loss_never_both():
    with pytest.raises(StrategyError, match="a strategy changes one of them"):
        Strategy(
            name="both", family="combined", sampler=random_over, loss_maker=partial(WeightedBCE.from_scheme, "inverse")
        )


@pytest.mark.parametrize(
    ("X", "y", "options", "message"),
    [
        (np.zeros((4, 2), np.float32), np.zeros(3, np.int8), {}, r"found \(4, 2\) and \(3,\)"),
        (np.zeros((4, 2)), np.array([0, 0, 0, 1]), {}, "expected X in float32, found float64"),
        (np.zeros((4, 2), np.float32), np.array([0, 0, -1, 1]), {}, "expected labels 0 and 1, found .*-1"),
        (np.zeros((4, 2), np.float32), np.zeros(4, np.int8), {}, "at least one fraudulent row, found 0"),
        (np.zeros((4, 2), np.float32), np.array([0, 0, 0, 1]), {"categorical": (2,)}, "outside the 2 columns"),
        (np.zeros((4, 2), np.float32), np.array([0, 0, 0, 1]), {"row_cap": 5}, "row_cap must be 20 or more"),
    ],
)
def test_rows_that_do_not_fit_are_refused_by_every_strategy(X, y, options, message):
    for name in ("none", "weight-sqrt", "over-smote"):
        with pytest.raises(StrategyError, match=message):
            get_strategy(name).rows(X, y, rng=np.random.default_rng(0), **options)
