"""Markdown tables, and the stretches of a page that scripts write."""

from collections.abc import Iterable, Sequence
from pathlib import Path


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, without a line break at its end.

    >>> print(table(["model", "recall"], [["network", "0.70"]]))
    | model | recall |
    | --- | --- |
    | network | 0.70 |
    """
    return "\n".join(line(cells) for cells in (headings, ["---"] * len(headings), *rows))


def line(cells: Iterable[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


def replace_between(path: Path, marker: str, text: str) -> None:
    """Put the text between ``<!-- marker:begin -->`` and ``<!-- marker:end -->`` of a page.

    Raises:
        SystemExit: the page does not have each marker once, in this order.
    """
    begin, end = f"<!-- {marker}:begin -->", f"<!-- {marker}:end -->"
    before, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed) or begin in after or end in after:
        raise SystemExit(
            f"{path}: expected {begin} and {end} once each, in this order; put them where the text belongs"
        )
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
