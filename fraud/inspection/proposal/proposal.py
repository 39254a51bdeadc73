"""A proposal for an unknown dump: its config, what is dangerous about it, and what was guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import polars as pl

from fraud.config import LabelSpec, RunConfig, TextSpec
from fraud.data import UNNAMED, preset, preset_columns, recognise_preset
from fraud.inspection.leaks.leaking_columns import Giveaway, find_giveaways, labelled_rows
from fraud.inspection.leaks.report_times import find_reports
from fraud.inspection.proposal.dump_facts import Facts, kind_among
from fraud.inspection.proposal.hazards import personal_data
from fraud.inspection.proposal.plan import plan_run
from fraud.inspection.proposal.questions import what_is_guessed, what_is_missing
from fraud.inspection.proposal.timeline import course_of, stops_on
from fraud.inspection.proposal.warnings import find_warnings
from fraud.inspection.proposal.window_counts import Windows, count_windows, days_until_reported
from fraud.inspection.reading.joins import check_same_columns
from fraud.inspection.reading.sample import Sample, read_sample
from fraud.inspection.roles.assignment import Roles, find_roles
from fraud.inspection.roles.clock import Clock, known_clock
from fraud.inspection.roles.clock_search import find_clock
from fraud.inspection.roles.identity import say_about, take_identity, withhold
from fraud.inspection.roles.label import find_label, named_as_label
from fraud.inspection.roles.names import plain_name
from fraud.inspection.roles.other_times import other_times
from fraud.inspection.roles.profile import Profile, find_decimal, find_empty_words, profiles_of


@dataclass(frozen=True, kw_only=True)
class Inspection(Facts):
    """What was found out, and what is proposed."""

    sections: dict[str, dict[str, Any]]
    """The config, as ``RunConfig.from_mapping`` reads it."""
    windows: Windows | None
    """What the windows hold; None where there is no label, or the data are too short for them."""
    why: Mapping[str, str]
    """``section.key``, or a column, -> comment."""
    warnings: tuple[str, ...]
    """The most dangerous first."""
    unsure: tuple[str, ...]
    missing: tuple[str, ...]
    """What must be told before `fraud run` can judge anything."""

    @property
    def config(self) -> RunConfig:
        """The proposed configuration."""
        return RunConfig.from_mapping(self.sections, source="proposed config")


def inspect_dumps(
    paths: Sequence[Path], scratch: Path, *, name: str | None = None, label: LabelSpec | None = None
) -> Inspection:
    """Look at dumps of the same columns and propose a config.

    Args:
        paths: the dumps.
        scratch: an empty folder for what must be unpacked or recoded.
        name: of the data set; left out: from the preset that they are, or from the first file.
        label: which column says what was fraud, and how, where somebody knows; left out: it is looked for.

    Raises:
        DumpError: a dump cannot be read.
    """
    check_same_columns(paths, scratch / "look")
    facts = find_facts(read_sample(paths, scratch), told=label)
    sections = _sections(facts, name or facts.preset or _dataset_name(paths))
    windows = _windows(facts, sections)
    return Inspection(
        **{one.name: getattr(facts, one.name) for one in fields(Facts)},
        sections=sections,
        windows=windows,
        why={**facts.roles.why, **facts.plan.why, **_of_the_test(windows), **_privacy(facts)},
        warnings=find_warnings(facts, windows),
        unsure=what_is_guessed(facts),
        missing=what_is_missing(facts, windows),
    )


def _windows(facts: Facts, sections: Mapping[str, Any]) -> Windows | None:
    has_label_time = "label_time" in sections["columns"]
    return count_windows(facts.moments, sections, has_label_time=has_label_time) if facts.label else None


def _of_the_test(windows: Windows | None) -> dict[str, str]:
    """The comment of the test window's length: the frauds that it holds."""
    return {"split.test": f"it holds {windows.test.counts}"} if windows else {}


def find_facts(sample: Sample, told: LabelSpec | None = None) -> Facts:
    """Everything that a sample tells: first how it is written, then time and label, then what the rest may be.

    Args:
        sample: of the dumps.
        told: the label, where somebody says which it is.
    """
    sample, profiles, guessed = _understood(sample)
    known = recognise_preset(sample.columns)
    clock = known_clock(known) if known else find_clock(profiles, sample)
    label, others = find_label(profiles, sample, told)
    held = frozenset({*clock.spec.sources, *([label.spec.column] if label else [])})
    tells = find_giveaways(labelled_rows(sample, label), skip=held) if label else []
    reports, personal = find_reports(tells, sample, clock, label), personal_data(profiles)
    reported, moments = reports.column, reports.moments
    course = course_of(moments)
    stops = stops_on(course)
    roles = _roles(profiles, sample, clock=clock, held=held, tells=tells, reported=reported, personal=personal)
    if label is None:
        withhold(named_as_label(profiles), roles)
    say_about(roles, sample)
    presumed = [*reports.unsure, *([] if known else take_identity(roles, profiles, sample, personal))]
    if known:
        roles = _known_roles(known, roles, sample.columns)
    return Facts(
        sample=sample,
        profiles=profiles,
        preset=known,
        clock=clock,
        label=label,
        other_labels=others,
        roles=roles,
        course=course,
        plan=plan_run(
            course,
            clock,
            moments,
            has_entities=bool(roles.entities),
            has_label_time=reported is not None,
            stops=stops,
            reported_within=days_until_reported(moments),
        ),
        moments=moments,
        tells=tells,
        reported=reported,
        personal=personal,
        stops=stops,
        guessed=guessed,
        presumed=presumed,
    )


