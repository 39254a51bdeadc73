"""The pieces of work that are measured, and against what; the targets stand beside them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import inputs
from bench.command_line import CONFIGS, FRAUD
from bench.rounds import Row, Run, alternate, bounded, command, compared, side
from bench.sizes import Sizes


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What every piece of work needs."""

    folder: Path
    """Of the inputs, which are made once."""
    dumps: Sequence[str]
    """The handbook's."""
    progress: Callable[[str], None]
    rounds: int | None = None
    """Instead of each work's own number."""
    side: Callable[[str, Path], Callable[[], Run]] = side
    """Makes a side of ``module:function`` and the inputs' folder."""
    command: Callable[[Sequence[str]], Callable[[], Run]] = command
    """Makes a side of a whole command."""

    @property
    def sizes(self) -> Sizes:
        """Of the inputs."""
        return Sizes.of(self.folder)

    def alternate(self, *entries: str, rounds: int) -> list[list[Run]]:
        """All sides in turn."""
        sides = [self.side(entry, self.folder) for entry in entries]
        return alternate(sides, self.rounds or rounds, self.progress)

    def pair(self, ours: str, theirs: str, *, rounds: int) -> list[list[Run]]:
        """Two sides in turn, named first."""
        self.progress(f"{ours} (A) against {theirs} (B)")
        return self.alternate(ours, theirs, rounds=rounds)


def features(setup: Setup) -> list[Row]:
    """The handbook's 17 features, against DuckDB."""
    inputs.transactions(setup.folder, setup.dumps)
    module = "bench.handbook_features"
    same = setup.pair(f"{module}:library", f"{module}:duckdb", rounds=5)
    whole = setup.pair(f"{module}:whole_table", f"{module}:duckdb", rounds=3)
    return [
        compared(_handbook(setup), "DuckDB window functions", same, at_least=2.5),
        compared(f"the whole feature table, {_rows(setup)}", "DuckDB, the 17 alone", whole, at_least=None),
    ]


def pandas(setup: Setup) -> list[Row]:
    """The same against pandas, which takes minutes."""
    inputs.transactions(setup.folder, setup.dumps)
    module = "bench.handbook_features"
    slow = setup.pair(f"{module}:library", f"{module}:pandas", rounds=3)
    grouped = setup.pair(f"{module}:library", f"{module}:pandas_grouped", rounds=3)
    return [
        compared(_handbook(setup), "pandas, a function a group, as the handbook", slow, at_least=45),
        compared(_handbook(setup), "pandas, groupby().rolling()", grouped, at_least=None),
    ]


def _handbook(setup: Setup) -> str:
    return f"17 features of the handbook, {_rows(setup)}"


def _rows(setup: Setup) -> str:
    return f"{_millions(setup.sizes.handbook_rows)} rows"


def _millions(rows: int) -> str:
    return f"{rows / 1e6:.3g} M"


def ingest(setup: Setup) -> list[Row]:
    """A large CSV into the store."""
    setup.progress("writing big.csv, unless it is there")
    inputs.big_csv(setup.folder)
    gib = (setup.folder / "big.csv").stat().st_size / 2**30
    work = f"ingest a CSV of {_millions(setup.sizes.csv_rows)} rows, {gib:.1f} GiB"
    usual = setup.pair("bench.ingestion:library", "bench.ingestion:pandas", rounds=3)
    arrow = setup.pair("bench.ingestion:library", "bench.ingestion:pandas_arrow", rounds=2)
    return [
        compared(work, "pandas read_csv + to_parquet", usual, at_least=2.5),
        compared(work, "pandas with its pyarrow reader", arrow, at_least=None),
        bounded(f"{work}: peak memory", 2, usual[0]),
    ]


def training(setup: Setup) -> list[Row]:
    """Training steps."""
    _matrices(setup)
    module = "bench.training_steps"
    raw = setup.pair(f"{module}:library", f"{module}:raw_torch", rounds=7)
    usual = setup.pair(f"{module}:library", f"{module}:default_loader", rounds=3)
    batch, unit = inputs.training_of(setup.folder).batch_size, "x the rows a second"
    work = f"training steps, batch {batch}, two threads"
    return [
        compared(work, "plain torch loop, tensors in memory", raw, at_least=0.85, unit=unit),
        compared(work, "Lightning, default DataLoader", usual, at_least=5, unit=unit),
    ]


def scoring(setup: Setup) -> list[Row]:
    """Prepared rows to scores."""
    _matrices(setup)
    module, unit = "bench.scoring", "x the rows a second"
    against = f"LightGBM, {setup.sizes.trees} trees of 15 leaves"
    two = setup.pair(f"{module}:library", f"{module}:lightgbm", rounds=5)
    one = setup.pair(f"{module}:library_one_thread", f"{module}:lightgbm_one_thread", rounds=3)
    return [
        compared("scoring prepared rows, two threads", against, two, at_least=3, unit=unit),
        compared("scoring prepared rows, one thread", against, one, at_least=None, unit=unit),
    ]


