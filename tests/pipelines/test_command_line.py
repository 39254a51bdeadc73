import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from small_run import World, command

from fraud.cli import options
from fraud.cli.main import STAGES
from fraud.stages import Progress, steps_of


def test_help_lists_every_stage_and_imports_no_torch() -> None:
    code = (
        "import sys\nfrom fraud.cli.main import main\n"
        "try:\n    main(['--help'])\nfinally:\n    assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(stage in done.stdout for stage in STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_explains_itself(stage: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(stage, "--help") == 0
    assert "Usage:" in capsys.readouterr().out


def test_a_stage_is_a_module_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fraud", "ingest", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "Usage: fraud ingest" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compar"], 'Did you mean "compare"'),
        (["ingest"], "--config"),
        (["ingest", "nothing", "--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["report", "2026-01-01-beef"], "2026-01-01-beef: no such run"),
        (["report", ""], "no run was named"),
        (["report", "--run", ""], "no run was named"),
    ],
)
def test_a_wrong_command_gets_one_line_and_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(*arguments) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (["--training.max-stepps", "3"], "[training]: unknown key 'max_stepps'"),
        (["--comparison.strategies", "none,weight-cubic"], "weight-cubic"),
        (["--split.test", "400"], "days"),
        (["--columns.amount", "TX_AMMOUNT"], "TX_AMOUNT"),
        (["--columns.categorical", "TX_FRAUD_SCENARIO"], "fraud_type"),
    ],
)
def test_a_wrong_setting_stops_a_run_before_anything_is_stored(
    world: World, tmp_path: Path, override: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--config", world.config, "--workspace", tmp_path)
    assert command("run", *options, *override, world.dumps[0]) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert len([line for line in printed.splitlines() if line.startswith("fraud:")]) == 1
    assert not list(tmp_path.glob("reports/*"))


def shown_on(console: Console, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a stage's progress prints."""
    monkeypatch.setattr(options, "console", console)
    with options.shown_progress() as shown:
        with steps_of("ingest", shown, total=2) as step:
            step("reading april.csv")
        shown(Progress(stage="ingest", text="tiny: 1 dump", is_result=True, warnings=("3 rows are late",)))
        with steps_of("compare", shown, total=2) as step:
            step("none, seed 0")
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_log_file_gets_a_line_a_step(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    printed = shown_on(Console(file=StringIO(), width=120), monkeypatch)
    assert printed == "ingest: reading april.csv\ntiny: 1 dump\ncompare: none, seed 0\n"
    assert capsys.readouterr().err == "warning: 3 rows are late\n"


def test_a_terminal_gets_a_bar_a_stage_and_keeps_the_results(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = shown_on(Console(file=StringIO(), force_terminal=True, width=120), monkeypatch)
    assert "ingest: reading april.csv" in printed
    assert "1/2" in printed
    assert "tiny: 1 dump" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", printed).splitlines()
    assert printed.endswith("\x1b[1A\x1b[2K")  # the last bar is erased
    assert capsys.readouterr().err == "warning: 3 rows are late\n"
