"""Write the golden texts anew, after a change that is meant: read the difference before committing it."""

import runpy
import shutil
import tempfile
from pathlib import Path

from fraud.reporting.report import render_report

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Render the made-up run of the tests and keep its Markdown."""
    examples = runpy.run_path(str(ROOT / "tests" / "reporting" / "examples.py"))
    with tempfile.TemporaryDirectory() as folder:
        page = render_report(examples["write_run"](Path(folder), examples["report"](), examples["evidence"]()))
        shutil.copy(page.with_name("report.md"), ROOT / "tests" / "golden" / "report.md")


if __name__ == "__main__":
    main()
