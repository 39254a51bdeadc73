"""Card precision@k against the handbook's definition, written out as a loop."""

import math

import numpy as np
import pytest

from fraud.errors import TargetError
from fraud.metrics import card_precision_at_k


def handbook(y, scores, day, card, k):
    """The definition of the Fraud Detection Handbook, in plain Python."""
    found, precisions = set(), []
    for one in sorted(set(day.tolist())):
        rows = [i for i in range(len(y)) if day[i] == one and card[i] not in found]
        highest = {c: max(scores[i] for i in rows if card[i] == c) for c in {card[i] for i in rows}}
        bad = {card[i] for i in rows if y[i]}
        top = sorted(highest, key=lambda c: (-highest[c], c))[:k]
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
