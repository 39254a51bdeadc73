"""The pieces of work that are measured, and against what; the targets stand beside them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import inputs
from bench.rounds import Row, Run, alternate, bounded, command, compared, side

Say = Callable[[str], None]
FRAUD = (sys.executable, "-m", "fraud")


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What every piece of work needs to know."""

    folder: Path
    """Of the inputs, which are made once."""
    dumps: Sequence[str]
    """The handbook's."""
    say: Say
    rounds: int | None = None
    """Instead of each work's own number."""

    def pair(self, ours: str, theirs: str, *, rounds: int) -> list[list[Run]]:
        """Both sides in turn, each in fresh processes."""
        self.say(f"{ours} (A) against {theirs} (B)")
        return alternate((side(ours, self.folder), side(theirs, self.folder)), self.rounds or rounds, self.say)


HANDBOOK = "17 features of the handbook, 1.75 M rows"


def features(bench: Bench) -> list[Row]:
    """The handbook's 17 features, against DuckDB."""
    inputs.transactions(bench.folder, bench.dumps)
    module = "bench.handbook_features"
    same = bench.pair(f"{module}:library", f"{module}:duckdb", rounds=5)
    whole = bench.pair(f"{module}:whole_table", f"{module}:duckdb", rounds=3)
    return [
        compared(HANDBOOK, "DuckDB window functions", same, at_least=2.5),
        compared("the whole feature table, 1.75 M rows", "DuckDB, the 17 alone", whole, at_least=None),
    ]


def pandas(bench: Bench) -> list[Row]:
    """The same against pandas, which takes minutes."""
    inputs.transactions(bench.folder, bench.dumps)
    module = "bench.handbook_features"
    slow = bench.pair(f"{module}:library", f"{module}:pandas", rounds=3)
    grouped = bench.pair(f"{module}:library", f"{module}:pandas_grouped", rounds=3)
    return [
        compared(HANDBOOK, "pandas, a function a group, as the handbook", slow, at_least=45),
        compared(HANDBOOK, "pandas, groupby().rolling()", grouped, at_least=None),
    ]


def ingest(bench: Bench) -> list[Row]:
    """A large CSV into the store."""
    bench.say("writing big.csv, unless it is there")
    inputs.big_csv(bench.folder)
    gib = (bench.folder / "big.csv").stat().st_size / 2**30
    work = f"ingest a CSV of 10 M rows, {gib:.1f} GiB"
    usual = bench.pair("bench.ingestion:library", "bench.ingestion:pandas", rounds=3)
    arrow = bench.pair("bench.ingestion:library", "bench.ingestion:pandas_arrow", rounds=2)
    return [
        compared(work, "pandas read_csv + to_parquet", usual, at_least=2.5),
        compared(work, "pandas with its pyarrow reader", arrow, at_least=None),
        bounded(f"{work}: peak memory", 2, usual[0]),
    ]


def training(bench: Bench) -> list[Row]:
    """Training steps."""
    _matrices(bench)
    work, module = "training steps, batch 4096, two threads", "bench.training_steps"
    raw = bench.pair(f"{module}:library", f"{module}:raw_torch", rounds=7)
    usual = bench.pair(f"{module}:library", f"{module}:default_loader", rounds=3)
    unit = "x the rows a second"
    return [
        compared(work, "plain torch loop, tensors in memory", raw, at_least=0.85, unit=unit),
        compared(work, "Lightning, default DataLoader", usual, at_least=5, unit=unit),
    ]


def scoring(bench: Bench) -> list[Row]:
    """Prepared rows to scores."""
    _matrices(bench)
    module, against, unit = "bench.scoring", "LightGBM, 200 trees of 15 leaves", "x the rows a second"
    two = bench.pair(f"{module}:library", f"{module}:lightgbm", rounds=5)
    one = bench.pair(f"{module}:library_one_thread", f"{module}:lightgbm_one_thread", rounds=3)
    return [
        compared("scoring prepared rows, two threads", against, two, at_least=3, unit=unit),
        compared("scoring prepared rows, one thread", against, one, at_least=None, unit=unit),
    ]


