"""Probabilities that can be used: the prior put back, calibrated on validation, never out of order."""

import json
import math

import numpy as np
import pytest
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from fraud.errors import ConfigError, ModelError, TargetError
from fraud.metrics import average_precision, expected_calibration_error, log_loss, mean_score_over_prevalence
from fraud.model.calibration import Calibrator, fit_calibrator, shift_logits

KINDS = ("identity", "temperature", "platt", "isotonic")


def transactions(rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """True log-odds like the handbook's: under 1 % fraud, most of it plain to see, a quarter invisible."""
    odds = np.where(rng.random(rows) < 0.006, rng.normal(2.5, 2.0, rows), rng.normal(-6.5, 0.8, rows))
    return odds, rng.random(rows) < expit(odds)


@pytest.fixture(scope="module")
def window():
    return transactions(np.random.default_rng(12), 60_000)


@pytest.fixture(scope="module")
def later():
    return transactions(np.random.default_rng(13), 60_000)


def test_the_shift_takes_weights_off_again():
    odds = np.array([-3.0, 0.0, 2.0])
    weighted = odds + math.log(50 / 0.5)
    assert shift_logits(weighted, math.log(100)) == pytest.approx(odds)
    assert shift_logits(odds.astype(np.float32), 1.0).dtype == np.float64


@pytest.mark.parametrize(("kind", "slope", "offset"), [("platt", 0.7, 3.0), ("isotonic", 0.7, 3.0)])
def test_distorted_logits_become_probabilities_again(window, later, kind, slope, offset):
    odds, y = window
    calibrator = fit_calibrator(kind, slope * odds + offset, y)
    odds, y = later
    score = calibrator.transform(slope * odds + offset)
    assert calibrator.kind == kind
    assert not calibrator.note
    assert 0.9 < mean_score_over_prevalence(y, score) < 1.1
    assert expected_calibration_error(y, score) <= 0.003
    assert expected_calibration_error(y, expit(slope * odds + offset)) > 0.03


def test_temperature_finds_how_overconfident_the_logits_are(window):
    odds, y = window
    assert fit_calibrator("temperature", 3 * odds, y).slope == pytest.approx(1 / 3, rel=0.05)


def test_platt_agrees_with_scikit_learns_logistic_regression(window):
    odds, y = window
    fitted = LogisticRegression(C=1e8, tol=1e-10, max_iter=1000).fit(odds[:, None] / 3, y)
    calibrator = fit_calibrator("platt", odds / 3, y)
    assert calibrator.slope == pytest.approx(fitted.coef_[0, 0], rel=0.01)
    assert calibrator.intercept == pytest.approx(fitted.intercept_[0], abs=0.03)


def test_isotonic_agrees_with_scikit_learn(window):
    odds, y = window
    expected = IsotonicRegression(out_of_bounds="clip").fit(odds, y).predict(odds)
    score = fit_calibrator("isotonic", odds, y).transform(odds)
    assert np.abs(score - expected).max() < 0.01
    assert np.abs(score - expected).mean() < 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_no_calibration_changes_the_order_of_the_scores(window, later, kind):
    calibrator = fit_calibrator(kind, window[0] * 2, window[1])
    odds, y = later[0] * 2, later[1]
    score = calibrator.transform(odds)
    order = np.argsort(odds)
    assert (np.diff(score[order]) > 0).all()
    assert average_precision(y, score) == average_precision(y, odds)
    assert score.min() > 0
    assert score.max() < 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_calibrator_survives_json(window, kind):
    calibrator = fit_calibrator(kind, *window)
    again = Calibrator.from_dict(json.loads(json.dumps(calibrator.to_dict())))
    assert again == calibrator
    assert np.array_equal(again.transform(window[0]), calibrator.transform(window[0]))


def test_a_saved_calibrator_of_another_shape_is_refused():
    with pytest.raises(ModelError, match=r"calibrator: expected keys .*found \['kind', 'temperature'\]; train again"):
        Calibrator.from_dict({"kind": "temperature", "temperature": 2.0})


def test_platt_stays_finite_where_the_classes_are_separable():
    y = np.arange(1000) < 40
    calibrator = fit_calibrator("platt", np.where(y, 30.0, -30.0), y)
    score = calibrator.transform([-30.0, 30.0])
    assert score == pytest.approx([1 / 962, 41 / 42])


def test_few_frauds_get_a_simpler_calibration_that_says_so():
    odds, y = transactions(np.random.default_rng(1), 60_000)
    frauds, genuine = np.flatnonzero(y), np.flatnonzero(~y)

    def fit(kind, count):
        rows = np.append(frauds[:count], genuine[: count * 100])
        return fit_calibrator(kind, odds[rows] + 2, y[rows])

    assert fit("isotonic", 40).kind == "platt"
    assert fit("isotonic", 40).note == "isotonic needs 100 frauds, validation has 40"
    few = fit("platt", 5)
    assert few.slope == 1
    assert few.note.startswith("platt needs 10 frauds for a slope, validation has 5")
    rows = np.append(frauds[:5], genuine[:500])
    assert few.transform(odds[rows] + 2).sum() == pytest.approx(5)


def test_one_class_leaves_the_logits_alone():
    for kind in KINDS[1:]:
        calibrator = fit_calibrator(kind, [0.0, 1.0], [0, 0])
        assert (calibrator.kind, calibrator.note) == ("identity", "only one class in validation")
        assert calibrator.transform([0.0])[0] == 0.5


def test_scores_that_rank_the_wrong_way_are_never_turned_around(window):
    odds, y = window
    platt = fit_calibrator("platt", -odds, y)
    assert platt.slope == 1
    assert "do not rank frauds above genuine" in platt.note
    assert mean_score_over_prevalence(y, platt.transform(-odds)) == pytest.approx(1, abs=0.01)
    temperature = fit_calibrator("temperature", odds - 2 * odds, y)
    assert (temperature.kind, temperature.slope) == ("identity", 1)


def test_calibration_lowers_the_log_loss_on_validation(window):
    odds, y = window
    before = log_loss(y, expit(3 * odds + 2))
    for kind in KINDS[1:]:
        assert log_loss(y, fit_calibrator(kind, 3 * odds + 2, y).transform(3 * odds + 2)) < before


def test_what_cannot_be_calibrated_on_is_refused():
    with pytest.raises(TargetError, match="logits: expected finite numbers to calibrate on, found infinity"):
        fit_calibrator("platt", [0.0, np.inf], [0, 1])
    with pytest.raises(TargetError, match="found NaN"):
        fit_calibrator("platt", [0.0, np.nan], [0, 1])
    with pytest.raises(ConfigError, match="unknown kind 'plat'; known kinds: identity, temperature, platt, isotonic"):
        fit_calibrator("plat", [0.0, 1.0], [0, 1])
