"""From scores to alerts at an operating point that is the same for every strategy."""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.errors import TargetError
from fraud.metrics.checks import as_keys, as_numbers, as_scores


def top_k_per_day(
    y_score: ArrayLike, day: ArrayLike, *, k: int | NDArray[np.int64], tie_break: ArrayLike
) -> NDArray[np.bool_]:
    """Alerts on the k highest scores of each day: exactly min(k, transactions of that day).

    Args:
        y_score: scores or logits (N,); higher is more suspicious.
        day: day of each transaction (N,), anything that sorts.
        k: alerts a day; or one number per distinct day, in ascending order of days.
        tie_break: rank of each transaction by its id (N,); among equal scores the smaller rank is the alert,
            so that neither the sort nor the order of rows decides.

    Returns:
        Booleans (N,).

    Raises:
        TargetError: NaN scores, lengths that differ, or k below 0.

    >>> top_k_per_day([0.2, 0.9, 0.5, 0.1], [1, 1, 1, 2], k=1, tie_break=[0, 1, 2, 3]).tolist()
    [False, True, False, True]
    """
    scores, day_code, days = _by_day(y_score, day)
    budget = np.broadcast_to(_whole(k), days)
    return _ranks(scores, day_code, tie_break) <= budget[day_code]


def rank_within_day(y_score: ArrayLike, day: ArrayLike, *, tie_break: ArrayLike) -> NDArray[np.int64]:
    """Rank (N,) of each transaction among those of its day, 1 for the highest score; ties as in ``top_k_per_day``.

    >>> rank_within_day([0.2, 0.9, 0.5, 0.1], [1, 1, 1, 2], tie_break=[0, 1, 2, 3]).tolist()
    [3, 1, 2, 1]
    """
    scores, day_code, _ = _by_day(y_score, day)
    return _ranks(scores, day_code, tie_break)


