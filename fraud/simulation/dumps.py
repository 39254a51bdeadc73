"""Synthetic dumps, seeded: in memory or written to files.

Memory holds one month at a time, however long the simulation.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
import polars as pl

from fraud.errors import DumpError
from fraud.files import write_atomically
from fraud.simulation.handbook import HandbookWorld
from fraud.simulation.rich import RichWorld
from fraud.simulation.settings import PresetName, Shifts, Simulation

__all__ = ["PresetName", "Shifts", "Simulation", "simulate", "write_dumps"]

ROWS_AT_ONCE: Final = 200_000
"""Rows of one call of ``transactions_of``: enough to pay for it, few enough to stay in the processor's caches."""


class World(Protocol):
    """A simulated population. Days must follow each other, from day 0 on; how many a call takes changes nothing."""

    def transactions_of(self, days: range) -> pl.DataFrame:
        """All transactions of these days in the order of time, without TRANSACTION_ID."""


def simulate(settings: Simulation) -> Iterator[tuple[str, pl.DataFrame]]:
    """Simulate month by month.

    Args:
        settings: of the simulation; the same settings give the same data.

    Yields:
        The month, as ``2018-04``, and its transactions: sorted by time, TRANSACTION_ID counting from 0 on.
    """
    world: World = RichWorld(settings) if settings.preset == "rich" else HandbookWorld(settings)
    at_once = max(1, ROWS_AT_ONCE // (2 * settings.customers))
    first_id = 0
    for month, days in _months(settings):
        frame = pl.concat(
            [world.transactions_of(days[start : start + at_once]) for start in range(0, len(days), at_once)]
        )
        ids = pl.Series("TRANSACTION_ID", np.arange(first_id, first_id + frame.height))
        first_id += frame.height
        yield month, frame.insert_column(0, ids)


def write_dumps(
    folder: Path,
    settings: Simulation,
    *,
    suffix: Literal[".parquet", ".csv"] = ".parquet",
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Write one dump a month, ``transactions_2018-04.parquet``, and return the paths in the order of time.

    A dump appears whole or not at all; one of the same name is replaced.

    Args:
        folder: made if missing.
        settings: of the simulation.
        suffix: the format.
        progress: called with one line a dump.

    Raises:
        DumpError: the folder cannot be made or written.
    """
    paths = []
    for month, frame in simulate(settings):
        path = folder / f"transactions_{month}{suffix}"
        try:
            _write(frame, path)
        except (OSError, pl.exceptions.PolarsError) as error:
            reason = " ".join(str(error).split())
            raise DumpError(f"{path}: cannot be written ({reason}); give a folder with room and permission") from None
        paths.append(path)
        if progress is not None:
            progress(f"{path.name}: {frame.height:,} transactions")
    return paths


def _months(settings: Simulation) -> Iterator[tuple[str, range]]:
    day = 0
    while day < settings.days:
        month = f"{settings.date_of(day):%Y-%m}"
        end = next(
            (later for later in range(day, settings.days) if f"{settings.date_of(later):%Y-%m}" != month), settings.days
        )
        yield month, range(day, end)
        day = end


def _write(frame: pl.DataFrame, path: Path) -> None:
    with write_atomically(path) as part:
        if path.suffix == ".csv":
            frame.write_csv(part, datetime_format="%Y-%m-%d %H:%M:%S")
        else:
            frame.write_parquet(part, compression="zstd", compression_level=1)
