"""What a comparison found, with its answer in words; a retraining brings its findings in the same form."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from fraud.config import PolicyConfig
from fraud.evaluation.choice import RULE
from fraud.evaluation.comparison import Outcome
from fraud.evaluation.comparison_data import ComparisonData
from fraud.evaluation.importance import importance_of
from fraud.evaluation.record.answer import write_answer
from fraud.evaluation.statistics.sampling import describe_sources
from fraud.model import Bundle


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The parts of a report that differ between its kinds, ready for JSON; ``evidence`` is by candidate."""

    kind: Literal["compare", "retrain"]
    policy: PolicyConfig
    rows: Sequence[Mapping[str, Any]]
    baselines: Sequence[Mapping[str, Any]]
    comparisons: Sequence[Mapping[str, Any]]
    answer: Mapping[str, Any]
    champion: Mapping[str, Any]
    margin: float
    decision: Mapping[str, Any] | None = None
    warnings: Sequence[str] = ()
    evidence: Mapping[str, Mapping[str, Any]]
    importance: Mapping[str, Any] | None = None
    """Of the features, to the champion."""
    dose_response: Sequence[Mapping[str, Any]] = ()
    """What each family finds at several corrections of the imbalance."""
    intervals: Mapping[str, Any] = field(default_factory=dict)
    """How intervals are made and what varies in them, from ``describe_sources``."""


def findings_of(outcome: Outcome, data: ComparisonData, bundle: Bundle, *, margin: float) -> Findings:
    """What a comparison found, with its answer in words.

    Args:
        outcome: of the comparison.
        data: that it was made on.
        bundle: the champion.
        margin: difference in recall that does not matter, as a share of the recall that the budget allows.
    """
    if not np.isnan(outcome.budget.ceiling):
        margin *= outcome.budget.ceiling
    rows = [{**row.row, "validation_recall": outcome.choice.validation_recall[row.name]} for row in outcome.strategies]
    return Findings(
        kind="compare",
        policy=outcome.policy,
        rows=rows,
        baselines=[dict(row.row) for row in outcome.baselines],
        comparisons=[asdict(comparison) for comparison in outcome.comparisons],
        answer=write_answer(
            rows,
            outcome.comparisons,
            chosen=outcome.choice.strategy,
            family_best=outcome.choice.family_best,
            policy=outcome.policy,
            margin=margin,
            chance=None if np.isnan(outcome.chance) else outcome.chance,
            budget=outcome.budget,
            baselines=[row.row for row in outcome.baselines],
            all_genuine_accuracy=all_genuine_accuracy(data),
        ),
        champion=champion_as_json(bundle, version=None) | {"rule": RULE},
        margin=margin,
        warnings=[f"{name} was left out: {reason}" for name, reason in outcome.left_out.items()],
        evidence=outcome.evidence,
        importance=importance_of(bundle, data),
        dose_response=outcome.dose_response,
        intervals=describe_sources(outcome.sampling, [row["seeds"] for row in rows]),
    )


def champion_as_json(bundle: Bundle, *, version: int | None) -> dict[str, Any]:
    """The section ``champion`` of ``report.json``."""
    return {
        "strategy": bundle.strategy,
        "seeds": list(bundle.seeds),
        "version": version,
        "trained_until": bundle.provenance["split"]["train"]["to"],
    }


def all_genuine_accuracy(data: ComparisonData) -> float:
    """Accuracy on test of calling everything genuine."""
    return 1.0 - float(data.test.y_true.mean())
