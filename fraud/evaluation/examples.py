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


def examples_of(seed: ScoredSeed, test: WindowRows, alerts: np.ndarray) -> dict[str, list[dict[str, Any]]]:
    """``missed`` frauds and ``false_alarms`` at the matched operating point, ready for JSON.

    Missed frauds come costliest first; without amounts, those ranked lowest. False alarms come highest score first.

    Args:
        seed: one trained model's scores.
        test: the window that judges.
        alerts: (N,) of that model at the matched operating point.
    """
    fraud = test.y_true == 1
    rank = rank_within_day(seed.logits, test.day, tie_break=test.tie_break)
    missed, false = np.flatnonzero(fraud & ~alerts), np.flatnonzero(~fraud & alerts)
    cost = rank[missed] if test.amount is None else losses(test.amount[missed])
    chosen = {
        "missed": missed[np.lexsort((test.tie_break[missed], -cost))][:SHOWN],
        "false_alarms": false[np.lexsort((test.tie_break[false], -seed.logits[false]))][:SHOWN],
    }
    return {name: [_example(int(row), seed, test, rank) for row in rows] for name, rows in chosen.items()}


def _example(row: int, seed: ScoredSeed, test: WindowRows, rank: np.ndarray) -> dict[str, Any]:
    shown: dict[str, Any] = test.context.row(row, named=True) if test.context is not None else {}
    time, kind = shown.get("event_time"), None if test.fraud_type is None else test.fraud_type[row]
    return {
        "time": time.isoformat(sep=" ", timespec="minutes")[:16] if time else None,
        "amount": None if test.amount is None or np.isnan(test.amount[row]) else float(test.amount[row]),
        "entities": {name: mask(shown[name]) if shown.get(name) is not None else None for name in test.entities},
        "rank": int(rank[row]),
        "of": int((test.day == test.day[row]).sum()),
        "probability": float(seed.probabilities["calibrated"][row]),
        "fraud_type": str(kind) if kind is not None and test.y_true[row] == 1 else None,
    }