def comparison(bench: Bench) -> list[Row]:
    """Strategies x seeds."""
    _matrices(bench)
    bench.say(
        "5 strategies x 3 seeds: training jobs (A), imbalanced-learn with MLPClassifier (B), the same without sines (C)"
    )
    module, work = "bench.strategies", "5 strategies x 3 seeds, same passes"
    sides = [side(f"{module}:{name}", bench.folder) for name in ("library", "imblearn", "imblearn_without_sines")]
    ours, same, half = alternate(sides, bench.rounds or 3, bench.say)
    against = "imbalanced-learn Pipeline + MLPClassifier"
    return [
        compared(work, f"{against}, same network", (ours, same), at_least=3),
        compared(work, f"{against}, half the inputs", (ours, half), at_least=None),
    ]


def bootstrap(bench: Bench) -> list[Row]:
    """Intervals."""
    _matrices(bench)
    runs = bench.pair("bench.intervals:library", "bench.intervals:sklearn_loop", rounds=3)
    work = "2,000 paired resamples of recall, AP and differences, 10 strategies"
    return [compared(work, "NumPy loop over scikit-learn metrics", runs, at_least=20)]


def startup(bench: Bench) -> list[Row]:
    """``fraud --help``."""
    bench.say("fraud --help (A) against importing torch (B)")
    sides = (command((*FRAUD, "--help")), command((sys.executable, "-c", "import torch")))
    runs = alternate(sides, bench.rounds or 10, bench.say)
    return [compared("fraud --help", 'python -c "import torch"', runs, at_least=1 / 0.3)]


def memory(bench: Bench) -> list[Row]:
    """``fraud run`` with eight strategies x three seeds."""
    bench.say("fraud run on the handbook, 8 strategies x 3 seeds: several minutes")
    config = str(inputs.CONFIGS / "handbook.toml")
    with TemporaryDirectory(dir=bench.folder) as place:
        words = (*FRAUD, "run", *bench.dumps, "--config", config, "--workspace", place, "--comparison.seeds", "3")
        run = command(words)()
    bench.say(f"  {run.seconds:.0f} s, largest process {run.peak_gib:.2f} GiB")
    return [bounded("fraud run, handbook, 8 strategies x 3 seeds: peak memory of the largest process", 4, [run])]


def growth(bench: Bench) -> list[Row]:
    """The feature build at 1, 4 and 16 M transactions, in memory and within a million rows of memory."""
    for rows in inputs.GROWTH_ROWS:
        bench.say(f"simulating {rows:,} transactions, unless they are there")
        inputs.growing(bench.folder, rows)
    return [
        *_growth(bench, "memory", "feature build in memory", inputs.GROWTH_ROWS, at_least=1 / 1.15),
        *_growth(bench, "disk", "feature build on disk, 1 M rows in memory", inputs.GROWTH_ROWS[1:], at_least=1 / 1.15),
    ]


def _growth(bench: Bench, way: str, work: str, sizes: Sequence[int], *, at_least: float) -> list[Row]:
    """Each size against as many times the first as it has rows."""
    bench.say(f"{work}: {', '.join(f'{rows:,}' for rows in sizes)} transactions")
    sides = [side(f"bench.growing:{way}_{rows}", bench.folder) for rows in sizes]
    runs = alternate(sides, bench.rounds or 2, bench.say)
    made = []
    for rows, grown in list(zip(sizes, runs, strict=True))[1:]:
        times = rows // sizes[0]
        line = [Run(seconds=run.seconds * times, peak_gib=run.peak_gib) for run in runs[0]]
        said = f"{work}, {rows // 1_000_000} M transactions, peak {_peak(grown)} GiB"
        against = f"{times} x that of {sizes[0] // 1_000_000} M, peak {_peak(runs[0])} GiB"
        made.append(compared(said, against, (grown, line), at_least=at_least, unit="x of linear"))
    return made


WORKS: Mapping[str, Callable[[Bench], list[Row]]] = {
    "features": features,
    "pandas": pandas,
    "ingest": ingest,
    "training": training,
    "scoring": scoring,
    "comparison": comparison,
    "bootstrap": bootstrap,
    "startup": startup,
    "memory": memory,
    "growth": growth,
}


def _matrices(bench: Bench) -> None:
    """Features, windows and a network, made in a process of their own."""
    inputs.transactions(bench.folder, bench.dumps)
    if not (bench.folder / "network.pt").exists():
        bench.say("encoding the windows and training a network for a while")
        side("bench.inputs:matrices", bench.folder)()


def _peak(runs: Sequence[Run]) -> str:
    return f"{max(run.peak_gib for run in runs):.1f}"
