"""The report as Markdown: the text is golden, and the data cannot turn into markup."""

import re
from pathlib import Path

import pytest
from examples import evidence, report, write_run
from hostile_example import hostile

from fraud.reporting.markdown import escape
from fraud.reporting.report import render_report

GOLDEN = Path(__file__).parents[1] / "golden" / "report.md"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Markdown of a run whose names try to break out."""
    folder = write_run(tmp_path_factory.mktemp("run"), *hostile())
    return render_report(folder).with_name("report.md").read_text(encoding="utf-8")


def test_the_text_is_the_golden_one(tmp_path: Path) -> None:
    page = render_report(write_run(tmp_path, report(), evidence()))
    assert page.with_name("report.md").read_text(encoding="utf-8") == GOLDEN.read_text(encoding="utf-8"), (
        "report.md changed: read the difference, then run `python scripts/update_golden.py` if it is meant"
    )


def test_every_table_has_rows_of_one_width(attacked: str) -> None:
    for block in attacked.split("\n\n"):
        if block.startswith("|"):
            widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
            assert len(widths) == 1, block[:200]


def test_nothing_from_the_data_becomes_markup(attacked: str) -> None:
    tags = set(re.findall(r"<[^>]*>", attacked))
    assert tags == {"<details>", "<summary>", "</summary>", "</details>"}
    assert not re.search(r"(?<!\\)\]\(javascript", attacked)


def test_escaping_keeps_one_line_and_every_letter() -> None:
    assert escape("a\n|b_*c* <x> [l](u) `d`") == r"a \|b\_\*c\* &lt;x&gt; \[l\](u) \`d\`"
