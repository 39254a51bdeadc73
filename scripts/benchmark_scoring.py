"""How long `fraud score` takes for a million transactions, features, reasons and file included, on two cores.

A simulated world is stored but for its last part, which is scored by a network of the usual size. What is trained
changes no time, so nothing is: the network's weights are random, its alerts are the
daily budget of 100.

python scripts/benchmark_scoring.py [--transactions 1000000] [--history 1500000] [--preset handbook] [--repeats 1]
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import torch

from fraud.config import RunConfig, load_config
from fraud.data.ingest import ingest_dumps
from fraud.data.store.table import open_store
from fraud.features.build import build_features
from fraud.features.encoding import Encoder
from fraud.features.recipe import KEYS, Recipe
from fraud.lifecycle.registry import Registry
from fraud.model.bundle import Bundle
from fraud.model.calibration import Calibrator
from fraud.model.network import Network
from fraud.simulation.dumps import Simulation, write_dumps
from fraud.workspace import Workspace

CORES = 2
ALERTS_A_DAY = 100


def prepare(folder: Path, config: RunConfig, settings: Simulation, transactions: int) -> Path:
    """Store all but the last transactions of a simulated world, register a champion; the dump that is left to score."""
    time_column = config.columns.event_time.column or ""
    world = pl.concat(map(pl.scan_parquet, write_dumps(folder / "world", settings))).sort(time_column).collect()
    world.head(len(world) - transactions).write_parquet(folder / "history.parquet")
    world.tail(transactions).write_parquet(folder / "new.parquet")
    workspace = Workspace(folder)
    ingest_dumps(
        [folder / "history.parquet"],
        dataset=config.dataset.name,
        columns=config.columns,
        labels=config.labels,
        workspace=workspace,
    )
    register(workspace, config)
    return folder / "new.parquet"


def register(workspace: Workspace, config: RunConfig) -> None:
    """A champion with the encoder of the last stored days and random weights."""
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    stored = open_store(workspace, config.dataset)
    last = stored.last_event()
    assert last is not None
    features = build_features(stored.scan(), recipe, since=last - timedelta(days=10))
    beside = {*KEYS, *recipe.entities, *recipe.categorical}
    numeric = [name for name in features.columns if name not in beside]
    encoder = Encoder.fit(features, numeric=numeric, categorical=recipe.categorical)
    shape: dict[str, Any] = {
        "n_numeric": encoder.n_numeric,
        "cardinalities": encoder.cardinalities,
        "hidden": config.network.hidden,
        "dropout": config.network.dropout,
    }
    torch.manual_seed(0)
    network = Network(**shape)
    torch.nn.init.normal_(network.head.weight, std=0.1)
    bundle = Bundle(
        strategy="none",
        family="none",
        seed=0,
        encoder=encoder,
        network=network.eval(),
        network_shape=shape,
        logit_shift=0.0,
        calibrator=Calibrator(kind="identity"),
        threshold=1.0,
        provenance={"split": {"test": {"from": "", "to": ""}}},
    )
    registry = Registry(workspace.registry, config.dataset.name)
    registry.promote(registry.register(bundle, run_id="benchmark", figures={}, card=empty_card()))


def empty_card() -> dict[str, Any]:
    """A model card that says nothing."""
    window = {"from": "", "to": "", "transactions": 0, "frauds": 0}
    data = {"name": "benchmark", "transactions": 0, "frauds": 0, "prevalence": 0.0, "store_version": 0}
    return {
        "model": {"strategy": "none", "seed": 0},
        "intended_use": "",
        "data": data | {"first_event": "", "last_event": ""},
        "windows": {"train": window, "validation": window, "test": window},
        "policy": {"kind": "alerts_per_day", "value": ALERTS_A_DAY},
        "figures": {},
        "limits": [],
        "made": {"created": "", "report": "benchmark"},
    }


def measure(command: Sequence[str]) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of the processor, and peak memory in GiB, of a program of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, check=True, env=os.environ | {"POLARS_MAX_THREADS": str(CORES), "OMP_NUM_THREADS": "2"})
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, processor, after.ru_maxrss / 2**20


def main() -> None:
    """Print one line a repeat."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transactions", type=int, default=1_000_000)
    parser.add_argument("--history", type=int, default=1_500_000)
    parser.add_argument("--preset", choices=("handbook", "rich"), default="handbook")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder that is made once and used again")
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    config_path = Path(__file__).parents[1] / "pipelines" / "configs" / f"{asked.preset}.toml"
    settings = Simulation(preset=asked.preset).sized(asked.transactions + asked.history)
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        dump = folder / "new.parquet"
        if not dump.exists():
            folder.mkdir(parents=True, exist_ok=True)
            prepare(folder, load_config(config_path), settings, asked.transactions)
        command = [sys.executable, "-m", "fraud", "score", "--config", str(config_path), "--workspace", str(folder)]
        for _ in range(asked.repeats):
            seconds, processor, peak = measure([*command, "--out", str(folder / "alerts.csv"), str(dump)])
            sys.stdout.write(
                f"{asked.preset}: {asked.transactions:,} transactions after {asked.history:,} stored ones: "
                f"{seconds:.1f} s on the clock, {processor:.1f} s of the processor, peak memory {peak:.2f} GiB\n"
            )


if __name__ == "__main__":
    main()
