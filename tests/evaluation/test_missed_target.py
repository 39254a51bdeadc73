"""A warning about a threshold names the model that is in use."""

from typing import Any

import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.record.cautions import missed_target
from fraud.evaluation.record.findings import Findings


def findings(achieved: dict[str, float], *, decision: dict[str, Any] | None = None) -> Findings:
    policy = {"kind": "alerts_per_day", "promised": 20.0, "validation": 20.0, "note": ""}
    return Findings(
        kind="retrain" if decision else "compare",
        policy=PolicyConfig(value=20),
        rows=(),
        baselines=(),
        comparisons=(),
        answer={},
        champion={"strategy": "weight-sqrt"},
        margin=0.02,
        decision=decision,
        evidence={name: {"achievement": {**policy, "test": test}} for name, test in achieved.items()},
    )


@pytest.mark.parametrize(
    ("promote", "in_use", "other"), [(True, "challenger", "champion"), (False, "champion", "challenger")]
)
def test_after_a_retraining_the_threshold_of_the_model_in_use_is_judged(promote: bool, in_use: str, other: str) -> None:
    decision = {"promote": promote}
    (warning,) = missed_target(findings({other: 20.0, in_use: 90.0}, decision=decision))
    assert warning.startswith(
        f"The threshold of the {in_use} was chosen on validation for 20 alerts a day and came to 90"
    )
    assert missed_target(findings({other: 90.0, in_use: 21.0}, decision=decision)) == []


def test_in_a_comparison_it_is_the_chosen_strategys() -> None:
    (warning,) = missed_target(findings({"none": 20.0, "weight-sqrt": 90.0}))
    assert warning.startswith("The threshold of weight-sqrt was chosen")
    assert missed_target(findings({"none": 90.0, "weight-sqrt": 24.0})) == []
