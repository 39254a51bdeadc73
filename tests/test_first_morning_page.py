"""docs/first_morning.md shows what the commands print; `python tests/test_first_morning_page.py` writes it anew."""

import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent / "data"))
from awkward import german_export

from pipelines.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "first_morning.md"
SHOWN = re.compile(r"(?<=<!-- transcript:begin -->\n\n```\n).*?(?=```\n\n<!-- transcript:end -->)", re.S)
COMMAND = "fraud inspect export.csv --write export.toml"
CHEAP = (
    *("--comparison.strategies", "none,weight-sqrt", "--comparison.seeds", "1", "--comparison.resamples", "100"),
    *("--training.max-steps", "20", "--training.check-every", "10", "--network.hidden", "[8]", "--engine.jobs", "1"),
)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def put_export(folder: Path) -> None:
    (folder / "export.csv").write_text(german_export(), encoding="cp1252", newline="")


def test_the_page_shows_what_inspect_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_export(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(*COMMAND.split()[1:]) == 0
    shown = SHOWN.search(PAGE.read_text(encoding="utf-8"))
    assert shown is not None
    assert shown[0] == f"$ {COMMAND}\n{capsys.readouterr().out}"


@pytest.mark.slow
def test_the_next_command_of_the_page_makes_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_export(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(*COMMAND.split()[1:]) == 0
    assert run("run", "--config", "export.toml", "export.csv", *CHEAP) == 0
    assert list(tmp_path.glob("reports/*/report.html"))


if __name__ == "__main__":
    import os
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        put_export(Path(place))
        printed = subprocess.run(COMMAND.split(), cwd=place, capture_output=True, text=True, check=True, env=os.environ)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(SHOWN.sub(lambda _: f"$ {COMMAND}\n{printed.stdout}", page), encoding="utf-8")
