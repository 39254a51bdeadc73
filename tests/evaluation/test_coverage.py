"""Do 95 % intervals hold the truth in 95 of 100 months? Simulated test windows with fraud that clusters on cards.

A quarter of the cards is compromised on a random day and has fraud on a run of days; how visible that is depends on
the card and on how the strategy sees this card. The truth is the ratio of expected sums over many more windows.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.statistics.bootstrap import Bootstrap, Resampled
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.operating_point import judge_at_operating_point
from fraud.evaluation.statistics.verdicts import compare
from fraud.metrics import top_k_per_day

WINDOWS, RESAMPLES = 600, 400
CARDS, DAYS, ALERTS_PER_DAY, SEEDS = 400, 10, 40, 2
DAY = np.tile(np.arange(DAYS), CARDS)
CARD = np.repeat(np.arange(CARDS, dtype=np.int32), DAYS)
RANK = np.arange(DAY.size)
LOWEST, HIGHEST = 0.93, 0.97


@dataclass(frozen=True)
class Simulated:
    """Labels (N,) and the scores (S, N) of two strategies."""

    y: np.ndarray
    a: np.ndarray
    b: np.ndarray


def simulate(rng: np.random.Generator, *, lead: float) -> Simulated:
    """One window and two strategies, a ahead of b by ``lead`` in the logits of frauds."""
    start, run = rng.integers(0, DAYS, CARDS), rng.geometric(0.2, CARDS)
    compromised = rng.random(CARDS) < 0.25
    days_since = DAY - start[CARD]
    y = compromised[CARD] & (days_since >= 0) & (days_since < run[CARD])
    visible = rng.normal(1.5, 1.0, CARDS)[CARD]
    common = rng.normal(size=y.size)
    views = [rng.normal(0.0, 0.5, CARDS)[CARD] + 0.3 * rng.normal(size=(SEEDS, y.size)) for _ in range(2)]
    a, b = (common + view + y * (visible + ahead) for view, ahead in zip(views, (lead, 0.0), strict=True))
    return Simulated(y, a, b)


def caught(one: Simulated) -> list[int]:
    """Frauds, and how many of them the first seed of each strategy finds."""
    alerts = [top_k_per_day(scores[0], DAY, k=ALERTS_PER_DAY, tie_break=RANK) for scores in (one.a, one.b)]
    return [int(one.y.sum()), *(int((raised & one.y).sum()) for raised in alerts)]


def judge(one: Simulated, rng: np.random.Generator) -> tuple[Resampled, Resampled]:
    bootstrap = Bootstrap(Clusters(CARD, CARDS, "card"), n_resamples=RESAMPLES, rng=rng)
    policy = PolicyConfig(kind="alerts_per_day", value=ALERTS_PER_DAY)
    rows = {"y_true": one.y, "day": DAY, "tie_break": RANK}
    a, b = (judge_at_operating_point(bootstrap, policy, y_score=scores, **rows).recall for scores in (one.a, one.b))
    return a, b


def covered(figure: Resampled, truth: float) -> bool:
    interval = figure.interval()
    return interval.low <= truth <= interval.high


@pytest.mark.slow
def test_intervals_of_recall_and_of_paired_differences_cover_the_truth():
    rng = np.random.default_rng(2018)
    frauds, by_a, by_b = np.sum([caught(simulate(rng, lead=0.3)) for _ in range(4 * WINDOWS)], axis=0)
    recall, difference = by_a / frauds, (by_a - by_b) / frauds
    assert difference > 0.02
    hits = []
    for _ in range(WINDOWS):
        a, b = judge(simulate(rng, lead=0.3), rng)
        hits.append([covered(a, recall), covered(a - b, difference)])
    coverage = np.mean(hits, axis=0)
    assert (coverage >= LOWEST).all(), coverage
    assert (coverage <= HIGHEST).all(), coverage


@pytest.mark.slow
def test_two_equally_good_strategies_name_a_winner_in_at_most_five_of_hundred_windows():
    rng = np.random.default_rng(2019)
    words = []
    for _ in range(WINDOWS // 2):
        a, b = judge(simulate(rng, lead=0.0), rng)
        words.append(compare([("a", a, "b", b)], metric="recall", margin=0.02)[0].verdict)
    assert np.isin(words, ["a", "b"]).mean() <= 0.05


CROWDED_DAYS, CROWDED_ALERTS, TOP = 60, 30, 100


def simulate_crowded(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, Simulated]:
    """Days, cards and ranks of a window whose alerts are about as many as its frauds: they compete on every day.

    About 24 frauds a day, 400 compromised cards of 1,500; of the genuine transactions only each day's ``TOP`` highest
    are drawn, of 3,000, as order statistics. b sees frauds less clearly than a.
    """
    start, run = rng.integers(-6, CROWDED_DAYS, 400), rng.geometric(0.25, 400)
    cards, visible = rng.choice(1500, 400, replace=False), rng.normal(size=400)
    lengths = np.clip(start + run, 0, CROWDED_DAYS) - np.clip(start, 0, CROWDED_DAYS)
    of = np.repeat(np.arange(400), lengths)
    day = np.clip(start, 0, CROWDED_DAYS)[of] + np.arange(of.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    hard, common = rng.random(of.size) < 0.2, rng.normal(0.0, 0.6, of.size)

    def view(ahead: float, noise: float) -> np.ndarray:
        clear = ahead + visible[of] + common + rng.normal(0.0, noise, of.size)
        spaced = np.cumsum(rng.exponential(size=(CROWDED_DAYS, TOP)), axis=1) / 3000
        genuine = rng.permuted(-np.log(spaced), axis=1).ravel()
        return np.append(np.where(hard, rng.exponential(size=of.size), clear), genuine)[None]

    genuine = np.repeat(np.arange(CROWDED_DAYS), TOP)
    rows = Simulated(np.arange(of.size + genuine.size) < of.size, view(7.5, 0.0), view(6.0, 0.5))
    card = np.append(cards[of], rng.integers(0, 1500, genuine.size)).astype(np.int32)
    return np.append(day, genuine), card, np.arange(card.size), rows


@pytest.mark.slow
def test_intervals_cover_the_truth_where_alerts_are_as_scarce_as_frauds_and_miss_on_both_sides_alike():
    rng = np.random.default_rng(2021)
    policy = PolicyConfig(kind="alerts_per_day", value=CROWDED_ALERTS)
    windows, sums = [], np.zeros(3)
    for n in range(WINDOWS):
        day, card, rank, one = simulate_crowded(rng)
        found = [
            int((top_k_per_day(s[0], day, k=CROWDED_ALERTS, tie_break=rank) & one.y).sum()) for s in (one.a, one.b)
        ]
        sums += [one.y.sum(), *found]
        if n % 2:
            continue
        bootstrap = Bootstrap(Clusters(card, 1500, "card"), n_resamples=RESAMPLES // 2, rng=rng)
        rows = {"y_true": one.y, "day": day, "tie_break": rank}
        a, b = (judge_at_operating_point(bootstrap, policy, y_score=s, **rows).recall for s in (one.a, one.b))
        windows.append([figure.interval() for figure in (a, b, a - b)])
    truth = np.array([sums[1], sums[2], sums[1] - sums[2]]) / sums[0]
    below = np.mean(
        [[interval.high < true for interval, true in zip(one, truth, strict=True)] for one in windows], axis=0
    )
    above = np.mean(
        [[interval.low > true for interval, true in zip(one, truth, strict=True)] for one in windows], axis=0
    )
    assert (1 - below - above >= LOWEST - 0.005).all(), (below, above)
    assert (1 - below - above <= HIGHEST + 0.015).all(), (below, above)
    assert (np.maximum(below, above) <= 0.045).all(), (below, above)


def simulate_cards(rng: np.random.Generator, windows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frauds of each card and how many two strategies find at thresholds of their own, (windows, cards)."""
    shape = (windows, 400)
    frauds = (1 + rng.geometric(0.2, shape)) * (rng.random(shape) < 0.12)
    visible = rng.normal(0.7, 1.2, shape)
    odds = [visible + rng.normal(0.0, 0.6, shape) - 0.2 * which for which in range(2)]
    a, b = (rng.binomial(frauds, 1 / (1 + np.exp(-one))) for one in odds)
    return frauds, a, b


@pytest.mark.slow
def test_intervals_of_recall_at_frozen_thresholds_cover_the_truth():
    rng = np.random.default_rng(2020)
    frauds, by_a, by_b = (one.sum() for one in simulate_cards(rng, 5000))
    recall, difference = by_a / frauds, (by_a - by_b) / frauds
    clusters = Clusters(np.arange(400, dtype=np.int32), 400, "card")
    hits = []
    for total, a, b in zip(*simulate_cards(rng, WINDOWS), strict=True):
        bootstrap = Bootstrap(clusters, n_resamples=RESAMPLES, rng=rng)
        first, second = bootstrap.ratio(a, total), bootstrap.ratio(b, total)
        hits.append([covered(first, recall), covered(first - second, difference)])
    coverage = np.mean(hits, axis=0)
    assert (coverage >= LOWEST).all(), coverage
    assert (coverage <= HIGHEST).all(), coverage
