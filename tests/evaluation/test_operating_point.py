"""Figures at the matched operating point: of alerts that are expected, counted as units, and compete within a day."""

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.policy import alerts_at_operating_point, units_of
from fraud.evaluation.statistics.clusters import Clusters, time_clusters
from fraud.evaluation.statistics.operating_point import judge_at_operating_point
from fraud.evaluation.statistics.sampling import Sampling

N, CARDS, DAYS = 1200, 60, 12


@pytest.fixture
def window():
    rng = np.random.default_rng(6)
    card = rng.integers(0, CARDS, N)
    day = np.sort(rng.integers(0, DAYS, N))
    y = (card % 6 == 0) & (rng.random(N) < 0.4)
    scores = np.stack([np.round(rng.normal(size=N) + 1.5 * y, 1) for _ in range(2)])
    return {"y_true": y, "y_score": scores, "day": day}, card, rng.gamma(1, 50, N)


def by_card(card, fold=None):
    return Sampling.of(Clusters(card.astype(np.int32), CARDS, "card"), fold=fold)


@pytest.mark.parametrize("unit", ["card", "transaction"])
def test_the_figures_come_from_the_expected_alerts_of_the_mean_of_the_seeds(window, unit):
    rows, card, amount = window
    policy = PolicyConfig(value=6, unit=unit)
    units = units_of(policy, day=rows["day"], card=card)
    judged = judge_at_operating_point(by_card(card), policy, **rows, unit=units, shares={"money": amount})
    y = rows["y_true"]
    alerts = alerts_at_operating_point(policy, rows["y_score"].mean(axis=0), day=rows["day"], unit=units)
    assert judged.alerts == pytest.approx(alerts)
    assert judged.recall.value == pytest.approx(alerts[y].mean())
    assert judged.shares["money"].value == pytest.approx((alerts * amount)[y].sum() / amount[y].sum())
    once = np.unique(units, return_index=True)[1]
    right = np.bincount(np.unique(units, return_inverse=True)[1], weights=y) > 0
    assert judged.raised == pytest.approx(6 * DAYS)
    assert judged.precision.value == pytest.approx(alerts[once][right].sum() / judged.raised)
    assert judged.precision.events == pytest.approx(judged.raised, rel=0.05)
    assert judged.seed_alerts.shape == (2, N)


def test_days_bring_their_own_alerts_along(window):
    rows, _, _ = window
    when = np.datetime64("2018-09-01") + rows["day"].astype("timedelta64[D]")
    judged = judge_at_operating_point(Sampling.of(time_clusters(when)), PolicyConfig(value=6), **rows)
    found = np.bincount(rows["day"], weights=judged.alerts * rows["y_true"])
    frauds = np.bincount(rows["day"], weights=rows["y_true"])
    sums = (found - judged.recall.value * frauds) / frauds.sum()
    n = judged.recall.carriers[0]
    assert judged.recall.components[0].variance == pytest.approx(n / (n - 1) * np.sum(sums**2))


def test_the_alerts_of_a_card_that_drops_out_go_to_the_next_one():
    """All alerts are right whoever drops out, so the number found cannot vary, only the number of frauds."""
    card, day = np.tile(np.arange(CARDS), 10), np.repeat(np.arange(10), CARDS)
    y = card < 30
    judged = judge_at_operating_point(
        by_card(card), PolicyConfig(value=4), y_true=y, y_score=y - card / 1000, day=day, unit=np.arange(card.size)
    )
    assert judged.precision.value == 1
    assert judged.precision.components[0].variance == pytest.approx(0, abs=1e-12)
    sums = np.bincount(card, weights=y) * judged.recall.value / y.sum()
    n = judged.recall.carriers[0]
    expected = n / (n - 1) * (np.sum(sums**2) - sums.sum() ** 2 / CARDS)
    assert judged.recall.components[0].variance == pytest.approx(expected)


def test_folds_never_compete(window):
    rows, card, _ = window
    fold = (np.arange(N) % 2).astype(np.int64)
    judged = judge_at_operating_point(by_card(card, fold), PolicyConfig(value=3), **rows)
    shifted = {**rows, "y_score": rows["y_score"] + 100.0 * fold}
    again = judge_at_operating_point(by_card(card, fold), PolicyConfig(value=3), **shifted)
    assert judged.alerts == pytest.approx(again.alerts)
    assert judged.alerts.sum() == pytest.approx(3 * DAYS)
    assert judged.alerts[fold == 0].sum() == pytest.approx(3 * DAYS / 2, rel=0.05)


def test_a_share_is_of_each_fold(window):
    rows, card, _ = window
    judged = judge_at_operating_point(by_card(card), PolicyConfig(kind="alert_rate", value=0.05), **rows)
    assert judged.raised == pytest.approx(60)


def test_a_window_without_frauds_has_no_recall(window):
    rows, card, _ = window
    judged = judge_at_operating_point(by_card(card), PolicyConfig(value=6), **{**rows, "y_true": np.zeros(N, int)})
    assert np.isnan(judged.recall.value)
    assert judged.precision.value == 0
    assert judged.precision.interval().high > 0.02


def test_neither_names_nor_the_order_of_rows_move_a_bound(window):
    rows, card, _ = window
    policy, rng = PolicyConfig(value=5), np.random.default_rng(1)
    renamed, order = rng.permutation(CARDS)[card], rng.permutation(N)

    def bounds(order, card):
        mixed = {"y_true": rows["y_true"][order], "y_score": rows["y_score"][:, order], "day": rows["day"][order]}
        unit = units_of(policy, day=mixed["day"], card=card[order])
        judged = judge_at_operating_point(by_card(card[order]), policy, **mixed, unit=unit)
        intervals = judged.recall.interval(), judged.precision.interval()
        return [bound for one in intervals for bound in (one.low, one.mean, one.high)]

    plain = bounds(np.arange(N), card)
    assert bounds(order, card) == pytest.approx(plain)
    assert bounds(np.arange(N), renamed) == pytest.approx(plain)
