"""The questions of a report in the order in which a reader asks them; those without evidence are left out."""

from fraud.reporting import breakdowns, performance, retraining
from fraud.reporting import data_and_provenance as origin
from fraud.reporting import training as trust
from fraud.reporting.budget import budget
from fraud.reporting.calibration import calibration
from fraud.reporting.costs import costs
from fraud.reporting.evidence_values import Section
from fraud.reporting.example_transactions import cases
from fraud.reporting.feature_importance import features
from fraud.reporting.run_view import RunView
from fraud.reporting.threshold import promises

_QUESTIONS = (
    retraining.decision,
    retraining.drift,
    budget,
    performance.precision_recall,
    performance.differences,
    promises,
    calibration,
    costs,
    breakdowns.types,
    breakdowns.groups,
    cases,
    features,
    trust.seeds,
    trust.baselines,
    performance.measures,
    trust.training,
    origin.data,
    origin.limits,
    origin.provenance,
)


def all_sections(view: RunView) -> tuple[Section, ...]:
    """Every section that this run has evidence for."""
    found = (question(view) for question in _QUESTIONS)
    return tuple(section for section in found if section is not None)
