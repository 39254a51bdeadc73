"""Baselines: any number of categories, class weights and samplers as for the network, wrong names before the work."""

import numpy as np
import pytest

from fraud.errors import StrategyError
from fraud.evaluation.baselines import MODELS, check_baseline, fit_baseline, is_baseline
from fraud.metrics import average_precision, roc_auc

ROWS, FRAUDS = 6_000, 150


def rows(*, categories: int = 0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two numbers that tell frauds, and codes of a column with many frequent categories, some of them fraudulent."""
    rng = np.random.default_rng(seed)
    y = (np.arange(ROWS) % (ROWS // FRAUDS) == 0).astype(np.int8)
    X = rng.normal(size=(ROWS, 2)) + 1.2 * y[:, None]
    if categories:
        codes = np.where(y == 1, rng.integers(0, categories // 20, ROWS), rng.integers(0, categories, ROWS))
        X = np.column_stack([X, codes])
    return X.astype(np.float32), y


@pytest.mark.parametrize("name", [*MODELS, "gradient-boosting+weight-inverse", "logistic-regression+under-random"])
def test_hundreds_of_categories_and_ones_never_seen_are_no_error(name: str) -> None:
    X, y = rows(categories=400)
    fitted = fit_baseline(name, X, y, n_numeric=2, seed=0, row_cap=10_000)
    later, truth = rows(categories=800, seed=1)
    scores = fitted.score(later)
    assert np.isfinite(scores).all()
    assert roc_auc(truth, scores) > 0.8


@pytest.mark.parametrize("model", list(MODELS))
def test_weights_and_samplers_move_the_log_odds_by_the_shift_that_is_taken_off_again(model: str) -> None:
    X, y = rows()
    prevalence = y.mean()
    for strategy in ("weight-inverse", "under-random", "over-random"):
        fitted = fit_baseline(f"{model}+{strategy}", X, y, n_numeric=2, seed=0, row_cap=10_000)
        assert fitted.logit_shift > 1
        later, truth = rows(seed=1)
        raw = 1 / (1 + np.exp(-fitted.score(later)))
        shifted = 1 / (1 + np.exp(fitted.logit_shift - fitted.score(later)))
        assert raw.mean() > 3 * prevalence
        assert shifted.mean() == pytest.approx(prevalence, rel=0.5)
        assert average_precision(truth, shifted) > 5 * prevalence


def test_undersampling_fits_on_fewer_rows_and_weights_on_all() -> None:
    X, y = rows()
    fitted = {
        name: fit_baseline(f"gradient-boosting{name}", X, y, n_numeric=2, seed=0, row_cap=10_000).rows
        for name in ("", "+weight-inverse", "+under-random")
    }
    assert fitted[""] == fitted["+weight-inverse"] == ROWS
    assert fitted["+under-random"] < ROWS / 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gradient-bosting", "unknown baseline .gradient-bosting.*Did you mean .gradient-boosting."),
        ("gradient-boosting+under-randm", "unknown strategy 'under-randm'.*under-random"),
        ("gradient-boosting+focal", "focal trains a network alone; expected class weights or a sampler"),
        ("logistic-regression+batch-balanced", "batch-balanced trains a network alone"),
    ],
)
def test_a_wrong_name_is_one_line_before_the_work(name: str, message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        check_baseline(name)


def test_names_tell_baselines_from_strategies() -> None:
    assert is_baseline("gradient-boosting+under-random")
    assert not is_baseline("under-random")
    for name in ("gradient-boosting", "logistic-regression+over-smote"):
        check_baseline(name)
