"""Average precision, ROC AUC and their curve against scikit-learn, ties and weights included."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from fraud.errors import TargetError
from fraud.metrics import average_precision, precision_recall_curve, roc_auc

ROWS = st.lists(st.tuples(st.booleans(), st.integers(-3, 3), st.integers(0, 4)), min_size=2, max_size=40)


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_ranking_agrees_with_scikit_learn_on_ties_and_weights(rows):
    y, scores, weights = (np.array(column) for column in zip(*rows, strict=True))
    if weights[y].sum() == 0 or weights[~y].sum() == 0:
        return
    ap = reference.average_precision_score(y, scores, sample_weight=weights)
    auc = reference.roc_auc_score(y, scores, sample_weight=weights)
    assert average_precision(y, scores, weights) == pytest.approx(ap, abs=1e-12)
    assert roc_auc(y, scores, weights) == pytest.approx(auc, abs=1e-12)


def test_roc_auc_is_the_chance_that_a_fraud_scores_higher():
    rng = np.random.default_rng(0)
    y, scores = rng.random(200) < 0.3, rng.integers(0, 9, 200)
    pairs = scores[y][:, None] - scores[~y][None, :]
    assert roc_auc(y, scores) == pytest.approx(np.mean((pairs > 0) + (pairs == 0) / 2))


def test_without_frauds_or_without_rows_the_figures_are_nan():
    assert math.isnan(average_precision([0, 0], [0.1, 0.2]))
    assert math.isnan(average_precision([], []))
    assert math.isnan(roc_auc([0, 0], [0.1, 0.2]))
    assert math.isnan(roc_auc([1, 1], [0.1, 0.2]))
    assert math.isnan(average_precision([1, 0], [0.1, 0.2], [0, 1]))


def test_infinite_logits_rank_and_tie_like_any_other():
    y, logits = [1, 0, 0, 1], np.array([np.inf, np.inf, -np.inf, 0.0])
    finite = np.array([9.0, 9.0, -9.0, 0.0])
    assert average_precision(y, logits) == average_precision(y, finite)
    assert roc_auc(y, logits) == roc_auc(y, finite)


def test_the_curve_holds_points_of_scikit_learns_curve():
    rng = np.random.default_rng(1)
    y = rng.random(2000) < 0.2
    scores = np.round(rng.normal(size=2000) + y, 2)
    recall, precision = precision_recall_curve(y, scores, points=50)
    p, r, _ = reference.precision_recall_curve(y, scores)
    known = {(round(a, 12), round(b, 12)) for a, b in zip(r, p, strict=True)}
    assert {(round(a, 12), round(b, 12)) for a, b in zip(recall, precision, strict=True)} <= known
    assert 40 <= recall.size <= 50
    assert recall[-1] == 1
    assert (np.diff(recall) > 0).all()
    assert precision_recall_curve([0, 0], [0.1, 0.2])[0].size == 0


def test_nan_scores_and_negative_weights_are_refused():
    with pytest.raises(TargetError, match="y_score: expected numbers, found NaN"):
        average_precision([0, 1], [0.1, np.nan])
    with pytest.raises(TargetError, match="sample_weight: expected 0 or more, found -1"):
        roc_auc([0, 1], [0.1, 0.2], [1, -1])
    with pytest.raises(TargetError, match=r"y_score: expected shape \(2,\), found \(2, 2\)"):
        roc_auc([0, 1], [[0.1, 0.9], [0.2, 0.8]])
