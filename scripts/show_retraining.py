"""What retraining is worth, on simulated streams.

python scripts/show_retraining.py pattern [--seeds 5]      (about a minute a seed)
python scripts/show_retraining.py chance [--seeds 20]      (about a minute a seed)

``pattern``: a new kind of fraud appears after the champion was made. Does the champion lose recall, is drift flagged,
is the challenger promoted, how much of the loss does it win back? ``chance``: nothing changes. How often is a truly
worse model promoted, as many later days show? ``--customers`` and ``--steps`` make smaller worlds and shorter training.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import polars as pl
from bench.command_line import CONFIGS, ROOT, parser_of, show

import fraud
from fraud.config import RunConfig, load_config
from fraud.features import FeatureTable
from fraud.lifecycle import Registry
from fraud.metrics import recall, top_k_per_day
from fraud.model import Bundle
from fraud.simulation import Simulation, write_dumps
from fraud.workspace import Workspace

PATTERN = "wallet_enrolment"
BUDGET = 15
TRUE_LOSS = 0.01
"""Recall by which a challenger must lie below its champion on later days to be truly worse."""


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A simulated world, and the days as of which the champion is made and the challenger challenges."""

    world: Simulation
    config: Path
    champion_day: int
    challenger_day: int
    label_days: float
    """Until a label is known."""
    seeds: int