def expected_alerts(
    y_score: ArrayLike, *, group: ArrayLike, budget: float | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Share of all orders of tied scores in which each row is among the highest of its group, as many as the budget.

    1 above the cut, 0 below it; the rows tied at the cut share the places that are left: (places left) / (number tied).
    So neither the order of rows nor an id decides any figure.

    Args:
        y_score: scores or logits (N,); higher is more suspicious.
        group: group of each row (N,), mostly its day; anything that sorts.
        budget: alerts of a group, 0 or more; or one number per distinct group (G,), groups ascending. A budget that is
            not whole is the mean of its whole neighbours, weighted.

    Returns:
        float64 (N,) in [0, 1]; the sum over a group is min(budget, rows of the group).

    Raises:
        TargetError: NaN scores, lengths that differ, or a budget below 0.

    >>> expected_alerts([0.9, 0.5, 0.5, 0.1], group=[1, 1, 1, 1], budget=2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    above, tied, code, groups = _places(y_score, group)
    allowed = np.broadcast_to(_not_negative(budget), groups)
    return np.asarray(np.clip((allowed[code] - above) / tied, 0.0, 1.0))


def count_above(y_score: ArrayLike, group: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of its group that score higher than each row (N,), and that score the same, itself included (N,).

    With K alerts its expected alert is (K - above) / tied, within 0 and 1: ``expected_alerts`` of many budgets at once.

    >>> [counts.tolist() for counts in count_above([0.9, 0.5, 0.5], group=[1, 1, 1])]
    [[0, 1, 1], [1, 2, 2]]
    """
    above, tied, _, _ = _places(y_score, group)
    return above, tied


def _places(
    y_score: ArrayLike, group: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], int]:
    """As ``count_above``; with the number of each row's group (N,), counted from 0, and how many groups there are."""
    scores, code, groups = _by_day(y_score, group)
    order = np.lexsort((-scores, code))
    of_group, ranked = code[order], scores[order]
    starts = np.ones(scores.size, dtype=np.bool_)
    starts[1:] = (of_group[1:] != of_group[:-1]) | (ranked[1:] != ranked[:-1])
    first = np.flatnonzero(starts)
    sizes = np.bincount(code, minlength=groups)
    above, tied = (np.empty(scores.size, dtype=np.int64) for _ in range(2))
    many = np.diff(np.append(first, scores.size))
    tied[order] = np.repeat(many, many)
    above[order] = np.repeat(first - (np.cumsum(sizes) - sizes)[of_group[first]], many)
    return above, tied, code, groups


def keyed_rank(ids: Iterable[object], key: str) -> NDArray[np.int64]:
    """Rank (N,) of each id, from 0, by its keyed hash (BLAKE2b, 64 bits): an order that says nothing about the rows.

    For lists that must name some of several tied rows. The id itself may know the label, where frauds were written
    before the rest. The same on every platform and in every order of rows.

    Args:
        ids: one per row, different from each other; compared as text.
        key: names the list; another key gives another order. Of 64 bytes at most.
    """
    keyed = blake2b(digest_size=8, key=key.encode())
    names = [str(one).encode() for one in ids]
    hashes = np.fromiter((_hash(keyed, name) for name in names), dtype=np.uint64, count=len(names))
    ranks = np.empty(hashes.size, dtype=np.int64)
    ranks[np.argsort(hashes, kind="stable")] = np.arange(hashes.size)
    return ranks


def daily_budget(
    alerts_per_day: float, day_numbers: ArrayLike, coverage: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Alerts of each day: whole numbers by the calendar that keep ``alerts_per_day`` on average.

    Day d has floor((d + 1) v) - floor(d v) alerts, so a day has the same budget whatever file or window it is in.

    Args:
        alerts_per_day: v, 0 or more; need not be whole.
        day_numbers: days since 1970 (D,).
        coverage: share of each day (D,), in (0, 1], that the window covers; a partial day has that share of its
            alerts, which need not be whole then.

    Returns:
        float64 (D,).

    >>> daily_budget(2.5, [100, 101, 102, 103]).tolist()
    [2.0, 3.0, 2.0, 3.0]
    """
    days = np.asarray(day_numbers, dtype=np.float64)
    budget = np.floor((days + 1) * alerts_per_day + 1e-6) - np.floor(days * alerts_per_day + 1e-6)
    return budget if coverage is None else budget * as_numbers(coverage, days.size, "coverage")


def _hash(keyed: blake2b, name: bytes) -> int:
    one = keyed.copy()
    one.update(name)
    return int.from_bytes(one.digest(), "big")


def _not_negative(budget: float | NDArray[np.float64]) -> NDArray[np.float64]:
    alerts = np.asarray(budget, dtype=np.float64)
    if alerts.size and not alerts.min() >= 0:
        raise TargetError(f"budget: expected numbers of alerts, 0 or more, found {budget!r}")
    return alerts


def _by_day(y_score: ArrayLike, day: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64], int]:
    """Scores (N,), the number of each transaction's day (N,), counted from 0, and how many days there are."""
    scores = as_scores(y_score)
    days, day_code = np.unique(as_keys(day, scores.size, "day"), return_inverse=True)
    return scores, day_code, days.size


def _ranks(scores: NDArray[np.float64], day_code: NDArray[np.int64], tie_break: ArrayLike) -> NDArray[np.int64]:
    order = np.lexsort((as_keys(tie_break, scores.size, "tie_break"), -scores, day_code))
    sizes = np.bincount(day_code)
    ranks = np.empty(scores.size, dtype=np.int64)
    ranks[order] = np.arange(scores.size) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    return ranks


def _whole(k: int | NDArray[np.int64]) -> NDArray[np.int64]:
    budget = np.asarray(k)
    if not np.issubdtype(budget.dtype, np.integer) or (budget.size and budget.min() < 0):
        raise TargetError(f"k: expected whole numbers of alerts, 0 or more, found {k!r}")
    return budget.astype(np.int64)
