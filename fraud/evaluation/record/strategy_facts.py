"""What the figures of a strategy imply, stated once: other programs read it in report.json, the page shows it."""

from collections.abc import Mapping
from typing import Any

ALLOWED = 1.25
"""Scores are read as probabilities where the 95 % interval of mean score over prevalence stays within this factor."""
OFF = 1.1
"""Scores are no probabilities where that interval lies beyond this factor."""


def strategy_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """Further keys of a strategy's row in ``report.json``.

    Args:
        row: with ``calibration`` and, where kinds of fraud are known, ``recall_by_type``.

    Returns:
        ``shift_suffices`` and ``is_probability``: whether scores after the prior correction, and after calibration, are
        shown to expect about as many frauds as there are (True), or shown not to (False); None where the frauds are too
        few to show either, or there is no such figure. A strategy that shifts nothing has no ``shift_suffices``.
        ``most_missed``: the kind of
        fraud with the most missed frauds and its share of them; None with fewer than two kinds or nothing missed.
    """
    return {
        "shift_suffices": _shown(row, "shifted") if _is_shifted(row) else None,
        "is_probability": _shown(row, "calibrated"),
        "most_missed": _most_missed(row),
    }


def _shown(row: Mapping[str, Any], stage: str) -> bool | None:
    figures = row["calibration"].get(stage) or {}
    low, high = (figures.get(f"mean_score_over_prevalence_{end}") for end in ("low", "high"))
    if low is None:
        return None
    if low > OFF or (high is not None and high < 1 / OFF):
        return False
    return True if low >= 1 / ALLOWED and high is not None and high <= ALLOWED else None


def _is_shifted(row: Mapping[str, Any]) -> bool:
    """Whether the correction changes any score."""
    return bool(row["calibration"].get("shifted") != row["calibration"].get("raw"))


def _most_missed(row: Mapping[str, Any]) -> dict[str, Any] | None:
    kinds = row.get("recall_by_type") or []
    missed = {one["fraud_type"]: one["frauds"] * (1 - one["recall"]["mean"]) for one in kinds if one["recall"]}
    if len(kinds) < 2 or not sum(missed.values()):
        return None
    kind = max(missed, key=missed.__getitem__)
    return {"fraud_type": kind, "share_of_missed": missed[kind] / sum(missed.values())}
