"""Files packed with gzip or zstd, known by their first bytes, whatever their names are."""

import gzip
import io
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

import zstandard

from fraud.errors import DumpError

Compression = Literal["gzip", "zstd"]

MAGIC_BYTES: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
OPENERS: dict[Compression, Any] = {"gzip": gzip.open, "zstd": zstandard.open}
DAMAGES = (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)
CHUNK_BYTES = 1 << 20


def compression_of(path: Path) -> Compression | None:
    """How the file is packed; None where it is not.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(4)
    return next((compression for magic, compression in MAGIC_BYTES.items() if start.startswith(magic)), None)


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file as they were before they were packed.

    Raises:
        DumpError: the packed file is damaged.
        OSError: it cannot be read.
    """
    compression = compression_of(path)
    opener = OPENERS[compression] if compression else open
    try:
        with opener(path, "rb") as file:
            yield io.BufferedReader(file) if compression == "zstd" else file  # which lacks reading by lines
    except DAMAGES as error:
        raise DumpError(f"{path}: a truncated or damaged {compression} file; fetch the dump again") from error


def unpack(path: Path, scratch: Path) -> Path:
    """The unpacked copy of the file in the folder ``scratch``, written in chunks.

    Raises:
        DumpError: the packed file is damaged.
        OSError: it cannot be read, or the copy not be written.
    """
    target = scratch / f"{path.name}.unpacked"
    with unpacked(path) as packed, target.open("wb") as copy:
        shutil.copyfileobj(packed, copy, CHUNK_BYTES)
    return target
