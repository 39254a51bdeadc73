"""Tied scores count with their expected value, budgets go by the calendar, and an alert is a card on a day."""

from hashlib import blake2b
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.errors import TargetError
from fraud.metrics import alert_units, daily_budget, expected_alerts, keyed_rank, unit_max


def over_all_orders(scores: np.ndarray, budget: int) -> np.ndarray:
    """Share of all orders of the rows in which a stable sort by score puts each among the first ``budget``."""
    counts, orders = np.zeros(scores.size), list(permutations(range(scores.size)))
    for order in orders:
        for row in sorted(order, key=lambda row: -scores[row])[:budget]:
            counts[row] += 1
    return counts / len(orders)


@pytest.mark.parametrize("budget", range(7))
def test_expected_alerts_are_the_mean_over_all_orders_of_the_tied(budget: int) -> None:
    scores = np.array([0.5, 0.9, 0.5, 0.1, 0.5, 0.1])
    found = expected_alerts(scores, group=np.zeros(6), budget=budget)
    assert found == pytest.approx(over_all_orders(scores, budget))
    both = expected_alerts(np.tile(scores, 2), group=np.repeat([7, 3], 6), budget=np.array([2.0, budget]))
    assert both == pytest.approx(np.concatenate([over_all_orders(scores, budget), over_all_orders(scores, 2)]))


def test_a_budget_that_is_not_whole_is_the_mean_of_its_neighbours() -> None:
    scores, day = np.array([3.0, 2, 2, 2, 1]), np.zeros(5)
    below, above = (expected_alerts(scores, group=day, budget=k) for k in (2, 3))
    assert expected_alerts(scores, group=day, budget=2.25) == pytest.approx(0.75 * below + 0.25 * above)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=30), st.integers(0, 12))
def test_the_order_of_rows_changes_nothing_and_the_sum_is_the_budget(rows: list[tuple[int, int]], budget: int) -> None:
    scores, day = np.array(rows, dtype=float).T
    found = expected_alerts(scores, group=day, budget=budget)
    shuffled = np.random.default_rng(0).permutation(scores.size)
    assert np.array_equal(expected_alerts(scores[shuffled], group=day[shuffled], budget=budget), found[shuffled])
    sizes = np.bincount(day.astype(int))
    assert np.bincount(day.astype(int), weights=found) == pytest.approx(np.minimum(sizes, budget))


def test_without_ties_alerts_are_the_highest_of_each_day() -> None:
    found = expected_alerts([0.2, 0.9, 0.5, 0.1], group=[1, 1, 1, 2], budget=1)
    assert found.tolist() == [0, 1, 0, 1]


def test_wrong_budgets_and_scores_are_named() -> None:
    with pytest.raises(TargetError, match="budget: expected numbers of alerts, 0 or more, found -1"):
        expected_alerts([0.1, 0.2], group=[1, 1], budget=-1)
    with pytest.raises(TargetError, match="y_score: expected numbers, found NaN"):
        expected_alerts([0.1, np.nan], group=[1, 1], budget=1)


def test_a_card_on_a_day_is_one_unit_and_a_row_without_a_card_is_one_of_its_own() -> None:
    day = np.array([1, 1, 2, 1, 1, 2])
    card = np.array(["a", "a", "a", None, None, "b"], dtype=object)
    codes, n = alert_units(day, card)
    assert n == 5
    assert codes[0] == codes[1]
    assert len(set(codes.tolist())) == n
    assert unit_max([1.0, 5, 2, 3, 4, 0], codes, n)[codes].tolist() == [5, 5, 2, 3, 4, 0]
    numbered = np.array([0, 0, 0, np.nan, np.nan, 1])
    assert np.array_equal(alert_units(day, numbered)[0], codes)


def test_without_cards_every_transaction_is_a_unit() -> None:
    codes, n = alert_units([5, 5, 6], None)
    assert (codes.tolist(), n) == ([0, 1, 2], 3)


@given(st.floats(0.01, 40), st.integers(0, 30_000), st.integers(1, 60))
def test_a_day_has_the_same_budget_whatever_file_it_is_in(a_day: float, first: int, days: int) -> None:
    numbers = np.arange(first, first + days)
    whole = daily_budget(a_day, numbers)
    assert np.array_equal(whole, np.concatenate([daily_budget(a_day, [one]) for one in numbers]))
    assert set(whole.tolist()) <= {np.floor(a_day), np.floor(a_day) + 1}
    assert abs(whole.sum() - a_day * days) <= 1


def test_a_partial_day_has_its_share_of_the_alerts() -> None:
    assert daily_budget(10, [5, 6, 7], coverage=[0.25, 1, 0.5]).tolist() == [2.5, 10, 5]


def test_the_keyed_rank_follows_the_id_alone_and_says_nothing_about_its_order() -> None:
    ids = [f"T{number:05}" for number in range(2_000)]
    ranks = keyed_rank(ids, "alerts")
    assert sorted(ranks.tolist()) == list(range(2_000))
    shuffled = np.random.default_rng(0).permutation(2_000)
    again = keyed_rank([ids[row] for row in shuffled], "alerts")
    assert np.array_equal(again, ranks[shuffled])
    assert abs(np.corrcoef(ranks, np.arange(2_000))[0, 1]) < 0.1
    assert not np.array_equal(keyed_rank(ids, "other"), ranks)
    by_hash = sorted(range(2_000), key=lambda i: blake2b(ids[i].encode(), key=b"alerts", digest_size=8).digest())
    assert np.argsort(ranks).tolist() == by_hash
