"""How long `fraud score` takes for a million transactions, features, reasons and file included, on two cores.

python scripts/benchmark_scoring.py [--transactions 1000000] [--history 1500000] [--preset handbook] [--repeats 1]

A simulated world is stored but for its last part, which is scored by a network of the usual size. Training changes
nothing of the time, so there is none: the network's weights are random, its alerts are the daily budget of 100.
Takes about two minutes on two quiet cores.
"""

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import torch
from bench.command_line import CONFIGS, FRAUD, keep_to, parser_of, show
from bench.timing import watch

from fraud.config import RunConfig, load_config
from fraud.data import ingest_dumps, open_store
from fraud.features import Encoder, Recipe
from fraud.features.build import build_features
from fraud.features.recipe import KEYS
from fraud.lifecycle import Registry
from fraud.model import Bundle, Calibrator, Network
from fraud.simulation import Simulation, write_dumps
from fraud.workspace import Workspace

CORES = 2
ALERTS_A_DAY = 100


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line a repeat."""
    parser = parser_of(__doc__)
    parser.add_argument("--transactions", type=int, default=1_000_000)
    parser.add_argument("--history", type=int, default=1_500_000)
    parser.add_argument("--preset", choices=("handbook", "rich"), default="handbook")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder that is made once and used again")
    args = parser.parse_args(arguments)
    keep_to(CORES)
    config_path = CONFIGS / f"{args.preset}.toml"
    settings = Simulation(preset=args.preset).sized(args.transactions + args.history)
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        dump = folder / "new.parquet"
        if not dump.exists():
            folder.mkdir(parents=True, exist_ok=True)
            prepare(folder, load_config(config_path), settings, args.transactions)
        command = [*FRAUD, "score", "--config", str(config_path), "--workspace", str(folder)]
        for _ in range(args.repeats):
            usage = watch(
                [*command, "--out", str(folder / "alerts.csv"), str(dump)],
                environment={"POLARS_MAX_THREADS": str(CORES), "OMP_NUM_THREADS": str(CORES)},
            )
            show(
                f"{args.preset}: {args.transactions:,} transactions after {args.history:,} stored ones: "
                f"{usage.seconds:.1f} s on the clock, {usage.core_seconds:.1f} s of the processor, "
                f"peak memory {usage.peak_gib:.2f} GiB"
            )


def prepare(folder: Path, config: RunConfig, settings: Simulation, transactions: int) -> Path:
    """Store all but the last transactions of a simulated world, register a champion, return the dump to score."""
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
        seeds=(0,),
        encoder=encoder,
        networks=(network.eval(),),
        network_shape=shape,
        logit_shift=0.0,
        calibrator=Calibrator(kind="identity"),
        threshold=1.0,
        provenance={"split": {"test": {"from": "", "to": ""}}},
    )
    registry = Registry(workspace.registry, config.dataset.name)
    registry.promote(registry.register(bundle, run_id="benchmark", figures={}, card=empty_card()))


def empty_card() -> dict[str, Any]:
    """A model card with nothing on it."""
    window = {"from": "", "to": "", "transactions": 0, "frauds": 0}
    data = {"name": "benchmark", "transactions": 0, "frauds": 0, "prevalence": 0.0, "store_version": 0}
    return {
        "model": {"strategy": "none", "seeds": [0]},
        "intended_use": "",
        "data": data | {"first_event": "", "last_event": ""},
        "windows": {"train": window, "validation": window, "test": window},
        "policy": {"kind": "alerts_per_day", "value": ALERTS_A_DAY},
        "figures": {},
        "limits": [],
        "made": {"created": "", "report": "benchmark"},
    }


if __name__ == "__main__":
    main()
