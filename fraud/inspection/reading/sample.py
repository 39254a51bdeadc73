"""The rows of dumps that an inspection reads: all, or blocks from all over them, and a statement of which."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from fraud.config import TextSpec
from fraud.data import ROW_NUMBER, Dump, Source, explain_read_errors, open_source, recognise_dump, unpacked
from fraud.errors import DumpError
from fraud.inspection.reading.dialect import Dialect, find_dialect

WHOLE_BYTES = 256 << 20
"""Text of at most this size is read whole; of larger files, pieces are read."""
HEAD_BYTES, PIECE_BYTES, PIECES = 32 << 20, 1 << 20, 64
CELLS, ROWS = 12_000_000, 200_000
"""Cells and rows in the sample at most."""
BLOCK_ROWS = 1_000
"""Consecutive rows that are sampled together."""
IN_MEMORY_CELLS = 50_000_000
"""Dumps of at most this many cells are read once and kept in memory, as every later step reads them again."""
FILE = "__dump"
"""Column of the sample with the number of the dump, from 0."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Rows of one or more dumps of the same columns."""

    dumps: tuple[Dump, ...]
    source: Source
    """All rows that are read, lazily; of large files, those in their pieces."""
    frame: pl.DataFrame
    """The sampled rows, in the order of the files."""
    rows: int
    """Rows that ``source`` has."""
    is_whole: bool
    """Whether ``source`` has all rows of the dumps."""
    statement: str
    """Which rows were read, for people."""
    dialect: Dialect

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the dumps' columns."""
        return self.source.columns

    @property
    def sampled(self) -> Source:
        """The sampled rows as a source, for what reads sources."""
        return replace(self.source, frame=self.frame.lazy())

    def with_text(self, text: TextSpec) -> "Sample":
        """The same rows with their cells read as ``text`` describes."""
        dump = replace(self.source.dump, text=text)
        return replace(self, source=replace(self.source, dump=dump), dialect=replace(self.dialect, text=text))


