"""scripts/write_results.py: the tables of README.md and docs/imbalance.md are those of the record of the run."""

import json
from pathlib import Path

import pytest
import write_results
from bench.command_line import ROOT
from bench.markdown import replace_between, table

PAGES = {"README.md": "results", "docs/imbalance.md": "measured"}
RUN = ROOT / "reports" / "example"


def test_the_tables_on_the_pages_are_those_of_the_record(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for page, marker in PAGES.items():
        (tmp_path / page).write_text((ROOT / page).read_text(encoding="utf-8"), encoding="utf-8")
        replace_between(tmp_path / page, marker, "")
    write_results.main([str(RUN), "--root", str(tmp_path)])
    for page in PAGES:
        assert (tmp_path / page).read_text("utf-8") == (ROOT / page).read_text("utf-8"), "run scripts/write_results.py"


def test_a_row_shows_the_figures_of_its_strategy() -> None:
    report = json.loads((RUN / "report.json").read_text(encoding="utf-8"))
    lines = {cells[0]: cells for cells in map(cells_of, write_results.measured(report).splitlines()) if cells}
    assert lines.keys() >= {row["name"] for row in report["strategies"]}
    for row in report["strategies"]:
        _, family, _, recall, _, precision, *_ = lines[row["name"]]
        assert family == row["family"]
        for cell, figure in ((recall, row["recall"]), (precision, row["average_precision"])):
            assert cell == f"{figure['mean']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def cells_of(line: str) -> list[str]:
    return line.strip("| ").split(" | ") if line.startswith("|") else []


@pytest.mark.parametrize(("a", "b", "sign"), [("other", "chosen", 1), ("chosen", "other", -1)])
@pytest.mark.parametrize(("verdict", "words"), [("other", "finds more"), ("chosen", "finds fewer")])
def test_a_difference_is_that_of_the_row_to_the_chosen(a: str, b: str, sign: int, verdict: str, words: str) -> None:
    gain = 0.05 if verdict == "other" else -0.05
    bounds = sorted((sign * (gain - 0.02), sign * (gain + 0.01)))
    compared = {"a": a, "b": b, "difference": sign * gain, "low": bounds[0], "high": bounds[1]}
    compared["verdict"] = "a" if a == verdict else "b"
    report = {"champion": {"strategy": "chosen"}, "comparisons": [compared]}
    shown = f"{100 * gain:+.1f} [{100 * gain - 2:+.1f}, {100 * gain + 1:+.1f}] {words}"
    assert write_results.against("other", report) == shown
    assert write_results.against("chosen", report) == "chosen on validation"


def test_a_page_without_its_markers_is_not_written(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("<!-- results:begin -->")
    with pytest.raises(SystemExit, match=r"expected <!-- results:begin --> and <!-- results:end --> once each"):
        replace_between(page, "results", table(["a"], [["1"]]))
    assert page.read_text() == "<!-- results:begin -->"
