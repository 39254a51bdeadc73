"""The questions of a report in the order in which a reader asks them; those without evidence are left out."""

from fraud.reporting.facts import Facts
from fraud.reporting.figures import Section
from fraud.reporting.performance import budget, differences, measures, precision_recall

_QUESTIONS = (budget, precision_recall, differences, measures)


def all_sections(facts: Facts) -> tuple[Section, ...]:
    """Every section that this run has evidence for."""
    found = (question(facts) for question in _QUESTIONS)
    return tuple(section for section in found if section is not None)