def _understood(sample: Sample) -> tuple[Sample, dict[str, Profile], list[str]]:
    """The sample with its numbers and empty cells understood, its columns, and what was guessed."""
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
    """The sample with these words read as empty, as the reader will do it."""
    names = [name for name, dtype in sample.source.dtypes.items() if dtype == pl.String]
    words = [pl.when(~pl.col(n).is_in(list(empty))).then(pl.col(n)).alias(n) for n in names]
    source = replace(sample.source, frame=sample.source.frame.with_columns(words))
    return replace(sample, source=source, frame=sample.frame.with_columns(words))


def _roles(
    profiles: Mapping[str, Profile],
    sample: Sample,
    *,
    clock: Clock,
    held: frozenset[str],
    tells: Sequence[Giveaway],
    reported: str | None,
    personal: Mapping[str, str],
) -> Roles:
    kind = kind_among(tells)
    taken: dict[str, str | None] = dict.fromkeys(held)
    taken |= dict.fromkeys(clock.ignored, "only counts the rows")
    taken |= {one.column: f"gives the label away: {one.why}" for one in tells}
    if reported:
        taken[reported] = None
    times = other_times(profiles, sample, clock)
    roles = find_roles(profiles, sample, taken=taken, fraud_types=[kind] if kind else [], times=times)
    if kind and kind in roles.ignore:
        roles.ignore.remove(kind)
    for name, what in personal.items():
        for group in (roles.numeric, roles.categorical):
            if name in group:
                group.remove(name)
                roles.drop(name, f"personal data, {what}: of no use as a feature; drop it from the dump")
    return roles


def _known_roles(known: str, found: Roles, columns: Sequence[str]) -> Roles:
    """The roles of a known data set; what was found says why a column is ignored."""
    told = preset_columns(known)
    roles = Roles(
        transaction_id=told.transaction_id,
        amount=told.amount,
        entities=dict(told.entities),
        numeric=list(told.numeric),
        categorical=list(told.categorical),
        ignore=[name for name in told.ignore if name in columns],
    )
    roles.why = {name: why for name, why in found.why.items() if name in found.ignore and name in roles.ignore}
    return roles


def _sections(facts: Facts, name: str) -> dict[str, dict[str, Any]]:
    sections = {"dataset": {"name": name}, "columns": _columns(facts), **facts.plan.sections}
    return _as_preset(facts.preset, sections, facts.sample) if facts.preset else sections


def _columns(facts: Facts) -> dict[str, Any]:
    roles, label = facts.roles, facts.label
    columns: dict[str, Any] = {"transaction_id": roles.transaction_id, "event_time": facts.clock.as_config()}
    columns |= {"amount": roles.amount, "is_fraud": label.as_config() if label else None}
    columns |= {"label_time": facts.reported, "fraud_type": facts.kind, "entities": roles.entities}
    columns |= {"numeric": roles.numeric, "categorical": roles.categorical, "ignore": roles.ignore}
    columns["text"] = text_as_config(facts.sample.dialect.text)
    return {key: value for key, value in columns.items() if value not in (None, {}) or key == "entities"}


def text_as_config(text: TextSpec) -> dict[str, Any]:
    """What is not as usual, as it stands in the TOML."""
    usual = TextSpec()
    names = ("separator", "encoding", "skip_lines", "footer_lines", "header", "decimal", "empty")
    said = {name: getattr(text, name) for name in names if getattr(text, name) != getattr(usual, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def _as_preset(known: str, sections: dict[str, dict[str, Any]], sample: Sample) -> dict[str, dict[str, Any]]:
    """The known mapping of a known data set; windows and training as they fit these rows."""
    told = preset(known)
    columns = told["columns"]
    ignored = {*columns.get("ignore", []), *UNNAMED}
    columns["ignore"] = [name for name in sample.columns if name in ignored]
    text = text_as_config(sample.dialect.text)
    columns = columns | ({"text": text} if text else {})
    kept = {key: value for key, value in told.items() if key in {"labels", "split", "features"}}
    if told.get("policy", {}).get("kind") == "max_fpr":
        kept["policy"] = told["policy"]
    return {**sections, **kept, "columns": columns}


def _dataset_name(paths: Sequence[Path]) -> str:
    return plain_name(paths[0].name.split(".")[0])[:40]


def _privacy(facts: Facts) -> dict[str, str]:
    """The comment of the switch that hides identities, where it would hide something personal."""
    hidden = [name for name in facts.roles.entities.values() if name in facts.personal]
    return {"privacy.pseudonymise": f"true hides {', '.join(hidden)}: {facts.personal[hidden[0]]}"} if hidden else {}