STREAMS = {
    "pattern": Stream(
        world=Simulation(preset="rich", customers=800, terminals=600, days=192, late_pattern_day=90),
        config=CONFIGS / "rich.toml",
        champion_day=92,
        challenger_day=190,
        label_days=14,
        seeds=5,
    ),
    "chance": Stream(
        world=Simulation(preset="handbook", customers=400, terminals=800, days=260, fraud_factor=2.0),
        config=ROOT / "fraud" / "cli" / "demo.toml",
        champion_day=120,
        challenger_day=150,
        label_days=7,
        seeds=20,
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line a seed, each in a workspace of its own."""
    parser = parser_of(__doc__)
    parser.add_argument("show", choices=list(STREAMS))
    parser.add_argument("--seeds", type=int, help="left out: 5 for pattern, 20 for chance")
    parser.add_argument("--first", type=int, default=0, help="seed")
    parser.add_argument("--customers", type=int, help="of the world; left out: as published")
    parser.add_argument("--steps", type=int, default=400, help="of training at most")
    args = parser.parse_args(arguments)
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    stream = STREAMS[args.show]
    if args.customers:
        stream = replace(stream, world=replace(stream.world, customers=args.customers))
    of_seed = {"pattern": show_pattern, "chance": show_chance}[args.show]
    # Drawing pages takes longer than all else here, and nobody reads them.
    with patch("fraud.stages.run_folder.render_report", lambda folder: folder / "report.html"):
        for seed in range(args.first, args.first + (args.seeds or stream.seeds)):
            with TemporaryDirectory() as folder:
                show(of_seed(retrained(stream, Path(folder), seed=seed, steps=args.steps)))


def settings_of(stream: Stream, *, seed: int, steps: int) -> RunConfig:
    """A small network, one strategy, one seed: what is shown is the retraining."""
    config = load_config(stream.config)
    return replace(
        config,
        labels=replace(config.labels, delay_days=stream.label_days, maturity_days=stream.label_days),
        split=replace(config.split, train=0, validation=12, test=14),
        network=replace(config.network, hidden=(64, 64)),
        training=replace(config.training, batch_size=1024, max_steps=steps, seed=seed),
        comparison=replace(config.comparison, strategies=("weight-sqrt",), seeds=1, tuning_trials=1, corrections=()),
        policy=replace(config.policy, kind="alerts_per_day", value=float(BUDGET)),
        engine=replace(config.engine, jobs=1),
    )


@dataclass(frozen=True, kw_only=True)
class Retrained:
    """A champion and a challenger, each made as of its day."""

    seed: int
    workspace: Workspace
    before: fraud.Report
    """Of the run that made the champion."""
    after: fraud.Report
    """Of the retraining."""
    promoted: bool


def retrained(stream: Stream, folder: Path, *, seed: int, steps: int) -> Retrained:
    """Simulate a stream; make a champion as of one day and a challenger as of another."""
    world, config = replace(stream.world, seed=seed), settings_of(stream, seed=seed, steps=steps)
    dumps, workspace = write_dumps(folder / "dumps", world), Workspace(folder)
    champion_config, challenger_config = (
        replace(config, split=replace(config.split, as_of=world.date_of(day).isoformat()))
        for day in (stream.champion_day, stream.challenger_day)
    )
    before = fraud.run(dumps, champion_config, workspace=workspace)
    champion = before.record["champion"]
    if not champion["in_use"]:  # so small a world may not show that it ranks better than chance
        Registry(workspace.registry, config.dataset.name).promote(champion["version"])
    result = fraud.retrain(dumps, challenger_config, workspace=workspace)
    assert result.report is not None  # there are new days
    return Retrained(seed=seed, workspace=workspace, before=before, after=result.report, promoted=result.promoted)


def show_pattern(found: Retrained) -> str:
    """One line: recall before, after, and what the challenger wins back."""
    rows = {row["name"]: row for row in found.after.record["strategies"]}
    before = found.before.record["strategies"][0]["recall"]["mean"]
    champion, challenger = (rows[name]["recall"]["mean"] for name in ("champion", "challenger"))
    drift = found.after.evidence["drift"]
    flagged = bool(drift and drift["flagged"])
    regained = (challenger - champion) / max(before - champion, 1e-9)
    kinds = " -> ".join(f"{recall_on_pattern(rows[name]):.2f}" for name in ("champion", "challenger"))
    return (
        f"seed {found.seed}: recall {before:.3f} before, champion {champion:.3f}, challenger {challenger:.3f} "
        f"({100 * regained:.0f} % of the loss); {PATTERN} {kinds}; drift {flagged}; promoted {found.promoted}"
    )


def recall_on_pattern(row: dict[str, Any]) -> float:
    """Recall on the new kind of fraud; nan where the test has none."""
    found = next((kind for kind in row["recall_by_type"] if kind["fraud_type"] == PATTERN), None)
    return float("nan") if found is None else float(found["recall"]["mean"])


def show_chance(found: Retrained) -> str:
    """One line: the retraining's difference, and the difference on all days after its test window."""
    workspace, after = found.workspace, found.after.record
    registry, features = Registry(workspace.registry, "demo"), FeatureTable.open(workspace.features("demo"))
    moment = pl.lit(after["split"]["test"]["to"]).str.to_datetime(time_zone="UTC") + timedelta(days=7)
    later = features.scan().filter((pl.col("event_time") >= moment) & pl.col("is_fraud").is_not_null()).collect()
    champion, challenger = (later_recall(registry.load(version), later) for version in (1, 2))
    (compared,) = after["comparisons"]
    worse = challenger < champion - TRUE_LOSS
    return (
        f"seed {found.seed}: retraining {compared['difference']:+.3f} [{compared['low']:+.3f}, "
        f"{compared['high']:+.3f}], later {challenger - champion:+.3f} on {int(later['is_fraud'].sum())} frauds; "
        f"promoted {found.promoted}; truly worse {worse}"
        f"{'; PROMOTED THOUGH WORSE' if found.promoted and worse else ''}"
    )


def later_recall(bundle: Bundle, rows: pl.DataFrame) -> float:
    """Recall at the budget on later days, all labels known by then."""
    day, ties = rows["event_time"].dt.epoch("d").to_numpy(), rows["transaction_id"].rank("ordinal").to_numpy()
    alerts = top_k_per_day(bundle.score(rows), day, k=BUDGET, tie_break=ties)
    return recall(rows["is_fraud"].cast(pl.Int8).to_numpy(), alerts)


if __name__ == "__main__":
    main()
