"""docs/library.md is a notebook: its cells run in order, and print what the page shows.

`python tests/stages/test_library_page.py` writes what they print anew.
"""

import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
CELL = re.compile(r"```python\n(?P<code>.*?)```(?:\n\n```text\n(?P<printed>.*?)```)?", re.S)


def run_cells(page: str) -> Iterator[tuple[str, str | None, str]]:
    """Of each cell: its code, what the page shows below it, what it prints."""
    names: dict[str, Any] = {}
    for cell in CELL.finditer(page):
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(cell["code"], str(PAGE), "exec"), names)
        yield cell["code"], cell["printed"], printed.getvalue()


@pytest.mark.slow
def test_the_cells_run_in_order_and_print_what_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for code, shown, printed in run_cells(PAGE.read_text(encoding="utf-8")):
        assert (shown or "") == printed, code


def test_the_page_uses_every_stage() -> None:
    import fraud

    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in fraud.__all__ if name[0].islower() and f"fraud.{name}" not in text] == []


def write_page() -> None:
    """The page with what its cells print now."""
    text = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        cells = [
            f"```python\n{code}```" + (f"\n\n```text\n{printed}```" if printed else "")
            for code, _, printed in run_cells(text)
        ]
    PAGE.write_text(CELL.sub(lambda _: cells.pop(0), text), encoding="utf-8")


if __name__ == "__main__":
    write_page()
