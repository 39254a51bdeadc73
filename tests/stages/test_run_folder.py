"""A run's folder: whole or not at all, and no card number in it."""

import json
from pathlib import Path
from typing import Any

import pytest
from examples import CONFIG, evidence, report

from fraud.stages import run_folder
from fraud.stages.run_folder import publish
from fraud.workspace import Workspace

CARD = "4111111111111111"


def published(folder: Path) -> tuple[str, str, str]:
    found: dict[str, Any] = report()
    beside: dict[str, Any] = evidence()
    found["warnings"] = [f"{CARD}.csv: 3 rows broke the contract"]
    beside["note"] = {"card": CARD}
    done = publish(Workspace(folder), run_id="r1", report=found, evidence=beside, config_toml=CONFIG)
    return tuple((done.folder / name).read_text() for name in ("report.json", "evidence.json", "report.html"))  # type: ignore[return-value]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, str]:
    def render(folder: Path) -> Path:
        page = folder / "report.html"
        page.write_text((folder / "report.json").read_text())
        return page

    monkeypatch.setattr(run_folder, "render_report", render)
    return published(tmp_path)


def test_no_card_number_is_in_the_record_of_a_run(written: tuple[str, str, str]) -> None:
    for text in written:
        assert CARD not in text
    assert json.loads(written[0])["warnings"] == ["411111…1111.csv: 3 rows broke the contract"]
    assert json.loads(written[1])["note"] == {"card": "411111…1111"}


def test_a_run_that_cannot_be_rendered_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_folder, "render_report", fail)
    with pytest.raises(run_folder.ReportError, match="cannot be written"):
        published(tmp_path)
    assert not list((tmp_path / "reports").glob("*"))
    assert not list((tmp_path / "reports").glob(".*"))
