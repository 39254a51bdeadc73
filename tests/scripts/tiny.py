"""Scripts on tiny data, in the process that tests them: to start Python and import torch takes longer than they do."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from bench.models import MODELS
from bench.rounds import Run, run_side
from bench.timing import Usage, timed

from fraud.cli.main import main

EXTRAS = ("lightgbm", "xgboost")


def installed_models() -> list[str]:
    """The models of the benchmarks whose libraries are there."""
    return [name for name in MODELS if name not in EXTRAS or find_spec(name)]


def side(entry: str, folder: Path) -> Callable[[], Run]:
    """A side without a process of its own."""
    return partial(run_side, entry, folder)


def watch(words: Sequence[str], *, meanwhile: Callable[[], None] = lambda: None, **_: object) -> Usage:
    """A ``fraud`` command without a process of its own."""
    assert words[1:3] == ["-m", "fraud"]
    ended, usage = timed(lambda: _exit_code(words[3:]))
    assert ended == 0, words
    meanwhile()
    return usage


def command(words: Sequence[str]) -> Callable[[], Run]:
    """The same as a side."""

    def run() -> Run:
        usage = watch(list(words))
        return Run(seconds=usage.seconds, peak_gib=usage.peak_gib)

    return run


def _exit_code(words: Sequence[str]) -> object:
    try:
        main(words)
    except SystemExit as ended:
        return ended.code
    return None
