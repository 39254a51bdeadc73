"""Guards: what each of them catches; correct windows pass. Mistakes planted into a run: ``tests/behaviour``."""

import dataclasses

import numpy as np
import pytest

from fraud.errors import LeakageError
from fraud.imbalance.guards import (
    check_prevalence,
    check_training_rows,
    check_untouched,
    check_weight_counts,
    fingerprint,
)
from fraud.imbalance.rows import NaturalRows
from fraud.imbalance.strategies import get_strategy
from fraud.imbalance.weights import ClassCounts

ROWS, TRAIN = 4000, 3000


@pytest.fixture
def table():
    """A feature table in the order of time: the first 3,000 rows train, the last 1,000 test."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((ROWS, 4), dtype=np.float32)
    return X, (rng.random(ROWS) < 0.05).astype(np.int8)


def sampled(name, X, y):
    return get_strategy(name).rows(X, y, rng=np.random.default_rng(0))


def test_correct_windows_pass_every_guard(table):
    X, y = table
    before = fingerprint(X[TRAIN:], y[TRAIN:])
    rows = sampled("over-smote", X[:TRAIN], y[:TRAIN])
    check_training_rows(rows, X[:TRAIN], y[:TRAIN])
    check_weight_counts(ClassCounts.of(y[:TRAIN]), y[:TRAIN])
    check_prevalence(y[TRAIN:], ClassCounts.of(y[TRAIN:]), window="test")
    check_untouched(before, X[TRAIN:], y[TRAIN:], window="test")


def test_a_rebalanced_validation_set_is_caught_even_at_its_old_size(table):
    y = table[1][TRAIN:]
    planted = np.repeat(np.array([0, 1], dtype=np.int8), len(y) // 2)
    with pytest.raises(LeakageError, match=r"validation: 500 frauds in 1000 rows \(50.000%\), the store has"):
        check_prevalence(planted, ClassCounts.of(y), window="validation")


@pytest.mark.parametrize("write", ["X", "y", "dtype", "order"])
def test_whatever_writes_into_a_window_is_caught(table, write):
    X, y = table
    before = fingerprint(X, y)
    X, y = X.copy(), y.copy()
    if write == "X":
        X[5, 1] += 1e-6
    elif write == "y":
        y[5] = 1 - y[5]
    elif write == "dtype":
        X = X.astype(np.float64)
    else:
        X[[0, 1]] = X[[1, 0]]
    with pytest.raises(LeakageError, match="validation: its rows or labels were changed"):
        check_untouched(before, X, y, window="validation")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"positive": 1}, "1 frauds and .* genuine rows stated"),
        ({"index": np.array([0, 10**6])}, "reaches outside"),
        ({"index": np.array([-1, 0])}, "reaches outside"),
        ({"synthetic_X": np.zeros((5, 4), np.float32)}, "with .* labels, expected 4 columns"),
        ({"synthetic_y": None}, "synthetic rows without labels"),
    ],
)
def test_a_sampler_whose_rows_contradict_its_counts_is_caught(table, change, message):
    X, y = table[0][:TRAIN], table[1][:TRAIN]
    rows = dataclasses.replace(sampled("over-smote", X, y), **change)
    with pytest.raises(LeakageError, match=message):
        check_training_rows(rows, X, y)


def test_a_synthetic_genuine_row_is_caught(table):
    X, y = table[0][:TRAIN], table[1][:TRAIN]
    rows = sampled("over-smote", X, y)
    rows.synthetic_y[0] = 0
    with pytest.raises(LeakageError, match="a synthetic row is not a fraud"):
        check_training_rows(rows, X, y)


def test_a_sampler_cannot_replace_the_rows_that_it_was_given(table):
    X, y = table
    natural = NaturalRows(X=X, y=y, categorical=(), rng=np.random.default_rng(0), row_cap=1000)
    with pytest.raises(dataclasses.FrozenInstanceError):
        natural.X = X * 2
