"""How seconds, memory and disk grow with the number of transactions, stage by stage.

python scripts/benchmark_scale.py 5_000_000 [--strategies none] [--folder .benchmarks/scale] [--out scale.json]

Simulates that many transactions over four months and a quarter more for a fifth, then runs the commands that a user
would: ingest, prepare, run (which compares, registers and reports) on the four, and score on the fifth. Each stage is a
process of its own; every process that it starts is watched. The figures go to a JSON file as each stage ends:

    seconds, seconds_per_million   of the stage; ``score`` per million of the fifth month
    core_seconds                   of all its processes on all cores: what a busy machine does not change much
    peak_gib                       the most memory that any one process held, pages of files included (VmHWM)
    own_gib                        the same without pages of files, which the system may take back at any time (RssAnon)
    processes                      how many the stage had
    disk_gib                       size of the workspace after the stage, and the most during it

``--stages prepare,run`` runs only those again on what the folder holds already. Five million transactions take about
five minutes on two quiet cores, fifty million an hour.
"""

import argparse
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.command_line import CONFIGS, FRAUD, ROOT, available_cores, parser_of, show, write_json
from bench.timing import GIB, bytes_in, watch

STAGES = ("simulate", "ingest", "prepare", "run", "score")
FIRST_DAYS, ALL_DAYS = 122, 153
DISK_EVERY_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one stage took."""

    stage: str
    transactions: int
    seconds: float
    seconds_per_million: float
    core_seconds: float
    peak_gib: float
    own_gib: float
    processes: int
    disk_gib: float
    disk_peak_gib: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the stages that are requested and write the figures of each as it ends."""
    args = parsed(arguments)
    workspace = args.folder / f"{args.transactions}"
    if "simulate" in args.stages:
        shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True, exist_ok=True)
    for stage in args.stages:
        figures = measured(stage, command(stage, workspace, args), workspace, rows=rows_of(stage, args.transactions))
        keep(figures, args.out or workspace / "scale.json", args=args)
        show(line(figures))


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options."""
    parser = parser_of(__doc__)
    parser.add_argument("transactions", type=int, help="about how many in 4 months")
    parser.add_argument("--strategies", default="none", help="separated by commas")
    parser.add_argument("--jobs", type=int, default=2, help="processes that train side by side")
    parser.add_argument("--steps", type=int, help="[training] max_steps; left out: the configuration's")
    parser.add_argument("--memory-rows", type=int, help="[engine] memory_rows; left out: the default")
    parser.add_argument("--stages", type=lambda text: text.split(","), default=list(STAGES), help="only these")
    parser.add_argument("--config", type=Path, default=CONFIGS / "handbook.toml")
    parser.add_argument("--folder", type=Path, default=ROOT / ".benchmarks" / "scale", help="where everything is made")
    parser.add_argument("--out", type=Path, help="JSON file of the figures; left out: scale.json beside the data")
    return parser.parse_args(arguments)


def rows_of(stage: str, transactions: int) -> int:
    """About how many transactions a stage works on."""
    everything = transactions * ALL_DAYS / FIRST_DAYS
    return round({"simulate": everything, "score": everything - transactions}.get(stage, transactions))


def command(stage: str, workspace: Path, args: argparse.Namespace) -> list[str]:
    """The command of a stage as a user would type it."""
    dumps = sorted(map(str, (workspace / "dumps").glob("*.parquet")))
    shared = ["--config", str(args.config), "--workspace", str(workspace)]
    shared += ["--engine.memory-rows", str(args.memory_rows)] if args.memory_rows else []
    alerts_a_day = max(20, args.transactions // 12_500)  # the same share of the transactions, whatever their number
    compared = ["--comparison.strategies", f"{args.strategies},", "--comparison.seeds", "1"]
    compared += [
        "--comparison.tuning-trials",
        "1",
        "--comparison.corrections",
        "[]",
        "--policy.value",
        str(alerts_a_day),
    ]
    compared += ["--engine.jobs", str(args.jobs)]
    compared += ["--training.max-steps", str(args.steps)] if args.steps else []
    rows = str(rows_of("simulate", args.transactions))
    options = {
        "simulate": ["--out", str(workspace / "dumps"), "--transactions", rows, "--days", str(ALL_DAYS)],
        "ingest": [*dumps[:-1], *shared],
        "prepare": shared,
        "run": [*dumps[:-1], *shared, *compared],
        "score": [*dumps[-1:], "--out", str(workspace / "alerts.parquet"), *shared],
    }
    return [*FRAUD, stage, *options[stage]]


def measured(stage: str, words: list[str], workspace: Path, *, rows: int) -> Figures:
    """Run a stage to its end; its output goes to a log in the workspace.

    Raises:
        SystemExit: the command failed.
    """
    disk = DiskPeak(workspace)
    usage = watch(words, log=workspace / f"{stage}.log", meanwhile=disk.update)
    left = bytes_in(workspace)
    return Figures(
        stage=stage,
        transactions=rows,
        seconds=round(usage.seconds, 2),
        seconds_per_million=round(usage.seconds * 1e6 / rows, 3),
        core_seconds=round(usage.core_seconds, 2),
        peak_gib=round(usage.peak_gib, 3),
        own_gib=round(usage.own_gib, 3),
        processes=usage.processes,
        disk_gib=round(left / GIB, 3),
        disk_peak_gib=round(max(left, disk.peak) / GIB, 3),
    )


class DiskPeak:
    """The most bytes on disk that a folder held, read every two seconds."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.peak, self._read = folder, 0, 0.0

    def update(self) -> None:
        """Read again if it is time to."""
        if time.perf_counter() - self._read > DISK_EVERY_SECONDS:
            self._read, self.peak = time.perf_counter(), max(self.peak, bytes_in(self.folder))


def keep(figures: Figures, out: Path, *, args: argparse.Namespace) -> None:
    """Replace a stage's earlier figures."""
    old = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {"stages": []}
    stages = [one for one in old["stages"] if one["stage"] != figures.stage] + [asdict(figures)]
    stages.sort(key=lambda one: STAGES.index(one["stage"]))
    settings: dict[str, Any] = {
        name: getattr(args, name) for name in ("transactions", "strategies", "jobs", "memory_rows")
    }
    settings |= {"config": args.config.name, "machine": machine(), "stages": stages}
    write_json(settings, out)


def machine() -> dict[str, float]:
    """Cores that may be used, and memory."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"cores": len(available_cores()), "memory_gib": round(memory / GIB, 1)}


def line(figures: Figures) -> str:
    """A stage's figures as people read them."""
    took = f"{figures.seconds:8.1f} s {figures.seconds_per_million:7.2f} s/M {figures.core_seconds:8.1f} core s"
    held = f"peak {figures.peak_gib:6.2f} GiB (own {figures.own_gib:6.2f})"
    disk = f"disk {figures.disk_gib:6.2f} GiB (peak {figures.disk_peak_gib:6.2f})"
    return f"{figures.stage:9} {figures.transactions / 1e6:7.2f} M {took}   {held}   {disk}"


if __name__ == "__main__":
    main()
