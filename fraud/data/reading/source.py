"""Dumps as lazy frames: their columns, names stripped, and the number of each row."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from polars.exceptions import ComputeError, NoDataError

from fraud.config import TextSpec
from fraud.data.reading.compression import unpack
from fraud.data.reading.delimited import check_text, header_of, locate_ragged, locate_undecodable
from fraud.data.reading.files import Dump
from fraud.data.reading.json_lines import keys_of, locate_bad_json, scan_objects
from fraud.data.reading.utf8_copy import plain
from fraud.errors import DumpError, StoreError

ROW_NUMBER = "__dump_row"
"""1-based number of the data row."""


@dataclass(frozen=True)
class Source:
    """A dump as a lazy frame."""

    dump: Dump
    frame: pl.LazyFrame
    """``ROW_NUMBER`` (UInt32) and one column for each of ``dtypes``; text formats hold strings, null where empty."""
    dtypes: Mapping[str, pl.DataType]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the dump's columns."""
        return tuple(self.dtypes)

    def rows(self, numbers: Sequence[int] | pl.Series) -> pl.LazyFrame:
        """The rows of these numbers, in the order of the file."""
        return self.frame.filter(pl.col(ROW_NUMBER).is_in(pl.Series(numbers, dtype=pl.UInt32).implode()))


def open_source(dump: Dump, *, needed: Sequence[str], scratch: Path, text: TextSpec | None = None) -> Source:
    """The dump, open, of which the columns in ``needed`` will be read.

    Args:
        dump: the file.
        needed: names of columns.
        scratch: folder for what must be unpacked or recoded first.
        text: how a text dump is written.

    Raises:
        DumpError: the file is empty, truncated, not of its format, or lacks a needed column.
    """
    dump = replace(dump, text=text) if text else dump
    with explain_read_errors(dump):
        if dump.path.stat().st_size == 0:
            raise DumpError(f"{dump.name}: an empty file: expected {dump.format} with data, found 0 bytes")
        if dump.format == "parquet":
            return _scan_parquet(dump, scratch)
        if dump.format == "ndjson":
            return _scan_ndjson(plain(dump, scratch), needed)
        return _scan_delimited(plain(dump, scratch))


@contextmanager
def explain_read_errors(dump: Dump) -> Iterator[None]:
    """Turn errors of polars and of the system, raised while a dump is read, into one line.

    Raises:
        DumpError: the dump is at fault.
        StoreError: the disk is full or may not be written.
    """
    try:
        yield
    except (ComputeError, NoDataError) as error:
        raise DumpError(f"{dump.name}: {_explanation(dump, error)}") from error
    except OSError as error:
        is_system_error = error.errno is not None or "os error" in str(error)
        if not is_system_error:  # polars could not unpack it
            reason = f"a truncated or damaged {dump.compression or dump.format} file ({error}); fetch the dump again"
        elif isinstance(error, FileNotFoundError | IsADirectoryError) or _names(error, dump):
            reason = f"cannot be read: {error.strerror or error}; check the path and its permissions"
        else:
            raise StoreError(f"{dump.name}: cannot be staged: {error}; free some room or check permissions") from error
        raise DumpError(f"{dump.name}: {reason}") from error


def _names(error: OSError, dump: Dump) -> bool:
    return str(error.filename) in {str(dump.path), dump.name}


def _explanation(dump: Dump, error: Exception) -> str:
    first_line = str(error).splitlines()[0]
    if dump.format == "parquet":
        return f"a truncated or damaged Parquet file ({first_line}); fetch the dump again"
    if "utf-8" in first_line.lower() or "utf8" in first_line.lower():
        line = locate_undecodable(dump)
        return f"{line}not UTF-8 text: expected {dump.format} in UTF-8; save it so or fetch the dump again"
    where = locate_bad_json(dump) if dump.format == "ndjson" else locate_ragged(dump)
    return f"{where or f'not readable as {dump.format} ({first_line})'}; fix the file"


def _scan_delimited(dump: Dump) -> Source:
    check_text(dump)
    names = header_of(dump)
    frame = pl.scan_csv(
        dump.path,
        has_header=not dump.text.header,
        separator=dump.separator,
        null_values=list(dump.text.empty) or None,
        infer_schema=False,
        new_columns=names,
        row_index_name=ROW_NUMBER,
        row_index_offset=1,
        glob=False,
    )
    filled = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
    return Source(dump=dump, frame=frame.filter(filled), dtypes=dict.fromkeys(names, pl.String()))


def _scan_ndjson(dump: Dump, needed: Sequence[str]) -> Source:
    check_text(dump)
    columns = keys_of(dump, needed)
    return Source(dump=dump, frame=scan_objects(dump, columns, ROW_NUMBER), dtypes=dict.fromkeys(columns, pl.String()))


def _scan_parquet(dump: Dump, scratch: Path) -> Source:
    path = unpack(dump.path, scratch) if dump.compression else dump.path
    frame = pl.scan_parquet(path, row_index_name=ROW_NUMBER, row_index_offset=1, glob=False, hive_partitioning=False)
    dtypes = {name: dtype for name, dtype in frame.collect_schema().items() if name != ROW_NUMBER}
    names = {name: name.strip() for name in dtypes if name != name.strip()}
    if twice := [name for name in names.values() if name in dtypes]:
        raise DumpError(f"{dump.name}: column '{twice[0]}' comes twice, but for blanks around its name; rename one")
    return Source(
        dump=dump,
        frame=frame.rename(names),
        dtypes={names.get(name, name): dtype for name, dtype in dtypes.items()},
    )