def comparison(setup: Setup) -> list[Row]:
    """Strategies x seeds."""
    _matrices(setup)
    seeds = setup.sizes.seeds
    setup.progress(
        f"5 strategies x {seeds} seeds: the project (A), imbalanced-learn with MLPClassifier (B), "
        "the same without sines (C)"
    )
    entries = (f"bench.strategies:{name}" for name in ("library", "imblearn", "imblearn_without_sines"))
    ours, same, half = setup.alternate(*entries, rounds=3)
    work, against = f"5 strategies x {seeds} seeds, same passes", "imbalanced-learn Pipeline + MLPClassifier"
    return [
        compared(work, f"{against}, same network", (ours, same), at_least=3),
        compared(work, f"{against}, half the inputs", (ours, half), at_least=None),
    ]


def intervals(setup: Setup) -> list[Row]:
    """Intervals."""
    _matrices(setup)
    runs = setup.pair("bench.intervals:library", "bench.intervals:sklearn_loop", rounds=3)
    work = "intervals of recall, AP and paired differences, 10 strategies"
    against = f"{setup.sizes.resamples:,} resamples, loop over scikit-learn metrics"
    return [compared(work, against, runs, at_least=20)]


def startup(setup: Setup) -> list[Row]:
    """``fraud --help``."""
    setup.progress("fraud --help (A) against importing torch (B)")
    sides = [setup.command(words) for words in ((*FRAUD, "--help"), (sys.executable, "-c", "import torch"))]
    runs = alternate(sides, setup.rounds or 10, setup.progress)
    return [compared("fraud --help", 'python -c "import torch"', runs, at_least=1 / 0.3)]


def memory(setup: Setup) -> list[Row]:
    """``fraud run`` with eight strategies x three seeds."""
    setup.progress("fraud run on the handbook, 8 strategies x 3 seeds: several minutes")
    config = str(CONFIGS / "handbook.toml")
    with TemporaryDirectory(dir=setup.folder) as workspace:
        words = (*FRAUD, "run", *setup.dumps, "--config", config, "--workspace", workspace, *setup.sizes.run_options)
        run = setup.command(words)()
    setup.progress(f"  {run.seconds:.0f} s, largest process {run.peak_gib:.2f} GiB")
    return [bounded("fraud run, handbook, 8 strategies x 3 seeds: peak memory of the largest process", 4, [run])]


def growth(setup: Setup) -> list[Row]:
    """The feature build at 1, 4 and 16 M transactions, in memory and within a million rows of memory."""
    sizes = setup.sizes
    for rows in sizes.growth_rows:
        setup.progress(f"simulating {rows:,} transactions, unless they are there")
        inputs.growing(setup.folder, rows)
    small, middle, large = sizes.growth_rows
    on_disk = f"feature build on disk, {_millions(sizes.memory_rows)} rows in memory"
    in_memory = {"memory_small": small, "memory_middle": middle, "memory_large": large}
    return [
        *_growth(setup, "feature build in memory", in_memory),
        *_growth(setup, on_disk, {"disk_middle": middle, "disk_large": large}),
    ]


def _growth(setup: Setup, work: str, rows_of: Mapping[str, int]) -> list[Row]:
    """Each size against as many times the first as it has rows.

    Args:
        setup: whose inputs hold the transactions.
        work: what is measured.
        rows_of: rows of each entry of ``bench.growing``, the smallest first.
    """
    setup.progress(f"{work}: {', '.join(f'{rows:,}' for rows in rows_of.values())} transactions")
    runs = setup.alternate(*(f"bench.growing:{name}" for name in rows_of), rounds=2)
    (smallest, first), *larger = zip(rows_of.values(), runs, strict=True)
    made = []
    for rows, grown in larger:
        times = rows // smallest
        linear = [Run(seconds=run.seconds * times, peak_gib=run.peak_gib) for run in first]
        against = f"{times} x that of {_millions(smallest)}, peak {_peak(first)} GiB"
        label = f"{work}, {_millions(rows)} transactions, peak {_peak(grown)} GiB"
        made.append(compared(label, against, (grown, linear), at_least=1 / 1.15, unit="x of linear"))
    return made


def _matrices(setup: Setup) -> None:
    """Features, windows and a network, made in a process of their own."""
    inputs.transactions(setup.folder, setup.dumps)
    if not (setup.folder / "network.pt").exists():
        setup.progress("encoding the windows and training a network for a while")
        setup.side("bench.inputs:matrices", setup.folder)()


def _peak(runs: Sequence[Run]) -> str:
    return f"{max(run.peak_gib for run in runs):.1f}"


WORKS: Mapping[str, Callable[[Setup], list[Row]]] = {
    "features": features,
    "pandas": pandas,
    "ingest": ingest,
    "training": training,
    "scoring": scoring,
    "comparison": comparison,
    "intervals": intervals,
    "startup": startup,
    "memory": memory,
    "growth": growth,
}
