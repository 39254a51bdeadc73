"""Charts of intervals side by side: one row a strategy, a kind of fraud or a model. Vega-Lite specifications."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from fraud.reporting.chart_style import STAGE_MARKS, colours, finished, focus, marks, plot, present, shown
from fraud.reporting.palette import Style

_ROW = 30
_NAMES = alt.Axis(labelLimit=150, labelFontSize=12)
_NUMBERS = alt.Axis(tickCount=6, format=".3~f")
Rows = Sequence[Mapping[str, Any]]


def difference_chart(rows: Rows, styles: Mapping[str, Style], *, margin: float | None, against: str) -> dict[str, Any]:
    """Paired differences in recall against one strategy; the margin that does not matter shaded.

    Args:
        rows: ``strategy``, ``mean``, ``low``, ``high`` as shares.
        styles: in the page's order.
        margin: the difference that does not matter, as a share.
        against: the strategy that the others are compared with.
    """
    behind = [plot([{"x": 0}]).mark_rule(color="var(--text)", strokeWidth=1.25).encode(x="x:Q")]
    if margin:
        ends = [{"from": -100 * margin, "to": 100 * margin}]
        behind.insert(0, plot(ends).mark_rect(color="var(--band)").encode(x="from:Q", x2="to:Q"))
    return _interval_chart(
        rows,
        styles,
        title="of 100 frauds, more or fewer",
        description=f"Differences in recall against {against}",
        behind=behind,
    )


def recall_chart(rows: Rows, styles: Mapping[str, Style]) -> dict[str, Any]:
    """Recall with its interval, one row a model.

    Args:
        rows: ``strategy``, ``mean``, ``low``, ``high`` as shares.
        styles: in the page's order.
    """
    return _interval_chart(rows, styles, title="of 100 frauds, found", description="Recall by model")


def savings_chart(rows: Rows, styles: Mapping[str, Style]) -> dict[str, Any]:
    """Share of the loss that is saved, with its interval, one row a model; rows as ``recall_chart``."""
    return _interval_chart(rows, styles, title="of 100 lost, saved", description="Savings by model")


def group_chart(rows: Rows, styles: Mapping[str, Style], *, description: str) -> dict[str, Any]:
    """Recall by group of frauds, of the leading strategies or of the one picked.

    Args:
        rows: ``group``, ``strategy``, ``leading``, ``mean``, ``low``, ``high`` as shares.
        styles: in the page's order.
        description: text for screen readers.
    """
    names = present(rows, styles)
    kinds = list(dict.fromkeys(row["group"] for row in rows))
    side_by_side = max(len({row["strategy"] for row in rows if row["leading"]}), 1)
    axis = _above(7 * side_by_side)
    base = shown(plot(_of_100(rows))).encode(
        y=alt.Y("group:N", sort=kinds, title=None, axis=axis, scale=alt.Scale(domain=kinds, paddingInner=0.45)),
        yOffset=alt.YOffset("strategy:N", sort=names),
        color=colours(styles, names),
    )
    layers = _marks(base, marks(styles, names), title="of 100 frauds, found", domain=[0, 100])
    height = len(kinds) * (side_by_side * 14 + 28) + 10
    return finished(alt.layer(*layers).add_params(focus()), description=description, height=height)


def importance_chart(rows: Rows) -> dict[str, Any]:
    """Drop in average precision by feature, largest first.

    Args:
        rows: ``feature``, ``drop``, ``lowest``, ``highest``.
    """
    names = [row["feature"] for row in rows]
    base = plot(rows).encode(y=alt.Y("feature:N", sort=names, title=None, axis=_above(7)))
    across = alt.X("drop:Q", title="drop in average precision", axis=_NUMBERS)
    tooltips = [
        alt.Tooltip("feature:N"),
        *(alt.Tooltip(f"{name}:Q", format=".4f") for name in ("drop", "lowest", "highest")),
    ]
    bars = base.mark_bar(color="var(--bar)", height=9).encode(x=across, tooltip=tooltips)
    ranges = base.mark_rule(color="var(--text)", strokeWidth=1.5).encode(x="lowest:Q", x2="highest:Q")
    height = 40 + 34 * len(names)
    return finished(alt.layer(bars, ranges), description="Importance by feature", height=height)


def seed_chart(rows: Rows, styles: Mapping[str, Style]) -> dict[str, Any]:
    """Recall of every seed, one dot a seed, one row a strategy.

    Args:
        rows: ``strategy``, ``seed``, ``mean`` as a share.
        styles: in the page's order.
    """
    names = present(rows, styles)
    dots = (
        plot(_of_100(rows))
        .mark_point(filled=True, size=80, opacity=0.75)
        .encode(
            y=alt.Y("strategy:N", sort=names, title=None, axis=_NAMES),
            x=alt.X("mean:Q", title="of 100 frauds, found", scale=alt.Scale(zero=False, padding=12), axis=_NUMBERS),
            tooltip=[
                alt.Tooltip("strategy:N"),
                alt.Tooltip("seed:Q"),
                alt.Tooltip("mean:Q", title="found", format=".1f"),
            ],
            color=colours(styles, names),
            shape=marks(styles, names),
        )
    )
    return finished(alt.layer(dots), description="Recall by strategy and seed", height=40 + 26 * len(names))


def score_chart(rows: Rows, styles: Mapping[str, Style], *, stages: Sequence[str]) -> dict[str, Any]:
    """Mean score over prevalence before and after correction, on a logarithmic scale; 1 is unbiased.

    Args:
        rows: ``strategy``, ``stage``, ``ratio``.
        styles: in the page's order.
        stages: in the order in which they are applied.
    """
    names = present(rows, styles)
    symbols = alt.Scale(domain=list(stages), range=[STAGE_MARKS[stage] for stage in stages])
    scale = alt.Scale(type="log", nice=False, padding=14)
    base = plot(rows).encode(y=alt.Y("strategy:N", sort=names, title=None, axis=_NAMES), color=colours(styles, names))
    ties = base.mark_line(strokeWidth=2).encode(x=alt.X("ratio:Q", scale=scale), detail="strategy:N")
    dots = base.mark_point(size=75, opacity=1, fill="var(--page)", strokeWidth=2).encode(
        x=alt.X("ratio:Q", title="mean score over prevalence", scale=scale, axis=_NUMBERS),
        shape=alt.Shape("stage:N", scale=symbols, legend=None),
        tooltip=[alt.Tooltip("strategy:N"), alt.Tooltip("stage:N"), alt.Tooltip("ratio:Q", format=".2f")],
    )
    one = plot([{"x": 1}]).mark_rule(color="var(--text)", strokeWidth=1.25).encode(x="x:Q")
    height = 40 + 26 * len(names)
    return finished(alt.layer(one, ties, dots), description="Mean score over prevalence by strategy", height=height)


def _above(marks: int) -> alt.Axis:
    """Names above their marks, which extend so many pixels upwards: a phone has no room for names beside them."""
    return alt.Axis(
        labelAlign="left",
        labelBaseline="bottom",
        labelPadding=0,
        labelOffset=-marks,
        labelLimit=320,
        domain=False,
        ticks=False,
    )


def _interval_chart(
    rows: Rows, styles: Mapping[str, Style], *, title: str, description: str, behind: Sequence[Any] = ()
) -> dict[str, Any]:
    names = present(rows, styles)
    base = plot(_of_100(rows)).encode(
        y=alt.Y("strategy:N", sort=names, title=None, axis=_NAMES), color=colours(styles, names)
    )
    layers = [*behind, *_marks(base, marks(styles, names), title=title)]
    return finished(alt.layer(*layers), description=description, height=40 + _ROW * len(names))


def _marks(base: Any, shape: alt.Shape, *, title: str, domain: list[float] | None = None) -> list[Any]:
    scale = alt.Scale(domain=domain) if domain else alt.Scale(zero=False, padding=10)
    bounds = base.mark_rule(strokeWidth=2.5).encode(
        x=alt.X("low:Q", title=title, scale=scale, axis=_NUMBERS), x2="high:Q"
    )
    tooltips = [
        alt.Tooltip("strategy:N"),
        *(alt.Tooltip(f"{name}:Q", format=".1f") for name in ("mean", "low", "high")),
    ]
    means = base.mark_point(filled=True, size=80, opacity=1).encode(
        x=alt.X("mean:Q", title=title), shape=shape, tooltip=tooltips
    )
    return [bounds, means]


def _of_100(rows: Rows) -> list[dict[str, Any]]:
    shares = ("mean", "low", "high")
    return [
        {name: 100 * value if name in shares and value is not None else value for name, value in row.items()}
        for row in rows
    ]
