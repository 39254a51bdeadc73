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


def run_of(folder: Path, month: int, **changes: object) -> None:
    """A retraining's run on its own folder, one a month."""
    again = retrain()[0] | {"created": f"2026-{month:02}-01T00:00:00+00:00"}
    write_run(folder / f"run-{month}", again | changes, None)


def test_recall_over_time_is_drawn_for_runs_that_can_be_held_against_each_other(tmp_path: Path) -> None:
    for month in (1, 2, 3):
        run_of(tmp_path, month)
    write_run(tmp_path / "other", tiny()[0], None)
    page = update_index(tmp_path).read_text(encoding="utf-8")
    drawing = page[page.index('class="time"') : page.index("</svg>")]
    assert page.count('class="time"') == 1
    assert "handbook, at 100 alerts a day" in page
    dots = re.findall(r'<circle class="dot" cx="([\d.]+)%" cy="([\d.]+)%"', drawing)
    assert [float(x) for x, _ in dots] == [16.67, 50.0, 83.33]
    (y,) = {float(y) for _, y in dots}
    ends = [float(at) for at in re.findall(r'class="span".*?y1="([\d.]+)%" y2="([\d.]+)%"', drawing)[0]]
    assert ends[0] < y < ends[1]


def test_a_change_of_the_model_in_use_is_listed_once(tmp_path: Path) -> None:
    for month, version in ((1, 4), (2, None), (3, 5), (4, None), (5, 5)):
        run_of(
            tmp_path,
            month,
            champion={"strategy": "focal", "seeds": [0], "version": version, "trained_until": "2018-05-01"},
        )
    page = update_index(tmp_path).read_text(encoding="utf-8")
    changes = re.findall(r"<li>(.*?)</li>", page)
    assert changes == [
        "1 January 2026: version 4, focal (run run-1)",
        "1 March 2026: version 5, focal (run run-3)",
    ]
    assert page.count('<line class="reference"') == 2


def test_after_a_promotion_the_challengers_recall_counts(tmp_path: Path) -> None:
    run_of(tmp_path, 1, decision={"promote": True})
    page = update_index(tmp_path).read_text(encoding="utf-8")
    assert "challenger at 100 alerts a day" in page
    assert "71.5\u202f%" in page


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
