"""Sections on how much fraud is found: against the budget, against false alarms, against each other."""

from collections.abc import Callable

from fraud.reporting import charts, words
from fraud.reporting.drawing import thinned
from fraud.reporting.facts import Facts
from fraud.reporting.figures import Cell, Chart, Figure, Section, Table

_TABLE_ROWS = 16


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
    spec = charts.budget_chart(curves, facts.looks, leading=facts.leading, budget=facts.budget)
    caption = "Frauds found of 100 against alerts a day, judged on the test window; the bold line leads."
    if facts.budget is not None:
        caption += " The dashed rule marks the budget."
    chart = Chart(
        name="budget",
        spec=spec,
        caption=caption,
        legend=tuple(curves),
        table=_wide_table(facts, "budget", x="alerts_per_day", y="recall", unit="alerts a day", style="number"),
    )
    text = (
        "Where a line flattens, further alerts find little more. "
        "Point at the chart to read all strategies at one budget; pick one in the legend to follow it."
    )
    return Section(name="budget", title="How many alerts pay?", text=((text,),), charts=(chart,))


def precision_recall(facts: Facts) -> Section | None:
    """What the last frauds cost in false alarms."""
    curves = facts.by_strategy("precision_recall")
    if not curves:
        return None
    spec = charts.precision_recall_chart(curves, facts.looks, leading=facts.leading)
    chart = Chart(
        name="precision-recall",
        spec=spec,
        caption="Of 100 alerts, how many are right, against how many of 100 frauds are found.",
        legend=tuple(curves),
        table=_long_table(facts, "precision_recall", x="recall", y="precision"),
    )
    text = (
        "Further right means more fraud found, further up fewer false alarms: "
        "a line above and to the right of another is better throughout."
    )
    return Section(
        name="precision-recall", title="What do the last frauds cost in false alarms?", text=((text,),), charts=(chart,)
    )


def differences(facts: Facts) -> Section | None:
    """Whether the leading strategy is really better."""
    found = {name: facts.against(name, facts.leading) for name in facts.names if name != facts.leading}
    known = {name: against for name, against in found.items() if against is not None}
    if not known:
        return None
    rows = [
        {"strategy": name, **{key: getattr(one, key).value(facts.root) for key in ("difference", "low", "high")}}
        for name, one in known.items()
    ]
    spec = charts.difference_chart(rows, facts.looks, margin=facts.margin, against=facts.leading)
    table = Table(
        caption=f"Difference in recall against {facts.leading}, in points of 100 frauds",
        columns=("strategy", "difference", "low", "high", "p value", "verdict"),
        rows=tuple((name, one.difference, one.low, one.high, one.p_value, one.verdict) for name, one in known.items()),
    )
    caption = f"Paired differences in recall against {facts.leading}, {facts.operating_point}, with 95 % intervals."
    if facts.margin:
        caption += f" The band is the difference that does not matter: {words.of_100(facts.margin)} of 100."
    text = (
        "An interval that crosses zero means: this data cannot tell the two apart. "
        "That is not the same as being equal; only an interval that lies inside the band shows that."
    )
    chart = Chart(name="differences", spec=spec, caption=caption, table=table)
    title = "Is the difference real?" if facts.is_retrain else "Is the best really better?"
    return Section(name="differences", title=title, text=((text,),), charts=(chart,))


def _wide_table(facts: Facts, part: str, *, x: str, y: str, unit: str, style: str) -> Table:
    """One row a place of the shared x axis, one column a strategy; where the axes differ, one row a point."""
    curves = facts.by_strategy(part)
    names = tuple(curves)
    axis = curves[names[0]][x]
    if any(curves[name][x] != axis for name in names):
        return _long_table(facts, part, x=x, y=y)
    places = sorted({*thinned(axis, _TABLE_ROWS), *([axis.index(facts.budget)] if facts.budget in axis else [])})
    at = ("evidence", part)
    rows = tuple(
        (
            (Figure((*at, names[0], x, place), style),),
            *((Figure((*at, name, y, place), "percent"),) for name in names),
        )
        for place in places
    )
    return Table(caption=f"Recall by {unit}", columns=(unit, *names), rows=rows)


def _long_table(facts: Facts, part: str, *, x: str, y: str) -> Table:
    rows = tuple(
        (
            name,
            (Figure(("evidence", part, name, x, place), "percent" if x == "recall" else "number"),),
            (Figure(("evidence", part, name, y, place), "percent"),),
        )
        for name, curve in facts.by_strategy(part).items()
        for place in thinned(curve[x], _TABLE_ROWS)
    )
    return Table(caption=f"{y} by {x.replace('_', ' ')}", columns=("strategy", x.replace("_", " "), y), rows=rows)
