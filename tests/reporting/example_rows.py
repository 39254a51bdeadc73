"""Rows of made-up reports: strategies, what they cost, how they compare."""

import math
from typing import Any

from example_curves import FRAUDS_A_DAY


def interval(mean: float, half: float) -> dict[str, float]:
    """An interval around a mean, cut to a share."""
    return {"mean": mean, "low": max(mean - half, 0.0), "high": min(mean + 1.05 * half, 1.0)}


def strategy(name: str, family: str, recall: float, *, half: float = 0.021, seeds: int = 3) -> dict[str, Any]:
    """A row of ``strategies`` or ``baselines``."""
    raw = {
        "weight-inverse": 16.81,
        "weight-sqrt": 4.43,
        "weight-normalized": 16.2,
        "over-random": 14.2,
        "over-smote": 12.9,
        "under-random": 19.4,
    }
    shifted = {"weight-inverse": 0.92, "over-random": 0.84, "over-smote": 0.71, "under-random": 1.52}
    ratios = {"raw": raw.get(name, 1.04), "shifted": shifted.get(name, 0.97), "calibrated": 1.01}
    return {
        "name": name,
        "family": family,
        "seeds": seeds,
        "steps": 800 if family != "baseline" else None,
        "train_seconds": 31.4,
        "recall": interval(recall, half),
        "recall_at_threshold": interval(recall - 0.012, half * 1.1),
        "precision": interval(recall * FRAUDS_A_DAY / 100, half * 0.8),
        "average_precision": interval(recall + 0.07, half * 0.9),
        "roc_auc": interval(0.9 + recall / 10, half / 6),
        "amount_recall": interval(recall + 0.068, half * 1.4),
        "card_precision_at_k": 0.291,
        "card_precision_at_k_ceiling": 0.412,
        "ceiling": 0.962,
        "alerts_per_day": 97.2 + 10 * (recall - 0.7),
        "threshold": 0.1873,
        "calibration": {
            stage: {
                "ece": round(abs(math.log(ratio)) / 90 + 0.0004, 6),
                "brier": round(0.0031 + abs(math.log(ratio)) / 400, 6),
                "log_loss": round(0.0168 + abs(math.log(ratio)) / 60, 6),
                "mean_score_over_prevalence": ratio,
                "mean_score_over_prevalence_low": round(0.94 * ratio, 6),
                "mean_score_over_prevalence_high": round(1.07 * ratio, 6),
            }
            for stage, ratio in ratios.items()
        },
        "recall_by_fold": [round(recall + shift, 6) for shift in (0.013, -0.02, 0.008)],
        "recall_by_seed": [round(recall + shift, 6) for shift in (-0.0061, 0.0042, 0.0019)[:seeds]],
        "recall_by_type": [
            {"fraud_type": "1", "frauds": 240, "recall": interval(min(recall + 0.28, 0.999), 0.012)},
            {"fraud_type": "2", "frauds": 1450, "recall": interval(recall + 0.03, half * 1.3)},
            {"fraud_type": "3", "frauds": 830, "recall": interval(recall - 0.13, half * 1.9)},
        ],
    }


def costs(recall: float) -> dict[str, Any]:
    """What three ways to decide would spare, reviews paid."""
    savings = {"threshold": recall - 0.08, "bayes": recall - 0.02, "bayes_raw": recall - 0.9}
    alerts = {"threshold": 88.2, "bayes": 104.6, "bayes_raw": 2415.0}
    decisions = {
        name: {
            "alerts_per_day": alerts[name],
            "cost_per_day": 9_000 * (1 - saved),
            "savings": {"mean": saved, "low": saved - 0.03, "high": saved + 0.03},
        }
        for name, saved in savings.items()
    }
    return {**decisions, "difference": {"mean": 0.06, "low": 0.041, "high": 0.077}}


def comparison(a: str, b: str, difference: float, half: float, *, margin: float = 0.02) -> dict[str, Any]:
    """A paired comparison of two recalls."""
    low, high = difference - half, difference + half
    decided = (
        "a" if low > 0 else "b" if high < 0 else "equivalent" if -margin < low and high < margin else "inconclusive"
    )
    p_value = min(1.0, math.exp(-((difference / half) ** 2) * 2))
    parts = {"a": a, "b": b, "metric": "recall", "difference": difference, "low": low, "high": high}
    return {**parts, "p_value": p_value, "verdict": decided}
