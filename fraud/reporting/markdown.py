"""The report as Markdown: the same figures, for code hosts and diffs."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from fraud.reporting.evidence_values import Cell, EvidenceValue, Section, Table
from fraud.reporting.first_screen import FirstScreen, Forest
from fraud.reporting.run_view import RunView

_LONGEST_TABLE = 40
_SPECIAL = re.compile(r"([\\`*_\[\]|#~$])")


def render_markdown(view: RunView, screen: FirstScreen, sections: Sequence[Section]) -> str:
    """The whole report as Markdown; charts appear as the tables behind them."""
    root = view.root
    blocks = [
        f"# {escape(screen.dataset)}",
        f"Test window {escape(screen.period)} · run {escape(view.report['run_id'])} · "
        "[page](report.html) · [JSON](report.json) · [config](config.toml)",
        *_answer(screen),
        *_doubts(view, root),
        *_key_figures(screen, root),
        *_forest(screen.forest, root),
    ]
    for section in sections:
        blocks += _section(section, root)
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    r"""Text from the data that cannot turn into markup: one line, special letters escaped.

    >>> escape("a|b <script>")
    'a\\|b &lt;script&gt;'
    """
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", line)


def plain(cell: Cell | EvidenceValue, root: dict[str, Any]) -> str:
    """A cell or sentence with its values in their formats, escaped."""
    if isinstance(cell, str):
        return _keep_spaces(cell)
    if isinstance(cell, EvidenceValue):
        return escape(cell.text(root))
    return "".join(plain(part, root) for part in cell)


def _keep_spaces(text: str) -> str:
    head = " " if text[:1].isspace() else ""
    tail = " " if text.strip() and text[-1:].isspace() else ""
    return f"{head}{escape(text)}{tail}"


def _answer(screen: FirstScreen) -> Iterable[str]:
    answer = f"> **{escape(screen.answer)}** {escape(screen.reasons)}".rstrip()
    yield f"{answer}\n>\n> {escape(screen.aside)}" if screen.aside else answer


def _doubts(view: RunView, root: dict[str, Any]) -> Iterable[str]:
    if view.caveats:
        yield "**Read with care**"
        yield "\n".join(f"- {plain(caveat, root)}" for caveat in view.caveats)


def _key_figures(screen: FirstScreen, root: dict[str, Any]) -> Iterable[str]:
    rows = [
        [
            escape(figure.title),
            f"**{plain(figure.headline, root)}** {figure.unit}",
            "; ".join(plain(part, root) for part in (figure.detail, figure.note) if part),
        ]
        for figure in screen.key_figures
    ]
    yield f"{escape(screen.subject)}:"
    yield _grid(["", "", ""], rows)
    if screen.details:
        yield "\n".join(f"- {escape(sentence)}" for sentence in screen.details)


def _forest(forest: Forest, root: dict[str, Any]) -> Iterable[str]:
    yield f"## {forest.title}"
    rows = [
        [
            escape(line.name) + (f" ({line.tag})" if line.tag else ""),
            escape(line.family),
            plain(line.recall, root),
            plain(line.difference, root),
            escape(line.verdict),
        ]
        for line in forest.lines
    ]
    if forest.trap:
        rows.append(["finds nothing", "", plain(forest.trap, root), "", ""])
    yield _grid(["strategy", "family", "recall [95 % interval]", escape(forest.against), "verdict"], rows)


def _section(section: Section, root: dict[str, Any]) -> Iterable[str]:
    yield f"## {section.title}"
    for sentence in (*((section.slider.sentence,) if section.slider else ()), *section.text):
        yield plain(sentence, root)
    if section.points:
        yield "\n".join(f"- {plain(point, root)}" for point in section.points)
    for chart in section.charts:
        yield from _folded(chart.table, chart.caption, root)
    for table in section.tables:
        yield from _folded(table, table.caption, root) if table.folded else _table(table, root)


def _folded(table: Table, caption: str, root: dict[str, Any]) -> Iterable[str]:
    """A folded table; a long one appears on the page alone."""
    if len(table.rows) > _LONGEST_TABLE:
        yield f"*{escape(caption)}* ({len(table.rows)} rows: see the page.)"
        return
    yield f"<details><summary>{escape(caption)}</summary>"
    yield from _table(table, root)
    yield "</details>"


def _table(table: Table, root: dict[str, Any]) -> Iterable[str]:
    if not table.folded:
        yield f"*{escape(table.caption)}*"
    yield _grid(
        [escape(column) for column in table.columns], [[plain(cell, root) for cell in row] for row in table.rows]
    )


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
