"""Drawings of intervals side by side: one row a strategy, a kind of fraud or a model. Vega-Lite specifications."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from fraud.reporting.drawing import finished, plot, series
from fraud.reporting.palette import Look

_ROW = 30
_NAMES = alt.Axis(labelLimit=150, labelFontSize=12)
Rows = Sequence[Mapping[str, Any]]


def difference_chart(rows: Rows, looks: Mapping[str, Look], *, margin: float | None, against: str) -> dict[str, Any]:
    """Paired differences in recall against one strategy; the margin that does not matter shaded.

    Args:
        rows: ``strategy``, ``mean``, ``low``, ``high`` as shares.
        looks: in the page's order.
        margin: the difference that does not matter, as a share.
        against: the strategy that the others are held against.
    """
    behind = [plot([{"x": 0}]).mark_rule(color="var(--text)", strokeWidth=1.25).encode(x="x:Q")]
    if margin:
        ends = [{"from": -100 * margin, "to": 100 * margin}]
        behind.insert(0, plot(ends).mark_rect(color="var(--band)").encode(x="from:Q", x2="to:Q"))
    title = f"frauds found of 100, more or fewer than {against}"
    return _interval_chart(
        rows, looks, title=title, description=f"Differences in recall against {against}", behind=behind
    )


def recall_chart(rows: Rows, looks: Mapping[str, Look]) -> dict[str, Any]:
    """Recall with its interval, one row a model.

    Args:
        rows: ``strategy``, ``mean``, ``low``, ``high`` as shares.
        looks: in the page's order.
    """
    return _interval_chart(rows, looks, title="of 100 frauds, found", description="Recall by model")


def type_chart(rows: Rows, looks: Mapping[str, Look]) -> dict[str, Any]:
    """Recall by kind of fraud, strategies side by side.

    Args:
        rows: ``fraud_type``, ``strategy``, ``mean``, ``low``, ``high`` as shares.
        looks: in the page's order.
    """
    names = _present(rows, looks)
    kinds = list(dict.fromkeys(row["fraud_type"] for row in rows))
    base = plot(_of_100(rows)).encode(
        y=alt.Y("fraud_type:N", sort=kinds, title=None, axis=_NAMES, scale=alt.Scale(paddingInner=0.35)),
        yOffset=alt.YOffset("strategy:N", sort=names),
        **series(looks, names, axis_named=True),
    )
    layers = _marks(base, title="of 100 frauds of this kind, found", domain=[0, 100])
    height = len(kinds) * (len(names) * 14 + 16) + 20
    return finished(alt.layer(*layers), description="Recall by kind of fraud", height=height)


def seed_chart(rows: Rows, looks: Mapping[str, Look]) -> dict[str, Any]:
    """Recall of every seed, one dot a seed, one row a strategy.

    Args:
        rows: ``strategy``, ``seed``, ``mean`` as a share.
        looks: in the page's order.
    """
    names = _present(rows, looks)
    dots = (
        plot(_of_100(rows))
        .mark_point(filled=True, size=80, opacity=0.75)
        .encode(
            y=alt.Y("strategy:N", sort=names, title=None, axis=_NAMES),
            x=alt.X("mean:Q", title="of 100 frauds, found", scale=alt.Scale(zero=False, padding=12)),
            tooltip=[
                alt.Tooltip("strategy:N"),
                alt.Tooltip("seed:Q"),
                alt.Tooltip("mean:Q", title="found", format=".1f"),
            ],
            **series(looks, names, axis_named=True),
        )
    )
    return finished(alt.layer(dots), description="Recall by strategy and seed", height=40 + 26 * len(names))


def score_chart(rows: Rows, looks: Mapping[str, Look], *, stages: Sequence[str]) -> dict[str, Any]:
    """Mean score over prevalence before and after correction, on a logarithmic scale; 1 is honest.

    Args:
        rows: ``strategy``, ``stage``, ``ratio``.
        looks: in the page's order.
        stages: in the order in which they are applied.
    """
    names = _present(rows, looks)
    legend = alt.Legend(
        title=None,
        orient="top",
        columns=3,
        symbolFillColor="var(--page)",
        symbolStrokeColor="var(--text)",
        symbolSize=80,
    )
    marks = alt.Scale(domain=list(stages), range=["circle", "triangle-up", "square"][-len(stages) :])
    scale = alt.Scale(type="log", nice=False, padding=14)
    colours = series(looks, names)["color"]
    base = plot(rows).encode(y=alt.Y("strategy:N", sort=names, title=None, axis=_NAMES), color=colours)
    ties = base.mark_line(strokeWidth=2).encode(x=alt.X("ratio:Q", scale=scale), detail="strategy:N")
    dots = base.mark_point(size=75, opacity=1, fill="var(--page)", strokeWidth=2).encode(
        x=alt.X("ratio:Q", title="mean score over prevalence", scale=scale, axis=alt.Axis(format="~g", tickCount=5)),
        shape=alt.Shape("stage:N", scale=marks, legend=legend),
        tooltip=[alt.Tooltip("strategy:N"), alt.Tooltip("stage:N"), alt.Tooltip("ratio:Q", format=".2f")],
    )
    one = plot([{"x": 1}]).mark_rule(color="var(--text)", strokeWidth=1.25).encode(x="x:Q")
    height = 40 + 26 * len(names)
    return finished(alt.layer(one, ties, dots), description="Mean score over prevalence by strategy", height=height)


def _interval_chart(
    rows: Rows, looks: Mapping[str, Look], *, title: str, description: str, behind: Sequence[Any] = ()
) -> dict[str, Any]:
    names = _present(rows, looks)
    base = plot(_of_100(rows)).encode(
        y=alt.Y("strategy:N", sort=names, title=None, axis=_NAMES), **series(looks, names, axis_named=True)
    )
    layers = [*behind, *_marks(base, title=title)]
    return finished(alt.layer(*layers), description=description, height=40 + _ROW * len(names))


def _marks(base: Any, *, title: str, domain: list[float] | None = None) -> list[Any]:
    scale = alt.Scale(domain=domain) if domain else alt.Scale(zero=False, padding=10)
    bounds = base.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q", title=title, scale=scale), x2="high:Q")
    told = [alt.Tooltip("strategy:N"), *(alt.Tooltip(f"{name}:Q", format=".1f") for name in ("mean", "low", "high"))]
    means = base.mark_point(filled=True, size=80, opacity=1).encode(x=alt.X("mean:Q", title=title), tooltip=told)
    return [bounds, means]


def _present(rows: Rows, looks: Mapping[str, Look]) -> list[str]:
    found = {row["strategy"] for row in rows}
    return [name for name in looks if name in found]


def _of_100(rows: Rows) -> list[dict[str, Any]]:
    shares = ("mean", "low", "high")
    return [
        {name: 100 * value if name in shares and value is not None else value for name, value in row.items()}
        for row in rows
    ]
