"""What all charts share: the look of axes and lines, and the one JavaScript bundle that draws them.

Colours are CSS variables, so that one drawing serves light, dark and paper.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import altair as alt
import vl_convert

from fraud.reporting.palette import Look

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
        "labelOverlap": True,
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
        "legend": {"labelColor": "var(--text)", "labelFontSize": 12, "labelLimit": 200, "symbolStrokeWidth": 1.5},
        "text": {"color": "var(--quiet)", "fontSize": 12},
        "rule": {"color": "var(--quiet)"},
    }


def colour(position: int) -> str:
    """The CSS variable with the colour of the strategy at a position of the page's order."""
    return f"var(--s{position})"


def series(looks: Mapping[str, Look], names: Sequence[str], *, axis_named: bool = False) -> dict[str, Any]:
    """Encodings that give every strategy its colour, its dash and its mark.

    Args:
        looks: by name, in the page's order.
        names: the strategies of this chart.
        axis_named: an axis names the strategies, so colour and mark are enough.
    """
    order = list(looks)
    domain = [name for name in order if name in names]
    colours = alt.Scale(domain=domain, range=[colour(order.index(name)) for name in domain])
    channels: dict[str, Any] = {"color": alt.Color("strategy:N", scale=colours, legend=None)}
    if axis_named:
        marks = alt.Scale(domain=domain, range=[looks[name].mark for name in domain])
        channels["shape"] = alt.Shape("strategy:N", scale=marks, legend=None)
    else:
        dashes = alt.Scale(domain=domain, range=[list(looks[name].dash) for name in domain])
        channels["strokeDash"] = alt.StrokeDash("strategy:N", scale=dashes, legend=None)
    return channels


def focus() -> alt.Parameter:
    """The strategy that the reader picked in the legend; empty text where none is."""
    return alt.param(name="focus", value="")


def emphasis() -> dict[str, Any]:
    """Opacity and width of lines: the picked strategy stands out, else those whose rows say ``leading``."""
    picked = "focus === '' || datum.strategy === focus"
    return {
        "opacity": alt.condition(picked, alt.value(1), alt.value(0.12)),
        "strokeWidth": alt.condition("datum.leading", alt.value(3.2), alt.value(1.6)),
    }


def shown(chart: Any) -> Any:
    """Only the rows of the strategy that the reader picked, else those that say ``leading``."""
    return chart.transform_filter("focus === '' ? datum.leading : datum.strategy === focus")


def thinned(values: Sequence[Any], at_most: int) -> list[int]:
    """Positions of at most so many values, evenly spread, both ends among them."""
    if len(values) <= at_most:
        return list(range(len(values)))
    step = (len(values) - 1) / (at_most - 1)
    return sorted({round(place * step) for place in range(at_most)})


def plot(rows: Sequence[Mapping[str, Any]]) -> Any:
    """A chart of plain rows; Altair's own types are too loose to help, so it is untyped from here on."""
    return alt.Chart(alt.Data(values=list(rows)))  # type: ignore[no-untyped-call]


def finished(chart: Any, *, description: str, height: int = HEIGHT) -> dict[str, Any]:
    """The chart as a Vega-Lite specification as wide as the page.

    Args:
        chart: one chart, or layers of them.
        description: what a screen reader says instead of the drawing.
        height: in pixels.
    """
    spec: dict[str, Any] = chart.properties(width="container", height=height, description=description).to_dict()
    for unused in ("config", "$schema"):
        spec.pop(unused, None)
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec
