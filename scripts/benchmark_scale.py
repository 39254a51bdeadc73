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
    disk_gib                       what lies in the workspace after the stage, and the most during it

``--stages prepare,run`` runs only those again on what lies in the folder already.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FRAUD = (sys.executable, "-m", "fraud")
STAGES = ("simulate", "ingest", "prepare", "run", "score")
FIRST_DAYS, ALL_DAYS = 122, 153
EVERY_SECONDS = 0.1
DISK_EVERY_SECONDS = 2.0
GIB = 2**30


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


def main() -> None:
    """Run the stages that are asked for and write the figures of each as it ends."""
    asked = arguments()
    workspace = asked.folder / f"{asked.transactions}"
    if "simulate" in asked.stages:
        shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True, exist_ok=True)
    out = asked.out or workspace / "scale.json"
    for stage in asked.stages:
        rows = round(asked.transactions * (ALL_DAYS / FIRST_DAYS if stage == "simulate" else 1))
        if stage == "score":
            rows = round(asked.transactions * (ALL_DAYS / FIRST_DAYS - 1))
        figures = watch(stage, command(stage, workspace, asked), workspace, rows=rows)
        keep(figures, out, said=vars(asked))
        sys.stdout.write(f"{line(figures)}\n")
        sys.stdout.flush()


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("transactions", type=lambda text: int(text.replace("_", "")), help="about how many in 4 months")
    parser.add_argument("--strategies", default="none", help="separated by commas")
    parser.add_argument("--jobs", type=int, default=2, help="processes that train side by side")
    parser.add_argument("--memory-rows", type=int, help="[engine] memory_rows; left out: the default")
    parser.add_argument("--stages", type=lambda text: text.split(","), default=list(STAGES), help="only these")
    parser.add_argument("--config", type=Path, default=ROOT / "pipelines" / "configs" / "handbook.toml")
    parser.add_argument("--folder", type=Path, default=ROOT / ".benchmarks" / "scale", help="where everything is made")
    parser.add_argument("--out", type=Path, help="JSON file of the figures; left out: scale.json beside the data")
    return parser.parse_args()


def command(stage: str, workspace: Path, asked: argparse.Namespace) -> list[str]:
    """The command of a stage as a user would type it."""
    dumps = sorted(map(str, (workspace / "dumps").glob("*.parquet")))
    shared = ["--config", str(asked.config), "--workspace", str(workspace)]
    shared += ["--engine.memory-rows", str(asked.memory_rows)] if asked.memory_rows else []
    alerts_a_day = max(20, asked.transactions // 12_500)  # as many of a thousand transactions, whatever their number
    compared = ["--comparison.strategies", f"{asked.strategies},", "--comparison.seeds", "1"]
    compared += ["--comparison.tuning-trials", "1", "--policy.value", str(alerts_a_day)]
    compared += ["--engine.jobs", str(asked.jobs)]
    rows = str(round(asked.transactions * ALL_DAYS / FIRST_DAYS))
    said = {
        "simulate": ["--out", str(workspace / "dumps"), "--transactions", rows, "--days", str(ALL_DAYS)],
        "ingest": [*dumps[:-1], *shared],
        "prepare": shared,
        "run": [*dumps[:-1], *shared, *compared],
        "score": [*dumps[-1:], "--out", str(workspace / "alerts.parquet"), *shared],
    }
    return [*FRAUD, stage, *said[stage]]


def watch(stage: str, said: list[str], workspace: Path, *, rows: int) -> Figures:
    """Run a command to its end and look at all of its processes on the way.

    Raises:
        SystemExit: the command failed.
    """
    began, used, looked_at_disk, disk_peak = time.perf_counter(), _core_seconds(), 0.0, 0
    peak: dict[int, int] = {}
    own: dict[int, int] = {}
    log = (workspace / f"{stage}.log").open("w", encoding="utf-8")
    process = subprocess.Popen(said, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    while process.poll() is None:
        for pid, high, anonymous in memory_of(process.pid):
            peak[pid], own[pid] = max(peak.get(pid, 0), high), max(own.get(pid, 0), anonymous)
        if time.perf_counter() - looked_at_disk > DISK_EVERY_SECONDS:
            looked_at_disk, disk_peak = time.perf_counter(), max(disk_peak, bytes_in(workspace))
        time.sleep(EVERY_SECONDS)
    seconds, disk = time.perf_counter() - began, bytes_in(workspace)
    if process.returncode:
        raise SystemExit(f"{stage} ended with {process.returncode}; see {log.name}")
    return Figures(
        stage=stage,
        transactions=rows,
        seconds=round(seconds, 2),
        seconds_per_million=round(seconds * 1e6 / rows, 3),
        core_seconds=round(_core_seconds() - used, 2),
        peak_gib=round(max(peak.values(), default=0) / GIB, 3),
        own_gib=round(max(own.values(), default=0) / GIB, 3),
        processes=len(peak),
        disk_gib=round(disk / GIB, 3),
        disk_peak_gib=round(max(disk, disk_peak) / GIB, 3),
    )


def memory_of(session: int) -> Iterator[tuple[int, int, int]]:
    """Process, the most bytes it ever held and the bytes of its own it holds now, of every process of a session."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) != session:
                continue
            said = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
            yield int(folder.name), _bytes(said["VmHWM"]), _bytes(said["RssAnon"])
        except (OSError, KeyError):  # it has ended, or is of the system
            continue


def _core_seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _bytes(text: str) -> int:
    return int(text.split(maxsplit=1)[0]) * 1024


def bytes_in(folder: Path) -> int:
    """Bytes on disk below a folder."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(path, name), follow_symlinks=False).st_blocks * 512
            except OSError:  # it has been taken away
                continue
    return total


def keep(figures: Figures, out: Path, *, said: dict[str, Any]) -> None:
    """Put a stage's figures in the place of its earlier ones."""
    old = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {"stages": []}
    stages = [one for one in old["stages"] if one["stage"] != figures.stage] + [asdict(figures)]
    machine = {"cores": len(os.sched_getaffinity(0)), "memory_gib": round(_memory_bytes() / GIB, 1)}
    asked = ("transactions", "strategies", "jobs", "memory_rows")
    settings = {name: said[name] for name in asked} | {"config": said["config"].name}
    stages.sort(key=lambda one: STAGES.index(one["stage"]))
    out.write_text(json.dumps(settings | {"machine": machine, "stages": stages}, indent=1) + "\n", encoding="utf-8")


def _memory_bytes() -> int:
    return os.sysconf("SC_PHYS_PAGES") * resource.getpagesize()


def line(figures: Figures) -> str:
    """A stage's figures as people read them."""
    took = f"{figures.seconds:8.1f} s {figures.seconds_per_million:7.2f} s/M {figures.core_seconds:8.1f} core s"
    held = f"peak {figures.peak_gib:6.2f} GiB (own {figures.own_gib:6.2f})"
    disk = f"disk {figures.disk_gib:6.2f} GiB (peak {figures.disk_peak_gib:6.2f})"
    return f"{figures.stage:9} {figures.transactions / 1e6:7.2f} M {took}   {held}   {disk}"


if __name__ == "__main__":
    main()
