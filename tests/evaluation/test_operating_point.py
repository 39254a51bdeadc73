"""At the matched operating point every resample ranks anew: cards compete for the alerts of a day."""

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.statistics.bootstrap import Bootstrap
from fraud.evaluation.statistics.clusters import Clusters, time_clusters
from fraud.evaluation.statistics.operating_point import judge_at_operating_point
from fraud.metrics import amount_recall, precision, recall, top_k_per_day

N, CARDS = 1200, 60


@pytest.fixture
def window():
    rng = np.random.default_rng(6)
    card = rng.integers(0, CARDS, N)
    day = np.sort(np.append(rng.integers(0, 12, N - 3), [12, 12, 12]))
    y = (card % 6 == 0) & (rng.random(N) < 0.4)
    y[-1] = True
    scores = np.stack([np.round(rng.normal(size=N) + 1.5 * y, 1) for _ in range(2)])
    return {"y_true": y, "y_score": scores, "day": day, "tie_break": rng.permutation(N)}, card, rng.gamma(1, 50, N)


def by_card(card, resamples=25):
    clusters = Clusters(card.astype(np.int32), CARDS, "card")
    return Bootstrap(clusters, n_resamples=resamples, rng=np.random.default_rng(1))


def copied(bootstrap, r, values):
    """Rows as often as their card was drawn on resample r."""
    return np.repeat(values, bootstrap.weights[r, bootstrap.clusters.codes], axis=0)


@pytest.mark.parametrize("k", [1, 6, 30, 2.5])
def test_every_resample_is_ranked_as_if_its_cards_were_the_window(window, k):
    rows, card, amount = window
    bootstrap = by_card(card)
    judged = judge_at_operating_point(
        bootstrap, PolicyConfig(kind="alerts_per_day", value=k), **rows, shares={"amount_recall": amount}
    )
    budget = np.diff(np.floor(np.arange(14) * k)).astype(int)
    for r in range(bootstrap.n_resamples):
        y, day, rank, money = (
            copied(bootstrap, r, one) for one in (rows["y_true"], rows["day"], rows["tie_break"], amount)
        )
        expected = []
        for scores in rows["y_score"]:
            ranked = copied(bootstrap, r, scores)
            alerts = top_k_per_day(ranked, day, k=budget[np.unique(day)], tie_break=rank)
            expected.append([recall(y, alerts), precision(y, alerts), amount_recall(y, alerts, money)])
        found = [judged.recall.resamples[r], judged.precision.resamples[r], judged.shares["amount_recall"].resamples[r]]
        assert found == pytest.approx(np.mean(expected, axis=0))


def test_the_figures_themselves_come_from_the_alerts(window):
    rows, card, amount = window
    judged = judge_at_operating_point(by_card(card), PolicyConfig(value=6), **rows, shares={"money": amount})
    y = rows["y_true"]
    assert judged.alerts.sum(axis=1).tolist() == [6 * 12 + 3] * 2
    assert judged.recall.by_seed == pytest.approx([recall(y, one) for one in judged.alerts])
    assert judged.precision.by_seed == pytest.approx([precision(y, one) for one in judged.alerts])
    assert judged.shares["money"].by_seed == pytest.approx([amount_recall(y, one, amount) for one in judged.alerts])


def test_a_share_grows_and_shrinks_with_the_transactions_drawn(window):
    rows, card, _ = window
    bootstrap = by_card(card)
    judged = judge_at_operating_point(bootstrap, PolicyConfig(kind="alert_rate", value=0.05), **rows)
    for r in range(bootstrap.n_resamples):
        expected = []
        for scores in rows["y_score"]:
            order = np.lexsort((rows["tie_break"], -scores))
            drawn = bootstrap.weights[r, card[order]].astype(float)
            left = 0.05 * drawn.sum() - (np.cumsum(drawn) - drawn)
            taken = np.clip(left, 0, drawn) * rows["y_true"][order]
            expected.append(taken.sum() / (drawn * rows["y_true"][order]).sum())
        assert judged.recall.resamples[r] == pytest.approx(np.mean(expected))


def test_days_bring_their_own_alerts_along(window):
    rows, _, _ = window
    when = np.datetime64("2018-09-01") + rows["day"].astype("timedelta64[D]")
    bootstrap = Bootstrap(time_clusters(when), n_resamples=50, rng=np.random.default_rng(0))
    judged = judge_at_operating_point(bootstrap, PolicyConfig(value=6), **rows)
    fixed = bootstrap.ratio(judged.alerts & rows["y_true"], rows["y_true"])
    assert np.array_equal(judged.recall.resamples, fixed.resamples)


def test_the_alerts_of_a_card_that_drops_out_go_to_the_next_one():
    card, day = np.tile(np.arange(CARDS), 10), np.repeat(np.arange(10), CARDS)
    y = card < 30
    bootstrap = by_card(card, resamples=200)
    rows = {"y_true": y, "y_score": y - card / 1000, "day": day, "tie_break": np.arange(card.size)}
    judged = judge_at_operating_point(bootstrap, PolicyConfig(value=4), **rows)
    caught = judged.recall.resamples * bootstrap.totals(y)
    assert caught == pytest.approx(np.full(200, 40.0))
    assert bootstrap.totals(judged.alerts[0]).std() > 10


def test_a_loud_card_that_drops_out_leaves_its_alerts_to_far_lower_ranks():
    card = np.append(np.zeros(500, dtype=int), np.arange(1, CARDS))
    y = np.arange(card.size) >= 500
    bootstrap = by_card(card, resamples=100)
    rows = {"y_true": y, "y_score": -np.arange(card.size), "day": np.zeros(card.size), "tie_break": card}
    judged = judge_at_operating_point(bootstrap, PolicyConfig(value=4), **rows)
    gone = bootstrap.weights[:, 0] == 0
    assert gone.any()
    assert judged.precision.resamples == pytest.approx(gone.astype(float))


def test_a_window_without_frauds_has_no_recall(window):
    rows, card, _ = window
    judged = judge_at_operating_point(by_card(card), PolicyConfig(value=6), **{**rows, "y_true": np.zeros(N, int)})
    assert np.isnan(judged.recall.value)
    assert judged.precision.value == 0
