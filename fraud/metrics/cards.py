"""Card precision@k: of the k cards that are reviewed each day, how many are compromised."""

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from fraud.errors import TargetError
from fraud.metrics.checks import as_keys, as_scores, as_targets
from fraud.metrics.operating_points import keyed_rank


def card_precision_at_k(
    y_true: ArrayLike, y_score: ArrayLike, *, day: ArrayLike, card: ArrayLike, k: int
) -> tuple[float, float]:
    """Card precision@k and its ceiling, as the Fraud Detection Handbook defines it (chapter 4, "Precision top-k").

    Each day a card counts with its highest score; the k highest cards are reviewed; those with a fraud that day are
    found and no longer take part on later days. The figure is the mean over days of found / k. The ceiling is the most
    that any ranking gets: mostly below 1, because few days have k compromised cards. It is the largest assignment of
    cards to days on which they are compromised, k to a day (a maximum flow).

    Args:
        y_true: labels (N,).
        y_score: scores or logits (N,).
        day: day of each transaction (N,).
        card: card of each transaction (N,); transactions without one (None) are left out.
        k: cards reviewed each day; always the divisor, also on days with fewer cards.

    Returns:
        The figure and its ceiling; nan, nan where no transaction has a card.

    Raises:
        TargetError: k below 1, NaN scores, lengths that differ.

    NOTE: cards of equal score go by a keyed hash of the card, never by its name or the order of rows.
    """
    if k < 1:
        raise TargetError(f"k: expected at least one card a day, found {k}")
    y = as_targets(y_true)
    scores = as_scores(y_score, y.size)
    cards = as_keys(card, y.size, "card")
    days = as_keys(day, y.size, "day")
    known = np.array([one is not None for one in cards.tolist()]) if cards.dtype == object else np.ones(y.size, bool)
    if not known.any():
        return float("nan"), float("nan")
    names, card_code = np.unique(cards[known], return_inverse=True)
    card_code = keyed_rank(names.tolist(), "card precision")[card_code]
    _, day_code = np.unique(days[known], return_inverse=True)
    table = _CardDays(y[known], scores[known], day=day_code, card=card_code)
    return table.mean_found(k), table.most_found(k)


class _CardDays:
    """One row per (day, card), sorted by day: highest score and whether the card had a fraud that day."""

    def __init__(
        self, y: NDArray[np.bool_], scores: NDArray[np.float64], *, day: NDArray[np.int64], card: NDArray[np.int64]
    ) -> None:
        self.cards = int(card.max()) + 1
        pairs, member = np.unique(day * self.cards + card, return_inverse=True)
        self.day, self.card = pairs // self.cards, pairs % self.cards
        self.score = np.full(pairs.size, -np.inf)
        np.maximum.at(self.score, member, scores)
        self.fraud = np.bincount(member, weights=y, minlength=pairs.size) > 0

    def most_found(self, k: int) -> float:
        """The same as ``mean_found`` of the best ranking: each card once, on a day with a fraud, k to a day."""
        card, day = self.card[self.fraud], self.day[self.fraud]
        if not card.size:
            return 0.0
        days = int(self.day.max()) + 1
        source, sink = self.cards + days, self.cards + days + 1
        once, reviewed = np.unique(card), np.unique(day)
        tails = np.concatenate([np.full(once.size, source), card, self.cards + reviewed])
        heads = np.concatenate([once, self.cards + day, np.full(reviewed.size, sink)])
        room = np.concatenate([np.ones(once.size + card.size), np.full(reviewed.size, min(k, self.cards))])
        graph = csr_array((room.astype(np.int32), (tails, heads)), shape=(sink + 1, sink + 1))
        return int(maximum_flow(graph, source, sink).flow_value) / (k * days)

    def mean_found(self, k: int) -> float:
        """Mean over days of the compromised cards among the k highest, found ones leaving the game, over k."""
        found = np.zeros(self.cards, dtype=np.bool_)
        days = int(self.day.max()) + 1
        edges = np.searchsorted(self.day, np.arange(days + 1))
        for start, end in itertools.pairwise(edges):
            rows = np.arange(start, end)[~found[self.card[start:end]]]
            top = rows[np.lexsort((self.card[rows], -self.score[rows]))[:k]]
            found[self.card[top[self.fraud[top]]]] = True
        return float(found.sum()) / (k * days)
