"""The table of strategies: names, knobs, and errors for wrong ones."""

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


@pytest.mark.parametrize("name", strategy_names())
def test_every_combination_of_knobs_is_a_candidate_once_and_the_default_first(name):
    strategy = get_strategy(name)
    candidates = strategy.candidates()
    assert candidates[0] == strategy.settings
    assert len({tuple(settings.items()) for settings in candidates}) == len(candidates)
    assert len(candidates) == np.prod([len(values) for values in strategy.knobs.values()], dtype=int)
    for settings in candidates:
        assert get_strategy(name, **settings).settings == settings


def test_setting_a_knob_leaves_the_table_alone():
    tuned = get_strategy("over-smote", ratio=0.1)
    assert (tuned.settings["ratio"], get_strategy("over-smote").settings["ratio"]) == (0.1, 1.0)
    assert tuned.candidates()[0] == {"ratio": 0.1, "neighbours": 5}


@pytest.mark.parametrize(
    ("name", "knobs", "message"),
    [
        ("wieght-sqrt", {}, "unknown strategy 'wieght-sqrt'; known: none, .*Did you mean 'weight-sqrt'?"),
        ("over-smote", {"ratios": 0.5}, "unknown knob 'ratios'; its knobs: ratio, neighbours. Did you mean 'ratio'?"),
        ("weight-sqrt", {"ratio": 0.5}, "unknown knob 'ratio'; it has none"),
        ("over-random", {"ratio": 1.5}, r"ratio must be in \(0, 1\], frauds to one genuine row, found 1.5"),
        ("over-random", {"ratio": "all"}, "found 'all'"),
        ("over-random", {"ratio": None}, "found None"),
        ("over-smote", {"neighbours": 2.5}, "neighbours must be a whole number of 1 or more"),
        ("focal", {"gamma": -1}, "gamma must be 0 or more"),
        ("under-nearmiss", {"version": 2}, "version must be 1 or 3"),
        ("weight-effective", {"beta": True}, "beta must be"),
        ("weight-tuned", {"weight_ratio": 0}, "weight_ratio must be above 0"),
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
