"""Dumps as a caller has them: paths, globs and folders, or frames in memory."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

Dump = str | Path | pl.DataFrame
"""A file, a glob or a folder; or the transactions themselves."""
Dumps = Dump | Sequence[Dump]


@contextmanager
def dump_paths(dumps: Dumps) -> Iterator[tuple[str, ...]]:
    """Paths of the dumps while the ``with`` lasts.

    A frame is written to a Parquet file that is named by its contents, so that the same frame is the same dump whenever
    it is given.
    """
    given = [dumps] if isinstance(dumps, Dump) else list(dumps)
    if not any(isinstance(one, pl.DataFrame) for one in given):
        yield tuple(map(str, given))
        return
    with TemporaryDirectory(prefix="frames-", ignore_cleanup_errors=True) as folder:
        yield tuple(str(_write(one, Path(folder)) if isinstance(one, pl.DataFrame) else one) for one in given)


def _write(frame: pl.DataFrame, folder: Path) -> Path:
    written = folder / "frame.parquet"
    frame.write_parquet(written)
    with written.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return written.rename(folder / f"frame-{digest[:12]}.parquet")
