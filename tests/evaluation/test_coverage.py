"""Do 95 % intervals hold the truth in 95 of 100 months? Simulated test windows with fraud that clusters on cards.

A quarter of the cards is compromised on a random day and has fraud on a run of days; how visible that is depends on
the card and on how the strategy sees this card. The truth is the ratio of expected sums over many more windows.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.bootstrap import Bootstrap, Resampled
from fraud.evaluation.clusters import Clusters
from fraud.evaluation.operating_point import judge_at_operating_point
from fraud.evaluation.statistics import compare
from fraud.metrics import top_k_per_day

WINDOWS, RESAMPLES = 1000, 400
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