def read_sample(paths: Sequence[Path], scratch: Path) -> Sample:
    """Rows of dumps that have the same columns.

    Raises:
        DumpError: one cannot be read, or they are written in different ways.
    """
    dumps = [recognise_dump(path) for path in paths]
    dialect = find_dialect(dumps[0]) if dumps[0].format in {"csv", "tsv", "ndjson"} else Dialect(text=TextSpec())
    opened = [_open(dump, dialect.text, scratch / str(number)) for number, dump in enumerate(dumps)]
    sources = [source for source, _ in opened]
    frames = [source.frame.with_columns(pl.lit(n, pl.UInt32).alias(FILE)) for n, source in enumerate(sources)]
    merged = replace(sources[0], frame=pl.concat(frames, how="vertical_relaxed"))
    with explain_read_errors(dumps[0]):
        if not _is_small(dumps):
            total = int(merged.frame.select(pl.len()).collect(engine="streaming").item())
        if _is_small(dumps) or total * len(merged.columns) <= IN_MEMORY_CELLS:
            kept = merged.frame.collect(engine="streaming")
            total, merged = len(kept), replace(merged, frame=kept.sort(FILE, ROW_NUMBER).lazy())
        if total == 0:
            raise DumpError(f"{dumps[0].name}: a header but no rows: expected at least one; fetch the dump again")
        wanted = max(min(CELLS // max(len(merged.columns), 1), ROWS), 2 * BLOCK_ROWS)
        every = max(1, -(-total // wanted))
        spread = ((pl.col(ROW_NUMBER) - 1) // BLOCK_ROWS) % every == 0
        frame = merged.frame.filter(spread).collect(engine="streaming").sort(FILE, ROW_NUMBER)
    is_whole = all(whole for _, whole in opened)
    return Sample(
        dumps=tuple(dumps),
        source=merged,
        frame=frame,
        rows=total,
        is_whole=is_whole,
        statement=_statement(dumps, sampled=len(frame), rows=total, is_whole=is_whole),
        dialect=dialect,
    )


def _is_small(dumps: Sequence[Dump]) -> bool:
    """Whether text dumps surely fit into memory, so that rows need no counting: a cell has at least two bytes."""
    plain = all(dump.format in {"csv", "tsv"} and dump.compression is None for dump in dumps)
    return plain and sum(dump.path.stat().st_size for dump in dumps) <= 2 * IN_MEMORY_CELLS


def columns_of(path: Path, scratch: Path) -> tuple[str, ...]:
    """Names of a dump's columns, from its beginning alone."""
    dump = recognise_dump(path)
    text = find_dialect(dump).text if dump.format != "parquet" else TextSpec()
    source, _ = _open(dump, text, scratch)
    return source.columns


def _open(dump: Dump, text: TextSpec, folder: Path) -> tuple[Source, bool]:
    """The dump as a source, and whether that has all its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    size = dump.path.stat().st_size
    if dump.format == "parquet" or size <= WHOLE_BYTES // (8 if dump.compression else 1):
        return open_source(dump, needed=(), scratch=folder, text=text), True
    pieces = folder / f"pieces-{dump.path.name}"
    _write_pieces(dump, text, pieces)
    plain = replace(text, encoding="utf-8", skip_lines=0, footer_lines=0)
    shown = replace(dump, path=pieces, compression=None, received=dump.path)
    return open_source(shown, needed=(), scratch=folder, text=plain), False


def _write_pieces(dump: Dump, text: TextSpec, target: Path) -> None:
    """The beginning of a large file and pieces from all over it, as whole lines with the header on top."""
    with unpacked(dump.path) as file, target.open("w", encoding="utf-8", newline="") as out:
        head = file.read(HEAD_BYTES if dump.compression is None else WHOLE_BYTES)
        lines = head.decode(text.encoding, errors="replace").splitlines(keepends=True)[text.skip_lines : -1]
        out.writelines(lines)
        if dump.compression is not None:
            return
        fields = len(next(csv.reader(lines, delimiter=replace(dump, text=text).separator), []))
        size = dump.path.stat().st_size
        for piece_number in range(1, PIECES + 1):
            at = HEAD_BYTES + (size - HEAD_BYTES - PIECE_BYTES) * piece_number // PIECES
            file.seek(at - at % 2)
            piece = file.read(PIECE_BYTES).decode(text.encoding, errors="replace").splitlines(keepends=True)[1:-1]
            out.writelines(line for line in piece if _is_whole(line, fields, replace(dump, text=text)))


def _is_whole(line: str, fields: int, dump: Dump) -> bool:
    """Whether a line is a record by itself: a piece may begin within a cell that has line breaks in it."""
    if dump.format == "ndjson":
        return line.lstrip().startswith("{") and line.rstrip().endswith("}")
    try:
        return (
            line.endswith("\n") and len(next(csv.reader([line], delimiter=dump.separator, strict=True), [])) == fields
        )
    except csv.Error:  # a quote that was opened in an earlier line
        return False


def _statement(dumps: Sequence[Dump], *, sampled: int, rows: int, is_whole: bool) -> str:
    files = dumps[0].path.name if len(dumps) == 1 else f"{len(dumps)} dumps"
    if not is_whole:
        size = sum(dump.path.stat().st_size for dump in dumps)
        if dumps[0].compression:
            return f"{files}: read {rows:,} rows, the first {WHOLE_BYTES >> 20} MB uncompressed; the rest was not read"
        parts = f"the first {HEAD_BYTES >> 20} MB and {PIECES} pieces of {PIECE_BYTES >> 20} MB from all over it"
        return f"{files}: read {rows:,} rows of {size / 2**30:,.1f} GB: {parts}; counts and dates are of those"
    if sampled == rows:
        return f"{files}: {rows:,} rows, all of them read"
    return (
        f"{files}: {rows:,} rows; time, label and repeats over all of them, the other columns over {sampled:,} rows "
        f"in blocks of {BLOCK_ROWS:,} from all over"
    )
