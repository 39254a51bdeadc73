"""Sections on how much fraud is found: against the budget, against false alarms, against each other, by kind."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from fraud.reporting import charts, interval_charts, words
from fraud.reporting.drawing import thinned
from fraud.reporting.facts import Facts, interval
from fraud.reporting.figures import Cell, Chart, Figure, Section, Sentence, Table

_TABLE_ROWS = 24
_MORE_ALERTS = 10
_SHOWN_BUDGETS = 4.0
"""The budget chart reaches to this many times the budget."""


def measures(facts: Facts) -> Section | None:
    """Every measure of every strategy, with intervals."""
    columns: list[tuple[str, Callable[[str], Cell]]] = [
        ("recall", lambda name: facts.interval(name, "recall", "percent")),
        ("money caught", lambda name: facts.interval(name, "amount_recall", "percent")),
        ("precision", lambda name: facts.interval(name, "precision", "percent")),
        ("average precision", lambda name: facts.interval(name, "average_precision", "decimal")),
        ("ROC AUC", lambda name: facts.interval(name, "roc_auc", "decimal")),
    ]
    if any(facts.row(name)["card_precision_at_k"] is not None for name in facts.names):
        columns.append(("card precision@k (ceiling)", lambda name: _card_precision(facts, name)))
    rows = tuple((name, *(cell(name) for _, cell in columns)) for name in facts.names)
    table = Table(
        caption=f"Measures on the test window {facts.operating_point}, 95 % intervals in brackets",
        columns=("strategy", *(title for title, _ in columns)),
        rows=rows,
    )
    text = (
        "Recall, money caught and precision are taken where every strategy raises the same number of alerts. "
        "Average precision and ROC AUC look at the whole ranking and know no budget."
    )
    return Section(name="measures", title="What do the other measures say?", text=((text,),), tables=(table,))


def _card_precision(facts: Facts, name: str) -> Cell:
    precision = facts.figure(name, "card_precision_at_k", "decimal")
    return (precision, " (", facts.figure(name, "card_precision_at_k_ceiling", "decimal"), ")")


def budget(facts: Facts) -> Section | None:
    """How many alerts pay."""
    curves = facts.by_strategy("budget")
    if not curves:
        return None
    until = _right_end(facts, curves)
    caption = "Frauds found of 100 against alerts a day, on the test window; the bold line is the one in the lead."
    if facts.budget is not None:
        caption += " The dashed rule marks the budget."
    chart = Chart(
        name="budget",
        spec=charts.budget_chart(curves, facts.looks, leading=facts.leading, budget=facts.budget, until=until),
        caption=caption,
        legend=tuple(curves),
        table=_wide_table(facts, "budget", x="alerts_per_day", y="recall", unit="alerts a day"),
        hint="Point at the chart to read all strategies at one budget; pick one in the legend to follow it everywhere.",
    )
    text: tuple[Sentence, ...] = (("Where a line flattens, further alerts find little more.",),)
    gain = _gain(facts, curves.get(facts.leading))
    return Section(name="budget", title="How many alerts pay?", text=(gain, *text) if gain else text, charts=(chart,))


def _right_end(facts: Facts, curves: Mapping[str, Any]) -> float:
    """Alerts a day at the chart's right end: a few budgets, for nobody works more."""
    last = max(alerts for curve in curves.values() for alerts in curve["alerts_per_day"])
    usual = facts.budget or facts.row(facts.leading)["alerts_per_day"]
    return float(min(last, _SHOWN_BUDGETS * usual) if usual else last)


def _gain(facts: Facts, curve: Mapping[str, Sequence[float]] | None) -> Sentence:
    """What some more alerts a day would find, read off the curve between its points."""
    if facts.budget is None or curve is None:
        return ()
    now, then = (_read_off(curve, facts.budget + more) for more in (0, _MORE_ALERTS))
    if now is None or then is None:
        return ()
    found = 100 * (then - now)
    said = "fewer than 1" if found < 0.5 else f"about {found:.0f}"
    at = Figure(("report", "policy", "value"), "number")
    return (
        "At ",
        at,
        f" alerts a day, {_MORE_ALERTS} more would find {said} more of 100 frauds with {facts.leading_called}.",
    )


def _read_off(curve: Mapping[str, Sequence[float]], alerts: float) -> float | None:
    points = list(zip(curve["alerts_per_day"], curve["recall"], strict=True))
    for (left, low), (right, high) in pairwise(points):
        if left <= alerts <= right and right > left:
            return low + (high - low) * (alerts - left) / (right - left)
    return None


def precision_recall(facts: Facts) -> Section | None:
    """What the last frauds cost in false alarms."""
    curves = {name: curve for name, curve in facts.by_strategy("precision_recall").items() if curve["recall"]}
    if not curves:
        return None
    chart = Chart(
        name="precision-recall",
        spec=charts.precision_recall_chart(curves, facts.looks, leading=facts.leading),
        caption="Of 100 alerts, how many are right, against how many of 100 frauds are found.",
        legend=tuple(curves),
        table=_long_table(facts, "precision_recall", x="recall", y="precision"),
    )
    text = (
        "Further right means more fraud found, further up fewer false alarms: "
        "a line above and to the right of another is better throughout."
    )
    title = "What do the last frauds cost in false alarms?"
    return Section(name="precision-recall", title=title, text=((text,),), charts=(chart,))


