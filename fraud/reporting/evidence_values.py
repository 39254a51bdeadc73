"""The parts of a page: values that point into the evidence, sentences, tables, charts, sections.

A value is never copied: it is a path into ``{"report": ..., "evidence": ...}`` and a format, so that the page, the
Markdown and the tests read one and the same number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fraud.reporting.words import FORMATS

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class EvidenceValue:
    """One number or word of the evidence.

    Attributes:
        at: keys and positions from the root, as ``("report", "strategies", 0, "recall", "mean")``.
        value_format: a name of ``words.FORMATS``.
        negated: with the opposite sign, for a difference with its sides swapped.
    """

    at: Path
    value_format: str
    negated: bool = False

    def value(self, root: Mapping[str, Any]) -> Any:
        """The value it points at, or None where there is none."""
        found: Any = root
        for key in self.at:
            if isinstance(key, str):
                found = found.get(key) if isinstance(found, Mapping) else None
            else:
                found = found[key] if isinstance(found, Sequence) and key < len(found) else None
        return -found if self.negated and found is not None else found

    def text(self, root: Mapping[str, Any]) -> str:
        """The value in its format."""
        return FORMATS[self.value_format](self.value(root))

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer (RFC 6901)."""
        return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in self.at)


Sentence = tuple["str | EvidenceValue", ...]
Cell = str | EvidenceValue | Sentence


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: what it shows, its columns, its rows; the first cell of a row is its heading.

    Attributes:
        wordy: columns that hold words rather than numbers.
        folded: shown on demand only.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    wordy: tuple[str, ...] = ()
    folded: bool = False


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart, its caption, and the table behind it.

    Attributes:
        spec: the Vega-Lite specification.
        legend: names of the strategies that its colours stand for; empty where its axis names them.
        hint: what a reader can do with it on a screen.
        title: shown above it where a section has several.
    """

    name: str
    spec: Mapping[str, Any]
    caption: str
    table: Table
    legend: tuple[str, ...] = ()
    hint: str = ""
    title: str = ""


PICK = "Pick a strategy in the legend to see its figures instead."
"""Hint of a chart that shows one strategy at a time."""


@dataclass(frozen=True, kw_only=True)
class Slider:
    """A slider along one axis of a chart, with a sentence on the leading strategy or the one picked.

    Attributes:
        curves: by strategy ``alerts_per_day``, ``recall`` and ``precision``.
        leading: the strategy shown until another is picked.
        called: the name of each strategy in sentences.
        start: its first position.
        first: smallest choice.
        last: largest choice.
        step: distance of two choices.
        sentence: the text at the start.
    """

    curves: Mapping[str, Mapping[str, Sequence[float]]]
    leading: str
    called: Mapping[str, str]
    start: float
    first: float
    last: float
    step: float
    sentence: Sentence


@dataclass(frozen=True, kw_only=True)
class Section:
    """One question and its answer.

    Attributes:
        points: a list of statements, after the text.
        listing: a title and a text shown verbatim, on demand.
    """

    name: str
    title: str
    text: tuple[Sentence, ...] = ()
    points: tuple[Sentence, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    slider: Slider | None = None
    listing: tuple[str, str] | None = None
