"""The curves behind the made-up runs: formulas with the shape of real ones."""

import math
from datetime import date, timedelta
from typing import Any

STRATEGIES = {
    "none": ("none", 0.704),
    "weight-inverse": ("weighting", 0.697),
    "weight-normalized": ("weighting", 0.688),
    "weight-sqrt": ("weighting", 0.712),
    "over-random": ("oversampling", 0.693),
    "over-smote": ("oversampling", 0.671),
    "under-random": ("undersampling", 0.641),
    "batch-balanced": ("batch", 0.699),
}
BASELINES = {
    "gradient-boosting": ("baseline", 0.705),
    "gradient-boosting+under-random": ("baseline", 0.652),
    "logistic-regression": ("baseline", 0.548),
}
TEST_DAYS, FRAUDS_A_DAY, TRANSACTIONS_A_DAY = 30, 84, 9580


def budget_curve(recall: float) -> dict[str, list[float]]:
    alerts = [1, 2, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 700, 1000, 1500, 2000]
    ceiling, pace = 0.86 + (recall - 0.7), -100 / math.log(1 - recall / (0.86 + (recall - 0.7)))
    found = [round(min(ceiling * (1 - math.exp(-k / pace)), k / FRAUDS_A_DAY), 6) for k in alerts]
    return {
        "alerts_per_day": [float(k) for k in alerts],
        "recall": found,
        "precision": [round(f * FRAUDS_A_DAY / k, 6) for f, k in zip(found, alerts, strict=True)],
    }


def precision_recall_curve(recall: float, points: int = 100) -> dict[str, list[float]]:
    found = [n / points for n in range(1, points + 1)]
    return {
        "recall": found,
        "precision": [round(max(0.009, 1 / (1 + math.exp(14 * (r - recall - 0.09)))), 6) for r in found],
    }


def dose_response(plain: float) -> list[dict[str, Any]]:
    """Three families from no correction to balance; undersampling loses most."""
    lost = {
        "weighting": ("weight-tuned", 0.01),
        "oversampling": ("over-random", 0.02),
        "undersampling": ("under-random", 0.06),
    }
    return [
        {
            "family": family,
            "strategy": "none" if correction == 0 else strategy,
            "correction": correction,
            "recall": around(plain - worst * correction**2 + 0.02 * correction * (1 - correction), 0.025),
            "difference": around(-worst * correction**2 + 0.02 * correction * (1 - correction), 0.012)
            if correction
            else None,
            "average_precision": around(0.79 - worst * correction, 0.02),
        }
        for family, (strategy, worst) in lost.items()
        for correction in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]


def around(mean: float, half: float) -> dict[str, float]:
    return {"mean": round(mean, 6), "low": round(mean - half, 6), "high": round(mean + half, 6)}


def judged_day(n: int, day: date) -> dict[str, Any]:
    weekly, frauds = 8 * math.sin(2 * math.pi * n / 7), FRAUDS_A_DAY + (n * 37) % 23 - 11
    return {
        "day": day.isoformat(),
        "transactions": TRANSACTIONS_A_DAY + (n * 91) % 270 - 130,
        "frauds": frauds,
        "promised": 100.0,
        "achieved": {name: round(97 + weekly + (n * 13 + len(name)) % 11 - 5) for name in {**STRATEGIES, **BASELINES}},
        "caught": {
            name: round(frauds * (recall - 0.02 + (n % 5) / 100))
            for name, (_, recall) in {**STRATEGIES, **BASELINES}.items()
        },
    }


def reliability_bins(name: str) -> dict[str, list[dict[str, float]]]:
    lift = {"weight-inverse": 5.1, "over-random": 4.8, "over-smote": 4.4, "under-random": 5.3, "weight-sqrt": 2.4}.get(
        name, 0.2
    )

    def points(shift: float) -> list[dict[str, float]]:
        scores = [0.001, 0.004, 0.015, 0.05, 0.12, 0.25, 0.4, 0.6, 0.8, 0.95]
        return [
            {
                "score": s,
                "observed": round(1 / (1 + math.exp(-(math.log(s / (1 - s)) - shift))), 6),
                "count": round(9e4 * 0.35**n) + 60,
            }
            for n, s in enumerate(scores)
        ]

    return {"raw": points(lift), "shifted": points(lift * 0.12), "calibrated": points(0.04)}


def training_curve(recall: float) -> list[dict[str, float]]:
    return [
        {
            "step": step,
            "train_loss": round(0.012 + 0.05 * math.exp(-step / 120), 6),
            "validation_average_precision": round((recall + 0.07) * (1 - 0.8 * math.exp(-step / 110)), 6),
        }
        for step in range(50, 801, 50)
    ]


def stored_day(n: int) -> dict[str, Any]:
    frauds = round(40 + 44 * (1 - math.exp(-n / 25)) + 6 * math.sin(2 * math.pi * n / 7) + (n * 29) % 7 - 3)
    day = date(2018, 4, 1) + timedelta(days=n)
    return {"day": day.isoformat(), "transactions": TRANSACTIONS_A_DAY, "frauds": frauds}
