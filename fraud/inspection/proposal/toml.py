"""A proposal as a complete TOML with comments."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from fraud.config import RunConfig, defaults_of, key_meanings, section_meanings
from fraud.inspection.proposal.proposal import Inspection
from fraud.text import one_line

WIDTH = 118
LEFT_OUT = {
    "transaction_id": "left out: made from the file and its row number",
    "amount": "left out: no column of amounts was found",
    "is_fraud": "required: the column that states what was fraud",
    "label_time": "left out: event_time + labels.delay_days",
    "fraud_type": "left out: no column names the kind of fraud",
    "text": "left out: UTF-8, a header, plain numbers",
    "accept": "left out: columns whose unit or type may differ from the stored transactions",
    "trusted": "left out: columns known in time although one alone nearly separates fraud from genuine",
    "as_of": "left out: all stored transactions",
    "review_cost": "what one reviewed alert costs; for kind costs alone",
    "loss_share": "share of the amount that a missed fraud loses; for kind costs alone",
}
ORDER = ("transaction_id", "event_time", "amount", "is_fraud", "label_time", "fraud_type", "entities")
FOOTNOTES = {
    "numeric": "each must be known at the time of the transaction, or it leaks the label",
    "categorical": "each known at the time of the transaction; rare and unseen values share one category",
    "entities": "the first one is the card, which intervals are made by",
}


def write_config(inspection: Inspection) -> str:
    """The TOML text of a proposal, which ``load_config`` reads."""
    lines = [*_head(inspection)]
    for section in fields(RunConfig):
        assert isinstance(section.type, type)
        values = {name: ... for name in ORDER if section.name == "columns"} | defaults_of(section.type)
        values |= inspection.sections.get(section.name, {})
        lines += ["", f"[{section.name}]".ljust(42) + f" # {section_meanings()[section.name].rstrip('.')}"]
        lines += _section(section.name, values, inspection)
    return "\n".join(lines) + "\n"


def _head(inspection: Inspection) -> list[str]:
    known = f" The columns are those of the data set '{inspection.preset}'." if inspection.preset else ""
    texts = [f"Proposed by `fraud inspect`. {inspection.sample.statement}.{known}"]
    texts += [f"NOTE: {text}" for text in inspection.warnings]
    texts += [f"Guessed: {text}" for text in inspection.unsure]
    texts += [f"MISSING: {text}" for text in inspection.missing]
    return [line for text in texts for line in _comment(text)]


def _comment(text: str) -> list[str]:
    lines, line = [], "#"
    for word in one_line(text).split():
        if len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = "#  "
        line += f" {word}"
    return [*lines, line]


def _section(name: str, values: Mapping[str, Any], inspection: Inspection) -> list[str]:
    lines = []
    for key, value in values.items():
        comment = one_line(_meaning(name, key, inspection))
        if (
            value is ...
            or value is None
            or (key == "text" and not isinstance(value, Mapping))
            or (key in {"accept", "trusted"} and not value)
        ):
            lines.append(f"# {key}: {LEFT_OUT.get(key, comment)}")
        elif name == "policy" and key in {"review_cost", "loss_share"}:
            lines.append(f"# {key} = {toml_value(value)}".ljust(42) + f" # {LEFT_OUT[key]}")
        elif name == "columns" and key in {"numeric", "categorical", "ignore"}:
            lines += _columns(key, list(value), inspection)
        else:
            entry = f"{key} = {toml_value(value)}"
            lines.append(f"{entry.ljust(42)} # {comment}" if comment else entry)
    return lines


def _meaning(section: str, key: str, inspection: Inspection) -> str:
    own = inspection.why.get(f"{section}.{key}")
    if own or section != "columns":
        return own or key_meanings().get(f"{section}.{key}", "").split(". ")[0].rstrip(" .,")
    meanings = {
        "event_time": inspection.clock.how,
        "is_fraud": _values(inspection),
        "label_time": "when the fraud was reported; never a feature",
        "fraud_type": "leaks the label: breaks recall down, never a feature",
    }
    return meanings.get(key) or FOOTNOTES.get(key, "")


def _values(inspection: Inspection) -> str:
    return f"rows by value: {inspection.label.counts}" if inspection.label else ""


def _columns(key: str, names: Sequence[str], inspection: Inspection) -> list[str]:
    if not names:
        return [f"{key} = []"]
    lines = [f"{key} = [" + (f"{' ' * 29} # {FOOTNOTES[key]}" if key in FOOTNOTES else "")]
    plain: list[str] = []
    for name in names:
        why = inspection.why.get(name)
        if why is None:
            plain.append(name)
            continue
        lines += _wrapped(plain)
        plain = []
        lines.append(f"    {toml_value(name)},".ljust(42) + f" # {one_line(why)}")
    return [*lines, *_wrapped(plain), "]"]


def _wrapped(names: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for name in names:
        cell = f"{toml_value(name)},"
        if lines and len(lines[-1]) + 1 + len(cell) <= WIDTH:
            lines[-1] += f" {cell}"
        else:
            lines.append(f"    {cell}")
    return lines


def toml_value(value: Any) -> str:
    """A value on one line, as TOML.

    >>> toml_value({"column": "Time", "unit": "s"}), toml_value([1, 0.5, True]), toml_value(1000.0)
    ('{ column = "Time", unit = "s" }', '[1, 0.5, true]', '1000.0')
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(key)} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, Sequence):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    return repr(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml_value(key)
