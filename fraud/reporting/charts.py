"""Charts over a continuous axis: alerts, recall, steps, scores, days.

Each takes plain rows and returns a Vega-Lite specification. Sections add captions and tables; ``interval_charts`` draws
intervals.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import altair as alt

from fraud.reporting.chart_style import (
    HEIGHT,
    STAGE_MARKS,
    colour,
    colours,
    dashes,
    drawn_or_picked,
    emphasis,
    finished,
    focus,
    plot,
    present,
    shown,
    thinned,
    unless_another_is_picked,
)
from fraud.reporting.palette import Style

_POINTS, _FEWER_POINTS, _MANY = 160, 80, 12
"""Points of a line; fewer where there are many lines."""
Curves = Mapping[str, Mapping[str, Sequence[float | None]]]


def budget_chart(
    curves: Curves,
    styles: Mapping[str, Style],
    *,
    leading: str,
    drawn: Collection[str],
    budget: float | None,
    until: float,
    at: float | None,
) -> dict[str, Any]:
    """Recall against alerts a day, one line a strategy, the budget marked.

    Args:
        curves: strategy -> ``alerts_per_day`` and ``recall``.
        styles: in the page's order.
        leading: the strategy drawn bold.
        drawn: strategies drawn by default.
        budget: alerts a day that can be reviewed; None where the policy counts otherwise.
        until: alerts a day at the right end.
        at: first position of the slider beside the chart; None where there is none.
    """
    rows = _line_rows(curves, x="alerts_per_day", y="recall", leading=leading, drawn=drawn)
    rows = [row for row in rows if row["x"] <= until]
    across = alt.X("x:Q", title="alerts a day", scale=alt.Scale(domain=[0, until]), axis=alt.Axis(tickCount=6))
    lines = _lines(rows, styles, across, title="of 100 frauds, found")
    drawn_rows = [row for row in rows if row["drawn"]]
    # NOTE: the budget's line is narrow and lies on the slider's, which is wide and pale, so that both can be seen.
    layers = [
        *([] if at is None else [_slider_mark(at)]),
        *([] if budget is None else _budget_mark(budget)),
        _crosshair(drawn_rows, styles, title="alerts a day"),
        *lines,
    ]
    return finished(alt.layer(*layers).add_params(focus()), description="Recall against alerts a day by strategy")


def precision_recall_chart(
    curves: Curves, styles: Mapping[str, Style], *, leading: str, drawn: Collection[str]
) -> dict[str, Any]:
    """Precision against recall, both of 100, one line a strategy."""
    rows = _line_rows(curves, x="recall", y="precision", leading=leading, drawn=drawn)
    for row in rows:
        row["x"] *= 100
    across = alt.X("x:Q", title="of 100 frauds, found", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=6))
    lines = _lines(rows, styles, across, title="of 100 alerts, fraud")
    return finished(alt.layer(*lines).add_params(focus()), description="Precision against recall by strategy")


def dose_response_chart(
    rows: Sequence[Mapping[str, Any]], families: Mapping[str, str], *, styles: Mapping[str, Style]
) -> dict[str, Any]:
    """Recall against the correction of the imbalance, one line a family with its band.

    Args:
        rows: ``family``, ``strategy``, ``correction`` from 0 to 1, ``mean``, ``low`` and ``high`` of 100.
        families: name of each family -> the strategy that it is drawn as.
        styles: in the page's order.
    """
    order = list(styles)
    shades = [colour(order.index(name)) for name in families.values()]
    shade = alt.Color("family:N", scale=alt.Scale(domain=list(families), range=shades), legend=None)
    symbols = alt.Scale(domain=list(families), range=[styles[name].mark for name in families.values()])
    base = plot(rows).encode(
        x=alt.X(
            "correction:Q",
            title="correction of the imbalance: 0 none, 1 balanced",
            scale=alt.Scale(domain=[0, 1.18]),
            axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".2~f"),
        ),
        color=shade,
    )
    up = alt.Y("mean:Q", title="of 100 frauds, found", scale=alt.Scale(zero=False, padding=8))
    band = base.mark_area(opacity=0.12).encode(y=alt.Y("low:Q", title="of 100 frauds, found"), y2="high:Q")
    line = base.mark_line(strokeWidth=2).encode(y=up)
    tooltips = [
        *(alt.Tooltip(f"{name}:N") for name in ("family", "strategy")),
        alt.Tooltip("correction:Q", format=".2f"),
        *(alt.Tooltip(f"{name}:Q", format=".1f") for name in ("mean", "low", "high")),
    ]
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        y=up, shape=alt.Shape("family:N", scale=symbols, legend=None), tooltip=tooltips
    )
    names = base.transform_filter("datum.correction == 1").mark_text(align="left", dx=9, fontSize=12)
    layers = [band, line, points, names.encode(y=up, text="family:N")]
    return finished(alt.layer(*layers), description="Recall by correction of the imbalance and family")


def training_chart(rows: Sequence[Mapping[str, Any]], styles: Mapping[str, Style]) -> dict[str, Any]:
    """Average precision on validation against optimizer steps.

    Args:
        rows: ``strategy``, ``x`` steps, ``y`` average precision, ``leading``, ``drawn``.
        styles: in the page's order.
    """
    across = alt.X("x:Q", title="optimizer steps", axis=alt.Axis(tickCount=6))
    lines = _lines(rows, styles, across, title="average precision on validation", domain=None)
    return finished(alt.layer(*lines).add_params(focus()), description="Validation average precision by step")


def daily_chart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Alerts raised by the frozen threshold on each day, those that were fraud, and the target.

    Args:
        rows: ``strategy``, ``leading``, ``day``, ``achieved``, ``caught``, ``target``.
    """
    day = alt.X("day:T", timeUnit="utcyearmonthdate", title=None, axis=alt.Axis(format="%-d %b", tickCount=8))
    up = alt.Y("achieved:Q", title="alerts", stack=None)
    tooltips = [
        alt.Tooltip("day:T", timeUnit="utcyearmonthdate", title="day", format="%-d %B %Y"),
        *(alt.Tooltip(f"{name}:Q", format=",.0f") for name in ("target", "achieved", "caught")),
    ]
    base = shown(plot(rows)).encode(x=day, tooltip=tooltips)
    raised = base.mark_bar(color="var(--bar)", width={"band": 0.8}).encode(y=up)
    caught = base.mark_bar(color="var(--text)", width={"band": 0.8}).encode(y=alt.Y("caught:Q", stack=None))
    layers = [raised, caught]
    target = next((row["target"] for row in rows if row["target"] is not None), None)
    if target is not None:
        rule = plot([{"target": target}]).mark_rule(strokeDash=[5, 3], strokeWidth=1.5, color="var(--text)")
        layers.append(rule.encode(y="target:Q"))
    return finished(alt.layer(*layers).add_params(focus()), description="Alerts by day against the target", height=240)


