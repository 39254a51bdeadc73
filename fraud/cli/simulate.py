"""Write synthetic dumps."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from fraud.cli.options import show, shown_progress
from fraud.stages import steps_of
from fraud.text import counted

Preset = Annotated[Literal["handbook", "rich"], Parameter(help="Which world.")]


def simulate(
    *,
    out: Path,
    preset: Preset = "handbook",
    transactions: int = 250_000,
    days: int = 122,
    seed: int = 0,
    suffix: Literal[".parquet", ".csv"] = ".parquet",
) -> None:
    """Write one dump a month of a simulated world; the same seed gives the same dumps.

    Args:
        out: folder of the dumps; made if missing.
        preset: handbook (three scenarios, seven columns) or rich (merchants, channels, late labels).
        transactions: about how many.
        days: how long, from 2018-04-01 on.
        seed: of everything random.
        suffix: Parquet or CSV.
    """
    from fraud.simulation import Simulation, write_dumps

    settings = Simulation(preset=preset, seed=seed, days=days).sized(transactions)
    with shown_progress() as shown, steps_of("simulate", shown) as step:
        paths = write_dumps(out, settings, suffix=suffix, progress=step)
    show(f"simulate: {counted(len(paths), 'dump')} in {out}")
