"""What is better than chance is shown by a test that knows chance exactly; the rest is not shown."""

import numpy as np
import pytest
from scipy.stats import binom, hypergeom

from fraud.config import PolicyConfig
from fraud.evaluation.judging import Judgement, mark_above_chance
from fraud.evaluation.policy import alerts_at_operating_point
from fraud.evaluation.statistics.chance import found_p_value, ranking_p_value
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.sampling import Sampling
from fraud.evaluation.statistics.verdicts import holm

DAYS, A_DAY = 40, 80
DAY = np.repeat(np.arange(DAYS), A_DAY)
EVERY = np.arange(DAY.size)


def window(frauds: int, found: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, Sampling]:
    """Labels, scores and cards: each fraud on a day and a card of its own, some above all else, the others below."""
    rng = np.random.default_rng(seed)
    y, scores = np.zeros(DAY.size, bool), rng.random(DAY.size) * 0.5
    rows = rng.choice(DAYS, frauds, replace=False) * A_DAY + rng.integers(0, A_DAY, frauds)
    card = rng.integers(0, 200, DAY.size).astype(np.int32)
    card[rows] = 200 + np.arange(frauds)
    y[rows], scores[rows[:found]], scores[rows[found:]] = True, 0.9, 0.0
    return y, scores, Sampling.of(Clusters(card, 200 + frauds, "card"))


def p_of(frauds: int, found: int) -> float:
    y, scores, sampling = window(frauds, found)
    alerts = alerts_at_operating_point(PolicyConfig(value=1), scores, day=DAY)
    return found_p_value(sampling, y, alerts, group=DAY, unit=EVERY)


@pytest.mark.parametrize(("frauds", "found"), [(10, 3), (10, 5), (20, 1), (40, 6), (10, 0)])
def test_single_frauds_on_single_days_have_the_binomial_p_value(frauds: int, found: int) -> None:
    assert p_of(frauds, found) == pytest.approx(binom.sf(found - 1, frauds, 1 / A_DAY), rel=1e-6)


def test_three_of_ten_are_above_chance_even_as_one_of_eight_strategies() -> None:
    assert p_of(10, 3) == pytest.approx(2e-4, rel=0.2)
    assert holm([p_of(10, 3), *[1.0] * 7])[0] < 0.05
    assert p_of(10, 1) > 0.05


def test_days_are_convolved() -> None:
    """Two days of three and two frauds among ten rows, three alerts each."""
    day = np.repeat([0, 1], 10)
    y = np.isin(np.arange(20), [0, 1, 2, 10, 11])
    alerts = np.isin(np.arange(20), [0, 1, 5, 10, 15, 16]).astype(float)
    sampling = Sampling.of(Clusters(np.arange(20, dtype=np.int32), 20, "card"))
    first, second = hypergeom.pmf(np.arange(4), 10, 3, 3), hypergeom.pmf(np.arange(3), 10, 2, 3)
    expected = sum(first[i] * second[j] for i in range(4) for j in range(3) if i + j >= 3)
    assert found_p_value(sampling, y, alerts, group=day, unit=np.arange(20)) == pytest.approx(expected)


def test_frauds_of_one_card_are_one_piece_of_evidence() -> None:
    y, scores, _ = window(10, 5)
    alerts = alerts_at_operating_point(PolicyConfig(value=1), scores, day=DAY)
    card = np.where(y, 0, np.arange(DAY.size) % 200 + 1).astype(np.int32)
    one_card = Sampling.of(Clusters(card, 201, "card"))
    assert found_p_value(one_card, y, alerts, group=DAY, unit=EVERY) > 0.01
    assert ranking_p_value(one_card, y, y + 0.0) > 0.04
    assert ranking_p_value(window(10, 5)[2], y, y + 0.0) < 1e-6


@pytest.mark.parametrize("frauds", [10, 200])
@pytest.mark.parametrize("each_card", [1, 4])
def test_random_scores_are_above_chance_in_at_most_five_of_a_hundred_windows(frauds: int, each_card: int) -> None:
    rng = np.random.default_rng(3)
    ranked, found = [], []
    for _ in range(300):
        card = np.arange(DAY.size) // 4
        of_card = rng.normal(size=int(card.max()) + 1)[card] * (each_card > 1)
        y = np.zeros(DAY.size, bool)
        cards = rng.choice(int(card.max()) + 1, frauds // each_card, replace=False)
        y[(4 * cards[:, None] + np.arange(each_card)).ravel()] = True
        scores = of_card + rng.normal(size=DAY.size)
        sampling = Sampling.of(Clusters(card.astype(np.int32), int(card.max()) + 1, "card"))
        alerts = alerts_at_operating_point(PolicyConfig(value=8), scores, day=DAY)
        ranked.append(ranking_p_value(sampling, y, scores) < 0.05)
        found.append(found_p_value(sampling, y, alerts, group=DAY, unit=EVERY) < 0.05)
    assert np.mean(ranked) <= 0.08
    assert np.mean(found) <= 0.07


def test_a_real_signal_is_above_chance() -> None:
    rng = np.random.default_rng(4)
    y = rng.random(DAY.size) < 0.02
    scores = rng.normal(size=DAY.size) + 1.5 * y
    sampling = Sampling.of(Clusters(np.arange(DAY.size, dtype=np.int32) // 4, DAY.size // 4, "card"))
    alerts = alerts_at_operating_point(PolicyConfig(value=4), scores, day=DAY)
    assert ranking_p_value(sampling, y, scores) < 1e-4
    assert found_p_value(sampling, y, alerts, group=DAY, unit=EVERY) < 1e-4


def test_models_of_different_folds_are_ranked_by_themselves() -> None:
    y, scores, sampling = window(10, 10)
    fold = (DAY >= DAYS // 2).astype(np.int64)
    folded = Sampling.of(*sampling.ways, fold=fold)
    assert ranking_p_value(folded, y, scores - 100 * fold) == pytest.approx(
        ranking_p_value(folded, y, scores), rel=1e-9
    )


def test_without_frauds_nothing_is_shown() -> None:
    _, scores, sampling = window(10, 5)
    none = np.zeros(DAY.size, bool)
    assert ranking_p_value(sampling, none, scores) == 1
    assert found_p_value(sampling, none, scores > 0.4, group=DAY, unit=EVERY) == 1


def marked(*p_values: tuple[float, float]) -> list[tuple[bool, bool]]:
    """Ranks and finds above chance, of candidates with these p values of their ranking and their finds."""
    judged = [
        Judgement(
            name=str(number),
            family="none",
            row={},
            figures={},
            alerts=np.empty(0),
            raised=0.0,
            ranking_p=ranking,
            found_p=found,
        )
        for number, (ranking, found) in enumerate(p_values)
    ]
    return [(one.row["ranks_above_chance"], one.row["finds_above_chance"]) for one in mark_above_chance(judged)]


def test_a_ranking_is_shown_by_all_of_it_or_by_its_top() -> None:
    assert marked((0.01, 0.5)) == [(True, False)]
    assert marked((0.5, 0.01)) == [(True, True)]
    assert marked((0.04, 0.04)) == [(False, True)]
    assert marked((0.5, 0.5)) == [(False, False)]


def test_more_candidates_need_smaller_p_values() -> None:
    assert marked((0.01, 1.0), *[(1.0, 1.0)] * 3) == [(False, False)] * 4
    assert marked((0.001, 1.0), *[(1.0, 1.0)] * 3) == [(True, False), *[(False, False)] * 3]
