"""A proposal for an unknown dump: its config, warnings, guesses and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from fraud.config import LabelSpec, RunConfig
from fraud.inspection.joins import check_same_columns
from fraud.inspection.proposal.dump_facts import DumpFacts, find_facts
from fraud.inspection.proposal.questions import what_is_guessed, what_is_missing
from fraud.inspection.proposal.sections import comments_of, dataset_name, sections_of
from fraud.inspection.proposal.warnings import find_warnings
from fraud.inspection.proposal.window_counts import Windows, count_windows
from fraud.inspection.reading.sample import read_sample


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
        label: the column that states what was fraud, and its values; left out: it is searched for.

    Raises:
        DumpError: a dump cannot be read.
    """
    check_same_columns(paths, scratch / "columns")
    facts = find_facts(read_sample(paths, scratch), stated_label=label)
    sections = sections_of(facts, name or facts.preset or dataset_name(paths))
    windows = _windows(facts, sections)
    return Inspection(
        **{one.name: getattr(facts, one.name) for one in fields(DumpFacts)},
        sections=sections,
        windows=windows,
        why=comments_of(facts, windows),
        warnings=find_warnings(facts, windows),
        unsure=what_is_guessed(facts),
        missing=what_is_missing(facts, windows),
    )


def _windows(facts: DumpFacts, sections: Mapping[str, Any]) -> Windows | None:
    has_label_time = "label_time" in sections["columns"]
    return count_windows(facts.moments, sections, has_label_time=has_label_time) if facts.label else None