def reliability_chart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Observed frauds of 100 against the score, before and after correction, on logarithmic scales that begin at 0.

    Args:
        rows: ``strategy``, ``leading``, ``stage``, ``score`` and ``observed`` of 100.
    """
    scale = alt.Scale(type="symlog", constant=0.1, domain=[0, 100])
    axis = alt.Axis(values=[0, 0.1, 1, 10, 30, 100], format=".3~f")
    strokes = alt.Scale(domain=list(STAGE_MARKS), range=[[1, 3], [6, 3], [1, 0]])
    symbols = alt.Scale(domain=list(STAGE_MARKS), range=list(STAGE_MARKS.values()))
    base = shown(plot(rows)).encode(
        x=alt.X("score:Q", title="frauds of 100, by score", scale=scale, axis=axis),
        y=alt.Y("observed:Q", title="frauds of 100, observed", scale=scale, axis=axis),
        shape=alt.Shape("stage:N", scale=symbols, legend=None),
    )
    lines = base.mark_line(color="var(--text)", strokeWidth=1.5, clip=True).encode(
        strokeDash=alt.StrokeDash("stage:N", scale=strokes, legend=None), shape=alt.Undefined
    )
    tooltips = [alt.Tooltip("stage:N"), *(alt.Tooltip(f"{name}:Q", format=".2f") for name in ("score", "observed"))]
    points = base.mark_point(color="var(--text)", fill="var(--page)", size=45, opacity=1, clip=True).encode(
        tooltip=tooltips
    )
    diagonal = plot([{"x": 0}, {"x": 100}]).mark_line(color="var(--line)").encode(x="x:Q", y=alt.Y("x:Q"))
    layered = alt.layer(diagonal, lines, points).add_params(focus())
    return finished(layered, description="Score against observed frauds", height=340)


def prevalence_chart(
    rows: Sequence[Mapping[str, Any]], windows: Sequence[Mapping[str, Any]], *, title: str
) -> dict[str, Any]:
    """Frauds among a thousand transactions by day, with the windows behind.

    Args:
        rows: ``day``, ``per_thousand``.
        windows: ``name``, ``from``, ``middle``, ``to``.
        title: of the vertical axis.
    """
    day = alt.X("day:T", timeUnit="utcyearmonthdate", title=None, axis=alt.Axis(format="%-d %b", tickCount=7))
    tooltips = [
        alt.Tooltip("day:T", timeUnit="utcyearmonthdate", title="day", format="%-d %B %Y"),
        alt.Tooltip("per_thousand:Q", title=title, format=".2f"),
    ]
    line = plot(rows).mark_line(color="var(--text)", strokeWidth=1.5, point={"size": 12, "color": "var(--text)"})
    shade = (
        plot(windows)
        .mark_rect(color="var(--band)", stroke="var(--page)", strokeWidth=2)
        .encode(x=alt.X("from:T", scale=alt.Scale(type="utc")), x2="to:T")
    )
    names = (
        plot(windows)
        .mark_text(baseline="bottom", color="var(--text)")
        .encode(x="middle:T", y=alt.value(-4), text="name:N")
    )
    up = alt.Y("per_thousand:Q", title=title, scale=alt.Scale(zero=True), axis=alt.Axis(titleY=-30, tickCount=5))
    layers = [shade, names, line.encode(x=day, y=up, tooltip=tooltips)]
    return finished(alt.layer(*layers), description="Frauds among transactions by day", height=240)


def _line_rows(curves: Curves, *, x: str, y: str, leading: str, drawn: Collection[str]) -> list[dict[str, Any]]:
    rows = []
    points = _POINTS if len(curves) <= _MANY else _FEWER_POINTS
    for name, curve in curves.items():
        marked = {"strategy": name, "leading": name == leading, "drawn": name in drawn}
        for index in thinned(curve[x], points):
            across, up = curve[x][index], curve[y][index]
            if across is not None and up is not None:
                rows.append(marked | {"x": round(across, 5), "y": round(100 * up, 3)})
    return rows


def _lines(
    rows: Sequence[Mapping[str, Any]],
    styles: Mapping[str, Style],
    across: alt.X,
    *,
    title: str,
    domain: tuple[float, float] | None = (0, 100),
) -> list[Any]:
    """The lines; the leading one on top, with a margin in the page's colour, so that it is seen where lines meet."""
    names = present(rows, styles)
    scale = alt.Scale(domain=list(domain)) if domain else alt.Scale(zero=False)
    up = alt.Y("y:Q", title=title, scale=scale, axis=alt.Axis(tickCount=6))
    leading = [row for row in rows if row["leading"]]
    layers = [
        drawn_or_picked(plot(part))
        .mark_line(clip=True)
        .encode(x=across, y=up, color=colours(styles, names), strokeDash=dashes(styles, names), **emphasis())
        for part in ([row for row in rows if not row["leading"]], leading)
        if part
    ]
    if len(layers) > 1:
        room = plot(leading).mark_line(clip=True, color="var(--page)", strokeWidth=4.2)
        layers.insert(1, room.encode(x=across, y=up, opacity=unless_another_is_picked()))
    return layers


