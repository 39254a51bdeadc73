"""Equal numbers of alerts for every strategy, and ties that luck cannot decide."""

import numpy as np
import pytest

from fraud.errors import TargetError
from fraud.metrics import rank_within_day, top_k_per_day


def brute_force(scores, day, k, tie_break):
    alerts = np.zeros(len(scores), dtype=bool)
    for one in set(day.tolist()):
        rows = [i for i in range(len(scores)) if day[i] == one]
        for i in sorted(rows, key=lambda i: (-scores[i], tie_break[i]))[:k]:
            alerts[i] = True
    return alerts


@pytest.mark.parametrize("k", [0, 1, 7, 1000])
def test_top_k_per_day_agrees_with_a_loop_over_days(k):
    rng = np.random.default_rng(3)
    scores = np.round(rng.random(400), 1)
    day = rng.integers(17_000, 17_020, 400)
    tie_break = rng.permutation(400)
    expected = brute_force(scores, day, k, tie_break)
    assert np.array_equal(top_k_per_day(scores, day, k=k, tie_break=tie_break), expected)


def test_ranks_count_from_one_on_every_day():
    rng = np.random.default_rng(6)
    scores, day, tie_break = np.round(rng.random(400), 1), rng.integers(0, 9, 400), rng.permutation(400)
    ranks = rank_within_day(scores, day, tie_break=tie_break)
    for one in range(9):
        rows = sorted(np.flatnonzero(day == one), key=lambda row: (-scores[row], tie_break[row]))
        assert ranks[rows].tolist() == list(range(1, len(rows) + 1))


def test_each_day_raises_exactly_k_alerts_or_all_it_has():
    rng = np.random.default_rng(4)
    day = np.sort(rng.integers(0, 30, 900))
    alerts = top_k_per_day(np.zeros(900), day, k=30, tie_break=np.arange(900))
    assert np.array_equal(np.bincount(day[alerts]), np.minimum(np.bincount(day), 30))


def test_the_order_of_rows_never_decides_who_is_alerted():
    rng = np.random.default_rng(5)
    scores, day, rank = rng.integers(0, 3, 300) / 3, rng.integers(0, 5, 300), rng.permutation(300)
    shuffled = rng.permutation(300)
    alerts = top_k_per_day(scores, day, k=20, tie_break=rank)
    again = top_k_per_day(scores[shuffled], day[shuffled], k=20, tie_break=rank[shuffled])
    assert np.array_equal(alerts[shuffled], again)


def test_a_budget_may_differ_by_day():
    day = np.repeat([10, 11, 12], 5)
    alerts = top_k_per_day(np.arange(15.0), day, k=np.array([2, 0, 3]), tie_break=np.arange(15))
    assert np.flatnonzero(alerts).tolist() == [3, 4, 12, 13, 14]


def test_wrong_inputs_are_named():
    with pytest.raises(TargetError, match="y_score: expected numbers, found NaN at row 1 of 2"):
        top_k_per_day([0.1, np.nan], [1, 1], k=1, tie_break=[0, 1])
    with pytest.raises(TargetError, match=r"k: expected whole numbers of alerts, 0 or more, found 1\.5"):
        top_k_per_day([0.1, 0.2], [1, 1], k=1.5, tie_break=[0, 1])
    with pytest.raises(TargetError, match="found -1"):
        top_k_per_day([0.1, 0.2], [1, 1], k=-1, tie_break=[0, 1])
    with pytest.raises(TargetError, match=r"day: expected shape \(2,\), found \(3,\)"):
        top_k_per_day([0.1, 0.2], [1, 1, 2], k=1, tie_break=[0, 1])
