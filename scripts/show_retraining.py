"""What retraining is worth, on simulated streams: `python scripts/show_retraining.py pattern|chance [--seeds N]`.

``pattern``: a new kind of fraud appears after the champion was made. Does the champion lose, is drift flagged, is the
challenger promoted, how much of the loss does it bring back? ``chance``: nothing changes. How often is a truly worse
model promoted, as many later days tell?
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

import fraud
from fraud.config import RunConfig, load_config
from fraud.features.table import FeatureTable
from fraud.lifecycle.registry import Registry
from fraud.metrics import recall, top_k_per_day
from fraud.model.bundle import Bundle
from fraud.simulation.dumps import Simulation, write_dumps
from fraud.stages import run_folder
from fraud.workspace import Workspace

CONFIG = Path(__file__).parents[1] / "pipelines" / "configs" / "rich.toml"
PATTERN, PATTERN_DAY = "wallet_enrolment", 90
BUDGET = 15
WORLDS = {
    "pattern": Simulation(preset="rich", customers=800, terminals=600, days=192, late_pattern_day=PATTERN_DAY),
    "chance": Simulation(preset="handbook", customers=400, terminals=800, days=260, fraud_factor=2.0),
}
RUN_DAYS = {"pattern": (92, 190), "chance": (120, 150)}
"""Days as of which the champion is made and the challenger challenges."""
HANDBOOK = Path(__file__).parents[1] / "fraud" / "cli" / "demo.toml"


def settings_of(show: str, seed: int) -> RunConfig:
    """A small network, one strategy, one seed: what is shown is the retraining."""
    config = load_config(CONFIG if show == "pattern" else HANDBOOK)
    labels = replace(config.labels, delay_days=14.0, maturity_days=14.0) if show == "pattern" else config.labels
    return replace(
        config,
        labels=labels,
        split=replace(config.split, train=0, validation=12, test=14),
        network=replace(config.network, hidden=(64, 64)),
        training=replace(config.training, batch_size=1024, max_steps=400, seed=seed),
        comparison=replace(config.comparison, strategies=("weight-sqrt",), seeds=1, tuning_trials=1, resamples=500),
        policy=replace(config.policy, kind="alerts_per_day", value=float(BUDGET)),
        engine=replace(config.engine, jobs=1),
    )


def as_of(config: RunConfig, world: Simulation, day: int) -> RunConfig:
    """The same, as of a day of the simulation."""
    return replace(config, split=replace(config.split, as_of=world.date_of(day).isoformat()))


def retrained(show: str, seed: int, root: Path) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """A champion as of one day, a challenger as of another: both reports, and whether it was promoted."""
    world, config = replace(WORLDS[show], seed=seed), settings_of(show, seed)
    dumps = write_dumps(root / "dumps", world)
    place = Workspace(root)
    first, second = RUN_DAYS[show]
    fraud.run(dumps, as_of(config, world, first), workspace=place)
    promoted = fraud.retrain(dumps, as_of(config, world, second), workspace=place).promoted
    reports = [json.loads(path.read_text()) for path in root.glob("reports/*/report.json")]
    by_kind = {report["kind"]: report for report in reports}
    return by_kind["compare"], by_kind["retrain"], promoted


def of_pattern(row: dict[str, Any]) -> float:
    """Recall on the new kind of fraud."""
    found = next((kind for kind in row["recall_by_type"] if kind["fraud_type"] == PATTERN), None)
    return float("nan") if found is None else float(found["recall"]["mean"])


def show_pattern(seed: int, root: Path) -> str:
    """One line: recall before, after, and what the challenger brings back."""
    before, after, promoted = retrained("pattern", seed, root)
    rows = {row["name"]: row for row in after["strategies"]}
    was = before["strategies"][0]["recall"]["mean"]
    champion, challenger = (rows[name]["recall"]["mean"] for name in ("champion", "challenger"))
    evidence = json.loads((root / "reports" / after["run_id"] / "evidence.json").read_text())
    flagged = bool(evidence["drift"] and evidence["drift"]["flagged"])
    regained = (challenger - champion) / max(was - champion, 1e-9)
    kinds = " -> ".join(f"{of_pattern(rows[name]):.2f}" for name in ("champion", "challenger"))
    return (
        f"seed {seed}: recall {was:.3f} before, champion {champion:.3f}, challenger {challenger:.3f} "
        f"({100 * regained:.0f} % of the loss); {PATTERN} {kinds}; drift {flagged}; promoted {promoted}"
    )


def later_recall(bundle: Bundle, rows: pl.DataFrame) -> float:
    """Recall at the budget on later days, all labels known by then."""
    day, ties = rows["event_time"].dt.epoch("d").to_numpy(), rows["transaction_id"].rank("ordinal").to_numpy()
    alerts = top_k_per_day(bundle.score(rows), day, k=BUDGET, tie_break=ties)
    return recall(rows["is_fraud"].cast(pl.Int8).to_numpy(), alerts)


def show_chance(seed: int, root: Path) -> str:
    """One line: what the retraining found, and what a hundred later days say."""
    _, after, promoted = retrained("chance", seed, root)
    registry, table = Registry(Workspace(root).registry, "demo"), FeatureTable.open(Workspace(root).features("demo"))
    moment = pl.lit(after["split"]["test"]["to"]).str.to_datetime(time_zone="UTC") + timedelta(days=7)
    later = table.scan().filter((pl.col("event_time") >= moment) & pl.col("is_fraud").is_not_null()).collect()
    champion, challenger = (later_recall(registry.load(version), later) for version in (1, 2))
    (found,) = after["comparisons"]
    worse = challenger < champion - 0.01
    return (
        f"seed {seed}: retraining {found['difference']:+.3f} [{found['low']:+.3f}, {found['high']:+.3f}], later "
        f"{challenger - champion:+.3f} on {int(later['is_fraud'].sum())} frauds; promoted {promoted}; "
        f"truly worse {worse}{'; PROMOTED THOUGH WORSE' if promoted and worse else ''}"
    )


def lines(show: str, seeds: range) -> Iterator[str]:
    """One line a seed, each in a workspace of its own."""
    for seed in seeds:
        with TemporaryDirectory() as folder:
            yield (show_pattern if show == "pattern" else show_chance)(seed, Path(folder))


def main() -> None:
    """Print one line a seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("show", choices=("pattern", "chance"))
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    arguments = parser.parse_args()
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # Drawing pages takes longer than all else here, and nobody reads them.
    run_folder.render_report = lambda folder: folder / "report.html"  # type: ignore[attr-defined]
    count = arguments.seeds or {"pattern": 5, "chance": 20}[arguments.show]
    for line in lines(arguments.show, range(arguments.first, arguments.first + count)):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
