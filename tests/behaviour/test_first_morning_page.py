"""README and docs/first_morning.md show what the commands print.

`python tests/behaviour/test_first_morning_page.py` writes it anew.
"""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from awkward_exports import german_export

from fraud.cli.main import main
from fraud.cli.summary import POSSIBLY

ROOT = Path(__file__).parents[2]
PAGE, README = ROOT / "docs" / "first_morning.md", ROOT / "README.md"
SHOWN = re.compile(r"(?<=<!-- transcript:begin -->\n\n```\n).*?(?=```\n\n<!-- transcript:end -->)", re.S)
INSTALL = "make install && . .venv/bin/activate"
INSPECT = "fraud inspect export.csv --write export.toml"
RUN = "fraud run --config export.toml export.csv"
LESS_TRAINING = (
    *("--comparison.seeds", "1", "--comparison.tuning-trials", "1"),
    *("--training.max-steps", "40", "--training.check-every", "20", "--engine.jobs", "1"),
)
"""Beside the README's command: which lines a run prints does not depend on how long, and where, its networks train."""
PROGRESS = ("ingest: ", "prepare: ", "compare: ")


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def put_export(folder: Path) -> None:
    (folder / "export.csv").write_text(german_export(), encoding="cp1252", newline="")


def shown(page: Path) -> str:
    found = SHOWN.search(page.read_text(encoding="utf-8"))
    assert found is not None
    return found[0]


def without_progress(printed: str) -> str:
    return "".join(line for line in printed.splitlines(keepends=True) if not line.startswith(PROGRESS))


def frame_of(printed: str) -> set[str]:
    """What a run prints on every machine: which lines there are, not the figures of networks that others trained."""
    lines = [line for line in printed.splitlines() if line]
    return {
        line.split("  ")[0] if "  " in line else re.split(r"[.:]", line)[0]
        for line in lines
        if " it finds " not in line and not line.startswith(POSSIBLY)
    }


def test_the_page_shows_what_inspect_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_export(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(*INSPECT.split()[1:]) == 0
    assert shown(PAGE) == f"$ {INSPECT}\n{capsys.readouterr().out}"


@pytest.mark.slow
def test_the_three_commands_of_the_readme_lead_to_the_report_that_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_export(tmp_path)
    monkeypatch.chdir(tmp_path)
    _, installed, inspected, reported = re.split(r"^\$ .*\n", shown(README), flags=re.M)
    assert installed == "\n"
    assert run(*INSPECT.split()[1:]) == 0
    assert inspected.strip() == capsys.readouterr().out.strip()
    assert run(*RUN.split()[1:], *LESS_TRAINING) == 0
    assert frame_of(reported) == frame_of(without_progress(capsys.readouterr().out))
    assert list(tmp_path.glob("reports/*/report.html"))


def write_pages() -> None:
    """Clone, install, inspect, run: each timed, printed as it was."""
    with tempfile.TemporaryDirectory() as place:
        clone = Path(place) / "fraud"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        put_export(clone)
        path = f"{clone / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        steps = [timed(command, clone, path) for command in (INSTALL, INSPECT, RUN)]
    (_, installing), (inspected, inspecting), (reported, running) = steps
    replace(PAGE, f"$ {INSPECT}\n{inspected}")
    replace(
        README,
        f"$ {INSTALL}    # {installing:.0f} s\n\n$ {INSPECT}    # {inspecting:.0f} s\n{inspected}\n"
        f"$ {RUN}    # {running:.0f} s\n{without_progress(reported).lstrip()}",
    )


def timed(command: str, folder: Path, path: str) -> tuple[str, float]:
    began = time.perf_counter()
    env = {**os.environ, "PATH": path}
    ended = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True, env=env)
    return ended.stdout, time.perf_counter() - began


def replace(page: Path, text: str) -> None:
    page.write_text(SHOWN.sub(lambda _: text, page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write_pages()
