"""The label: which column says what was fraud, and by which values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from fraud.config import LabelSpec
from fraud.data.cells import text
from fraud.data.inspection.names import KINDS, LABEL, hints, words
from fraud.data.inspection.profile import Profile
from fraud.data.inspection.sample import Sample
from fraud.data.labelling import FRAUD, GENUINE, UNKNOWN, read_label

MOST_VALUES = 6
IS_FRAUD = "__is_fraud"
_FRAUD = re.compile(r"fraud|chargeb|scam|confirmed|suspicious|stolen|betrug|anomal", re.I)
_GENUINE = re.compile(
    r"genuin|legit|\bok\b|good|clean|normal|valid|non.?fraud|not.?fraud|no.?fraud|cleared|benign", re.I
)
_UNKNOWN = re.compile(r"unknown|pending|open|unresolved|under|undecided|unlabel|n/?a\b|to ?do|\?", re.I)
_NOT_ONE = {
    "flagged",
    "score",
    "prob",
    "probability",
    "count",
    "rate",
    "date",
    "time",
    "days",
    "months",
    "amount",
    "id",
}


@dataclass(frozen=True, kw_only=True)
class Label:
    """Where ``is_fraud`` comes from."""

    spec: LabelSpec
    values: Mapping[str, int]
    """Value -> rows that are read."""
    unsure: tuple[str, ...] = ()

    def as_config(self) -> Any:
        """As it stands in the TOML."""
        said = {name: list(getattr(self.spec, name)) for name in ("fraud", "genuine", "unknown")}
        kept = {name: values for name, values in said.items() if values}
        return {"column": self.spec.column, **kept} if kept else self.spec.column


def find_label(profiles: Mapping[str, Profile], sample: Sample) -> tuple[Label | None, list[str]]:
    """The label, and what else might have been meant; None where no column is one."""
    ranked = sorted(
        (name for name, profile in profiles.items() if _rank(name) > 0 and profile.kind != "nested"),
        key=_rank,
        reverse=True,
    )
    labels = [label for name in ranked if (label := _label(name, sample)) is not None]
    if labels:
        others = [one.spec.column for one in labels[1:] if _rank(one.spec.column) >= 2]
        return labels[0], others
    binary = [name for name, profile in profiles.items() if profile.values == 2 and profile.kind != "nested"]
    return None, binary


def _rank(name: str) -> int:
    """How much the name says that this is the label."""
    found = set(words(name)) | {"".join(words(name))}
    speaks = any("fraud" in word or "betrug" in word for word in found)
    if found & (_NOT_ONE | KINDS) or not (speaks or hints(name, LABEL)):
        return 0
    return 4 if speaks else 3 if found & {"label", "labels", "class", "target"} else 1


def _label(name: str, sample: Sample) -> Label | None:
    counted = sample.source.frame.select(text(sample.source, name).alias("value")).collect(engine="streaming")
    counts = dict(counted["value"].drop_nulls().value_counts(sort=True).iter_rows())
    if not 1 <= len(counts) <= MOST_VALUES:
        return None
    usual = {value: _usual(value) for value in counts}
    if set(usual.values()) >= {"fraud", "genuine"} and "other" not in usual.values():
        return Label(spec=LabelSpec(column=name), values=counts)
    if len(counts) == 1:
        return _only_fraud(name, counts)
    return _by_words(name, counts) or _by_numbers(name, counts) or _by_rarity(name, counts)


def _usual(value: str) -> str:
    low = value.lower()
    return "fraud" if low in FRAUD else "genuine" if low in GENUINE else "unknown" if low in UNKNOWN else "other"


def _only_fraud(name: str, counts: Mapping[str, int]) -> Label | None:
    value = next(iter(counts))
    if _usual(value) == "other" and not _FRAUD.search(value):
        return None
    return Label(spec=LabelSpec(column=name), values=counts)


def _by_words(name: str, counts: Mapping[str, int]) -> Label | None:
    sides: dict[str, list[str | int]] = {"fraud": [], "genuine": [], "unknown": []}
    for value in counts:
        usual = _usual(value)
        if usual != "other":
            sides[usual].append(_typed(value))
        elif _GENUINE.search(value):
            sides["genuine"].append(value)
        elif _UNKNOWN.search(value):
            sides["unknown"].append(value)
        elif _FRAUD.search(value):
            sides["fraud"].append(value)
        else:
            return None
    if not sides["fraud"] or not sides["genuine"]:
        return None
    spec = LabelSpec(column=name, **{side: tuple(values) for side, values in sides.items()})
    return Label(spec=spec, values=counts)


def _by_numbers(name: str, counts: Mapping[str, int]) -> Label | None:
    """0 and 1 and a third number, which stands for unknown."""
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
    return Label(
        spec=spec, values=counts, unsure=(f"{name}: {rare!r} was taken for fraud because it is the rarer one",)
    )


def _typed(value: str) -> str | int:
    return int(value) if re.fullmatch(r"-?\d{1,9}", value) else value


def label_codes(sample: Sample, label: Label) -> tuple[list[pl.Expr], pl.Expr]:
    """Expressions of the label's cells, and the boolean ``IS_FRAUD`` that is made of them."""
    reading = read_label(sample.source, label.spec)
    return [expression.alias(name) for name, expression in reading.cells.items()], reading.value.alias(IS_FRAUD)
