"""A few example transactions: the costliest missed frauds, and the false alarms with the highest scores.

Entities are masked here already, so that nothing downstream can show one.
"""

from typing import Any

import numpy as np

from fraud.evaluation.candidates import ScoredSeed, WindowRows
from fraud.metrics import losses, rank_within_day
from fraud.privacy import mask

SHOWN = 8
"""Rows of each kind."""


def examples_of(
    seed: ScoredSeed, test: WindowRows, alerts: np.ndarray, unit: np.ndarray
) -> dict[str, list[dict[str, Any]]]:
    """``missed`` frauds and ``false_alarms`` at the matched operating point, ready for JSON.

    Missed frauds come costliest first; without amounts, those ranked lowest. False alarms come highest score first,
    each by the highest transaction of its unit.

    Args:
        seed: one candidate's scores; of several folds, false alarms are ordered by calibrated probability.
        test: the window that judges.
        alerts: (N,) of that model at the matched operating point.
        unit: from ``units_of``: transactions that are one alert.
    """
    fraud = test.y_true == 1
    highest = _highest_of_units(seed, test, unit)
    codes = np.unique(unit, return_inverse=True)[1]
    day = test.day[highest] - test.day.min()
    rank = rank_within_day(seed.logits[highest], day, tie_break=test.tie_break[highest])[codes]
    of = np.bincount(day)[day][codes]
    has_fraud = np.bincount(codes, weights=fraud) > 0
    missed, false = np.flatnonzero(fraud & ~alerts), highest[alerts[highest] & ~has_fraud]
    cost = rank[missed] if test.amount is None else losses(test.amount[missed])
    chosen = {
        "missed": missed[np.lexsort((test.tie_break[missed], -cost))][:SHOWN],
        "false_alarms": false[np.lexsort((test.tie_break[false], -seed.comparable[false]))][:SHOWN],
    }
    return {
        name: [_example(int(row), seed, test) | {"rank": int(rank[row]), "of": int(of[row])} for row in rows]
        for name, rows in chosen.items()
    }


def _highest_of_units(seed: ScoredSeed, test: WindowRows, unit: np.ndarray) -> np.ndarray:
    """Row of the highest transaction of each unit, units ascending."""
    order = np.lexsort((test.tie_break, -seed.logits))
    return np.asarray(order[np.unique(unit[order], return_index=True)[1]])


def _example(row: int, seed: ScoredSeed, test: WindowRows) -> dict[str, Any]:
    shown: dict[str, Any] = test.context.row(row, named=True) if test.context is not None else {}
    time, kind = shown.get("event_time"), None if test.fraud_type is None else test.fraud_type[row]
    return {
        "time": time.isoformat(sep=" ", timespec="minutes")[:16] if time else None,
        "amount": None if test.amount is None or np.isnan(test.amount[row]) else float(test.amount[row]),
        "entities": {name: mask(shown[name]) if shown.get(name) is not None else None for name in test.entities},
        "probability": float(seed.probabilities["calibrated"][row]),
        "fraud_type": str(kind) if kind is not None and test.y_true[row] == 1 else None,
    }
