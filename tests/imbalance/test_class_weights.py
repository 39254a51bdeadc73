"""Class weights: the formulas, their limits and their ratios."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.errors import StrategyError, TargetError
from fraud.imbalance.weights import SCHEMES, ClassCounts, ClassWeights, class_weights, corrected, effective

COUNTS = ClassCounts(negative=990, positive=10)
counts = st.builds(ClassCounts, negative=st.integers(1, 10**8), positive=st.integers(1, 10**6))


def test_one_fraud_to_ten_genuine_gives_a_pos_weight_of_ten():
    weights = class_weights("inverse", ClassCounts(negative=1000, positive=100))
    assert weights.pos_weight == 10
    assert (weights.positive, weights.negative) == (11, 1.1)


@pytest.mark.parametrize(
    ("scheme", "positive", "negative"),
    [
        ("inverse", 100, 1000 / 990),
        ("normalized", 0.99, 0.01),
        ("sqrt", 10, math.sqrt(1000 / 990)),
        ("log", math.log(101), math.log(1 + 1000 / 990)),
    ],
)
def test_each_scheme_is_its_formula(scheme, positive, negative):
    weights = class_weights(scheme, COUNTS)
    assert weights.positive == pytest.approx(positive, rel=1e-12)
    assert weights.negative == pytest.approx(negative, rel=1e-12)


def test_effective_number_of_samples_is_that_of_the_paper():
    beta = 0.99
    expected = [(1 - beta) / (1 - beta**n) for n in (COUNTS.negative, COUNTS.positive)]
    weights = effective(COUNTS, beta=beta)
    assert weights.positive / weights.negative == pytest.approx(expected[1] / expected[0], rel=1e-12)
    assert weights.positive + weights.negative == pytest.approx(2)


def test_effective_runs_from_no_weighting_to_inverse():
    assert effective(COUNTS, beta=0.0).pos_weight == 1
    assert effective(COUNTS, beta=1 - 1e-12).pos_weight == pytest.approx(99, rel=1e-6)


@given(counts)
def test_inverse_and_normalized_differ_by_scale_alone(counts):
    inverse, normalized = class_weights("inverse", counts), class_weights("normalized", counts)
    assert inverse.pos_weight == pytest.approx(normalized.pos_weight, rel=1e-9)
    scale = counts.positive * counts.negative / counts.total**2
    assert normalized.positive == pytest.approx(inverse.positive * scale, rel=1e-9)


@given(counts, st.sampled_from(sorted(SCHEMES.keys() - {"corrected"})))
def test_the_rarer_class_never_weighs_less(counts, scheme):
    weights = class_weights(scheme, counts)
    if counts.positive <= counts.negative:
        assert weights.positive >= weights.negative * (1 - 1e-12)
    assert weights.logit_shift == pytest.approx(math.log(weights.positive / weights.negative))


@given(counts, st.floats(0, 1))
def test_a_correction_is_a_share_of_the_log_odds_and_keeps_the_mean_weight_at_one(counts, correction):
    weights = class_weights("corrected", counts, correction=correction)
    mean = (weights.positive * counts.positive + weights.negative * counts.negative) / counts.total
    assert mean == pytest.approx(1)
    assert weights.logit_shift == pytest.approx(-correction * counts.log_odds)
    assert math.log(counts.odds_at(correction)) == pytest.approx(counts.log_odds + weights.logit_shift)


@pytest.mark.parametrize(("scheme", "correction"), [("sqrt", 0.5), ("inverse", 1.0), ("normalized", 1.0)])
def test_the_named_schemes_are_points_of_the_line(scheme, correction):
    expected = class_weights(scheme, COUNTS).pos_weight
    assert corrected(COUNTS, correction=correction).pos_weight == pytest.approx(expected)


def test_counts_are_taken_from_labels():
    counts = ClassCounts.of(np.array([0, 1, 0, 0], dtype=np.int8))
    assert counts == ClassCounts(negative=3, positive=1)
    assert counts.prevalence == 0.25
    assert counts.log_odds == pytest.approx(math.log(1 / 3))


@pytest.mark.parametrize(
    ("negative", "positive", "message"),
    [(0, 5, r"one genuine row, .* \[columns\] is_fraud"), (5, 0, "one fraudulent row, .* widen the training window")],
)
def test_a_class_without_rows_is_named_with_its_fix(negative, positive, message):
    with pytest.raises(StrategyError, match=message):
        ClassCounts(negative=negative, positive=positive)


@pytest.mark.parametrize("weight", [0.0, -1.0, math.nan, math.inf])
def test_weights_must_be_finite_and_above_zero(weight):
    with pytest.raises(StrategyError, match="positive must be a finite number above 0"):
        ClassWeights(negative=1.0, positive=weight)


def test_faults_name_what_is_known():
    with pytest.raises(StrategyError, match="unknown scheme 'square'; known schemes: inverse"):
        class_weights("square", COUNTS)
    with pytest.raises(StrategyError, match=r"beta must be in \[0, 1\)"):
        effective(COUNTS, beta=1.0)
    with pytest.raises(StrategyError, match=r"correction must be in \[0, 1\], found 1.5"):
        corrected(COUNTS, correction=1.5)


@pytest.mark.parametrize("unknown", [2, np.nan])
def test_labels_that_are_neither_fraud_nor_genuine_are_refused(unknown: float) -> None:
    with pytest.raises(TargetError, match="y_true: expected only 0 and 1, found"):
        ClassCounts.of(np.array([0, 1, 0, unknown]))
