"""What all charts share: the style of axes and lines, and the one JavaScript bundle that draws them.

Colours are CSS variables, so that one drawing serves light, dark and paper.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt
import vl_convert

from fraud.reporting.palette import Style

STAGE_MARKS = {"raw": "circle", "shifted": "triangle-up", "calibrated": "square"}
"""Stages of a score, in the order in which they are applied, and how they are marked."""
HEIGHT = 320
"""Height of a chart in pixels; the width is the page's."""
_VEGA_LITE = "6.4"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"


@cache
def javascript() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script (0.9 MB) that puts ``vegaEmbed`` on the window."""
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", _VEGA_LITE))


def config() -> dict[str, Any]:
    """The theme, handed to Vega-Embed once for all charts."""
    axis = {
        "labelColor": "var(--quiet)",
        "titleColor": "var(--quiet)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "gridColor": "var(--grid)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelOverlap": "greedy",
        "labelSeparation": 8,
    }
    return {
        "background": "transparent",
        "font": _FONT,
        "view": {"stroke": "transparent"},
        "axis": axis,
        "axisX": {"titleAlign": "left", "titleAnchor": "start", "grid": False, "tickSize": 4},
        "axisY": {
            "titleAngle": 0,
            "titleAlign": "left",
            "titleAnchor": "start",
            "titleY": -14,
            "titleX": 0,
            "tickSize": 0,
            "domain": False,
        },
        "text": {"color": "var(--quiet)", "fontSize": 12},
        "rule": {"color": "var(--quiet)"},
    }


def colour(position: int) -> str:
    """The CSS variable with the colour of the strategy at a position of the page's order."""
    return f"var(--s{position})"


def colours(styles: Mapping[str, Style], names: Sequence[str]) -> alt.Color:
    """The channel that gives every strategy its colour.

    Args:
        styles: by name, in the page's order.
        names: the strategies of this chart.
    """
    order = list(styles)
    shades = [colour(order.index(name)) for name in names]
    return alt.Color("strategy:N", scale=alt.Scale(domain=list(names), range=shades), legend=None)


def dashes(styles: Mapping[str, Style], names: Sequence[str]) -> alt.StrokeDash:
    """The channel that gives every strategy's line its dash; arguments as ``colours``."""
    scale = alt.Scale(domain=list(names), range=[list(styles[name].dash) for name in names])
    return alt.StrokeDash("strategy:N", scale=scale, legend=None)


def marks(styles: Mapping[str, Style], names: Sequence[str]) -> alt.Shape:
    """The channel that gives every strategy's points its family's mark; arguments as ``colours``."""
    scale = alt.Scale(domain=list(names), range=[styles[name].mark for name in names])
    return alt.Shape("strategy:N", scale=scale, legend=None)


def present(rows: Sequence[Mapping[str, Any]], styles: Mapping[str, Style]) -> list[str]:
    """The strategies that the rows contain, in the page's order."""
    found = {row["strategy"] for row in rows}
    return [name for name in styles if name in found]


def focus() -> alt.Parameter:
    """The strategy that the reader picked in the legend; empty text where none is."""
    return alt.param(name="focus", value="")


def emphasis() -> dict[str, Any]:
    """Opacity and width of lines: the picked strategy stands out, else rows with ``leading``."""
    picked = "focus === '' || datum.strategy === focus"
    return {
        "opacity": alt.condition(picked, alt.value(1), alt.value(0.12)),
        "strokeWidth": alt.condition("datum.leading", alt.value(3.2), alt.value(1.6)),
    }


def unless_another_is_picked() -> Any:
    """Opacity of what belongs to the leading line alone: gone while the reader follows another one."""
    return alt.condition("focus === '' || datum.strategy === focus", alt.value(1), alt.value(0))


def shown(chart: Any) -> Any:
    """Only the rows of the strategy that the reader picked, else rows with ``leading``."""
    return chart.transform_filter("focus === '' ? datum.leading : datum.strategy === focus")


def drawn_or_picked(chart: Any) -> Any:
    """Only the rows that are drawn by default, and those of the strategy that the reader picked."""
    return chart.transform_filter("datum.drawn || datum.strategy === focus")


def thinned(values: Sequence[Any], at_most: int) -> list[int]:
    """Positions of at most so many values, evenly spread, both ends among them."""
    if len(values) <= at_most:
        return list(range(len(values)))
    step = (len(values) - 1) / (at_most - 1)
    return sorted({round(index * step) for index in range(at_most)})


def plot(rows: Sequence[Mapping[str, Any]]) -> Any:
    """A chart of plain rows; Altair's own types are too loose to help, so it is untyped from here on.

    Numbers are rounded to five significant digits: more cannot be seen, and made pages half as large again.
    """
    drawn = [{key: _five_digits(value) for key, value in row.items()} for row in rows]
    return alt.Chart(alt.Data(values=drawn))  # type: ignore[no-untyped-call]


def finished(chart: Any, *, description: str, height: int = HEIGHT) -> dict[str, Any]:
    """The chart as a Vega-Lite specification as wide as the page.

    Args:
        chart: one chart, or layers of them.
        description: text for screen readers.
        height: in pixels.
    """
    spec: dict[str, Any] = chart.properties(width="container", height=height, description=description).to_dict()
    for unused in ("config", "$schema"):
        spec.pop(unused, None)
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec


def _five_digits(value: Any) -> Any:
    return float(f"{value:.5g}") if isinstance(value, float) else value
