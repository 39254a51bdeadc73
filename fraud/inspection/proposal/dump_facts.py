"""What was found out about dumps, from which config and warnings are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from fraud.config import LabelSpec
from fraud.data import preset_columns, recognise_preset
from fraud.inspection.leaks.leaking_columns import LeakingColumn, find_leaking_columns, labelled_rows
from fraud.inspection.leaks.report_times import find_reports
from fraud.inspection.proposal.hazards import personal_data
from fraud.inspection.proposal.plan import Plan, plan_run
from fraud.inspection.proposal.timeline import Timeline, stops_on, timeline_of
from fraud.inspection.proposal.window_counts import days_until_reported
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.assignment import Roles, find_roles
from fraud.inspection.roles.clock import Clock, known_clock
from fraud.inspection.roles.clock_search import find_clock
from fraud.inspection.roles.identity import take_identity, withhold
from fraud.inspection.roles.label import Label, find_label, named_as_label
from fraud.inspection.roles.other_times import other_times
from fraud.inspection.roles.profile import Profile, find_decimal, find_empty_words, profiles_of
from fraud.inspection.roles.reasons import ColumnReason, Explanation


@dataclass(frozen=True, kw_only=True)
class DumpFacts:
    """What was found out about dumps of the same columns."""

    sample: Sample
    profiles: Mapping[str, Profile]
    preset: str | None
    """The known data set that has these columns."""
    clock: Clock
    label: Label | None
    other_labels: Sequence[str]
    """Other columns that may be the label."""
    roles: Roles
    timeline: Timeline
    moments: pl.DataFrame
    """event_time, is_fraud, label_time of all rows that are read, by time."""
    plan: Plan
    leaks: Sequence[LeakingColumn]
    """Columns that leak the label, the surest first."""
    reported: str | None
    """The column of times at which frauds were reported."""
    personal: Mapping[str, str]
    """Column -> the kind of personal data in it."""
    stops: datetime | None
    """First day after the last fraud, where frauds stop although many more were to be expected."""
    guessed: Sequence[str]
    """What was guessed about how cells are written."""
    presumed: Sequence[str]
    """What was guessed about roles, what matters most first."""

    @property
    def kind(self) -> str | None:
        """The column that names the kind of fraud."""
        return kind_among(self.leaks)


def kind_among(leaks: Sequence[LeakingColumn]) -> str | None:
    """The column that names the kind of fraud."""
    return next((one.column for one in leaks if one.is_kind), None)


def find_facts(sample: Sample, stated_label: LabelSpec | None = None) -> DumpFacts:
    """Everything found in a sample: how its cells are written, then time and label, then the other roles.

    Args:
        sample: of the dumps.
        stated_label: the label, where the user names it.
    """
    sample, profiles, guessed = _understood(sample)
    known = recognise_preset(sample.columns)
    clock = known_clock(known) if known else find_clock(profiles, sample)
    label, others = find_label(profiles, sample, stated_label)
    assigned = frozenset({*clock.spec.sources, *([label.spec.column] if label else [])})
    leaks = find_leaking_columns(labelled_rows(sample, label), skip=assigned) if label else []
    reports, personal = find_reports(leaks, sample, clock, label), personal_data(profiles)
    reported, moments = reports.column, reports.moments
    timeline = timeline_of(moments)
    stops = stops_on(timeline)
    roles = _roles(profiles, sample, clock=clock, assigned=assigned, leaks=leaks, reported=reported, personal=personal)
    if label is None:
        withhold(named_as_label(profiles), roles)
    presumed = [*reports.unsure, *([] if known else take_identity(roles, profiles, sample, personal))]
    if known:
        roles = _known_roles(known, roles, sample.columns)
    return DumpFacts(
        sample=sample,
        profiles=profiles,
        preset=known,
        clock=clock,
        label=label,
        other_labels=others,
        roles=roles,
        timeline=timeline,
        plan=plan_run(
            timeline,
            clock,
            moments,
            has_entities=bool(roles.entities),
            has_label_time=reported is not None,
            stops=stops,
            reported_within=days_until_reported(moments),
        ),
        moments=moments,
        leaks=leaks,
        reported=reported,
        personal=personal,
        stops=stops,
        guessed=guessed,
        presumed=presumed,
    )


def _understood(sample: Sample) -> tuple[Sample, dict[str, Profile], list[str]]:
    """The sample with its decimal mark and its words for empty cells set, its profiles, and what was guessed."""
    profiles = profiles_of(sample)
    spec = sample.dialect.text
    decimal, unsure = find_decimal(profiles, separator=spec.separator or sample.dumps[0].separator)
    if decimal:
        spec = replace(spec, decimal=decimal)
        sample = sample.with_text(spec)
        profiles = profiles_of(sample)
    empty = find_empty_words(profiles)
    if empty:
        sample = _emptied(sample.with_text(replace(spec, empty=tuple(empty))), empty)
        profiles = profiles_of(sample)
    return sample, profiles, unsure


def _emptied(sample: Sample, empty: Sequence[str]) -> Sample:
    """The sample with these words as empty cells, as ingestion will read them."""
    names = [name for name, dtype in sample.source.dtypes.items() if dtype == pl.String]
    words = [pl.when(~pl.col(n).is_in(list(empty))).then(pl.col(n)).alias(n) for n in names]
    source = replace(sample.source, frame=sample.source.frame.with_columns(words))
    return replace(sample, source=source, frame=sample.frame.with_columns(words))


def _roles(
    profiles: Mapping[str, Profile],
    sample: Sample,
    *,
    clock: Clock,
    assigned: frozenset[str],
    leaks: Sequence[LeakingColumn],
    reported: str | None,
    personal: Mapping[str, str],
) -> Roles:
    kind = kind_among(leaks)
    taken: dict[str, Explanation | None] = dict.fromkeys(assigned)
    taken |= dict.fromkeys(clock.ignored, Explanation(ColumnReason.ROW_COUNTER))
    taken |= {leak.column: Explanation(ColumnReason.LABEL_LEAK, detail=leak.why) for leak in leaks}
    if reported:
        taken[reported] = None
    times = other_times(profiles, sample, clock)
    roles = find_roles(profiles, sample, taken=taken, fraud_types=[kind] if kind else [], times=times)
    if kind and kind in roles.ignore:
        roles.ignore.remove(kind)
    for name, what in personal.items():
        roles.withdraw(name, Explanation(ColumnReason.PERSONAL, detail=what))
    return roles


def _known_roles(known: str, found: Roles, columns: Sequence[str]) -> Roles:
    """The roles of a known data set, with the explanations found for the columns that it ignores."""
    spec = preset_columns(known)
    roles = Roles(
        transaction_id=spec.transaction_id,
        amount=spec.amount,
        entities=dict(spec.entities),
        numeric=list(spec.numeric),
        categorical=list(spec.categorical),
        ignore=[name for name in spec.ignore if name in columns],
    )
    roles.why = {name: why for name, why in found.why.items() if name in found.ignore and name in roles.ignore}
    return roles
