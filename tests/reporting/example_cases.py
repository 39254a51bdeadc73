"""Breakdowns, examples and importances of the made-up runs."""

from typing import Any

_BANDS = {
    "amount": {
        "up to 38": (631, -0.21),
        "38 to 91.50": (629, -0.02),
        "91.50 to 214": (630, 0.06),
        "over 214": (630, 0.17),
    },
    "hour": {
        "00:00 to 06:00": (212, -0.06),
        "06:00 to 12:00": (930, 0.01),
        "12:00 to 18:00": (1011, 0.02),
        "18:00 to 24:00": (367, -0.01),
    },
    "novelty": {
        "customer: first seen": (9, -0.71),
        "customer: known under 30 days": (48, -0.2),
        "customer: known longer": (2463, 0.01),
        "customer + terminal: not met for 30 days": (1490, -0.03),
        "customer + terminal: met lately": (1030, 0.05),
    },
}


def breakdowns(recall: float) -> dict[str, list[dict[str, Any]]]:
    """Recall by amount, hour and novelty; of a group that nobody could measure there is none."""
    return {
        dimension: [
            {
                "group": group,
                "frauds": frauds,
                "recall": _interval(recall + shift, 0.9 / frauds**0.5) if recall + shift > 0 else None,
            }
            for group, (frauds, shift) in bands.items()
        ]
        for dimension, bands in _BANDS.items()
    }


def cases() -> dict[str, list[dict[str, Any]]]:
    """Missed frauds and false alarms, entities masked already."""
    return {
        "missed": [
            _case(n, amount=918.4 - 87.31 * n, rank=108 + 37 * n, probability=0.041 / (n + 1), kind=str(2 + n % 2))
            for n in range(8)
        ],
        "false_alarms": [
            _case(n + 8, amount=240.05 + 13.9 * n, rank=1 + n, probability=0.993 - 0.013 * n, kind=None)
            for n in range(8)
        ],
    }


def importance(features: int = 21) -> dict[str, Any]:
    """What the champion leans on, some of it and most of it not at all."""
    names = ("terminal_fraud_rate", "amount", "customer_amount_ratio", "terminal_last_label", "hour", "customer_count")
    rows = [
        {
            "feature": names[n] if n < len(names) else f"terminal_feature_{n}",
            "columns": 6 - n if n < len(names) else 1,
            "drop": round(0.31 * 0.55**n - 0.0004, 6),
            "lowest": round(0.29 * 0.55**n - 0.0006, 6),
            "highest": round(0.33 * 0.55**n - 0.0003, 6),
        }
        for n in range(features)
    ]
    return {"average_precision": 0.781, "rows": 22_727, "frauds": 2_520, "shuffles": 3, "features": rows}


def _case(n: int, *, amount: float, rank: int, probability: float, kind: str | None) -> dict[str, Any]:
    return {
        "time": f"2018-09-{1 + (n * 7) % 29:02} {(n * 5) % 24:02}:{(n * 17) % 60:02}",
        "amount": round(amount, 2),
        "entities": {"customer": f"4…{n % 10}", "terminal": None if n == 3 else f"9…{(n * 3) % 10}"},
        "rank": rank,
        "of": 9_461 + n,
        "probability": round(probability, 6),
        "fraud_type": kind,
    }


def _interval(mean: float, half: float) -> dict[str, float]:
    mean = min(mean, 0.999)
    return {"mean": round(mean, 6), "low": round(max(mean - half, 0.0), 6), "high": round(min(mean + half, 1.0), 6)}
