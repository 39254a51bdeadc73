import subprocess
import sys
from pathlib import Path

import pytest
from conftest import World, command

from fraud.cli.main import STAGES


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
        [sys.executable, "-m", "fraud.cli.ingest", "--help"], capture_output=True, text=True, check=False
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
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


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
    said = capsys.readouterr().err
    assert message in said
    assert len([line for line in said.splitlines() if line.startswith("fraud:")]) == 1
    assert not list(tmp_path.glob("reports/*"))
