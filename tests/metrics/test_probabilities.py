"""Calibration figures against scikit-learn and a count by hand."""

import math

import numpy as np
import pytest
from sklearn import metrics as reference

from fraud.errors import TargetError
from fraud.metrics import (
    brier,
    expected_calibration_error,
    log_loss,
    mean_score_interval,
    mean_score_over_prevalence,
    reliability_curve,
)


@pytest.fixture
def calibrated() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    p = rng.beta(0.05, 5.0, 100_000).clip(1e-6, 1)
    return rng.random(p.size) < p, p


def test_brier_and_log_loss_agree_with_scikit_learn(calibrated):
    y, p = calibrated
    assert brier(y, p) == pytest.approx(reference.brier_score_loss(y, p))
    assert log_loss(y, p) == pytest.approx(reference.log_loss(y, p))


def test_log_loss_stays_finite_at_certain_mistakes():
    assert log_loss([1, 0], [0.0, 1.0]) == pytest.approx(-math.log(1e-7))


def test_true_probabilities_are_calibrated_and_inflated_ones_are_not(calibrated):
    y, p = calibrated
    assert mean_score_over_prevalence(y, p) == pytest.approx(1, abs=0.1)
    assert expected_calibration_error(y, p) < 0.001
    assert mean_score_over_prevalence(y, np.minimum(10 * p, 1)) > 5
    assert expected_calibration_error(y, np.minimum(10 * p, 1)) > 0.02


@pytest.mark.parametrize("frauds", [10, 51, 150])
def test_the_interval_of_a_calibrated_model_holds_1_as_often_as_it_says(frauds):
    rng = np.random.default_rng(frauds)
    p = rng.beta(0.05, 5.0, 20_000)
    p *= frauds / p.sum()
    held = []
    for _ in range(400):
        low, high = mean_score_interval(rng.random(p.size) < p, p)
        held.append(low <= 1 <= high)
    assert 0.93 <= np.mean(held) <= 0.99


def test_the_interval_of_frauds_that_come_in_bursts_is_as_wide_as_their_cards_are_few(calibrated):
    y, p = calibrated
    alone, burst = mean_score_interval(y, p), mean_score_interval(np.repeat(y, 10), np.repeat(p, 10))
    card = np.repeat(np.arange(y.size), 10)
    by_card = mean_score_interval(np.repeat(y, 10), np.repeat(p, 10), card=card)
    assert by_card == pytest.approx(alone, rel=0.01)
    assert burst[1] - burst[0] < 0.5 * (by_card[1] - by_card[0])


def test_an_inflated_score_is_beyond_chance_and_nothing_has_no_interval(calibrated):
    y, p = calibrated
    assert mean_score_interval(y, np.minimum(10 * p, 1))[0] > 3
    assert all(math.isnan(one) for one in mean_score_interval([0, 0], [0.1, 0.2]))
    assert math.isinf(mean_score_interval([1, 0], [0.9, 0.2])[1])


def test_predicting_nothing_errs_by_the_prevalence(calibrated):
    y, _ = calibrated
    assert expected_calibration_error(y, np.zeros(y.size)) == pytest.approx(y.mean())


def test_errors_that_cancel_in_bins_of_equal_rows_are_seen():
    # 1 % of the rows: score 0.9, half of them; score 0.1, the other half. Frauds: 50 % in both.
    p = np.concatenate([np.full(9900, 0.0), np.full(50, 0.1), np.full(50, 0.9)])
    y = np.concatenate([np.zeros(9900), np.tile([0, 1], 50)])
    equal_rows = [abs(p[part].mean() - y[part].mean()) for part in np.array_split(np.arange(10_000), 20)]
    assert np.mean(equal_rows) < 1e-9
    assert expected_calibration_error(y, p) == pytest.approx(0.01 * 0.4)


def test_the_curve_agrees_with_a_loop_over_rows(calibrated):
    y, p = calibrated[0][:3000], np.round(calibrated[1][:3000], 3)
    bins: dict[int, list[int]] = {}
    half_way = 0.0
    for value in sorted(set(p.tolist())):
        rows = np.flatnonzero(p == value)
        mass = rows.size / p.size / 2 + rows.size * value / p.sum() / 2
        bins.setdefault(int((half_way + mass / 2) * 30), []).extend(rows.tolist())
        half_way += mass
    curve = reliability_curve(y, p, bins=30)
    assert [one.count for one in curve] == [len(rows) for rows in bins.values()]
    assert [one.score for one in curve] == pytest.approx([p[rows].mean() for rows in bins.values()])
    assert [one.observed for one in curve] == pytest.approx([y[rows].mean() for rows in bins.values()])


def test_equal_scores_share_a_bin_and_row_order_does_not_matter(calibrated):
    y, p = calibrated
    p = np.round(p, 2)
    order = np.random.default_rng(0).permutation(p.size)
    assert len(reliability_curve(y, np.full(p.size, 0.3))) == 1
    first, again = reliability_curve(y, p), reliability_curve(y[order], p[order])
    assert [one.count for one in first] == [one.count for one in again]


def test_logits_are_refused_and_nothing_is_nan():
    with pytest.raises(TargetError, match=r"expected probabilities in \[0, 1\], found -2 to 3; take the sigmoid"):
        brier([0, 1], [-2.0, 3.0])
    assert math.isnan(mean_score_over_prevalence([0, 0], [0.1, 0.2]))
    assert math.isnan(brier([], []))
    assert math.isnan(log_loss([], []))
    assert math.isnan(expected_calibration_error([], []))
