"""A run's folder -> one offline page, and the same as Markdown.

Everything that comes from the data is text here: templates escape it, specifications travel as JSON without angle
brackets, and the page's content security policy runs no script but its own.
"""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from fraud.errors import ReportError
from fraud.reporting.budget import MORE_ALERTS
from fraud.reporting.chart_style import config, javascript
from fraud.reporting.evidence_values import Section
from fraud.reporting.first_screen import FirstScreen, first_screen
from fraud.reporting.markdown import render_markdown
from fraud.reporting.pages import html_environment, template_source, write_page
from fraud.reporting.run_view import RunView
from fraud.reporting.safe_text import presentable
from fraud.reporting.schema import read_json, validate_evidence, validate_report
from fraud.reporting.sections import all_sections

LARGEST_BYTES = 2_500_000
"""So that a report can be sent by mail."""


def render_report(folder: Path) -> Path:
    """Write ``report.html`` and ``report.md`` beside ``report.json`` and ``evidence.json``.

    Args:
        folder: a run's folder, as ``reports/<run_id>``; ``evidence.json`` may be missing, its sections then are.

    Returns:
        The path of ``report.html``.

    Raises:
        ReportError: the folder lacks ``report.json``, a file breaks its schema, or the page cannot be written.
    """
    view = read_run(folder)
    screen, sections = first_screen(view), all_sections(view)
    page = render_html(view, screen, sections)
    write_page(folder / "report.md", render_markdown(view, screen, sections))
    write_page(folder / "report.html", page)
    return folder / "report.html"


def read_run(folder: Path) -> RunView:
    """Read and validate a run's report and evidence.

    Raises:
        ReportError: as ``render_report``.
    """
    report = read_json(folder / "report.json")
    validate_report(report, str(folder / "report.json"))
    evidence: Any = {}
    if (folder / "evidence.json").exists():
        evidence = read_json(folder / "evidence.json")
        validate_evidence(evidence, str(folder / "evidence.json"))
    return RunView(presentable(report), presentable(evidence))


def render_html(view: RunView, screen: FirstScreen, sections: Sequence[Section]) -> str:
    """The page as one self-contained document.

    Raises:
        ReportError: it would be larger than ``LARGEST_BYTES``.
    """
    environment = html_environment(view.root)
    draw = template_source("report.js")
    bundle = javascript()
    page = environment.get_template("report.html.j2").render(
        view=view,
        screen=screen,
        sections=sections,
        specs={chart.name: chart.spec for section in sections for chart in section.charts},
        choices=_choices(sections),
        config=config(),
        positions={name: index for index, name in enumerate(view.styles)},
        bundle=Markup(bundle),
        draw=Markup(draw),
        scripts=" ".join(_fingerprint(script) for script in (bundle, draw)),
    )
    size = len(page.encode())
    if size > LARGEST_BYTES:
        raise ReportError(
            f"report.html: expected at most {LARGEST_BYTES:,} bytes, found {size:,}; "
            "give evidence.json fewer points a curve"
        )
    return page


def _choices(sections: Sequence[Section]) -> dict[str, Any] | None:
    """The data of the page's slider; None where there is no slider."""
    slider = next((section.slider for section in sections if section.slider), None)
    if slider is None:
        return None
    wanted = ("alerts_per_day", "recall", "precision")
    curves = {
        name: {key: [round(value, 6) for value in curve[key]] for key in wanted}
        for name, curve in slider.curves.items()
    }
    return {"leading": slider.leading, "more": MORE_ALERTS, "called": dict(slider.called), "curves": curves}


def _fingerprint(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"
