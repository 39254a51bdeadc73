"""The first screen: the answer, four key figures, the strategies side by side."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fraud.reporting import words
from fraud.reporting.evidence_values import EvidenceValue, Sentence
from fraud.reporting.key_figures import Gauge, KeyFigure, gauge, key_figures
from fraud.reporting.palette import Style
from fraud.reporting.run_view import RunView


@dataclass(frozen=True, kw_only=True)
class Line:
    """One strategy of the table on the first screen; ``tag`` marks the one that validation prefers in its family."""

    name: str
    family: str
    position: int
    style: Style
    gauge: Gauge
    recall: Sentence
    difference: Sentence
    verdict: str
    tag: str


@dataclass(frozen=True, kw_only=True)
class Forest:
    """Strategies side by side on one scale, with paired differences against the leading one."""

    title: str
    against: str
    ticks: tuple[tuple[float, str], ...]
    leading_at: float
    lines: tuple[Line, ...]
    trap: Sentence


@dataclass(frozen=True, kw_only=True)
class FirstScreen:
    """Everything above the fold.

    Attributes:
        answer: what to do, or what was decided: the answer's first sentence up to a bracket or a colon.
        reasons: the rest of the first sentence, and the second.
        aside: the text in the bracket, as a sentence.
        details: the remaining sentences of the answer.
    """

    dataset: str
    period: str
    question: str
    answer: str
    aside: str
    reasons: str
    details: tuple[str, ...]
    subject: str
    key_figures: tuple[KeyFigure, ...]
    forest: Forest


def first_screen(view: RunView) -> FirstScreen:
    """Collect the first screen of a report."""
    answer, aside, reasons, details = _split_answer(view.report["answer"]["text"])
    return FirstScreen(
        dataset=view.report["dataset"]["name"],
        period=_period(view.report["split"]["test"]),
        question=view.report["answer"]["question"],
        answer=answer,
        aside=aside,
        reasons=reasons,
        details=details,
        subject=f"Figures of {view.called(view.serving)} {view.operating_point}, and their 95 % intervals",
        key_figures=key_figures(view),
        forest=_forest(view),
    )


def last_day(to: str) -> str:
    """The last day of a window: an end at midnight is exclusive, a plain date is itself the last day."""
    try:
        moment = datetime.fromisoformat(to)
    except ValueError:
        return to
    if len(to) > 10 and moment.time() == datetime.min.time():
        moment -= timedelta(days=1)
    return moment.date().isoformat()


def _period(test: Mapping[str, Any]) -> str:
    return words.period(test["from"], last_day(test["to"]))


def _split_answer(text: str) -> tuple[str, str, str, tuple[str, ...]]:
    """The head of the first sentence, a bracket behind it, the rest of the first two sentences, the other sentences."""
    first, *others = re.split(r"(?<=[.!?])\s+", text.strip())
    head, colon, rest = first.partition(": ")
    lead, bracket, aside = head.removesuffix(".").partition(" (")
    if bracket and aside.endswith(")"):
        head, aside = f"{lead}{':' if colon else '.'}", f"{_capital(aside[:-1])}."
    else:
        head, aside = f"{head}{colon.rstrip()}", ""
    return head, aside, " ".join([*filter(None, [rest]), *others[:1]]), tuple(others[1:])


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def scale(shares: Iterable[float | None]) -> tuple[float, float, float]:
    """Start, end and tick distance of a scale that covers every share; missing values do not count."""
    ends = [share for share in shares if isinstance(share, int | float)]
    spread = max(ends) - min(ends)
    step = next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if spread / step <= 5), 0.25)
    start = max(0.0, math.floor(min(ends) / step) * step)
    end = min(1.0, math.ceil(max(ends) / step) * step)
    return start, max(end, start + step), step


def _forest(view: RunView) -> Forest:
    start, end, step = scale(share for name in view.names for share in view.row(name)["recall"].values())
    ticks = [start + step * n for n in range(round((end - start) / step) + 1)]
    return Forest(
        title="Does the challenger find more?" if view.is_retrain else "Which strategy finds the most fraud?",
        against=_against_words(view),
        ticks=tuple((round(100 * (at - start) / (end - start), 2), f"{at * 100:.0f}") for at in ticks),
        leading_at=gauge(view.row(view.leading)["recall"], start, end).mean,
        lines=tuple(_line(view, name, start, end) for name in view.names),
        trap=_trap(view),
    )


def _against_words(view: RunView) -> str:
    if view.is_retrain:
        return "against the champion"
    return "against the chosen strategy" if view.report["champion"] else "against the first strategy"


def _line(view: RunView, name: str, start: float, end: float) -> Line:
    row = view.row(name)
    against = view.against(name, view.leading)
    verdict = against.verdict if against else ""
    if name == view.leading:
        verdict = view.leading_words
    return Line(
        name=name,
        family=words.family(row["family"]),
        position=list(view.styles).index(name),
        style=view.styles[name],
        gauge=gauge(row["recall"], start, end),
        recall=view.interval(name, "recall", "percent"),
        difference=(against.difference, " [", against.low, ", ", against.high, "]") if against else (),
        verdict=verdict,
        tag="best of its family" if name in view.family_best and name != view.leading else "",
    )


def _trap(view: RunView) -> Sentence:
    if "trap" not in view.report:
        return ()
    accuracy = EvidenceValue(("report", "trap", "accuracy"), "percent")
    return ("recall ", EvidenceValue(("report", "trap", "recall"), "percent"), ", accuracy ", accuracy)
