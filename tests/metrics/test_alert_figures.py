"""Alerts against labels: each figure against scikit-learn or a count by hand."""

import math

import numpy as np
import pytest
from sklearn import metrics as reference

from fraud.errors import TargetError
from fraud.metrics import amount_recall, false_positive_rate, losses, precision, recall, total_cost


@pytest.fixture
def window() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    y = rng.random(500) < 0.1
    alerts = rng.random(500) < 0.1 + 0.5 * y
    return y, alerts, rng.gamma(2.0, 30.0, 500)


def test_shares_agree_with_scikit_learn(window):
    y, alerts, _ = window
    assert recall(y, alerts) == pytest.approx(reference.recall_score(y, alerts))
    assert precision(y, alerts) == pytest.approx(reference.precision_score(y, alerts))
    negatives = reference.confusion_matrix(y, alerts)[0]
    assert false_positive_rate(y, alerts) == pytest.approx(negatives[1] / negatives.sum())


def test_amount_recall_is_recall_weighted_by_money(window):
    y, alerts, amount = window
    assert amount_recall(y, alerts, amount) == pytest.approx(reference.recall_score(y, alerts, sample_weight=amount))


def test_total_cost_adds_every_review_and_every_missed_fraud(window):
    y, alerts, amount = window
    expected = sum(
        3.0 if raised else 0.5 * money * fraud for fraud, raised, money in zip(y, alerts, amount, strict=True)
    )
    assert total_cost(y, alerts, amount=amount, review_cost=3.0, loss_share=0.5) == pytest.approx(expected)


def test_a_missed_refund_is_no_income():
    y, alerts, amount = [1, 1, 1, 0], np.array([True, False, False, False]), [100.0, -50.0, np.nan, 70.0]
    assert losses(amount).tolist() == [100, 0, 0, 70]
    assert amount_recall(y, alerts, amount) == 1.0
    assert total_cost(y, alerts, amount=amount, review_cost=5, loss_share=1) == 5


def test_finding_nothing_has_no_recall(window):
    y, _, _ = window
    assert recall(y, np.zeros(y.size, dtype=bool)) == 0


def test_a_figure_with_nothing_to_divide_by_is_nan():
    none, some = np.zeros(3, dtype=bool), np.array([True, False, False])
    assert math.isnan(recall([0, 0, 0], some))
    assert math.isnan(precision([1, 0, 0], none))
    assert math.isnan(amount_recall([0, 0, 0], some, [1, 1, 1]))
    assert math.isnan(false_positive_rate([1, 1, 1], some))


@pytest.mark.parametrize(
    ("y_true", "alerts", "says"),
    [
        ([[0, 1], [1, 0]], np.zeros(2, dtype=bool), r"y_true: expected shape \(N,\).*one-hot"),
        ([0, 2], np.zeros(2, dtype=bool), "expected only 0 and 1, found .*2"),
        ([0.0, np.nan], np.zeros(2, dtype=bool), "expected only 0 and 1, found .*nan"),
        ([0, 1, 1], np.zeros(2, dtype=bool), r"alerts: expected shape \(3,\), found \(2,\)"),
        ([0, 1], np.array([0.2, 0.7]), "alerts: expected booleans, found float64; choose an operating point"),
    ],
)
def test_inputs_that_do_not_fit_are_named(y_true, alerts, says):
    with pytest.raises(TargetError, match=says):
        recall(y_true, alerts)
