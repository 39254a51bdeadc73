"""Resamples are exact, paired and bounded; an interval comes from clusters and from nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from fraud.errors import LeakageError, TargetError
from fraud.evaluation.statistics import bootstrap as module
from fraud.evaluation.statistics.bootstrap import Bootstrap
from fraud.evaluation.statistics.clusters import Clusters


@pytest.fixture
def window():
    rng = np.random.default_rng(8)
    card = rng.integers(0, 40, 1500)
    y = (card % 4 == 0) & (rng.random(1500) < 0.3)
    scores = np.stack([np.round(rng.normal(size=1500) + y, 1) for _ in range(2)])
    clusters = Clusters(card.astype(np.int32), 40, "card")
    return y, scores, Bootstrap(clusters, n_resamples=40, rng=rng)


def row_weights(bootstrap):
    return bootstrap.weights[:, bootstrap.clusters.codes].astype(float)


def test_every_resample_draws_as_many_clusters_as_there_are(window):
    _, _, bootstrap = window
    assert bootstrap.weights.shape == (40, 40)
    assert (bootstrap.weights.sum(axis=1) == 40).all()
    assert len({tuple(row) for row in bootstrap.weights.tolist()}) == 40


def test_clusters_are_drawn_with_equal_chances():
    clusters = Clusters(np.arange(12, dtype=np.int32), 12, "day")
    weights = Bootstrap(clusters, n_resamples=4000, rng=np.random.default_rng(0)).weights
    assert weights.mean(axis=0) == pytest.approx(1, abs=0.08)
    assert weights.var() == pytest.approx(1 - 1 / 12, abs=0.03)


def test_the_same_generator_draws_the_same_resamples(window):
    clusters = window[2].clusters
    first, again = (Bootstrap(clusters, n_resamples=20, rng=np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first.weights, again.weights)


@pytest.mark.parametrize("chunk", [7, 256])
def test_ranking_figures_are_scikit_learns_on_every_resample(window, chunk, monkeypatch):
    y, scores, bootstrap = window
    monkeypatch.setattr(module, "CHUNK", chunk)
    precision, auc = bootstrap.ranking(y, scores)
    for r, weights in enumerate(row_weights(bootstrap)):
        ap = [reference.average_precision_score(y, one, sample_weight=weights) for one in scores]
        roc = [reference.roc_auc_score(y, one, sample_weight=weights) for one in scores]
        assert precision.resamples[r] == pytest.approx(np.mean(ap), abs=1e-12)
        assert auc.resamples[r] == pytest.approx(np.mean(roc), abs=1e-12)
    assert precision.by_seed == pytest.approx([reference.average_precision_score(y, one) for one in scores])
    assert auc.value == pytest.approx(np.mean([reference.roc_auc_score(y, one) for one in scores]))


def test_ratios_are_weighted_recall_and_precision_on_every_resample(window):
    y, scores, bootstrap = window
    alerts = scores > 1
    recall, precision = bootstrap.ratio(alerts & y, y), bootstrap.ratio(alerts & y, alerts)
    for r, weights in enumerate(row_weights(bootstrap)):
        expected = [reference.recall_score(y, one, sample_weight=weights) for one in alerts]
        assert recall.resamples[r] == pytest.approx(np.mean(expected))
        expected = [reference.precision_score(y, one, sample_weight=weights) for one in alerts]
        assert precision.resamples[r] == pytest.approx(np.mean(expected))
    assert recall.by_seed == pytest.approx([reference.recall_score(y, one) for one in alerts])


def test_a_resample_without_frauds_has_no_recall_and_the_others_make_the_interval():
    clusters = Clusters(np.repeat(np.arange(10, dtype=np.int32), 5), 10, "day")
    bootstrap = Bootstrap(clusters, n_resamples=200, rng=np.random.default_rng(0))
    y = np.arange(50) < 5
    recall = bootstrap.ratio(y & (np.arange(50) < 3), y)
    assert np.array_equal(np.isnan(recall.resamples), bootstrap.weights[:, 0] == 0)
    interval = recall.interval()
    assert (interval.mean, interval.low, interval.high) == pytest.approx((0.6, 0.6, 0.6))
    precision, auc = bootstrap.ranking(y, np.arange(50.0))
    assert np.array_equal(np.isnan(precision.resamples), bootstrap.weights[:, 0] == 0)
    assert np.array_equal(np.isnan(auc.resamples), bootstrap.weights[:, 0] == 0)


def test_without_any_fraud_figures_and_bounds_are_nan(window):
    _, scores, bootstrap = window
    nothing = np.zeros(1500, dtype=bool)
    for figure in (bootstrap.ratio(nothing, nothing), *bootstrap.ranking(nothing, scores)):
        interval = figure.interval()
        assert np.isnan([interval.mean, interval.low, interval.high]).all()
        assert figure.p_value() == 1


def test_differences_are_paired_on_the_same_resamples(window):
    y, scores, bootstrap = window
    a, b = (bootstrap.ratio((one > 1) & y, y) for one in scores[:2])
    difference = a - b
    assert np.array_equal(difference.resamples, a.resamples - b.resamples)
    assert difference.value == a.value - b.value
    other = Bootstrap(bootstrap.clusters, n_resamples=40, rng=np.random.default_rng(1))
    with pytest.raises(LeakageError, match="different resamples; use one Bootstrap for both"):
        a - other.ratio((scores[1] > 1) & y, y)


def test_seeds_are_paired_where_there_are_as_many(window):
    y, scores, bootstrap = window
    several, one = bootstrap.ratio((scores > 1) & y, y), bootstrap.ratio((scores[0] > 1) & y, y)
    assert (several - several).by_seed.tolist() == [0, 0]
    assert (several - one).by_seed == pytest.approx(several.by_seed - one.value)


def test_effective_clusters_count_cards_by_their_frauds(window):
    _, _, bootstrap = window
    codes = bootstrap.clusters.codes
    one_each = np.zeros(1500)
    one_each[[int(np.flatnonzero(codes == card)[0]) for card in range(20)]] = 1
    assert bootstrap.ratio(one_each, one_each).effective_clusters == pytest.approx(20)
    one_card = (codes == 3).astype(float)
    assert bootstrap.ratio(one_card, one_card).effective_clusters == pytest.approx(1)


def test_few_effective_clusters_widen_the_interval():
    codes = np.repeat(np.arange(400, dtype=np.int32), 10)
    bootstrap = Bootstrap(Clusters(codes, 400, "card"), n_resamples=2000, rng=np.random.default_rng(0))
    caught = np.arange(4000) % 3 == 0
    widths = []
    for cards in (12, 300):
        recall = bootstrap.ratio(caught & (codes < cards), codes < cards)
        interval = recall.interval()
        low, high = np.nanquantile(recall.resamples, [0.025, 0.975])
        widths.append((interval.high - interval.low) / (high - low))
    assert widths[0] > 1.1
    assert widths[1] == pytest.approx(1, abs=0.03)


def test_resamples_that_lie_off_centre_move_neither_the_interval_nor_the_p_value(window):
    y, scores, bootstrap = window
    figure = bootstrap.ratio((scores > 1) & y, y)
    low, high = figure.interval().low, figure.interval().high
    biased = figure.with_resamples(figure.resamples - 0.05)
    assert (biased.interval().low, biased.interval().high) == pytest.approx((low, high))
    nothing = bootstrap.ratio(np.zeros_like(y), y)
    assert (biased - figure - nothing).p_value() == 1
    centred = low + high - 2 * figure.value
    assert abs(centred) < (high - low) / 3


def test_a_wider_level_contains_a_narrower_one(window):
    y, scores, bootstrap = window
    figure = bootstrap.ratio((scores > 1) & y, y)
    wide, narrow = figure.interval(0.95), figure.interval(0.8)
    assert wide.low <= narrow.low < narrow.high <= wide.high
    assert (wide.clusters, wide.cluster_kind, wide.resamples) == (40, "card", 40)


def test_p_values_are_small_where_zero_is_far_and_never_zero(window):
    y, scores, bootstrap = window
    found = bootstrap.ratio((scores > 1) & y, y)
    nothing = bootstrap.ratio(np.zeros_like(y), y)
    assert (found - nothing).p_value() == pytest.approx(1 / 41)
    assert (found - found).p_value() == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(shift=st.floats(-0.4, 0.4), spread=st.floats(0.01, 0.3), skew=st.floats(0, 3), cards=st.integers(3, 80))
def test_an_interval_leaves_out_zero_only_where_a_difference_is_shown(window, shift, spread, skew, cards):
    _, figure = window[2].ranking(window[0], window[1])
    resamples = shift + spread * (np.random.default_rng(cards).gamma(1 / (skew + 0.1), size=200) - skew / 2)
    one = replace(figure, value=float(resamples.mean() + spread * skew / 4), resamples=resamples)
    for level in (0.9, 0.95, 0.99):
        interval = replace(one, effective_clusters=float(cards)).interval(level)
        shown = replace(one, effective_clusters=float(cards)).p_value(level) < 1 - level
        assert interval.low <= interval.mean <= interval.high
        assert shown or interval.low <= 0 <= interval.high


def test_one_more_fraud_found_of_one_card_shows_no_difference():
    # A third of the resamples do without it; a budget that duplicated days must share makes the others smaller.
    clusters = Clusters(np.arange(95, dtype=np.int32), 95, "card")
    bootstrap = Bootstrap(clusters, n_resamples=2000, rng=np.random.default_rng(0))
    caught = np.zeros(95)
    caught[0] = 1
    figure = bootstrap.ratio(caught, np.ones(95))
    off_centre = figure.with_resamples(figure.resamples * 0.55)
    assert (off_centre.resamples == 0).mean() > 0.3
    assert off_centre.p_value() > 0.05
    assert off_centre.interval().low == 0


def test_rows_that_do_not_fit_are_refused(window):
    y, scores, bootstrap = window
    with pytest.raises(TargetError, match=r"bootstrap: expected \(1500,\) values, found \(10,\)"):
        bootstrap.ratio(y[:10], y[:10])
    with pytest.raises(TargetError, match=r"expected \(1500,\) values, found \(10,\)"):
        bootstrap.ranking(y[:10], scores[:, :10])
