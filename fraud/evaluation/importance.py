"""Feature importance of a trained network: the drop of its ranking when one feature's values are shuffled.

Permutation importance (Breiman 2001, "Random forests", section 10). It holds for this network and this window and does
not show causes; of strongly correlated features, each may seem unimportant because the others replace it. Therefore
columns of one origin, such as the same count over several windows, are shuffled together.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fraud.evaluation.comparison_data import ComparisonData
from fraud.features import Encoder, take
from fraud.metrics import average_precision
from fraud.model import Bundle

SHUFFLES = 3
MOST_FRAUDS = 4_000
MOST_SCORED = 2_400_000
"""Rows scored in all, about: seconds, whatever the data."""
FEWEST_GENUINE = 2_000
_WINDOW = re.compile(r"_\d+[a-z]+(?:_over_\d+[a-z]+)?$")
_CYCLE = re.compile(r"^(hour|weekday)_(?:sin|cos)$")


def importance_of(bundle: Bundle, data: ComparisonData) -> dict[str, Any] | None:
    """Importance of every feature to the champion, on the latest fold's test window; nothing is decided by it.

    None where that window has no fraud, as nothing is ranked above the rest there.

    Args:
        bundle: the champion.
        data: of the comparison that it was chosen in.
    """
    X, y = data.latest.inputs.window("test")
    if not (y == 1).any():
        return None
    origins, rng = origins_of(bundle.encoder), np.random.default_rng([bundle.seeds[0], 3])
    return permutation_importance(bundle.logits_of, X, y, origins=origins, rng=rng)


def origins_of(encoder: Encoder) -> dict[str, tuple[int, ...]]:
    """Columns of the matrix by where they come from: windows, missing flags and both parts of a cycle are one origin.

    ``customer_count_1d``, ``customer_count_7d`` and their missing flags are ``customer_count``.
    """
    features = [scale.name for scale in encoder.scales_ for _ in scale.names]
    features += [vocabulary.name for vocabulary in encoder.vocabularies_]
    found: dict[str, list[int]] = {}
    for column, feature in enumerate(features):
        found.setdefault(origin_of(feature), []).append(column)
    return {origin: tuple(columns) for origin, columns in found.items()}


def origin_of(feature: str) -> str:
    """What a feature is called without its window or its part of a cycle; the amount and its logarithm are one.

    >>> origin_of("card_count_30d"), origin_of("card_count_1d_over_30d"), origin_of("hour_sin"), origin_of("V14")
    ('card_count', 'card_count', 'hour', 'V14')
    """
    cycle = _CYCLE.match(feature)
    if cycle:
        return cycle.group(1)
    return "amount" if feature == "amount_log" else _WINDOW.sub("", feature)


def permutation_importance(
    score: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    *,
    origins: Mapping[str, Sequence[int]],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Drop of average precision when the columns of one origin take the values of other transactions.

    Genuine rows are a sample and weigh for those left out, so that average precision stays that of the whole window;
    the replacing values are drawn from all rows alike.

    Args:
        score: rows (N, F) -> logits (N,).
        X: encoded rows (N, F); may be a memory map.
        y: labels (N,).
        origins: columns by origin.
        rng: draws rows.

    Returns:
        ``average_precision`` of the untouched rows, ``rows`` and ``frauds`` scored, ``shuffles``, and ``features`` by
        importance: ``{feature, columns, drop, lowest, highest}``, mean and range over the shuffles.
    """
    rows, weight = _sample(y, len(origins), rng)
    drawn, truth = np.array(take(X, rows), dtype=np.float32), y[rows]
    whole = average_precision(truth, score(drawn), weight)
    donors = [_donors(X, len(rows), rng) for _ in range(SHUFFLES)]
    features = []
    for origin, columns in origins.items():
        drops = [whole - average_precision(truth, score(_replaced(drawn, one, columns)), weight) for one in donors]
        drop = {"feature": origin, "columns": len(columns), "drop": float(np.mean(drops))}
        features.append(drop | {"lowest": float(min(drops)), "highest": float(max(drops))})
    return {
        "average_precision": whole,
        "rows": len(rows),
        "frauds": int(truth.sum()),
        "shuffles": SHUFFLES,
        "features": sorted(features, key=lambda one: (-one["drop"], one["feature"])),
    }


def _sample(y: np.ndarray, origins: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the rows to score, and how many rows each of them represents."""
    fraud, genuine = np.flatnonzero(y == 1), np.flatnonzero(y != 1)
    some = rng.permutation(fraud)[:MOST_FRAUDS]
    room = MOST_SCORED // (SHUFFLES * max(origins, 1)) - len(some)
    others = rng.permutation(genuine)[: max(room, FEWEST_GENUINE)]
    represents = [len(part) / max(len(drawn), 1) for part, drawn in ((fraud, some), (genuine, others))]
    weight = np.repeat(represents, [len(some), len(others)])
    rows = np.concatenate([some, others])
    order = np.argsort(rows)
    return rows[order], weight[order]


def _donors(X: np.ndarray, wanted: int, rng: np.random.Generator) -> np.ndarray:
    """Rows drawn from all alike, in random order; read from the file in its own order."""
    donors = np.array(take(X, np.sort(rng.integers(0, len(X), wanted))), dtype=np.float32)
    rng.shuffle(donors, axis=0)
    return donors


def _replaced(rows: np.ndarray, donor: np.ndarray, columns: Sequence[int]) -> np.ndarray:
    changed = rows.copy()
    changed[:, list(columns)] = donor[:, list(columns)]
    return changed
