"""How many transactions a second the simulator writes to Parquet on one core.

python scripts/benchmark_simulator.py [--transactions 2000000] [--repeats 3] [--presets handbook rich]

Takes about ten seconds on a quiet core.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.command_line import keep_to, parser_of, show
from bench.timing import Usage, timed

LABEL = {"handbook": "TX_FRAUD", "rich": "IS_FRAUD"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line for each preset: the best of the repeats, since other work on the machine only slows."""
    parser = parser_of(__doc__)
    parser.add_argument("--transactions", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--presets", nargs="+", choices=list(LABEL), default=list(LABEL))
    args = parser.parse_args(arguments)
    # NOTE: polars and OpenMP read these once, when they are imported, which `measured` does.
    os.environ.update(POLARS_MAX_THREADS="1", OMP_NUM_THREADS="1")
    keep_to(1)
    for preset in args.presets:
        runs = [measured(preset, args.transactions) for _ in range(args.repeats)]
        written, prevalence, usage = min(runs, key=lambda run: run[2].seconds)
        show(
            f"{preset}: {written:,} transactions in {usage.seconds:.2f} s, "
            f"{written / usage.seconds / 1e6:.2f} M a second "
            f"({written / usage.core_seconds / 1e6:.2f} M a second of the core's own time), "
            f"{prevalence:.2%} fraud, peak memory {usage.peak_gib:.2f} GiB"
        )


def measured(preset: str, transactions: int) -> tuple[int, float, Usage]:
    """Transactions written, share of frauds among them, and what it took."""
    import polars as pl

    from fraud.simulation import Simulation, write_dumps

    settings = Simulation(preset="rich" if preset == "rich" else "handbook").sized(transactions)
    with tempfile.TemporaryDirectory() as folder:
        paths, usage = timed(lambda: write_dumps(Path(folder), settings))
        written, prevalence = pl.scan_parquet(paths).select(pl.len(), pl.col(LABEL[preset]).mean()).collect().row(0)
    return written, prevalence, usage


if __name__ == "__main__":
    main()
