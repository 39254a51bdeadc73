"""A small world in which `fraud compare` runs in seconds, to plant mistakes in."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from fraud.cli.main import main
from fraud.config import RunConfig, load_config
from fraud.evaluation import comparison
from fraud.evaluation import comparison_data as ground
from fraud.evaluation.record import report_json as record
from fraud.features.table import FeatureTable
from fraud.simulation.dumps import Simulation, simulate

LATE_IMPORTS = (comparison, ground, record)
"""`fraud compare` imports these when it runs; imported there first, they would keep a planted name for good."""

CONFIG = """
[dataset]
name = "tiny"

[columns]
transaction_id = "TRANSACTION_ID"
event_time     = "TX_DATETIME"
amount         = "TX_AMOUNT"
is_fraud       = "TX_FRAUD"
label_time     = "REPORTED_AT"
entities       = { customer = "CUSTOMER_ID", terminal = "TERMINAL_ID" }

[labels]
delay_days = 3

[split]
validation = 12
test = 14
folds = 1

[features]
windows = ["1d", "7d"]

[network]
hidden = [4]

[training]
batch_size = 256
max_steps = 6
check_every = 3
precision = "fp32"

[comparison]
strategies = ["none", "weight-inverse"]
baselines = ["logistic-regression"]
seeds = 2
tuning_trials = 1
corrections = []

[policy]
value = 5

[engine]
jobs = 1
"""


@dataclass(frozen=True)
class World:
    """A workspace in which a dump is stored and prepared, and the configuration that reads it."""

    workspace: Path
    config: Path
    settings: RunConfig = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", load_config(self.config))

    @property
    def table(self) -> FeatureTable:
        return FeatureTable.open(self.workspace / "data" / "features" / "tiny")

    def command(self, stage: str, *arguments: object) -> int:
        """Run a stage of `fraud` in this process; its exit code."""
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in (stage, *arguments, "--config", self.config, "--workspace", self.workspace)])
        return int(ended.value.code or 0)


def stopped_before_training(world: World, capsys: pytest.CaptureFixture[str]) -> str:
    """Runs `fraud compare`, which must stop before training; the line it stops with."""
    assert world.command("compare") == 2
    said = capsys.readouterr()
    assert "training rows encoded" not in said.out
    return said.err


def transactions() -> pl.DataFrame:
    """Ten weeks with many frauds, each reported one to six days after it happened."""
    settings = Simulation(seed=3, days=70, customers=100, terminals=200, fraud_factor=3.0)
    frame = pl.concat([month for _, month in simulate(settings)])
    waited = pl.duration(hours=24 + pl.col("TRANSACTION_ID") * 37 % 120)
    reported = pl.when(pl.col("TX_FRAUD") == 1).then(pl.col("TX_DATETIME") + waited)
    return frame.with_columns(REPORTED_AT=reported)


def prepared_world(folder: Path, frame: pl.DataFrame, config: str = CONFIG) -> World:
    """Ingest one dump and prepare its features."""
    (folder / "tiny.toml").write_text(config)
    frame.write_parquet(folder / "dump.parquet")
    world = World(folder, folder / "tiny.toml")
    assert world.command("ingest", folder / "dump.parquet") == 0
    assert world.command("prepare") == 0
    return world
