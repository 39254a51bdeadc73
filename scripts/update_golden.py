"""Write the golden texts anew, after a change that is meant: read the difference before committing it.

python scripts/update_golden.py      (seconds)
"""

import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from bench.command_line import ROOT

from fraud.reporting import render_report

GOLDEN = ROOT / "tests" / "golden" / "report.md"


def main(golden: Path = GOLDEN) -> None:
    """Render the example run of the tests and keep its Markdown."""
    sys.path.insert(0, str(ROOT / "tests" / "reporting"))
    examples = import_module("examples")
    with tempfile.TemporaryDirectory() as folder:
        page = render_report(examples.write_run(Path(folder), examples.report(), examples.evidence()))
        shutil.copy(page.with_name("report.md"), golden)


if __name__ == "__main__":
    main()
