"""The sections of a proposed config, and the comments of keys that are made of counts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fraud.config import TextSpec
from fraud.data import INDEX_COLUMNS, preset
from fraud.inspection.proposal.dump_facts import DumpFacts
from fraud.inspection.proposal.window_counts import Windows
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.names import plain_name


def sections_of(facts: DumpFacts, name: str) -> dict[str, dict[str, Any]]:
    """The config as ``RunConfig.from_mapping`` reads it; that of a known data set has its shipped columns."""
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


def dataset_name(paths: Sequence[Path]) -> str:
    """The name of the first file, as a data set may be named."""
    return plain_name(paths[0].name.split(".")[0])[:40]


def comments_of(facts: DumpFacts, windows: Windows | None) -> dict[str, str]:
    """``section.key``, or a column, -> comment."""
    test = {"split.test": windows.test.counts} if windows else {}
    return {**facts.roles.comments, **facts.plan.why, **test, **_privacy(facts)}


def _privacy(facts: DumpFacts) -> dict[str, str]:
    """The comment of the switch that hides identities, where these are personal data."""
    hidden = [name for name in facts.roles.entities.values() if name in facts.personal]
    return {"privacy.pseudonymise": f"true hides {', '.join(hidden)}: {facts.personal[hidden[0]]}"} if hidden else {}
