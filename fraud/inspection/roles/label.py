"""The label: which column states what was fraud, and by which values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from fraud.config import LabelSpec
from fraud.data import EMPTY_CELL, FRAUD_SPELLINGS, GENUINE_SPELLINGS, UNKNOWN_SPELLINGS, as_text, read_label
from fraud.errors import DumpError
from fraud.inspection.reading.sample import Sample
from fraud.inspection.roles.names import KINDS, LABEL, hints, words
from fraud.inspection.roles.profile import Profile

MOST_VALUES = 12
"""Different values that a label has at most."""
IS_FRAUD = "__is_fraud"
FRAUD_WORDS = re.compile(r"fraud|chargeb|scam|betrug", re.I)
_FRAUD = re.compile(r"fraud|chargeb|scam|confirmed|suspicious|stolen|betrug|anomal|^ja$|^oui$", re.I)
_GENUINE = re.compile(
    r"genuin|legit|\bok\b|good|clean|normal|\bvalid|non.?fraud|not.?fraud|no.?fraud|cleared|benign|kein|echt|"
    r"^nein$|^non$",
    re.I,
)
_UNKNOWN = re.compile(
    r"unknown|pending|\bopen|unresolved|under|undecided|unlabel|unconfirmed|suspected|review|offen|verdacht|"
    r"n/?a\b|to ?do|\?",
    re.I,
)
_NOT_A_LABEL = {
    *("flagged", "score", "prob", "probability", "count", "rate"),
    *("date", "time", "days", "months", "amount", "id"),
}

NAMES_FRAUD = 4
"""Rank of a name with the word fraud in it."""


@dataclass(frozen=True, kw_only=True)
class Label:
    """Where ``is_fraud`` comes from."""

    spec: LabelSpec
    values: Mapping[str, int]
    """Value -> rows that are read; ``EMPTY_CELL`` for empty cells, where they mean genuine."""
    unsure: tuple[str, ...] = ()
    """What was guessed."""
    by_rarity: bool = False
    """Whether the value of fraud is known only as the rarer one."""

    @property
    def counts(self) -> str:
        """Its values and their rows, in words."""
        return ", ".join(f"{value or 'empty'}: {rows:,}" for value, rows in self.values.items())

    def as_config(self) -> Any:
        """The value of ``is_fraud`` in the TOML."""
        listed = {name: list(getattr(self.spec, name)) for name in ("fraud", "genuine", "unknown")}
        kept = {name: values for name, values in listed.items() if values}
        return {"column": self.spec.column, **kept} if kept else self.spec.column


def find_label(
    profiles: Mapping[str, Profile], sample: Sample, stated: LabelSpec | None = None
) -> tuple[Label | None, list[str]]:
    """The label, and other columns that may be the label; None where no column is one.

    Args:
        profiles: of all columns.
        sample: of the dumps.
        stated: the label, where the user names it.
    """
    if stated is not None:
        return _stated(stated, sample), []
    ranked = sorted(named_as_label(profiles), key=_rank, reverse=True)
    labels = [label for name in ranked if (label := _label(name, sample)) is not None]
    surely = [label for label in labels if not label.by_rarity or _rank(label.spec.column) >= NAMES_FRAUD]
    found = [*surely, *([] if surely else _by_values(profiles, sample)), *(one for one in labels if one not in surely)]
    if found:
        others = [one.spec.column for one in found[1:] if _rank(one.spec.column) >= 2]
        return found[0], others
    binary = [name for name, profile in profiles.items() if profile.values == 2 and profile.kind != "nested"]
    return None, list(dict.fromkeys([*ranked, *binary]))


def is_named_as_label(name: str) -> bool:
    """Whether the name of a column is one of a label."""
    return _rank(name) > 0


def named_as_label(profiles: Mapping[str, Profile]) -> list[str]:
    """Columns with the name of a label, whatever their values."""
    return [name for name, profile in profiles.items() if is_named_as_label(name) and profile.kind != "nested"]


def _stated(spec: LabelSpec, sample: Sample) -> Label:
    if spec.column not in sample.columns:
        raise DumpError(
            f"{sample.dumps[0].path.name}: no column '{spec.column}': expected it as the label, found "
            f"{', '.join(sample.columns)}; correct --label"
        )
    if not spec.fraud and not spec.genuine and (label := _label(spec.column, sample)) is not None:
        return label
    counts, empty = _count(spec.column, sample)
    shown = dict(list(counts.items())[:MOST_VALUES])
    named = {str(value) for value in (*spec.fraud, *spec.genuine)}
    rest = [value for value in shown if value not in named and _usual(value) != "unknown"]
    whole = replace(spec, unknown=tuple(rest)) if spec.fraud and spec.genuine else spec
    return Label(spec=whole, values=shown | ({EMPTY_CELL: empty} if EMPTY_CELL in spec.genuine and empty else {}))


def _by_values(profiles: Mapping[str, Profile], sample: Sample) -> list[Label]:
    """Columns that are labels by their values, one for fraud and one for genuine, whatever their names."""
    found = []
    for name, profile in profiles.items():
        values = profile.texts.drop_nulls().unique().to_list() if 2 <= profile.values <= MOST_VALUES else []
        names_fraud = any(FRAUD_WORDS.search(one) and _side(one) == "fraud" for one in values)
        if names_fraud and profile.kind == "text" and not set(words(name)) & (_NOT_A_LABEL | KINDS):
            label = _label(name, sample)
            if label is not None and not label.by_rarity:
                guess = f"{name} was taken for the label because of its values"
                found.append(replace(label, unsure=(guess, *label.unsure)))
    return found


def _rank(name: str) -> int:
    """How clearly a name is that of the label: 0 for not at all, 4 for a name with fraud in it."""
    found = set(words(name)) | {"".join(words(name))}
    names_fraud = any("fraud" in word or "betrug" in word for word in found)
    if found & (_NOT_A_LABEL | KINDS) or not (names_fraud or hints(name, LABEL)):
        return 0
    return NAMES_FRAUD if names_fraud else 3 if found & {"label", "labels", "class", "target"} else 1


def _count(name: str, sample: Sample) -> tuple[dict[str, int], int]:
    """Rows by value, the most frequent first, and rows where the cell is empty."""
    cells = sample.source.frame.select(as_text(sample.source, name).alias("value")).collect(engine="streaming")["value"]
    return dict(cells.drop_nulls().value_counts(sort=True).iter_rows()), cells.null_count()


def _label(name: str, sample: Sample) -> Label | None:
    counts, empty = _count(name, sample)
    if not 1 <= len(counts) <= MOST_VALUES:
        return None
    usual = {_usual(value) for value in counts}
    if usual >= {"fraud", "genuine"} and "other" not in usual:
        return Label(spec=LabelSpec(column=name), values=counts)
    return (
        _by_words(name, counts)
        or _only_fraud(name, counts, empty)
        or _by_numbers(name, counts)
        or _by_rarity(name, counts)
    )


def _usual(value: str) -> str:
    low = value.lower()
    sides = {"fraud": FRAUD_SPELLINGS, "genuine": GENUINE_SPELLINGS, "unknown": UNKNOWN_SPELLINGS}
    return next((side for side, words in sides.items() if low in words), "other")


def _side(value: str) -> str:
    """What a value means, by its usual spelling or its words; ``other`` where neither is known."""
    usual = _usual(value)
    if usual != "other":
        return usual
    patterns = {"genuine": _GENUINE, "unknown": _UNKNOWN, "fraud": _FRAUD}
    return next((side for side, pattern in patterns.items() if pattern.search(value)), "other")


def _only_fraud(name: str, counts: Mapping[str, int], empty: int) -> Label | None:
    """A label whose only values mean fraud, as in a joined list of frauds: empty cells then mean genuine."""
    sides = {value: _side(value) for value in counts}
    if len(counts) == 1 and "other" not in sides.values() and "fraud" not in sides.values():
        return Label(spec=LabelSpec(column=name), values=counts)
    if "fraud" not in sides.values() or "genuine" in sides.values() or (len(counts) > 1 and not empty):
        return None
    frauds = [value for value in counts if sides[value] == "fraud"]
    if len(counts) > 1 and all(isinstance(_typed(value), int) for value in frauds):
        return None  # 1 among other codes need not be fraud
    rest = _rest(name, counts)
    spec = LabelSpec(
        column=name,
        fraud=tuple(_typed(value) for value in frauds) if any(_usual(value) == "other" for value in frauds) else (),
        genuine=(EMPTY_CELL,) if empty else (),
        unknown=tuple(_typed(value) for value in counts if sides[value] != "fraud" and _usual(value) != "unknown"),
    )
    if not empty:
        return Label(spec=spec, values=counts)
    guess = (
        f"{name} marks frauds alone, so its {empty:,} empty cells were taken for genuine: right if every transaction "
        f'that is old enough and has no entry is genuine; otherwise remove genuine = [""] from [columns] is_fraud'
    )
    return Label(spec=spec, values={**counts, EMPTY_CELL: empty}, unsure=(guess, *rest))


def _by_words(name: str, counts: Mapping[str, int]) -> Label | None:
    """A label by values with the words of fraud and of genuine; all other values mean not known yet."""
    sides: dict[str, list[str | int]] = {"fraud": [], "genuine": [], "unknown": [], "other": []}
    for value in counts:
        sides[_side(value)].append(_typed(value))
    if not sides["fraud"] or not sides["genuine"]:
        return None
    if sides["other"] and all(isinstance(value, int) for value in sides["fraud"]):
        return None  # 1 among other codes need not be fraud
    sides["unknown"] += sides.pop("other")
    spec = LabelSpec(column=name, **{side: tuple(values) for side, values in sides.items()})
    return Label(spec=spec, values=counts, unsure=_rest(name, counts))


def _rest(name: str, counts: Mapping[str, int]) -> tuple[str, ...]:
    """The guess that unfamiliar values mean not known yet, for a label that has any."""
    rest = [value for value in counts if _side(value) in {"unknown", "other"} and _usual(value) != "unknown"]
    if not rest:
        return ()
    shown = ", ".join(f"{value} ({counts[value]:,} rows)" for value in rest)
    return (f"{name} = {shown}: taken as not known yet; move it in [columns] is_fraud if it means fraud or genuine",)


def _by_numbers(name: str, counts: Mapping[str, int]) -> Label | None:
    """A label of 0, 1 and a third number, which means not known yet."""
    if {"0", "1"} < set(counts) and len(counts) == 3:
        third = next(value for value in counts if value not in {"0", "1"})
        spec = LabelSpec(column=name, fraud=(1,), genuine=(0,), unknown=(_typed(third),))
        return Label(spec=spec, values=counts, unsure=(f"{name} = {third}: taken as not known yet",))
    return None


def _by_rarity(name: str, counts: Mapping[str, int]) -> Label | None:
    if len(counts) != 2:
        return None
    common, rare = sorted(counts, key=lambda value: counts[value], reverse=True)
    spec = LabelSpec(column=name, fraud=(_typed(rare),), genuine=(_typed(common),))
    guess = f"{name}: {rare!r} was taken for fraud because it is the rarer one"
    return Label(spec=spec, values=counts, unsure=(guess,), by_rarity=True)


def _typed(value: str) -> str | int:
    return int(value) if re.fullmatch(r"-?\d{1,9}", value) else value


def label_codes(sample: Sample, label: Label) -> tuple[list[pl.Expr], pl.Expr]:
    """Expressions for the label's cells, and the boolean ``IS_FRAUD`` that is made of them."""
    reading = read_label(sample.source, label.spec)
    return [expression.alias(name) for name, expression in reading.cells.items()], reading.value.alias(IS_FRAUD)
