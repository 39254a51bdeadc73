"""The drawings of a report, each from one part of the evidence, as Vega-Lite specifications.

Every function takes plain rows and returns the specification alone; captions and tables are the sections' part.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from fraud.reporting.drawing import emphasis, finished, focus, plot, series, thinned
from fraud.reporting.palette import Look

_POINTS = 160
Curves = Mapping[str, Mapping[str, Sequence[float | None]]]


def budget_chart(curves: Curves, looks: Mapping[str, Look], *, leading: str, budget: float | None) -> dict[str, Any]:
    """Recall against alerts a day, one line a strategy, the budget marked.

    Args:
        curves: strategy -> ``alerts_per_day`` and ``recall``.
        looks: in the page's order.
        leading: the strategy drawn bold.
        budget: alerts a day that can be worked; None where the policy counts otherwise.
    """
    rows = _line_rows(curves, x="alerts_per_day", y="recall", leading=leading)
    lines = _lines(rows, looks, x_title="alerts a day", y_title="of 100 frauds, found", step=False)
    layers: list[Any] = [_crosshair(rows, looks, title="alerts a day", number=",.0f"), lines]
    if budget is not None:
        layers = [*_budget_mark(budget), *layers]
    return finished(alt.layer(*layers).add_params(focus()), description="Recall against alerts a day by strategy")


def precision_recall_chart(curves: Curves, looks: Mapping[str, Look], *, leading: str) -> dict[str, Any]:
    """Of 100 alerts, how many are right, against of 100 frauds, how many are found."""
    rows = _line_rows(curves, x="recall", y="precision", leading=leading)
    for row in rows:
        row["x"] *= 100
    lines = _lines(rows, looks, x_title="of 100 frauds, found", y_title="of 100 alerts, right", step=True)
    return finished(alt.layer(lines).add_params(focus()), description="Precision against recall by strategy")


def difference_chart(
    rows: Sequence[Mapping[str, Any]], looks: Mapping[str, Look], *, margin: float | None, against: str
) -> dict[str, Any]:
    """Paired differences in recall against one strategy, with intervals; the margin that does not matter shaded.

    Args:
        rows: ``strategy``, ``difference``, ``low``, ``high`` as shares.
        looks: in the page's order.
        margin: the difference that does not matter, as a share.
        against: the strategy that the others are held against.
    """
    values = [{key: _points(value) for key, value in row.items()} for row in rows]
    order = [name for name in looks if name in {row["strategy"] for row in rows}]
    base = plot(values).encode(
        y=alt.Y("strategy:N", sort=order, title=None, axis=alt.Axis(labelLimit=150)),
        **series(looks, order, axis_named=True),
    )
    x = alt.X("low:Q", title=f"frauds found of 100, more or fewer than {against}")
    intervals = base.mark_rule(strokeWidth=2.5).encode(x=x, x2="high:Q")
    means = base.mark_point(filled=True, size=90, opacity=1).encode(
        x="difference:Q", tooltip=_interval_tooltip("difference")
    )
    layers = [_zero_line(), intervals, means]
    if margin:
        layers = [_margin_band(margin), *layers]
    height = 40 + 30 * len(order)
    return finished(alt.layer(*layers), description=f"Differences in recall against {against}", height=height)


def _line_rows(curves: Curves, *, x: str, y: str, leading: str) -> list[dict[str, Any]]:
    rows = []
    for name, curve in curves.items():
        for place in thinned(curve[x], _POINTS):
            across, up = curve[x][place], curve[y][place]
            if across is not None and up is not None:
                rows.append({"strategy": name, "x": across, "y": 100 * up, "leading": name == leading})
    return rows


def _lines(rows: list[dict[str, Any]], looks: Mapping[str, Look], *, x_title: str, y_title: str, step: bool) -> Any:
    names = [name for name in looks if any(row["strategy"] == name for row in rows)]
    return (
        plot(rows)
        .mark_line(clip=True, interpolate="step-after" if step else "linear")
        .encode(
            x=alt.X("x:Q", title=x_title, scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=6)),
            y=alt.Y("y:Q", title=y_title, scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=6)),
            **series(looks, names),
            **emphasis(),
        )
    )


def _crosshair(rows: list[dict[str, Any]], looks: Mapping[str, Look], *, title: str, number: str) -> Any:
    """A line under the pointer that tells every strategy's value there."""
    names = [name for name in looks if any(row["strategy"] == name for row in rows)]
    wide: dict[float, dict[str, float]] = {}
    for row in rows:
        wide.setdefault(row["x"], {"x": row["x"]})[f"v{names.index(row['strategy'])}"] = row["y"]
    nearest = alt.selection_point(
        name="under", on="pointerover", nearest=True, fields=["x"], empty=False, clear="pointerout"
    )
    told = [alt.Tooltip(f"v{place}:Q", title=name, format=".1f") for place, name in enumerate(names)]
    return (
        plot(list(wide.values()))
        .mark_rule(color="var(--quiet)")
        .encode(
            x="x:Q",
            opacity=alt.condition(nearest, alt.value(0.6), alt.value(0)),
            tooltip=[alt.Tooltip("x:Q", title=title, format=number), *told],
        )
        .add_params(nearest)
    )


def _budget_mark(budget: float) -> list[Any]:
    at = plot([{"x": budget, "said": f"budget {budget:,.10g}"}])
    rule = at.mark_rule(strokeDash=[3, 3], strokeWidth=1.5, color="var(--text)").encode(x="x:Q")
    label = at.mark_text(align="left", baseline="bottom", dx=5, color="var(--text)", fontSize=12)
    return [rule, label.encode(x="x:Q", y=alt.value(316), text="said:N")]


def _zero_line() -> Any:
    return plot([{"x": 0}]).mark_rule(color="var(--text)", strokeWidth=1.25).encode(x="x:Q")


def _margin_band(margin: float) -> Any:
    ends = [{"from": -100 * margin, "to": 100 * margin}]
    return plot(ends).mark_rect(color="var(--band)").encode(x="from:Q", x2="to:Q")


def _interval_tooltip(mean: str) -> list[alt.Tooltip]:
    signed = "+.1f"
    return [
        alt.Tooltip("strategy:N", title="strategy"),
        alt.Tooltip(f"{mean}:Q", format=signed),
        alt.Tooltip("low:Q", format=signed),
        alt.Tooltip("high:Q", format=signed),
    ]


def _points(value: Any) -> Any:
    return 100 * value if isinstance(value, float) else value
