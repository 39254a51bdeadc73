"""scripts/update_golden.py writes what the suite compares with."""

from pathlib import Path

import update_golden


def test_it_writes_the_golden_text(tmp_path: Path) -> None:
    update_golden.main(tmp_path / "report.md")
    written = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert written == update_golden.GOLDEN.read_text(encoding="utf-8")
