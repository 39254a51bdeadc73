"""Two sides of a piece of work in turn, A B A B ..., each time in a fresh process; what counts is their ratio.

The machine may be busy with other things: that slows neighbours in time alike, so a ratio is taken within each round
and its spread over the rounds is shown.
"""

import importlib
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.command_line import ROOT
from bench.timing import timed, watch

SCRIPTS = ROOT / "scripts"
Prepared = Callable[[], object]
"""The work itself. Where it returns a float, that is its own count of seconds; else the clock around it holds."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one process took."""

    seconds: float
    peak_gib: float
    """Of its own memory, with what it loaded before the work began."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; ``ratio`` is ours against theirs, larger is better for us, in every line."""

    work: str
    against: str
    ratio: float
    low: float
    """Worst round."""
    high: float
    """Best round."""
    at_least: float | None
    """None: no target, only shown."""
    unit: str
    ours: str
    """Median, as people read it."""
    theirs: str

    @property
    def met(self) -> bool | None:
        """Whether the median reaches the target; None without one."""
        return None if self.at_least is None else self.ratio >= self.at_least


def alternate(sides: Sequence[Callable[[], Run]], rounds: int, progress: Callable[[str], None]) -> list[list[Run]]:
    """Each side's runs, round by round: A B A B ..."""
    runs: list[list[Run]] = [[] for _ in sides]
    for number in range(1, rounds + 1):
        for letter, side, earlier in zip("ABC", sides, runs, strict=False):
            run = side()
            earlier.append(run)
            progress(f"  round {number}/{rounds}, {letter}: {run.seconds:.2f} s, peak {run.peak_gib:.2f} GiB")
    return runs


def compared(
    work: str, against: str, runs: Sequence[Sequence[Run]], *, at_least: float | None, unit: str = "x faster"
) -> Row:
    """Their seconds over ours, round by round."""
    ratios = [theirs.seconds / ours.seconds for ours, theirs in zip(*runs, strict=True)]
    ours, theirs = (f"{statistics.median(run.seconds for run in side):.3g} s" for side in runs)
    return _row(work, against, ratios, at_least=at_least, unit=unit, ours=ours, theirs=theirs)


def bounded(work: str, limit_gib: float, runs: Sequence[Run]) -> Row:
    """A limit of memory over the peak."""
    peak = statistics.median(run.peak_gib for run in runs)
    ratios = [limit_gib / run.peak_gib for run in runs]
    unit = "x the limit over the peak"
    return _row(
        work, f"{limit_gib:g} GiB", ratios, at_least=1, unit=unit, ours=f"{peak:.2f} GiB", theirs=f"{limit_gib:g} GiB"
    )


def _row(
    work: str, against: str, ratios: Sequence[float], *, at_least: float | None, unit: str, ours: str, theirs: str
) -> Row:
    return Row(
        work=work,
        against=against,
        ratio=statistics.median(ratios),
        low=min(ratios),
        high=max(ratios),
        at_least=at_least,
        unit=unit,
        ours=ours,
        theirs=theirs,
    )


def side(entry: str, folder: Path) -> Callable[[], Run]:
    """A side as a fresh process.

    Args:
        entry: ``module:function``; the function prepares the work that the inputs' folder is for, and returns it.
        folder: of the inputs.
    """
    paths = [str(SCRIPTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    words = [sys.executable, "-m", "bench.rounds", entry, str(folder)]

    def run() -> Run:
        ended = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, env=environment)
        return Run(**json.loads(ended.stdout.splitlines()[-1]))

    return run


def command(words: Sequence[str]) -> Callable[[], Run]:
    """A whole command, start-up included, and the peak memory of the largest process of its tree."""

    def run() -> Run:
        usage = watch(words)
        return Run(seconds=usage.seconds, peak_gib=usage.peak_gib)

    return run


def run_side(entry: str, folder: Path) -> Run:
    """Prepare a side and run it, in this process."""
    module, _, function = entry.partition(":")
    work: Prepared = getattr(importlib.import_module(module), function)(folder)
    own_seconds, usage = timed(work)
    seconds = own_seconds if isinstance(own_seconds, float) else usage.seconds
    return Run(seconds=seconds, peak_gib=usage.peak_gib)


if __name__ == "__main__":
    found = run_side(sys.argv[1], Path(sys.argv[2]))
    sys.stdout.write(f"\n{json.dumps(asdict(found))}\n")
