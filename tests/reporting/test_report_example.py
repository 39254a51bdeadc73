"""The committed example is what its figures say: made again by ``fraud report reports/example``."""

import re
import shutil
from pathlib import Path

from fraud.reporting.report import LARGEST_BYTES, render_report

EXAMPLE = Path(__file__).parents[2] / "reports" / "example"
VERSIONED = re.compile(r"<script.*?</script>|script-src [^;]*", re.S)
"""Scripts and their fingerprints: they change with the versions of the drawing library alone."""


def test_the_example_is_the_rendering_of_its_figures(tmp_path: Path) -> None:
    for name in ("report.json", "evidence.json"):
        shutil.copy(EXAMPLE / name, tmp_path)
    page = render_report(tmp_path)
    found, expected = (VERSIONED.sub("", (folder / "report.html").read_text("utf-8")) for folder in (EXAMPLE, tmp_path))
    assert found == expected, "run `fraud report reports/example` and commit the page"
    assert (EXAMPLE / "report.md").read_text("utf-8") == page.with_name("report.md").read_text("utf-8")
    assert (EXAMPLE / "report.html").stat().st_size <= LARGEST_BYTES
