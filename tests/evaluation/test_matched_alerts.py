"""The matched operating point: every strategy raises the same number of alerts, and what any ranking could find."""

from itertools import permutations

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.errors import ConfigError
from fraud.evaluation.policy import alerts_at_operating_point, ceiling, chance_recall, operating_budget, units_of
from fraud.metrics import daily_budget


@pytest.mark.parametrize("value", [1, 7, 2.5, 0.25])
def test_every_strategy_raises_the_same_number_of_alerts(value: float) -> None:
    rng = np.random.default_rng(1)
    day = np.repeat(np.arange(20_000, 20_030), 50)
    card = rng.integers(0, 400, day.size)
    policy = PolicyConfig(kind="alerts_per_day", value=value)
    unit = units_of(policy, day=day, card=card)
    one_row = np.unique(unit, return_index=True)[1]
    for scores in (rng.random(1500), rng.random(1500) / 1000, np.zeros(1500), rng.integers(0, 3, 1500)):
        alerts = alerts_at_operating_point(policy, scores, day=day, unit=unit)
        by_day = np.bincount(day[one_row] - 20_000, weights=alerts[one_row])
        assert by_day == pytest.approx(daily_budget(value, np.arange(20_000, 20_030)))


def test_one_card_cannot_spend_the_day() -> None:
    day, card = np.zeros(8), np.array([0, 0, 0, 0, 0, 1, 2, 3])
    scores = np.array([9, 8, 7, 6, 5, 4, 3, 2.0])
    cards, rows = (PolicyConfig(value=3, unit=unit) for unit in ("card", "transaction"))
    by_card = alerts_at_operating_point(cards, scores, day=day, unit=units_of(cards, day=day, card=card))
    by_row = alerts_at_operating_point(rows, scores, day=day, unit=units_of(rows, day=day, card=card))
    assert by_card.tolist() == [1, 1, 1, 1, 1, 1, 1, 0]
    assert by_row.tolist() == [1, 1, 1, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("kind", ["alert_rate", "max_fpr"])
def test_policies_of_a_share_of_transactions_do_not_count_cards(kind: str) -> None:
    policy = PolicyConfig(kind=kind, value=0.1)  # type: ignore[arg-type]
    assert np.unique(units_of(policy, day=np.zeros(50), card=np.zeros(50))).size == 50


def test_a_share_is_matched_over_the_whole_window() -> None:
    policy = PolicyConfig(kind="alert_rate", value=0.1)
    alerts = alerts_at_operating_point(policy, np.arange(50.0), day=np.repeat([1, 2], 25))
    assert np.flatnonzero(alerts).tolist() == [45, 46, 47, 48, 49]
    assert operating_budget(policy, np.zeros(59)).tolist() == [5]


def test_a_partial_day_raises_its_share() -> None:
    day, policy = np.repeat([10, 11], 20), PolicyConfig(value=4)
    alerts = alerts_at_operating_point(policy, np.arange(40.0), day=day, coverage=[0.5, 1.0])
    assert [alerts[day == one].sum() for one in (10, 11)] == [2, 4]


@pytest.mark.parametrize("kind", ["max_fpr", "min_precision", "costs"])
def test_a_policy_without_a_number_of_alerts_is_refused(kind: str) -> None:
    with pytest.raises(ConfigError, match=f"{kind} names no number of alerts; use matched_policy first"):
        alerts_at_operating_point(PolicyConfig(kind=kind, value=0.5), [0.5], day=[1])  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_the_ceiling_is_the_best_of_all_rankings(k: int) -> None:
    y = np.array([1, 1, 0, 0, 1, 0, 1])
    day, card = np.array([1, 1, 1, 1, 2, 2, 2]), np.array([0, 0, 1, 2, 0, 1, 2])
    policy = PolicyConfig(value=k)
    unit = units_of(policy, day=day, card=card)
    best = [0.0, 0.0]
    for scores in permutations(range(7)):
        alerts = alerts_at_operating_point(policy, scores, day=day, unit=unit)
        once = alerts[np.unique(unit, return_index=True)[1]]
        right = alerts * [unit_is_fraud(one, unit, y) for one in unit] / np.bincount(unit)[unit]
        best = [max(best[0], alerts[y == 1].sum() / y.sum()), max(best[1], right.sum() / once.sum())]
    most = ceiling(policy, y, day=day, unit=unit)
    assert (most.recall, most.precision) == pytest.approx(best)


def unit_is_fraud(one: int, unit: np.ndarray, y: np.ndarray) -> bool:
    return bool(y[unit == one].any())


def test_no_frauds_have_no_ceiling_of_recall() -> None:
    most = ceiling(PolicyConfig(value=2), np.zeros(9), day=np.zeros(9))
    assert np.isnan(most.recall)
    assert most.precision == 0


def test_chance_is_the_mean_recall_of_random_scores() -> None:
    rng = np.random.default_rng(0)
    day = np.repeat(np.arange(20), 60)
    card, y = rng.integers(0, 40, day.size), rng.random(day.size) < 0.05 + 0.1 * (day % 2)
    policy = PolicyConfig(value=7.5)
    unit = units_of(policy, day=day, card=card)
    order = [rng.random(int(unit.max()) + 1)[unit] for _ in range(400)]
    found = [alerts_at_operating_point(policy, scores, day=day, unit=unit)[y].mean() for scores in order]
    assert chance_recall(policy, y, day=day, unit=unit) == pytest.approx(np.mean(found), abs=0.005)


def test_tied_scores_give_the_same_recall_whatever_the_order_of_rows() -> None:
    rng = np.random.default_rng(2)
    y, scores, day = rng.random(600) < 0.1, rng.integers(0, 4, 600), rng.integers(0, 12, 600)
    policy = PolicyConfig(value=5)
    recall = alerts_at_operating_point(policy, scores, day=day)[y].sum()
    for order in (np.argsort(y), np.argsort(~y), rng.permutation(600)):
        again = alerts_at_operating_point(policy, scores[order], day=day[order])
        assert again[y[order]].sum() == pytest.approx(recall)
