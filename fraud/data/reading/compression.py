"""Unpacking what polars cannot read packed: a Parquet file inside gzip or zstd."""

import gzip
import importlib
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from fraud.data.reading.files import Dump, packing_of
from fraud.errors import DumpError

CHUNK_BYTES = 1 << 20


def unpack(dump: Dump, scratch: Path) -> Path:
    """The unpacked copy of the dump in ``scratch``, written in chunks.

    Raises:
        DumpError: the packed file is damaged, or nothing here can unpack zstd.
    """
    target = scratch / f"{dump.path.name}.unpacked"
    open_packed, damages = _gzip() if dump.compression == "gzip" else _zstd(dump)
    try:
        with open_packed(dump.path, "rb") as packed, target.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked, CHUNK_BYTES)
    except damages as error:
        raise DumpError(f"{dump.name}: a truncated or damaged {dump.compression} file; fetch the dump again") from error
    return target


@contextmanager
def unpacked(dump: Dump) -> Iterator[IO[bytes]]:
    """The bytes of a dump as they were before they were packed, whatever its name says.

    Raises:
        DumpError: the packed file is damaged, or nothing here can unpack zstd.
    """
    with dump.path.open("rb") as file:
        packing = packing_of(file.read(4))
    if packing is None:
        with dump.path.open("rb") as file:
            yield file
        return
    open_packed, damages = _gzip() if packing == "gzip" else _zstd(dump)
    try:
        with open_packed(dump.path, "rb") as file:
            yield file
    except damages as error:
        raise DumpError(f"{dump.name}: a truncated or damaged {packing} file; fetch the dump again") from error


Opener = Callable[..., Any]


def _gzip() -> tuple[Opener, tuple[type[Exception], ...]]:
    return gzip.open, (EOFError, gzip.BadGzipFile, zlib.error)


def _zstd(dump: Dump) -> tuple[Opener, tuple[type[Exception], ...]]:
    for name in ("compression.zstd", "zstandard"):  # the standard library's from Python 3.14 on
        try:
            module: Any = importlib.import_module(name)
        except ImportError:
            continue
        return module.open, (EOFError, module.ZstdError)
    raise DumpError(
        f"{dump.name}: Parquet inside zstd needs Python 3.14 or the package zstandard; "
        "unpack the file first, Parquet is compressed already"
    )
