"""Write the golden texts anew, after a change that is meant: read the difference before committing it."""

import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from fraud.reporting.report import render_report

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Render the made-up run of the tests and keep its Markdown."""
    sys.path.insert(0, str(ROOT / "tests" / "reporting"))
    examples = import_module("examples")

    with tempfile.TemporaryDirectory() as folder:
        page = render_report(examples.write_run(Path(folder), examples.report(), examples.evidence()))
        shutil.copy(page.with_name("report.md"), ROOT / "tests" / "golden" / "report.md")


if __name__ == "__main__":
    main()
