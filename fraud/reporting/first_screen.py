"""What the head of fraud reads in twenty seconds: the answer, four figures, the strategies side by side."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fraud.reporting import words
from fraud.reporting.evidence_values import Figure, Sentence
from fraud.reporting.key_figures import Card, Gauge, four_cards, gauge
from fraud.reporting.palette import Look
from fraud.reporting.run_view import Facts


@dataclass(frozen=True, kw_only=True)
class Line:
    """One strategy of the table on the first screen; ``tag`` says where validation preferred it to its family."""

    name: str
    family: str
    position: int
    look: Look
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
        aside: the bracket, as a sentence.
        details: the further sentences of the answer, for those who read on.
    """

    dataset: str
    period: str
    question: str
    answer: str
    aside: str
    reasons: str
    details: tuple[str, ...]
    subject: str
    cards: tuple[Card, ...]
    forest: Forest


def first_screen(facts: Facts) -> FirstScreen:
    """Collect the first screen of a report."""
    answer, aside, reasons, details = _split_answer(facts.report["answer"]["text"])
    return FirstScreen(
        dataset=facts.report["dataset"]["name"],
        period=_period(facts.report["split"]["test"]),
        question=facts.report["answer"]["question"],
        answer=answer,
        aside=aside,
        reasons=reasons,
        details=details,
        subject=f"Figures of {facts.called(facts.serving)} {facts.operating_point}, and their 95 % intervals",
        cards=four_cards(facts),
        forest=_forest(facts),
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
    """Start, end and tick distance of a scale that holds every share; what is no number does not count."""
    ends = [share for share in shares if isinstance(share, int | float)]
    spread = max(ends) - min(ends)
    step = next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if spread / step <= 5), 0.25)
    start = max(0.0, math.floor(min(ends) / step) * step)
    end = min(1.0, math.ceil(max(ends) / step) * step)
    return start, max(end, start + step), step


def _forest(facts: Facts) -> Forest:
    start, end, step = scale(share for name in facts.names for share in facts.row(name)["recall"].values())
    places = [start + step * n for n in range(round((end - start) / step) + 1)]
    return Forest(
        title="Does the challenger find more?" if facts.is_retrain else "Which strategy finds the most fraud?",
        against=_against_words(facts),
        ticks=tuple((round(100 * (at - start) / (end - start), 2), f"{at * 100:.0f}") for at in places),
        leading_at=gauge(facts.row(facts.leading)["recall"], start, end).mean,
        lines=tuple(_line(facts, name, start, end) for name in facts.names),
        trap=_trap(facts),
    )


def _against_words(facts: Facts) -> str:
    if facts.is_retrain:
        return "against the champion"
    return "against the chosen" if facts.report["champion"] else "against the first"


def _line(facts: Facts, name: str, start: float, end: float) -> Line:
    row = facts.row(name)
    against = facts.against(name, facts.leading)
    verdict = against.verdict if against else ""
    if name == facts.leading:
        verdict = facts.leading_words
    return Line(
        name=name,
        family=words.family(row["family"]),
        position=list(facts.looks).index(name),
        look=facts.looks[name],
        gauge=gauge(row["recall"], start, end),
        recall=facts.interval(name, "recall", "percent"),
        difference=(against.difference, " [", against.low, ", ", against.high, "]") if against else (),
        verdict=verdict,
        tag="best of its family" if name in facts.family_best and name != facts.leading else "",
    )


def _trap(facts: Facts) -> Sentence:
    if "trap" not in facts.report:
        return ()
    accuracy = Figure(("report", "trap", "accuracy"), "percent")
    return ("recall ", Figure(("report", "trap", "recall"), "percent"), ", accuracy ", accuracy)
