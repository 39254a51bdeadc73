"""Unpacking what polars cannot read packed: a Parquet file inside gzip or zstd."""

import gzip
import importlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast

from fraud.data.dumps import Dump
from fraud.errors import DumpError

CHUNK_BYTES = 1 << 20


def unpack(dump: Dump, scratch: Path) -> Path:
    """The unpacked copy of the dump in ``scratch``, written in chunks.

    Raises:
        DumpError: the packed file is damaged, or nothing here can unpack zstd.
    """
    target = scratch / f"{dump.path.name}.unpacked"
    opener = cast("Callable[..., Any]", gzip.open) if dump.compression == "gzip" else _zstd_open(dump)
    try:
        with opener(dump.path, "rb") as packed, target.open("wb") as unpacked:
            shutil.copyfileobj(cast("IO[bytes]", packed), unpacked, CHUNK_BYTES)
    except (EOFError, gzip.BadGzipFile) as error:
        raise DumpError(f"{dump.name}: a truncated or damaged {dump.compression} file; fetch the dump again") from error
    return target


def _zstd_open(dump: Dump) -> Callable[..., Any]:
    for module in ("compression.zstd", "zstandard"):  # the standard library's from Python 3.14 on
        try:
            return cast("Callable[..., Any]", importlib.import_module(module).open)
        except ImportError:
            continue
    raise DumpError(
        f"{dump.name}: Parquet inside zstd needs Python 3.14 or the package zstandard; "
        "unpack the file first, Parquet is compressed already"
    )
