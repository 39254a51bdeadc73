"""Values as HTML: escaping, the ``<data>`` element, JSON inside a script, files written whole.

Everything that comes from the data is text here: templates escape it, and JSON inside a script has no angle brackets.
"""

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from fraud.errors import ReportError
from fraud.files import write_atomically
from fraud.reporting.evidence_values import Cell, EvidenceValue


def html_environment(root: dict[str, Any]) -> Environment:
    """Templates that escape everything, and the filters that format values.

    Args:
        root: what ``EvidenceValue`` paths start from.
    """
    environment = Environment(
        loader=PackageLoader("fraud.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["html"] = lambda cell: _html(cell, root)
    environment.filters["json_script"] = _json_script
    environment.globals["style"] = Markup(template_source("style.css"))
    return environment


def template_source(name: str) -> str:
    """The text of a file beside the templates, as it is."""
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")


def write_page(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        ReportError: no room, no permission.
    """
    try:
        with write_atomically(path) as part:
            part.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ReportError(
            f"{path}: cannot be written ({error.strerror}); free some room or choose another folder"
        ) from None


def _html(cell: Cell | EvidenceValue, root: dict[str, Any]) -> Markup:
    if isinstance(cell, str):
        return escape(cell)
    if isinstance(cell, EvidenceValue):
        return _figure(cell, root)
    return Markup("").join(_html(part, root) for part in cell)


def _figure(figure: EvidenceValue, root: dict[str, Any]) -> Markup:
    """A number as ``<data>`` with its text, exact value and path; a text as a span with its path."""
    value = figure.value(root)
    if value is None:
        return escape(figure.text(root))
    if isinstance(value, str):
        return Markup('<span data-at="{}" data-format="{}">{}</span>').format(
            figure.pointer, figure.value_format, figure.text(root)
        )
    negated = Markup(' data-negated=""') if figure.negated else Markup("")
    return Markup('<data value="{}" data-at="{}" data-format="{}"{}>{}</data>').format(
        json.dumps(value), figure.pointer, figure.value_format, negated, figure.text(root)
    )


def _json_script(value: Any) -> Markup:
    """JSON that may stand inside a script element: no tag can open or close in it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)
