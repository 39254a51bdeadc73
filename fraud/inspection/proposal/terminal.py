"""The result of an inspection as lines for a terminal."""

from collections.abc import Iterator
from datetime import timedelta

from fraud.inspection.proposal.proposal import Inspection
from fraud.inspection.proposal.window_counts import Windows
from fraud.text import counted, one_line

INSTANT = timedelta(microseconds=1)
MOST_COLUMNS = 12
"""Columns of one role that are named at most."""


def describe(inspection: Inspection) -> Iterator[str]:
    """Lines: what was read, the roles, the warnings, what was guessed, what is missing."""
    yield inspection.sample.statement
    if inspection.preset:
        yield f"  its columns are those of the data set '{inspection.preset}', so the roles are taken from there"
    yield from (f"  {text}" for text in inspection.sample.dialect.findings)
    yield ""
    yield from (f"  {role:<15} {one_line(text)}" for role, text in _roles(inspection))
    yield ""
    if inspection.warnings:
        yield "warnings, the most severe first:"
        yield from (f"  {number}. {one_line(text)}" for number, text in enumerate(inspection.warnings, start=1))
    if inspection.unsure:
        yield "guessed, please check:"
        yield from (f"  - {one_line(text)}" for text in inspection.unsure)
    if inspection.missing:
        yield "missing, before anything can be judged:"
        yield from (f"  - {one_line(text)}" for text in inspection.missing)


def _roles(inspection: Inspection) -> Iterator[tuple[str, str]]:
    columns, timeline, sections = inspection.config.columns, inspection.timeline, inspection.sections
    yield "transaction_id", columns.transaction_id or "none: made from the file and its row number"
    yield "event_time", _time(inspection)
    yield "amount", columns.amount or "none"
    if inspection.label:
        share = f"{100 * timeline.prevalence:.3g} % of the labelled are fraud"
        yield "is_fraud", f"{inspection.label.spec.column} ({inspection.label.counts}); {share}"
    if columns.label_time:
        yield "label_time", ", ".join(columns.label_time.sources)
    if columns.fraud_type:
        yield "fraud_type", columns.fraud_type
    for name, column in columns.entities.items():
        why = inspection.why.get(column)
        yield f"  {name}", column + (f" ({why})" if why else "")
    for role in ("numeric", "categorical", "ignore"):
        yield role, _some(getattr(columns, role))
    split, policy = sections["split"], sections["policy"]
    yield "windows", f"validation {split['validation']}, test {split['test']}; {policy['kind']} = {policy['value']:g}"
    if inspection.windows:
        yield from _windows(inspection.windows, dated=inspection.clock.anchored)


def _windows(windows: Windows, *, dated: bool) -> Iterator[tuple[str, str]]:
    for window in windows.all:
        span = f"{window.start:%Y-%m-%d} to {window.end - INSTANT:%Y-%m-%d}: " if dated else ""
        yield f"  {window.name}", span + window.counts
    if windows.waiting_rows:
        rows, frauds = counted(windows.waiting_rows, "row"), counted(windows.waiting_frauds, "fraud")
        yield "  waiting", f"{rows}, {frauds}: labels not known in time"


def _time(inspection: Inspection) -> str:
    columns, timeline = inspection.config.columns, inspection.timeline
    named = ", ".join(columns.event_time.sources) or "row order"
    span = (
        f"{timeline.first:%Y-%m-%d %H:%M} to {timeline.last:%Y-%m-%d %H:%M}" if timeline.first and timeline.last else ""
    )
    if not inspection.clock.anchored:
        days = inspection.timeline.span_days
        span = "" if inspection.clock.is_order else f"{days:,.1f} days" if inspection.clock.grain != "month" else ""
    return f"{named}: {inspection.clock.how}" + (f"; {span}" if span else "")


def _some(names: tuple[str, ...]) -> str:
    if not names:
        return "none"
    more = f" and {len(names) - MOST_COLUMNS} more" if len(names) > MOST_COLUMNS else ""
    return ", ".join(names[:MOST_COLUMNS]) + more
