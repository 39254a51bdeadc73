import json
from pathlib import Path

import polars as pl
import pytest

from fraud.errors import ReportError
from fraud.stages import Report

EXAMPLE = Path(__file__).parents[2] / "reports" / "example"


@pytest.fixture
def report() -> Report:
    return Report(EXAMPLE)


def test_the_tables_hold_the_figures_of_the_record(report: Report) -> None:
    record = json.loads((EXAMPLE / "report.json").read_text(encoding="utf-8"))
    for table, rows in ((report.strategies, record["strategies"]), (report.baselines, record["baselines"])):
        assert table["name"].to_list() == [row["name"] for row in rows]
        assert table["recall"].to_list() == [row["recall"]["mean"] for row in rows]
        assert table["average_precision_low"].to_list() == [row["average_precision"]["low"] for row in rows]
        assert table["alerts_per_day"].to_list() == [row["alerts_per_day"] for row in rows]
    assert report.comparisons.rows(named=True) == [
        {name: row[name] for name in report.comparisons.columns} for row in record["comparisons"]
    ]


def test_the_answer_and_the_warnings_are_those_of_the_record(report: Report) -> None:
    assert report.answer == report.record["answer"]["text"]
    assert list(report.warnings) == report.record["warnings"]
    assert report.promoted is None
    assert report.page == EXAMPLE / "report.html"
    assert "precision_recall" in report.evidence


def test_a_figure_that_does_not_exist_is_null(tmp_path: Path) -> None:
    record = json.loads((EXAMPLE / "report.json").read_text(encoding="utf-8"))
    record["strategies"][0]["precision"] = None
    record["comparisons"] = []
    (tmp_path / "report.json").write_text(json.dumps(record))
    report = Report(tmp_path)
    assert report.strategies.row(0, named=True)["precision"] is None
    assert report.comparisons.is_empty()
    assert report.comparisons.schema["difference"] == pl.Float64


@pytest.mark.parametrize("text", [None, "", "[]", "{"])
def test_a_folder_without_a_record_is_no_report(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text)
    with pytest.raises(ReportError, match=r"report\.json: (cannot be read|expected a JSON object)"):
        _ = Report(tmp_path).answer
