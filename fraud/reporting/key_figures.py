"""The four figures below the answer: recall, money, false alarms, alerts a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fraud.reporting.evidence_values import Figure, Sentence
from fraud.reporting.intervals import between
from fraud.reporting.run_view import Facts


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
    note: Sentence = ()
    gauge: Gauge | None = None
    spark: Spark | None = None


def four_cards(facts: Facts) -> tuple[Card, ...]:
    """Recall, money, false alarms and alerts of the model in use, as far as they were measured."""
    cards = (_recall_card(facts), _money_card(facts), _false_alarm_card(facts), _alerts_card(facts))
    return tuple(card for card in cards if card is not None)


def _recall_card(facts: Facts) -> Card:
    values = facts.row(facts.serving)["recall"]
    return Card(
        title="Frauds found",
        headline=(facts.figure(facts.serving, "recall/mean", "of_100"),),
        unit="of 100 frauds",
        detail=between(values, (*facts.places[facts.serving], "recall"), "of_100"),
        note=_one_of_several(facts),
        gauge=gauge(values),
    )


def _one_of_several(facts: Facts) -> Sentence:
    """That the figure is a mean over seeds, and what the one network that is put to use finds."""
    champion, by_seed = facts.report["champion"], facts.row(facts.serving).get("recall_by_seed") or []
    if len(by_seed) < 2:
        return ()
    mean: Sentence = (f"mean of {len(by_seed)} seeds",)
    if facts.is_retrain or not champion or champion["strategy"] != facts.serving or champion["seed"] is None:
        return mean
    place = champion["seed"] - facts.first_seed
    if place not in range(len(by_seed)):
        return mean
    found = Figure((*facts.places[facts.serving], "recall_by_seed", place), "of_100")
    return (*mean, "; the model in use, seed ", Figure(("report", "champion", "seed"), "text"), ", finds ", found)


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
