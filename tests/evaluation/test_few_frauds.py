"""Few frauds and few alerts: no interval is narrower than the exact one, no cap makes a p value or a winner."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import binomtest

from fraud.config import PolicyConfig
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.estimates import Estimate
from fraud.evaluation.statistics.figures import Alerts, share
from fraud.evaluation.statistics.operating_point import OperatingPoint, judge_at_operating_point
from fraud.evaluation.statistics.sampling import Sampling
from fraud.evaluation.statistics.verdicts import compare


def cards(frauds: int, *, each: int = 1, is_time: bool = False) -> Sampling:
    codes = np.arange(frauds, dtype=np.int32) // each
    return Sampling.of(Clusters(codes, int(codes.max()) + 1, "customer", is_time=is_time))


def of_frauds(found: np.ndarray, *, each_card: int = 1, is_time: bool = False) -> Estimate:
    """Recall of frauds that are found or not, so many on each card."""
    return share(cards(found.size, each=each_card, is_time=is_time), Alerts.of(found), np.ones(found.size))


def exact(found: int, events: int) -> tuple[float, float]:
    interval = binomtest(found, events).proportion_ci(0.95, method="exact")
    return interval.low, interval.high


@pytest.mark.parametrize("found", [0, 1, 3, 11, 21, 22])
def test_frauds_of_a_card_each_have_the_exact_interval(found: int) -> None:
    interval = of_frauds(np.arange(22) < found).interval()
    low, high = exact(found, 22)
    assert interval.low <= low + 1e-9
    assert interval.high >= high - 1e-9
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.04)


@pytest.mark.parametrize("share_found", [0.0, 1.0])
def test_frauds_of_one_card_count_once_and_frauds_of_one_day_each(share_found: float) -> None:
    found = np.full(40, share_found)
    by_card, by_day = of_frauds(found, each_card=4).interval(), of_frauds(found, each_card=4, is_time=True).interval()
    assert (by_card.low, by_card.high) == pytest.approx(exact(int(10 * share_found), 10))
    assert (by_day.low, by_day.high) == pytest.approx(exact(int(40 * share_found), 40))


def test_frauds_found_card_by_card_have_the_interval_of_so_many_cards() -> None:
    found = np.repeat(np.arange(12) < 7, 5)
    interval = of_frauds(found, each_card=5).interval()
    low, high = exact(7, 12)
    assert low - 0.06 < interval.low < low
    assert high < interval.high < high + 0.06


def test_two_strategies_that_never_disagree_on_few_frauds_are_not_called_equivalent() -> None:
    verdicts = {}
    for frauds, each_card in ((22, 1), (400, 1), (400, 10)):
        recall = of_frauds(np.ones(frauds), each_card=each_card)
        (row,) = compare([("a", recall, "b", recall)], metric="recall", margin=0.02)
        verdicts[frauds, each_card] = row.verdict
        assert row.p_value == 1
    assert verdicts == {(22, 1): "inconclusive", (400, 1): "equivalent", (400, 10): "inconclusive"}


@pytest.mark.parametrize(("more", "fewer"), [(1, 0), (4, 0), (5, 0), (9, 2), (30, 10)])
def test_the_p_value_of_a_difference_is_never_below_the_exact_one_of_its_discordant_frauds(more, fewer) -> None:
    a, b = np.zeros(200), np.zeros(200)
    a[:more], b[more : more + fewer] = 1, 1
    sampling = cards(200)
    first, second = (share(sampling, Alerts.of(one), np.ones(200)) for one in (a, b))
    difference = first - second
    least = binomtest(more, more + fewer).pvalue
    assert difference.p_value() >= least - 1e-12
    assert (difference.interval().low > 0) <= (least < 0.05)


@pytest.mark.parametrize("discordant", [0, 1, 2])
def test_few_discordant_frauds_do_not_make_a_narrow_interval(discordant: int) -> None:
    """Of 60 frauds, one that only a finds leaves open what two others do: +-1/60 would be no interval."""
    sampling, found = cards(60), np.ones(60)
    a = share(sampling, Alerts.of(found), np.ones(60))
    b = share(sampling, Alerts.of(np.arange(60) >= discordant), np.ones(60))
    interval = (a - b).interval()
    nothing = 1 - 0.025 ** (1 / 60)
    assert discordant / 60 - 1.2 * nothing < interval.low < discordant / 60 - nothing + 1e-9
    assert interval.high > nothing - 1e-9
    assert compare([("a", a, "b", b)], metric="recall", margin=0.02)[0].verdict == "inconclusive"


DAYS, A_DAY, CARDS = 28, 100, 150
DAY = np.repeat(np.arange(DAYS), A_DAY)


def judged(rng: np.random.Generator, y: np.ndarray, scores: np.ndarray, *, k: int, card: np.ndarray) -> OperatingPoint:
    sampling = Sampling.of(Clusters(card.astype(np.int32), int(card.max()) + 1, "card"))
    return judge_at_operating_point(sampling, PolicyConfig(value=k), y_true=y, y_score=scores, day=DAY)


@pytest.mark.parametrize(("k", "both", "more"), [(1, 0, 1), (1, 3, 1), (1, 10, 1), (2, 10, 2), (1, 10, 3)])
def test_few_frauds_more_at_one_or_two_alerts_a_day_are_no_winner(k: int, both: int, more: int) -> None:
    """Strategies that are equal but for so many frauds that only a finds, of 51."""
    words: Counter[str] = Counter()
    for seed in range(20):
        rng = np.random.default_rng(seed)
        card, days = rng.integers(0, CARDS, DAY.size), rng.permutation(DAYS)
        y = np.zeros(DAY.size, bool)
        top = np.array([day * A_DAY + rng.integers(A_DAY) for day in days[: both + more]])
        rest = rng.choice(np.setdiff1d(np.arange(DAY.size), top), 51 - both - more, replace=False)
        y[top], y[rest] = True, True
        scores = rng.random(DAY.size) * 0.5
        scores[rest] *= 0.5
        a, b = scores.copy(), scores.copy()
        a[top], b[top[:both]], b[top[both:]] = 0.9, 0.9, 0.0
        sampling = Sampling.of(Clusters(card.astype(np.int32), CARDS, "card"))
        recalls = [
            judge_at_operating_point(sampling, PolicyConfig(value=k), y_true=y, y_score=one, day=DAY).recall
            for one in (a, b)
        ]
        (row,) = compare([("a", recalls[0], "b", recalls[1])], metric="recall", margin=0.02)
        words[row.verdict] += 1
        assert row.p_value >= binomtest(more, more).pvalue - 1e-9
        assert row.low < 0 < row.high
    assert words == {"inconclusive": 20}


def test_two_equally_good_strategies_rarely_have_a_winner_at_one_alert_a_day() -> None:
    rng = np.random.default_rng(11)
    named = 0
    for _ in range(100):
        card, y = rng.integers(0, CARDS, DAY.size).astype(np.int32), np.zeros(DAY.size, bool)
        y[rng.choice(DAY.size, 51, replace=False)] = True
        common = rng.normal(size=DAY.size) + 2.0 * y
        sampling = Sampling.of(Clusters(card, CARDS, "card"))
        a, b = (
            judge_at_operating_point(
                sampling, PolicyConfig(value=1), y_true=y, y_score=common + 0.7 * rng.normal(size=y.size), day=DAY
            ).recall
            for _ in range(2)
        )
        named += compare([("a", a, "b", b)], metric="recall", margin=0.02)[0].verdict in {"a", "b"}
    assert named <= 5


@pytest.mark.parametrize(("found", "frauds"), [(1, 10), (2, 10)])
def test_precision_of_few_right_alerts_has_the_exact_interval_and_agrees_with_recall(found: int, frauds: int) -> None:
    """40 alerts, one a day; the exact interval of 1 of 40 reaches from .0006 to .132."""
    rng = np.random.default_rng(0)
    day = np.repeat(np.arange(40), 80)
    card, scores, y = rng.integers(0, 200, day.size), rng.random(day.size) * 0.5, np.zeros(day.size, bool)
    rows = rng.choice(40, frauds, replace=False) * 80 + rng.integers(0, 80, frauds)
    y[rows], card[rows] = True, rng.choice(200, frauds, replace=False)
    scores[rows[:found]], scores[rows[found:]] = 0.9, 0.0
    sampling = Sampling.of(Clusters(card.astype(np.int32), 200, "card"))
    point = judge_at_operating_point(sampling, PolicyConfig(value=1), y_true=y, y_score=scores, day=day)
    precision, recall = point.precision.interval(), point.recall.interval()
    low, high = exact(found, 40)
    assert precision.low <= low + 1e-9
    assert precision.high >= high - 1e-9
    assert precision.high == pytest.approx(high, rel=0.3)
    assert (precision.low > 0) == (recall.low > 0)


def test_a_perfect_ranking_beats_the_worst_where_the_budget_is_a_hundredth_of_the_frauds() -> None:
    """5 alerts a day, 500 frauds a day: the difference is .01 of recall and all that the budget allows."""
    rng = np.random.default_rng(2)
    days, a_day = 20, 1000
    y = np.tile(np.arange(a_day) < 500, days)
    day, card = np.repeat(np.arange(days), a_day), rng.integers(0, 4000, days * a_day).astype(np.int32)
    sampling, noise = Sampling.of(Clusters(card, 4000, "card")), rng.random(y.size)
    best, worst = (
        judge_at_operating_point(sampling, PolicyConfig(value=5), y_true=y, y_score=s + noise, day=day)
        for s in (2.0 * y, -2.0 * y)
    )
    assert (best.precision.value, worst.precision.value) == (1, 0)
    assert best.recall.interval().low <= exact(5 * days, 500 * days)[0] + 1e-9
    (row,) = compare([("best", best.recall, "worst", worst.recall)], metric="recall", margin=0.02, ceiling=0.01)
    assert row.verdict == "a"
