"""All runs on one page, whatever state they are in."""

import re
from pathlib import Path

import pytest
from examples import evidence, report, retrain, tiny, write_run
from hostile_example import SCRIPT, hostile

from fraud.errors import ReportError
from fraud.reporting.index import update_index


def test_runs_are_listed_newest_first_with_their_figures(tmp_path: Path) -> None:
    old, new = report() | {"created": "2026-01-01T00:00:00+00:00"}, retrain()[0]
    write_run(tmp_path / "old", old, evidence())
    write_run(tmp_path / "new", new, None)
    (tmp_path / "old" / "report.html").touch()
    page = update_index(tmp_path).read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", " ", page)
    assert page.index(">new<") < page.index(">old<")
    assert "71.2\u202f% [69.1, 73.4]" in text
    assert "weight-sqrt at 100 alerts a day" in text
    assert "handbook, retraining, 2 March 2026" in text
    assert set(re.findall(r'href="([^"]+)"', page)) == {"old/report.json", "old/report.html", "new/report.json"}


def test_a_broken_run_is_shown_with_its_fault(tmp_path: Path) -> None:
    write_run(tmp_path / "good", *tiny())
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "report.json").write_text("{", encoding="utf-8")
    page = update_index(tmp_path).read_text(encoding="utf-8")
    assert "cannot be shown: " in page
    assert "is not valid JSON" in page
    assert ">good<" in page


def test_an_empty_folder_has_an_index_too(tmp_path: Path) -> None:
    assert "No run has written a report yet." in update_index(tmp_path).read_text(encoding="utf-8")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="expected a folder of runs"):
        update_index(tmp_path / "nowhere")


def test_nothing_from_the_data_becomes_markup(tmp_path: Path) -> None:
    write_run(tmp_path / "run #1 & <b>", *hostile())
    page = update_index(tmp_path).read_text(encoding="utf-8")
    assert SCRIPT not in page
    assert "<script" not in page
    assert 'href="run%20%231%20%26%20%3Cb%3E/report.json"' in page
