"""What the figures of a strategy imply, stated once: other programs read it in report.json, the page shows it."""

from collections.abc import Mapping
from typing import Any

SHIFTED_RANGE = (0.85, 1.15)
"""Mean score over prevalence within which the prior correction alone counts as sufficient."""
CALIBRATED_RANGE = (0.9, 1.1)
"""Mean score over prevalence within which calibrated scores count as probabilities."""


def strategy_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """Further keys of a strategy's row in ``report.json``.

    Args:
        row: with ``calibration`` and, where kinds of fraud are known, ``recall_by_type``.

    Returns:
        ``shift_suffices`` and ``is_probability``: whether scores after the prior correction, and after calibration,
        expect about as many frauds as there are; None where there is no such figure. ``most_missed``: the kind of
        fraud with the most missed frauds and its share of them; None with fewer than two kinds or nothing missed.
    """
    return {
        "shift_suffices": _within(row, "shifted", SHIFTED_RANGE),
        "is_probability": _within(row, "calibrated", CALIBRATED_RANGE),
        "most_missed": _most_missed(row),
    }


def _within(row: Mapping[str, Any], stage: str, bounds: tuple[float, float]) -> bool | None:
    ratio = (row["calibration"].get(stage) or {}).get("mean_score_over_prevalence")
    return None if ratio is None else bounds[0] <= ratio <= bounds[1]


def _most_missed(row: Mapping[str, Any]) -> dict[str, Any] | None:
    kinds = row.get("recall_by_type") or []
    missed = {one["fraud_type"]: one["frauds"] * (1 - one["recall"]["mean"]) for one in kinds if one["recall"]}
    if len(kinds) < 2 or not sum(missed.values()):
        return None
    kind = max(missed, key=missed.__getitem__)
    return {"fraud_type": kind, "share_of_missed": missed[kind] / sum(missed.values())}
