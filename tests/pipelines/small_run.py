"""A small data set of three months, and how commands are run on it in this process."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fraud.cli.main import main
from fraud.stages import run_folder

Command = Callable[..., int]

CONFIG = """
[dataset]
name = "tiny"

[columns]
transaction_id = "TRANSACTION_ID"
event_time     = "TX_DATETIME"
amount         = "TX_AMOUNT"
is_fraud       = "TX_FRAUD"
fraud_type     = "TX_FRAUD_SCENARIO"
entities       = { customer = "CUSTOMER_ID", terminal = "TERMINAL_ID" }

[labels]
delay_days = 3

[split]
validation = 12
test = 14
folds = 2

[features]
windows = ["1d", "7d"]

[network]
hidden = [16]

[training]
batch_size = 256
max_steps = 40
check_every = 20
precision = "fp32"

[comparison]
strategies = ["none", "weight-sqrt", "over-random"]
baselines = ["logistic-regression", "logistic-regression+under-random"]
seeds = 2
tuning_trials = 2
corrections = [0.5]

[policy]
kind = "alerts_per_day"
value = 5

[engine]
jobs = 1
"""


@dataclass(frozen=True)
class World:
    """Dumps by month, and the configuration that reads them."""

    dumps: list[Path]
    config: Path


@dataclass(frozen=True)
class Finished:
    """A finished `fraud run` on the first two months."""

    workspace: Path
    folder: Path

    @property
    def report(self) -> dict[str, Any]:
        return json.loads((self.folder / "report.json").read_text())


def command(*arguments: object) -> int:
    """Run `fraud` in this process; its exit code."""
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def run_into(world: World, workspace: Path) -> Finished:
    """`fraud run` on the first two months."""
    assert command("run", "--config", world.config, "--workspace", workspace, *world.dumps[:2]) == 0
    (folder,) = [path.parent for path in workspace.glob("reports/*/report.json")]
    return Finished(workspace, folder)


@contextmanager
def without_pages() -> Iterator[None]:
    """Runs write no page, which takes them longer than all else; tests/reporting draws every kind of page."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run_folder, "render_report", lambda folder: folder / "report.html")
        yield
