"""How many transactions a second the simulator writes to Parquet on one core.

python scripts/benchmark_simulator.py [--transactions 2000000] [--repeats 3]
"""

import os

# NOTE: polars and OpenMP read these once, when they are imported.
os.environ["POLARS_MAX_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from fraud.simulation.dumps import PresetName, Simulation, write_dumps

LABEL = {"handbook": "TX_FRAUD", "rich": "IS_FRAUD"}


def measure(preset: PresetName, transactions: int) -> tuple[int, float, float, float]:
    """Transactions written, seconds it took on the clock and on the core, share of frauds among them."""
    settings = Simulation(preset=preset).sized(transactions)
    with tempfile.TemporaryDirectory() as folder:
        begin, begin_core = time.perf_counter(), time.process_time()
        paths = write_dumps(Path(folder), settings)
        seconds, core_seconds = time.perf_counter() - begin, time.process_time() - begin_core
        written, prevalence = pl.scan_parquet(paths).select(pl.len(), pl.col(LABEL[preset]).mean()).collect().row(0)
    return written, seconds, core_seconds, prevalence


def main() -> None:
    """Print one line for each preset: the best of the repeats, since other work on the machine only slows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transactions", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    presets: tuple[PresetName, ...] = ("handbook", "rich")
    for preset in presets:
        runs = [measure(preset, asked.transactions) for _ in range(asked.repeats)]
        written, seconds, core_seconds, prevalence = min(runs, key=lambda run: run[1])
        peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        sys.stdout.write(
            f"{preset}: {written:,} transactions in {seconds:.2f} s, {written / seconds / 1e6:.2f} M a second "
            f"({written / core_seconds / 1e6:.2f} M a second of the core's own time), "
            f"{prevalence:.2%} fraud, peak memory {peak_gib:.2f} GiB\n"
        )


if __name__ == "__main__":
    main()
