"""A proposal for an unknown dump: its config, warnings, guesses and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import polars as pl

from fraud.config import LabelSpec, RunConfig, TextSpec
from fraud.data import INDEX_COLUMNS, preset, preset_columns, recognise_preset
from fraud.inspection.leaks.leaking_columns import LeakingColumn, find_leaking_columns, labelled_rows
from fraud.inspection.leaks.report_times import find_reports
from fraud.inspection.proposal.dump_facts import DumpFacts, kind_among
from fraud.inspection.proposal.hazards import personal_data
from fraud.inspection.proposal.plan import plan_run
from fraud.inspection.proposal.questions import what_is_guessed, what_is_missing
from fraud.inspection.proposal.timeline import stops_on, timeline_of
from fraud.inspection.proposal.warnings import find_warnings
from fraud.inspection.proposal.window_counts import Windows, count_windows, days_until_reported
from fraud.inspection.reading.joins import check_same_columns
from fraud.inspection.reading.sample import Sample, read_sample
from fraud.inspection.roles.assignment import Roles, find_roles
from fraud.inspection.roles.clock import Clock, known_clock
from fraud.inspection.roles.clock_search import find_clock
from fraud.inspection.roles.identity import take_identity, withhold
from fraud.inspection.roles.label import find_label, named_as_label
from fraud.inspection.roles.names import plain_name
from fraud.inspection.roles.other_times import other_times
from fraud.inspection.roles.profile import Profile, find_decimal, find_empty_words, profiles_of
from fraud.inspection.roles.reasons import ColumnReason, Explanation


@dataclass(frozen=True, kw_only=True)
class Inspection(DumpFacts):
    """What was found out, and what is proposed."""

    sections: dict[str, dict[str, Any]]
    """The config, as ``RunConfig.from_mapping`` reads it."""
    windows: Windows | None
    """The windows with their counts; None without a label, or where the data have too few days for them."""
    why: Mapping[str, str]
    """``section.key``, or a column, -> comment."""
    warnings: tuple[str, ...]
    """The most severe first."""
    unsure: tuple[str, ...]
    """What was guessed and should be checked."""
    missing: tuple[str, ...]
    """What is required before `fraud run` can judge anything."""

    @property
    def config(self) -> RunConfig:
        """The proposed configuration."""
        return RunConfig.from_mapping(self.sections, source="proposed config")


def inspect_dumps(
    paths: Sequence[Path], scratch: Path, *, name: str | None = None, label: LabelSpec | None = None
) -> Inspection:
    """Inspect dumps of the same columns and propose a config.

    Args:
        paths: the dumps.
        scratch: an empty folder for what must be unpacked or recoded.
        name: of the data set; left out: that of the known data set with these columns, or of the first file.
        label: the column that states what was fraud, and its values; left out: it is searched.

    Raises:
        DumpError: a dump cannot be read.
    """
    check_same_columns(paths, scratch / "columns")
    facts = find_facts(read_sample(paths, scratch), stated_label=label)
    sections = _sections(facts, name or facts.preset or _dataset_name(paths))
    windows = _windows(facts, sections)
    return Inspection(
        **{one.name: getattr(facts, one.name) for one in fields(DumpFacts)},
        sections=sections,
        windows=windows,
        why={**facts.roles.comments, **facts.plan.why, **_of_the_test(windows), **_privacy(facts)},
        warnings=find_warnings(facts, windows),
        unsure=what_is_guessed(facts),
        missing=what_is_missing(facts, windows),
    )


def _windows(facts: DumpFacts, sections: Mapping[str, Any]) -> Windows | None:
    has_label_time = "label_time" in sections["columns"]
    return count_windows(facts.moments, sections, has_label_time=has_label_time) if facts.label else None


def _of_the_test(windows: Windows | None) -> dict[str, str]:
    """The comment of the test window's length: its rows and frauds."""
    return {"split.test": windows.test.counts} if windows else {}


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


def _sections(facts: DumpFacts, name: str) -> dict[str, dict[str, Any]]:
    sections = {"dataset": {"name": name}, "columns": _columns(facts), **facts.plan.sections}
    return _as_preset(facts.preset, sections, facts.sample) if facts.preset else sections


def _columns(facts: DumpFacts) -> dict[str, Any]:
    roles, label = facts.roles, facts.label
    columns: dict[str, Any] = {"transaction_id": roles.transaction_id, "event_time": facts.clock.as_config()}
    columns |= {"amount": roles.amount, "is_fraud": label.as_config() if label else None}
    columns |= {"label_time": facts.reported, "fraud_type": facts.kind, "entities": roles.entities}
    columns |= {"numeric": roles.numeric, "categorical": roles.categorical, "ignore": roles.ignore}
    columns["text"] = text_as_config(facts.sample.dialect.text)
    return {key: value for key, value in columns.items() if value not in (None, {}) or key == "entities"}


def text_as_config(text: TextSpec) -> dict[str, Any]:
    """The entries of ``[columns] text`` in the TOML: those that differ from the defaults."""
    usual = TextSpec()
    names = ("separator", "encoding", "skip_lines", "footer_lines", "header", "decimal", "empty")
    entries = {name: getattr(text, name) for name in names if getattr(text, name) != getattr(usual, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in entries.items()}


def _as_preset(known: str, sections: dict[str, dict[str, Any]], sample: Sample) -> dict[str, dict[str, Any]]:
    """The sections with the columns, and where it has them labels, split and features, of a known data set."""
    shipped = preset(known)
    columns = shipped["columns"]
    ignored = {*columns.get("ignore", []), *INDEX_COLUMNS}
    columns["ignore"] = [name for name in sample.columns if name in ignored]
    text = text_as_config(sample.dialect.text)
    columns = columns | ({"text": text} if text else {})
    kept = {key: value for key, value in shipped.items() if key in {"labels", "split", "features"}}
    if shipped.get("policy", {}).get("kind") == "max_fpr":
        kept["policy"] = shipped["policy"]
    return {**sections, **kept, "columns": columns}


def _dataset_name(paths: Sequence[Path]) -> str:
    return plain_name(paths[0].name.split(".")[0])[:40]


def _privacy(facts: DumpFacts) -> dict[str, str]:
    """The comment of the switch that hides identities, where these are personal data."""
    hidden = [name for name in facts.roles.entities.values() if name in facts.personal]
    return {"privacy.pseudonymise": f"true hides {', '.join(hidden)}: {facts.personal[hidden[0]]}"} if hidden else {}
