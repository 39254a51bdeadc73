"""What was guessed about a dump, and what is missing before anything can be judged."""

from collections.abc import Sequence

from fraud.inspection.proposal.dump_facts import DumpFacts
from fraud.inspection.proposal.timeline import Timeline
from fraud.inspection.proposal.window_counts import Windows
from fraud.inspection.roles.label import Label


def what_is_guessed(facts: DumpFacts) -> tuple[str, ...]:
    """What was guessed; time, label and roles of a known data set were not."""
    of_the_clock = () if facts.preset else facts.clock.unsure
    of_the_label = facts.label.unsure if facts.label and not facts.preset else ()
    others = ", ".join(facts.other_labels)
    named = (f"other columns that may be the label: {others}",) if others and facts.label else ()
    presumed = facts.presumed if not facts.preset else ()
    return (*presumed, *facts.sample.dialect.unsure, *facts.guessed, *of_the_clock, *of_the_label, *named)


def what_is_missing(facts: DumpFacts, windows: Windows | None) -> tuple[str, ...]:
    """What keeps a run from judging anything."""
    return _missing(facts.label, facts.timeline, facts.other_labels) or _missing_days(facts, windows)


def _missing(label: Label | None, timeline: Timeline, others: Sequence[str]) -> tuple[str, ...]:
    if label is None:
        guess = f"; it may be {' or '.join(others)}" if others else ""
        return (
            f"the column that states what was fraud: found none{guess}; name it with --label, --fraud and --genuine, "
            "and inspect again: without a label no column is tested for label leaks. Join labels from another file "
            "with --join",
        )
    if timeline.frauds == 0:
        return (f"frauds: {label.spec.column} has none in {timeline.transactions:,} rows",)
    if timeline.frauds == timeline.labelled:
        return (
            f"which rows are genuine: every labelled row of {label.spec.column} is fraud; if an empty cell means "
            'genuine, set genuine = [""] in [columns] is_fraud',
        )
    return ()


def _missing_days(facts: DumpFacts, windows: Windows | None) -> tuple[str, ...]:
    """That a run needs more days or frauds, where all rows were read."""
    if not facts.sample.is_whole or facts.label is None:
        return ()
    wait = f"{facts.plan.sections['labels']['maturity_days']:g} days of waiting for labels"
    if windows is None:
        return (f"days: {facts.timeline.span_days:,.1f} are too few for three windows and {wait} between them",)
    empty = windows.without_fraud
    if not empty:
        return ()
    late = any(window.late for window in empty)
    why = f"its frauds are reported only after {wait}" if late else f"there are {facts.timeline.frauds:,} in all"
    return (f"known frauds in the {' and '.join(one.name for one in empty)} window: {why}; bring more days",)
