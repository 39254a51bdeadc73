"""How large the inputs of ``benchmark.py`` are, and how long each side works: as published, or tiny for a try."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

FILE = "sizes.json"


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The defaults are those of docs/speed.md."""

    handbook_rows: int = 1_754_155
    """Of the simulated data set, where no dumps of the handbook are given."""
    fraud_factor: float = 1.0
    """On how often the simulated terminals and customers fall victim: a small data set needs more."""
    csv_rows: int = 10_000_000
    growth_rows: tuple[int, int, int] = (1_000_000, 4_000_000, 16_000_000)
    memory_rows: int = 1_000_000
    """Rows that the feature build on disk may hold at once."""
    network_steps: int = 200
    """Of the network that scores; it is trained before any clock starts."""
    batch_size: int | None = None
    """Rows of a training step; None: as the handbook's configuration has it."""
    steps: int = 320
    """Training steps, of which the first ``warm_up`` are not timed."""
    warm_up: int = 20
    default_loader_steps: int = 80
    """With Lightning's usual loader: a step takes many times as long; its seconds are scaled to ``steps``."""
    compared_rows: int = 300_000
    """Last training rows that a comparison trains on."""
    seeds: int = 3
    jobs: int = 2
    """Processes that a comparison trains in."""
    trees: int = 200
    resamples: int = 2000
    """Of the bootstrap that intervals are timed against."""
    looped: int = 15
    """Resamples that the loop is timed on; its seconds are scaled to ``resamples``, as each takes the same."""
    alerts: int = 3000
    run_options: tuple[str, ...] = ("--comparison.seeds", "3", "--comparison.corrections", "[]")
    """Of the ``fraud run`` whose memory is watched."""

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The sizes that the inputs in a folder were made with; the defaults where it names none."""
        path = folder / FILE
        if not path.exists():
            return cls()
        entries: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        lists = {name: tuple(value) for name, value in entries.items() if isinstance(value, list)}
        return cls(**entries | lists)

    def keep_in(self, folder: Path) -> None:
        """Write the sizes beside the inputs.

        Raises:
            SystemExit: the folder's inputs were made with other sizes.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and type(self).of(folder) != self:
            raise SystemExit(f"{folder}: its inputs have other sizes; give another --folder, or remove it")
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


TINY = Sizes(
    handbook_rows=8_000,
    fraud_factor=8.0,
    csv_rows=6_000,
    growth_rows=(2_000, 4_000, 8_000),
    memory_rows=3_000,
    network_steps=10,
    batch_size=128,
    steps=12,
    warm_up=2,
    default_loader_steps=7,
    compared_rows=2_000,
    seeds=1,
    jobs=1,
    trees=5,
    resamples=50,
    looped=5,
    alerts=60,
    run_options=(
        *("--comparison.seeds", "1", "--comparison.tuning-trials", "1"),
        *("--comparison.strategies", "none,under-random", "--training.max-steps", "20", "--policy.value", "5"),
        *("--comparison.corrections", "[]", "--engine.jobs", "1"),
    ),
)
"""A few seconds a work: shows that both sides run, says nothing of their speed."""
