"""The matched operating point: every strategy raises the same number of alerts, and what any ranking could find."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.errors import ConfigError
from fraud.evaluation.candidates import WindowRows
from fraud.evaluation.policy import alerts_at_operating_point, ceiling, chance_recall, operating_budget, units_of
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.operating_point import Competition, judge_at_operating_point
from fraud.evaluation.statistics.sampling import Sampling
from fraud.evaluation.statistics.verdicts import compare
from fraud.metrics import daily_budget, keyed_rank, losses


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


def test_a_day_of_two_folds_has_its_alerts_once() -> None:
    day = np.repeat([10, 11, 12], 20)
    fold = np.repeat([0, 1], 30)
    rng = np.random.default_rng(0)
    one = Competition(policy=PolicyConfig(value=6), day=day, unit=np.arange(60), fold=fold, coverage={10: 0.5})
    raised = one.alerts(rng.random(60))
    assert [raised[day == d].sum() for d in (10, 11, 12)] == pytest.approx([3, 6, 6])
    assert raised[(day == 11) & (fold == 0)].sum() == pytest.approx(3)


@dataclass(frozen=True)
class Window:
    start: datetime
    end: datetime
    name: str = "test"


def judged(order: np.ndarray, names: np.ndarray) -> tuple[dict[str, Any], str]:
    """Figures and verdict of two strategies whose scores tie, rows in some order, transactions under some names."""
    rng = np.random.default_rng(4)
    days, rows = 30, 900
    y = (rng.random(rows) < 0.08).astype(np.int8)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    test: Any = WindowRows(
        window=Window(start, start + timedelta(days=days)),  # type: ignore[arg-type]
        y_true=y[order],
        day=(19_723 + np.arange(rows) * days // rows)[order],
        tie_break=keyed_rank(names[order], "examples"),
        amount=np.round(rng.gamma(1, 50, rows), 2)[order],
        card=rng.integers(0, 120, rows)[order],
        fraud_type=None,
    )
    sampling = Sampling.of(Clusters(codes=test.card, count=120, kind="card"))
    found = []
    for signal in (1.0, 2.0):
        logits = np.round(rng.normal(size=rows) + signal * y).clip(0)[order]
        policy = PolicyConfig(value=5)
        point = judge_at_operating_point(
            sampling,
            policy,
            y_true=test.y_true,
            y_score=logits,
            day=test.day,
            unit=test.units(policy),
            coverage=test.coverage,
            shares={"money": losses(test.amount)},
        )
        found.append(point)
    a, b = found
    figures = {name: getattr(one, name).value for one in found for name in ("recall", "precision")}
    figures |= {"money": a.shares["money"].value, "low": b.recall.interval().low, "p": (b.recall - a.recall).p_value()}
    (verdict,) = compare([("a", a.recall, "b", b.recall)], metric="recall", margin=0.02)
    return figures, verdict.verdict


@pytest.mark.parametrize("renamed", ["frauds first", "frauds last", "at random"])
def test_no_figure_and_no_verdict_depends_on_ids_or_the_order_of_rows(renamed: str) -> None:
    rng = np.random.default_rng(9)
    names = np.array([f"T{row:04}" for row in range(900)])
    expected, verdict = judged(np.arange(900), names)
    order = rng.permutation(900)
    new = {"frauds first": names[::-1], "frauds last": names, "at random": rng.permutation(names)}[renamed]
    found, same = judged(order, new)
    assert found == pytest.approx(expected, rel=1e-9)
    assert same == verdict
