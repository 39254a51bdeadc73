"""What the head of fraud reads in twenty seconds: the answer, four figures, the strategies side by side."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fraud.reporting import words
from fraud.reporting.facts import Facts, between
from fraud.reporting.figures import Figure, Sentence
from fraud.reporting.palette import Look


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """An interval on a scale, as percentages of its width; ``low`` and ``high`` None where there is no interval."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Spark:
    """A small line by day: points of an SVG polyline, and the height of what was promised."""

    points: str
    promised: float | None


@dataclass(frozen=True, kw_only=True)
class Card:
    """One of the four figures."""

    title: str
    headline: Sentence
    unit: str
    detail: Sentence
    gauge: Gauge | None = None
    spark: Spark | None = None


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
    """Everything above the fold."""

    dataset: str
    period: str
    question: str
    answer: str
    aside: str
    reasons: str
    subject: str
    cards: tuple[Card, ...]
    forest: Forest


def first_screen(facts: Facts) -> FirstScreen:
    """Collect the first screen of a report."""
    answer, aside, reasons = _split_answer(facts.report["answer"]["text"])
    return FirstScreen(
        dataset=facts.report["dataset"]["name"],
        period=_period(facts.report["split"]["test"]),
        question=facts.report["answer"]["question"],
        answer=answer,
        aside=aside,
        reasons=reasons,
        subject=f"Figures of {facts.called(facts.serving)} {facts.operating_point}, and their 95 % intervals",
        cards=_cards(facts),
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


def _split_answer(text: str) -> tuple[str, str, str]:
    """The first sentence, a bracket at its end, and the other sentences."""
    ends = (n for n, letter in enumerate(text) if letter in ".!?" and text[n + 1 : n + 2].isspace())
    end = next(ends, len(text) - 1)
    first, rest = text[: end + 1], text[end + 1 :].strip()
    head, bracket, aside = first.partition(" (")
    if bracket and aside.endswith(")."):
        return f"{head}.", f"{_capital(aside[:-2])}.", rest
    return first, "", rest


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _cards(facts: Facts) -> tuple[Card, ...]:
    cards = (_recall_card(facts), _money_card(facts), _false_alarm_card(facts), _alerts_card(facts))
    return tuple(card for card in cards if card is not None)


def _recall_card(facts: Facts) -> Card:
    values = facts.row(facts.serving)["recall"]
    return Card(
        title="Frauds found",
        headline=(facts.figure(facts.serving, "recall/mean", "of_100"),),
        unit="of 100 frauds",
        detail=between(values, (*facts.places[facts.serving], "recall"), "of_100"),
        gauge=gauge(values),
    )


def _money_card(facts: Facts) -> Card | None:
    values = facts.row(facts.serving)["amount_recall"]
    if values is None:
        return None
    return Card(
        title="Money caught",
        headline=(facts.figure(facts.serving, "amount_recall/mean", "of_100"),),
        unit="of every 100 stolen",
        detail=between(values, (*facts.places[facts.serving], "amount_recall"), "of_100"),
        gauge=gauge(values),
    )


def _false_alarm_card(facts: Facts) -> Card | None:
    values = facts.row(facts.serving)["precision"]
    if values is None or not values["mean"]:
        return None
    at = (*facts.places[facts.serving], "precision")
    return Card(
        title="False alarms",
        headline=(Figure((*at, "mean"), "false_alarms"),),
        unit="for each fraud found",
        # NOTE: the fewest false alarms belong to the highest precision.
        detail=("between ", Figure((*at, "high"), "false_alarms"), " and ", Figure((*at, "low"), "false_alarms"))
        if values["low"] and values["high"]
        else ("no interval can be given",),
    )


def _alerts_card(facts: Facts) -> Card | None:
    if facts.row(facts.serving)["alerts_per_day"] is None:
        return None
    promised: Sentence = ("at the threshold chosen on validation",)
    if facts.is_promised:
        promised = (Figure(("report", "policy", "value"), "number"), " promised")
    return Card(
        title="Alerts a day",
        headline=(facts.figure(facts.serving, "alerts_per_day", "count"),),
        unit="on average, as achieved",
        detail=promised,
        spark=_spark(facts),
    )


def _spark(facts: Facts) -> Spark | None:
    """Alerts by day in a box of 100 x 20, and the height of what was promised."""
    days = facts.evidence.get("daily") or ()
    values = [day["achieved"].get(facts.serving) for day in days]
    known = [value for value in values if value is not None]
    if len(known) < 3:
        return None
    promised = [day["promised"] for day in days if day["promised"] is not None]
    top, step = max([*known, *promised]) or 1, 100 / (len(known) - 1)
    points = " ".join(f"{place * step:.1f},{19 - 18 * value / top:.1f}" for place, value in enumerate(known))
    return Spark(points=points, promised=round(19 - 18 * promised[0] / top, 1) if promised else None)


def gauge(values: Mapping[str, Any], start: float = 0.0, end: float = 1.0) -> Gauge:
    """An interval of shares on a scale from ``start`` to ``end``."""

    def at(value: float | None) -> float | None:
        return None if value is None else round(100 * min(max((value - start) / (end - start), 0), 1), 2)

    return Gauge(mean=at(values["mean"]) or 0.0, low=at(values["low"]), high=at(values["high"]))


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
