"""A retraining as the parts of its report: both models' rows, the decision in words, drift."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fraud.evaluation import Findings, champion_as_json
from fraud.lifecycle.drift.detection import DriftReport
from fraud.lifecycle.promotion import Decision
from fraud.lifecycle.retraining import WindowComparison
from fraud.model import Bundle

QUESTION = "Does the challenger, trained on newer data, find more of the frauds than the champion?"
MOST_SENTENCES = 5
"""Sentences on drift on the first screen; the section on drift has all."""


def retrain_findings(
    decision: Decision,
    compared: WindowComparison,
    *,
    champion: Bundle,
    challenger: Bundle,
    drift: DriftReport | None,
) -> Findings:
    """The findings of a retraining; ``with_versions`` adds the versions once the challenger has one.

    Args:
        decision: promote or keep.
        compared: both models on one window.
        champion: the model in use so far.
        challenger: the model that may replace it.
        drift: since the champion was trained.
    """
    in_use = challenger if decision.promote else champion
    return Findings(
        kind="retrain",
        policy=compared.policy,
        rows=[dict(compared.champion.row), dict(compared.challenger.row)],
        baselines=[],
        comparisons=[asdict(compared.comparison)],
        answer={"question": QUESTION, "family_best": {}, "text": decision.text},
        champion=champion_as_json(in_use, version=None),
        margin=decision.margin,
        decision={"promote": decision.promote},
        warnings=_drift_words(drift),
        evidence=compared.evidence,
        intervals=compared.intervals,
    )


def with_versions(report: Mapping[str, Any], decision: Decision, *, challenger: int) -> dict[str, Any]:
    """The report with the challenger's version, and that of the model in use from now on."""
    in_use = challenger if decision.promote else decision.champion
    named = {
        "champion": report["champion"] | {"version": in_use},
        "decision": decision.as_json(challenger=challenger),
    }
    return {**report, **named}


def drift_as_json(drift: DriftReport | None) -> dict[str, Any] | None:
    """Drift for ``evidence.json``; what cannot be measured is null."""
    found: dict[str, Any] | None = _finite(drift.as_json()) if drift else None
    return found


def _drift_words(drift: DriftReport | None) -> list[str]:
    if drift is None or not drift.sentences:
        return []
    more = len(drift.sentences) - MOST_SENTENCES
    rest = f"; and {more} more" if more > 0 else ""
    return [
        f"The data has changed since the champion was trained: {'; '.join(drift.sentences[:MOST_SENTENCES])}{rest}."
    ]


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
