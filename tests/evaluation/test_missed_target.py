"""A warning about a threshold names the model that is in use."""

from dataclasses import replace
from typing import Any

import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.frozen_threshold import NO_ALERT_PAYS
from fraud.evaluation.record.cautions import decided_by_ties, missed_target, no_alert_at_all, unmatched_policy
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


def unmet(kind: str, note: str, matched: float) -> tuple[str, list[str]]:
    """What the answer begins with, and the warnings."""
    achieved = {"kind": kind, "promised": None, "validation": 0.0, "test": 0.0, "note": note}
    found = findings({"none": 0.0, "weight-sqrt": 0.0})
    found = replace(found, policy=PolicyConfig(value=matched), evidence={"none": {"achievement": achieved}})
    configured = PolicyConfig(kind=kind, value=0.9)  # type: ignore[arg-type]
    return no_alert_at_all(found, configured), unmatched_policy(found, configured)


def test_where_no_alert_pays_the_answer_says_so_and_that_nobody_configured_the_operating_point() -> None:
    first, warnings = unmet("costs", NO_ALERT_PAYS, 1.0)
    assert warnings == []
    assert first == (
        "No alert pays at these prices: on validation, every threshold costs more in reviews (review_cost 5 each) than "
        "it saves. Recall and precision are compared at 1 alert a day, which nobody configured; the threshold of "
        "weight-sqrt raises no alert."
    )


def test_where_no_precision_is_shown_the_answer_says_so() -> None:
    first, _ = unmet("min_precision", "no threshold shows it", 1.0)
    assert first.startswith("No threshold of any strategy shows the configured precision on validation. Recall")


def test_a_policy_without_a_number_of_alerts_is_compared_at_its_median() -> None:
    first, (warning,) = unmet("max_fpr", "", 14.25)
    assert first == ""
    assert "compared at 14 alerts a day for all, the median that it came to on validation" in warning


def test_few_alerts_never_read_as_none() -> None:
    (warning,) = missed_target(findings({"none": 0.0, "weight-sqrt": 0.32}))
    assert "came to 0.32 on test" in warning


def test_alerts_that_ties_decide_are_said_where_there_is_at_least_one() -> None:
    def warned(alerts: float) -> list[str]:
        return decided_by_ties(
            replace(findings({}), evidence={"weight-sqrt": {"tied": {"alerts": alerts, "of": 150.0}}})
        )

    (warning,) = warned(52.5)
    assert warning.startswith("52 of the 150 alerts on the test window are decided among tied scores: they count with")
    assert warned(0.5) == []
