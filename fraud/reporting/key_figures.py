"""The four key figures below the answer: recall, money, false alarms, alerts a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fraud.reporting.evidence_values import EvidenceValue, Sentence
from fraud.reporting.intervals import between
from fraud.reporting.run_view import RunView


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """An interval on a scale, as percentages of its width; ``low`` and ``high`` None where there is no interval."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Spark:
    """A sparkline by day: points of an SVG polyline, and the height of the target."""

    points: str
    target: float | None


@dataclass(frozen=True, kw_only=True)
class KeyFigure:
    """One of the four figures."""

    title: str
    headline: Sentence
    unit: str
    detail: Sentence
    note: Sentence = ()
    gauge: Gauge | None = None
    spark: Spark | None = None


def key_figures(view: RunView) -> tuple[KeyFigure, ...]:
    """Recall, money, false alarms and alerts of the model in use, as far as they were measured."""
    figures = (_recall(view), _money(view), _false_alarm(view), _alerts(view))
    return tuple(figure for figure in figures if figure is not None)


def _recall(view: RunView) -> KeyFigure:
    values = view.row(view.serving)["recall"]
    return KeyFigure(
        title="Frauds found",
        headline=(view.value(view.serving, "recall/mean", "of_100"),),
        unit="of 100 frauds",
        detail=between(values, (*view.paths[view.serving], "recall"), "of_100"),
        note=_model_in_use(view),
        gauge=gauge(values),
    )


def _model_in_use(view: RunView) -> Sentence:
    """That the figure is of what scores new transactions: the mean of several networks."""
    champion = view.report["champion"]
    if not champion or champion["strategy"] != view.serving or len(champion["seeds"]) < 2:
        return ()
    return ("found by the mean of the networks with seeds ", EvidenceValue(("report", "champion", "seeds"), "listed"))


def _money(view: RunView) -> KeyFigure | None:
    values = view.row(view.serving)["amount_recall"]
    if values is None:
        return None
    return KeyFigure(
        title="Money caught",
        headline=(view.value(view.serving, "amount_recall/mean", "of_100"),),
        unit="of every 100 stolen",
        detail=between(values, (*view.paths[view.serving], "amount_recall"), "of_100"),
        gauge=gauge(values),
    )


def _false_alarm(view: RunView) -> KeyFigure | None:
    values = view.row(view.serving)["precision"]
    if values is None or not values["mean"]:
        return None
    at = (*view.paths[view.serving], "precision")
    return KeyFigure(
        title="False alarms",
        headline=(EvidenceValue((*at, "mean"), "false_alarms"),),
        unit="for each fraud found",
        # NOTE: the fewest false alarms belong to the highest precision.
        detail=(
            "between ",
            EvidenceValue((*at, "high"), "false_alarms"),
            " and ",
            EvidenceValue((*at, "low"), "false_alarms"),
        )
        if values["low"] and values["high"]
        else ("no interval can be given",),
    )


def _alerts(view: RunView) -> KeyFigure | None:
    if view.row(view.serving)["alerts_per_day"] is None:
        return None
    target: Sentence = ("at the threshold chosen on validation",)
    if view.has_target:
        target = ("target ", EvidenceValue(("report", "policy", "value"), "number"))
    return KeyFigure(
        title="Alerts a day",
        headline=(view.value(view.serving, "alerts_per_day", "alert_count"),),
        unit="on average, achieved",
        detail=target,
        spark=_spark(view),
    )


def _spark(view: RunView) -> Spark | None:
    """Alerts by day in a box of 100 x 20, and the height of the target."""
    days = view.evidence.get("daily") or ()
    values = [day["achieved"].get(view.serving) for day in days]
    known = [value for value in values if value is not None]
    if len(known) < 3:
        return None
    targets = [day["promised"] for day in days if day["promised"] is not None]
    top, step = max([*known, *targets]) or 1, 100 / (len(known) - 1)
    points = " ".join(f"{index * step:.1f},{19 - 18 * value / top:.1f}" for index, value in enumerate(known))
    return Spark(points=points, target=round(19 - 18 * targets[0] / top, 1) if targets else None)


def gauge(values: Mapping[str, Any], start: float = 0.0, end: float = 1.0) -> Gauge:
    """An interval of shares on a scale from ``start`` to ``end``."""

    def at(value: float | None) -> float | None:
        return None if value is None else round(100 * min(max((value - start) / (end - start), 0), 1), 2)

    return Gauge(mean=at(values["mean"]) or 0.0, low=at(values["low"]), high=at(values["high"]))
