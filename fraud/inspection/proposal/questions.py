"""What was guessed of a dump, and what must be told before anything can be judged."""

from collections.abc import Sequence

from fraud.inspection.proposal.dump_facts import Facts
from fraud.inspection.proposal.timeline import Course
from fraud.inspection.proposal.window_counts import Windows
from fraud.inspection.roles.label import Label


def what_is_guessed(facts: Facts) -> tuple[str, ...]:
    """What was guessed; of a known data set, time and label were not."""
    of_the_clock = () if facts.preset else facts.clock.unsure
    of_the_label = facts.label.unsure if facts.label and not facts.preset else ()
    others = ", ".join(facts.other_labels)
    named = (f"other columns look like labels: {others}",) if others and facts.label else ()
    presumed = facts.presumed if not facts.preset else ()
    return (*presumed, *facts.sample.dialect.unsure, *facts.guessed, *of_the_clock, *of_the_label, *named)


def what_is_missing(facts: Facts, windows: Windows | None) -> tuple[str, ...]:
    """What keeps a run from judging anything."""
    return _missing(facts.label, facts.course, facts.other_labels) or _missing_days(facts, windows)


def _missing(label: Label | None, course: Course, others: Sequence[str]) -> tuple[str, ...]:
    if label is None:
        guess = f"; it may be {' or '.join(others)}" if others else ""
        return (
            f"which column says what was fraud: found none{guess}; name it with --label, --fraud and --genuine, and "
            "inspect again: without a label nothing is tested for giving it away. Labels that come in a file of their "
            "own are joined with --join",
        )
    if course.frauds == 0:
        return (f"frauds: {label.spec.column} holds none in {course.transactions:,} rows",)
    if course.frauds == course.labelled:
        return (
            f"which rows are genuine: every labelled row of {label.spec.column} is fraud; where an empty cell is "
            'genuine, say so with genuine = [""] in [columns] is_fraud',
        )
    return ()


def _missing_days(facts: Facts, windows: Windows | None) -> tuple[str, ...]:
    """That no run can come of so few days or frauds, where all rows were read."""
    if not facts.sample.is_whole or facts.label is None:
        return ()
    wait = f"{facts.plan.sections['labels']['maturity_days']:g} days of waiting for labels"
    if windows is None:
        return (f"days: {facts.course.span_days:,.1f} are too few for three windows and {wait} between them",)
    empty = windows.without_fraud
    if not empty:
        return ()
    late = any(window.late for window in empty)
    why = f"those there are reported only after {wait}" if late else f"there are {facts.course.frauds:,} in all"
    return (f"frauds to use in the {' and '.join(one.name for one in empty)} window: {why}; bring more days",)
