"""Card precision@k against the handbook's definition, written out as a loop."""

import itertools
import math

import numpy as np
import pytest

from fraud.errors import TargetError
from fraud.metrics import card_precision_at_k, keyed_rank


def handbook(y, scores, day, card, k):
    """The definition of the Fraud Detection Handbook, in plain Python."""
    found, precisions, names = set(), [], np.unique(card)
    place = dict(zip(names, keyed_rank(names.tolist(), "card precision"), strict=True))
    for one in sorted(set(day.tolist())):
        rows = [i for i in range(len(y)) if day[i] == one and card[i] not in found]
        highest = {c: max(scores[i] for i in rows if card[i] == c) for c in {card[i] for i in rows}}
        bad = {card[i] for i in rows if y[i]}
        top = sorted(highest, key=lambda c: (-highest[c], place[c]))[:k]
        precisions.append(len([c for c in top if c in bad]) / k)
        found |= {c for c in top if c in bad}
    return float(np.mean(precisions))


@pytest.fixture
def window():
    rng = np.random.default_rng(2)
    n = 3000
    card = np.array([f"c{code:03}" for code in rng.integers(0, 200, n)])
    day = rng.integers(100, 115, n)
    y = (np.char.endswith(card, "7") & (rng.random(n) < 0.4)).astype(int)
    return y, np.round(rng.random(n) + 0.3 * y, 1), day, card


@pytest.mark.parametrize("k", [1, 5, 40, 500])
def test_card_precision_agrees_with_the_handbooks_loop(window, k):
    y, scores, day, card = window
    value, ceiling = card_precision_at_k(y, scores, day=day, card=card, k=k)
    assert value == pytest.approx(handbook(y, scores, day, card, k))
    assert 0 < value <= ceiling <= 1


def test_the_ceiling_is_what_the_labels_as_scores_get_where_k_is_enough(window):
    y, scores, day, card = window
    _, ceiling = card_precision_at_k(y, scores, day=day, card=card, k=40)
    assert ceiling == pytest.approx(handbook(y, y.astype(float), day, card, 40))
    assert ceiling < 1


def test_a_card_found_once_is_not_counted_again():
    y, scores = [1, 1, 0], [0.9, 0.9, 0.1]
    value, ceiling = card_precision_at_k(y, scores, day=[1, 2, 2], card=["a", "a", "b"], k=1)
    assert (value, ceiling) == (0.5, 0.5)


def test_the_ceiling_takes_the_last_chance_first_where_k_is_short():
    # a can be found on both days, b only on the first: a perfect ranking finds b first.
    value, ceiling = card_precision_at_k([1, 1, 1], [0.9, 0.8, 0.9], day=[1, 1, 2], card=["a", "b", "a"], k=1)
    assert (value, ceiling) == (0.5, 1.0)


def test_the_ceiling_is_the_best_assignment_and_no_greedy_one():
    # One card a day: Y and Q must take days 1 or 4 between them, X day 3. Latest-chance-first loses one of the three.
    day, card = np.array([1, 3, 1, 4, 4]), np.array(["X", "X", "Y", "Y", "Q"])
    y, best = np.ones(5, dtype=int), np.array([0, 1, 1, 0, 1.0])
    assert card_precision_at_k(y, best, day=day, card=card, k=1) == (1.0, 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_no_ranking_passes_the_ceiling_and_one_reaches_it(seed):
    rng = np.random.default_rng(seed)
    day, card = np.repeat([1, 2, 3], 3), np.tile(["a", "b", "c"], 3)
    y = (rng.random(9) < 0.5).astype(int)
    _, ceiling = card_precision_at_k(y, np.zeros(9), day=day, card=card, k=1)
    rankings = (np.eye(3)[list(first)].ravel() for first in itertools.product(range(3), repeat=3))
    assert max(card_precision_at_k(y, one, day=day, card=card, k=1)[0] for one in rankings) == pytest.approx(ceiling)


def test_transactions_without_a_card_are_left_out():
    card = np.array([None, "a", None], dtype=object)
    assert card_precision_at_k([1, 1, 1], [0.9, 0.5, 0.2], day=[1, 1, 2], card=card, k=1) == (1.0, 1.0)
    nothing = card_precision_at_k([1], [0.9], day=[1], card=np.array([None], dtype=object), k=1)
    assert all(math.isnan(value) for value in nothing)


def test_row_order_never_decides_between_equal_cards(window):
    y, _, day, card = window
    order = np.random.default_rng(9).permutation(y.size)
    first = card_precision_at_k(y, np.zeros(y.size), day=day, card=card, k=10)
    again = card_precision_at_k(y[order], np.zeros(y.size), day=day[order], card=card[order], k=10)
    assert first == again


def test_at_least_one_card_a_day_is_asked_for():
    with pytest.raises(TargetError, match="k: expected at least one card a day, found 0"):
        card_precision_at_k([1], [0.9], day=[1], card=["a"], k=0)
