"""Two sides of a piece of work in turn, A B A B ..., each time in a fresh process; what counts is their ratio.

The machine may be busy with other things: that slows neighbours in time alike, so a ratio is taken within each round
and its spread over the rounds is told.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parents[1]
Prepared = Callable[[], float | None]
"""The work itself. It may tell its own seconds; else the clock around it does."""


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


def alternate(sides: Sequence[Callable[[], Run]], rounds: int, say: Callable[[str], None]) -> list[list[Run]]:
    """Each side's runs, round by round: A B A B ..."""
    runs: list[list[Run]] = [[] for _ in sides]
    for number in range(1, rounds + 1):
        for place, side in enumerate(sides):
            run = side()
            runs[place].append(run)
            say(f"  round {number}/{rounds}, {'ABC'[place]}: {run.seconds:.2f} s, peak {run.peak_gib:.2f} GiB")
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


def side(place: str, folder: Path) -> Callable[[], Run]:
    """A side as a fresh process: ``place`` is ``module:function`` of this package, called with the inputs' folder."""
    return lambda: _python("-m", "bench.rounds", place, str(folder))


def command(words: Sequence[str]) -> Callable[[], Run]:
    """A whole command, start-up included, and the peak memory of the largest process of its tree."""

    def run() -> Run:
        began = time.perf_counter()
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
            peak = 0.0
            while process.poll() is None:
                peak = max(peak, *(peak_gib(pid) for pid in _tree(process.pid)))
                if time.perf_counter() - began > 20:  # NOTE: a look costs time, which must not count in short commands
                    time.sleep(0.25)
                else:
                    time.sleep(0.01)
        if process.returncode:
            raise SystemExit(f"benchmark: {' '.join(words)} ended with {process.returncode}")
        return Run(seconds=time.perf_counter() - began, peak_gib=peak)

    return run


def _python(*words: str) -> Run:
    paths = [str(SCRIPTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    ended = subprocess.run([sys.executable, *words], check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return Run(**json.loads(ended.stdout.splitlines()[-1]))


def peak_gib(pid: int | str = "self") -> float:
    """High-water mark of a process's memory; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    marks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(marks[0]) / 2**20 if marks else 0.0


def _tree(pid: int) -> list[int]:
    """The process and all that it started."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += map(int, children.read_text(encoding="utf-8").split())
            except OSError:
                continue
    return found


def _run_side(place: str, folder: str) -> None:
    """Prepare a side, run it, and print what it took as the last line."""
    module, _, function = place.partition(":")
    __import__(module)
    work: Prepared = getattr(sys.modules[module], function)(Path(folder))
    began = time.perf_counter()
    told = work()
    seconds = time.perf_counter() - began if told is None else told
    sys.stdout.write(f"\n{json.dumps({'seconds': seconds, 'peak_gib': peak_gib()})}\n")


if __name__ == "__main__":
    _run_side(*sys.argv[1:])
