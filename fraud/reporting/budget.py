"""The section on the alert budget: recall by alerts a day, and the gain of a few more alerts."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from fraud.reporting import charts
from fraud.reporting.chart_style import thinned
from fraud.reporting.evidence_values import Chart, EvidenceValue, Section, Sentence, Slider, Table
from fraud.reporting.performance import long_table
from fraud.reporting.run_view import RunView

MORE_ALERTS = 10
_TABLE_ROWS = 30
_SHOWN_BUDGETS = 4.0
"""The chart ends at the first point from this many times the budget on."""
_FINE = 1_000
"""Up to so many alerts a day the slider moves in steps of 1, beyond in steps of 10."""
Curve = Mapping[str, Sequence[float]]


def budget(view: RunView) -> Section | None:
    """Recall against alerts a day."""
    curves = view.by_strategy("budget")
    if not curves:
        return None
    until = _right_end(view, curves)
    slider = _slider(view, curves, until)
    caption = (
        f"Frauds found of 100 against alerts a day, on the test window; the bold line is {view.serving_called}, "
        f"{view.serving_words}."
    )
    if view.budget is not None:
        caption += f" The dashed line marks {'the budget' if view.has_target else 'where strategies are compared'}"
        caption += ", the wide one the slider's position." if slider else "."
    chart = Chart(
        name="budget",
        spec=charts.budget_chart(
            curves,
            view.styles,
            leading=view.serving,
            drawn=view.drawn,
            budget=view.budget,
            until=until,
            at=slider.start if slider else None,
        ),
        caption=caption,
        legend=tuple(curves),
        table=_table(view),
        hint="Point at the chart to read all strategies at one budget; pick one in the legend to highlight it.",
    )
    text: Sentence = ("Where a line flattens, additional alerts find few additional frauds.",)
    title = "How many alerts are worth reviewing?"
    return Section(name="budget", title=title, text=(text,), charts=(chart,), slider=slider)


def _right_end(view: RunView, curves: Mapping[str, Any]) -> float:
    """Alerts a day at the chart's right end: a few times the budget, as no team reviews more."""
    points = [float(alerts) for curve in curves.values() for alerts in curve["alerts_per_day"]]
    usual = _usual(view)
    return min((at for at in points if usual and at >= _SHOWN_BUDGETS * usual), default=max(points))


def _usual(view: RunView) -> float | None:
    """Alerts a day that are reviewed: the budget, or what the strategy in use raised on average."""
    usual: float | None = view.budget or view.row(view.serving)["alerts_per_day"]
    return usual


def _more(curve: Curve, alerts: float) -> str:
    now, then = (read_off(curve, alerts + more) for more in (0, MORE_ALERTS))
    if now is None or then is None:
        return ""
    found = 100 * (then - now)
    gain = "fewer than 1" if found < 0.5 else f"about {found:.0f}"
    return f"{MORE_ALERTS} more would find {gain} more of 100 frauds"


def read_off(curve: Curve, alerts: float) -> float | None:
    """Recall at so many alerts a day, interpolated linearly; None beyond the curve's ends."""
    points = list(zip(curve["alerts_per_day"], curve["recall"], strict=True))
    for (left, low), (right, high) in pairwise(points):
        if left <= alerts <= right and right > left:
            return low + (high - low) * (alerts - left) / (right - left)
    return None


def _slider(view: RunView, curves: Mapping[str, Curve], until: float) -> Slider | None:
    """The slider; it starts at a point of the curve, so that its first sentence quotes the evidence."""
    curve = curves.get(view.serving)
    indices = [index for index, at in enumerate(curve["alerts_per_day"]) if at <= until] if curve else []
    if curve is None or len(indices) < 2:
        return None
    alerts, usual = curve["alerts_per_day"], _usual(view) or 0.0
    start = min(indices, key=lambda index: abs(alerts[index] - usual))
    step = 1 if until <= _FINE else 10
    return Slider(
        curves=curves,
        leading=view.serving,
        called={name: view.called(name) for name in curves},
        start=alerts[start],
        first=alerts[0],
        last=alerts[0] + step * ((until - alerts[0]) // step),
        step=step,
        sentence=_sentence(view, start, alerts[start], curve),
    )


def _sentence(view: RunView, index: int, alerts: float, curve: Curve) -> Sentence:
    at = ("evidence", "budget", view.serving)
    more = _more(curve, alerts)
    return (
        "At ",
        EvidenceValue((*at, "alerts_per_day", index), "number"),
        f" alert{'' if alerts == 1 else 's'} a day {view.serving_called} finds ",
        EvidenceValue((*at, "recall", index), "of_100"),
        " of 100 frauds, with ",
        EvidenceValue((*at, "precision", index), "false_alarms"),
        f" false alarms for each{f'; {more}' if more else ''}.",
    )


def _table(view: RunView) -> Table:
    """One row a budget, one column a strategy; where the axes differ, one row a point."""
    curves = view.tabled("budget")
    names, unit = tuple(curves), "alerts a day"
    axis = curves[names[0]]["alerts_per_day"]
    if any(curves[name]["alerts_per_day"] != axis for name in names):
        return long_table(view, "budget", x="alerts_per_day", y="recall")
    at = ("evidence", "budget")
    rows = tuple(
        (
            EvidenceValue((*at, names[0], "alerts_per_day", index), "number"),
            *(EvidenceValue((*at, name, "recall", index), "percent") for name in names),
        )
        for index in thinned(axis, _TABLE_ROWS)
    )
    return Table(caption=f"Recall by {unit}{view.not_tabled}", columns=(unit, *names), rows=rows)