def _crosshair(rows: list[dict[str, Any]], styles: Mapping[str, Style], *, title: str) -> Any:
    """A line under the pointer whose tooltip lists every strategy's value there."""
    names = present(rows, styles)
    wide: dict[float, dict[str, float]] = {}
    for row in rows:
        wide.setdefault(row["x"], {"x": row["x"]})[f"v{names.index(row['strategy'])}"] = row["y"]
    under = alt.selection_point(
        name="under", on="pointerover", nearest=True, fields=["x"], empty=False, clear="pointerout"
    )
    tooltips = [alt.Tooltip(f"v{index}:Q", title=name, format=".1f") for index, name in enumerate(names)]
    rule = plot(list(wide.values())).mark_rule(color="var(--quiet)")
    return rule.encode(
        x="x:Q",
        opacity=alt.condition(under, alt.value(0.6), alt.value(0)),
        tooltip=[alt.Tooltip("x:Q", title=title, format=",.0f"), *tooltips],
    ).add_params(under)


def _slider_mark(at: float) -> Any:
    """The slider's position; the page moves it by the parameter ``at``."""
    moved = plot([{}]).transform_calculate(x="at")
    rule = moved.mark_rule(color="var(--link)", strokeWidth=8, opacity=0.3).encode(x="x:Q")
    return rule.add_params(alt.param(name="at", value=at))


def _budget_mark(budget: float) -> list[Any]:
    at = plot([{"x": budget, "label": f"budget {budget:,.10g}"}])
    rule = at.mark_rule(strokeDash=[3, 3], strokeWidth=1.5, color="var(--text)").encode(x="x:Q")
    label = at.mark_text(align="left", baseline="bottom", dx=5, color="var(--text)", fontSize=12)
    return [rule, label.encode(x="x:Q", y=alt.value(HEIGHT - 4), text="label:N")]
