"""The sections of a report in the order of the page; those without evidence are left out."""

from fraud.reporting import breakdowns, data_and_provenance, performance, retraining, training
from fraud.reporting.budget import budget
from fraud.reporting.calibration import calibration
from fraud.reporting.costs import costs
from fraud.reporting.dose_response import dose_response
from fraud.reporting.evidence_values import Section
from fraud.reporting.example_transactions import example_transactions
from fraud.reporting.feature_importance import features
from fraud.reporting.run_view import RunView
from fraud.reporting.threshold import frozen_threshold

_SECTIONS = (
    retraining.decision,
    retraining.drift,
    dose_response,
    budget,
    performance.precision_recall,
    performance.differences,
    frozen_threshold,
    calibration,
    costs,
    breakdowns.types,
    breakdowns.groups,
    example_transactions,
    features,
    training.seeds,
    training.baselines,
    performance.measures,
    training.training,
    data_and_provenance.data,
    data_and_provenance.limits,
    data_and_provenance.provenance,
)


def all_sections(view: RunView) -> tuple[Section, ...]:
    """Every section that this run has evidence for."""
    found = (section(view) for section in _SECTIONS)
    return tuple(section for section in found if section is not None)