def differences(facts: Facts) -> Section | None:
    """Whether the leading strategy is really better."""
    found = {name: facts.against(name, facts.leading) for name in facts.names if name != facts.leading}
    known = {name: one for name, one in found.items() if one is not None}
    if not known:
        return None
    keys = {"mean": "difference", "low": "low", "high": "high"}
    rows = [
        {"strategy": name, **{key: getattr(one, part).value(facts.root) for key, part in keys.items()}}
        for name, one in known.items()
    ]
    table = Table(
        caption=f"Difference in recall against {facts.leading_called}, in points of 100 frauds",
        columns=("strategy", "difference", "low", "high", "p value", "verdict"),
        rows=tuple((name, one.difference, one.low, one.high, one.p_value, one.verdict) for name, one in known.items()),
        wordy=("verdict",),
    )
    caption = (
        f"Paired differences in recall against {facts.leading_called}, {facts.operating_point}, with 95 % intervals."
    )
    if facts.margin:
        caption += f" The band is the difference that does not matter: {words.points_of_100(facts.margin)}."
    text = (
        "An interval that crosses zero means: this data cannot tell the two apart. That is not the same as being "
        "equal; only an interval that lies inside the band shows that."
    )
    if len(known) > 1:
        text += (
            " P values are corrected for the number of comparisons, so a verdict may be more careful than its interval."
        )
    chart = Chart(
        name="differences",
        spec=interval_charts.difference_chart(rows, facts.looks, margin=facts.margin, against=facts.leading_called),
        caption=caption,
        table=table,
    )
    title = "Is the difference real?" if facts.is_retrain else f"Is {facts.leading_called} really better?"
    return Section(name="differences", title=title, text=((text,),), charts=(chart,))


def types(facts: Facts) -> Section | None:
    """Which kinds of fraud are found."""
    by_name = {name: facts.row(name).get("recall_by_type") or [] for name in facts.names}
    if not any(by_name.values()):
        return None
    drawn = [name for name in facts.names if name == facts.leading or name in facts.family_best or facts.is_retrain]
    rows = [
        {"fraud_type": kind["fraud_type"], "strategy": name, **kind["recall"]}
        for name in drawn
        for kind in by_name[name]
        if kind["recall"] is not None
    ]
    caption = f"Frauds found of 100 of each kind, {facts.operating_point}, with 95 % intervals"
    shown = "" if facts.is_retrain else "; drawn are the best of each family, the table has all"
    chart = Chart(
        name="types",
        spec=interval_charts.type_chart(rows, facts.looks),
        caption=f"{caption}{shown}.",
        table=_type_table(facts, by_name),
        legend=tuple(drawn),
    )
    text = "What kind a fraud was is known only afterwards; the models never see it."
    return Section(name="types", title="Which kinds of fraud are found?", text=((text,),), charts=(chart,))


def _type_table(facts: Facts, by_name: Mapping[str, Sequence[Mapping[str, Any]]]) -> Table:
    rows = tuple(
        (
            Figure((*at, "fraud_type"), "text"),
            name,
            Figure((*at, "frauds"), "count"),
            interval(kind["recall"], (*at, "recall"), "percent"),
        )
        for name in facts.names
        for place, kind in enumerate(by_name[name])
        for at in ((*facts.places[name], "recall_by_type", place),)
    )
    ordered = tuple(sorted(rows, key=lambda row: row[0].said(facts.root)))
    columns = ("kind", "strategy", "frauds", "recall")
    return Table(caption="Recall by kind of fraud", columns=columns, rows=ordered, wordy=("strategy",))


def _wide_table(facts: Facts, part: str, *, x: str, y: str, unit: str) -> Table:
    """One row a place of the shared axis, one column a strategy; where the axes differ, one row a point."""
    curves = facts.by_strategy(part)
    names = tuple(curves)
    axis = curves[names[0]][x]
    if any(curves[name][x] != axis for name in names):
        return _long_table(facts, part, x=x, y=y)
    at = ("evidence", part)
    rows = tuple(
        (
            Figure((*at, names[0], x, place), "number"),
            *(Figure((*at, name, y, place), "percent") for name in names),
        )
        for place in thinned(axis, _TABLE_ROWS)
    )
    return Table(caption=f"{y.capitalize()} by {unit}", columns=(unit, *names), rows=rows)


def _long_table(facts: Facts, part: str, *, x: str, y: str) -> Table:
    style = "percent" if x == "recall" else "number"
    at = ("evidence", part)
    rows = tuple(
        (name, Figure((*at, name, x, place), style), Figure((*at, name, y, place), "percent"))
        for name, curve in facts.by_strategy(part).items()
        for place in thinned(curve[x], _TABLE_ROWS // 2)
    )
    unit = x.replace("_", " ")
    return Table(caption=f"{y.capitalize()} by {unit}", columns=("strategy", unit, y), rows=rows)
