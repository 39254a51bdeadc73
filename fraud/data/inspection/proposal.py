"""A proposal for an unknown dump: its config, what is dangerous about it, and what was guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import polars as pl

from fraud.config import RunConfig, TextSpec, TimeSpec
from fraud.data.inspection.clock import Clock, known_clock
from fraud.data.inspection.clock_search import find_clock
from fraud.data.inspection.course import Course, course_of, stops_on
from fraud.data.inspection.dangers import personal_data
from fraud.data.inspection.facts import Facts, kind_among
from fraud.data.inspection.giveaways import Giveaway, find_giveaways, labelled_rows
from fraud.data.inspection.joining import check_same_columns
from fraud.data.inspection.label import Label, find_label
from fraud.data.inspection.names import REPORTED, hints, plain_name
from fraud.data.inspection.other_times import other_times
from fraud.data.inspection.plan import plan_run
from fraud.data.inspection.profile import Profile, find_decimal, find_empty_words, profiles_of
from fraud.data.inspection.roles import Roles, find_roles
from fraud.data.inspection.sample import Sample, read_sample
from fraud.data.inspection.warned import find_warnings
from fraud.data.inspection.windows import Windows, count_windows, days_until_reported, read_moments
from fraud.data.presets import UNNAMED, preset, preset_columns, recognise_preset
from fraud.errors import FraudError


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


def inspect_dumps(paths: Sequence[Path], scratch: Path, *, name: str | None = None) -> Inspection:
    """Look at dumps of the same columns and propose a config.

    Args:
        paths: the dumps.
        scratch: an empty folder for what must be unpacked or recoded.
        name: of the data set; left out: from the preset that they are, or from the first file.

    Raises:
        DumpError: a dump cannot be read.
    """
    check_same_columns(paths, scratch / "look")
    facts = find_facts(read_sample(paths, scratch))
    sections = _sections(facts, name or facts.preset or _dataset_name(paths))
    windows = _windows(facts, sections)
    return Inspection(
        **{one.name: getattr(facts, one.name) for one in fields(Facts)},
        sections=sections,
        windows=windows,
        why={**facts.roles.why, **facts.plan.why, **_privacy(facts)},
        warnings=find_warnings(facts, windows),
        unsure=_unsure(facts),
        missing=_missing(facts.label, facts.course, facts.other_labels) or _missing_days(facts, windows),
    )


def _windows(facts: Facts, sections: Mapping[str, Any]) -> Windows | None:
    has_label_time = "label_time" in sections["columns"]
    return count_windows(facts.moments, sections, has_label_time=has_label_time) if facts.label else None


def find_facts(sample: Sample) -> Facts:
    """Everything that a sample tells: first how it is written, then time and label, then what the rest may be."""
    sample, profiles, guessed = _understood(sample)
    known = recognise_preset(sample.columns)
    clock = known_clock(known) if known else find_clock(profiles, sample)
    label, others = find_label(profiles, sample)
    held = frozenset({*clock.spec.sources, *([label.spec.column] if label else [])})
    tells = find_giveaways(labelled_rows(sample, label), skip=held) if label else []
    reported, personal = _report_time(tells, label, clock), personal_data(profiles)
    moments = _moments(sample, clock, label, reported)
    course = course_of(moments)
    stops = stops_on(course)
    roles = _roles(profiles, sample, clock=clock, held=held, tells=tells, reported=reported, personal=personal)
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
    )


def _moments(sample: Sample, clock: Clock, label: Label | None, reported: str | None) -> pl.DataFrame:
    try:
        return read_moments(sample, clock, label, TimeSpec(column=reported) if reported else None)
    except FraudError:  # `fraud run` says what is wrong with the times of the reports, and how to mend it
        return read_moments(sample, clock, label, None)


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


def _report_time(tells: Sequence[Giveaway], label: Label | None, clock: Clock) -> str | None:
    """The column of times at which frauds were reported."""
    if label is None or clock.is_order:
        return None
    return next((one.column for one in tells if one.is_report and hints(one.column, REPORTED)), None)


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


def _unsure(facts: Facts) -> tuple[str, ...]:
    """What was guessed; of a known data set, time and label were not."""
    of_the_clock = () if facts.preset else facts.clock.unsure
    of_the_label = facts.label.unsure if facts.label and not facts.preset else ()
    others = ", ".join(facts.other_labels)
    named = (f"other columns look like labels: {others}",) if others and facts.label else ()
    return (*facts.sample.dialect.unsure, *facts.guessed, *of_the_clock, *of_the_label, *named)


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


def _privacy(facts: Facts) -> dict[str, str]:
    """The comment of the switch that hides identities, where it would hide something personal."""
    hidden = [name for name in facts.roles.entities.values() if name in facts.personal]
    return {"privacy.pseudonymise": f"true hides {', '.join(hidden)}: {facts.personal[hidden[0]]}"} if hidden else {}


def _missing(label: Label | None, course: Course, others: Sequence[str]) -> tuple[str, ...]:
    if label is None:
        guess = f"; columns with two values: {', '.join(others)}" if others else ""
        return (f"which column says what was fraud: found none; set [columns] is_fraud, or ingest labels{guess}",)
    if course.frauds == 0:
        return (f"frauds: {label.spec.column} holds none in {course.transactions:,} rows",)
    if course.frauds == course.labelled:
        return (
            f"which rows are genuine: every labelled row of {label.spec.column} is fraud; an empty cell is unknown",
        )
    return ()
