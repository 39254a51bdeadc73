"""Dumps as files: found, recognised, fingerprinted."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from glob import glob, has_magic
from pathlib import Path
from typing import Literal

from fraud.config import TextSpec
from fraud.data.reading.compression import Compression, compression_of, unpacked
from fraud.errors import DumpError
from fraud.text import nearest

Format = Literal["csv", "tsv", "parquet", "ndjson"]

FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}
COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd"}
NEUTRAL = {"", ".txt", ".dat", ".data", ".asc", ".out"}
"""Endings of files whose first bytes decide the format."""
PARQUET = b"PAR1"
"""First bytes of a Parquet file."""
FIRST_BYTES = 4096
"""Read to recognise what a file is."""
READABLE_FORMATS = "csv, tsv, parquet, ndjson or jsonl, plain or with .gz or .zst behind it"


@dataclass(frozen=True)
class Dump:
    """A file as received, with its format."""

    path: Path
    format: Format
    compression: Compression | None
    text: TextSpec = field(default_factory=TextSpec)
    """How it is written, where it is text."""
    received: Path | None = None
    """The file of which ``path`` is a plain copy; None where it is no copy."""

    @property
    def name(self) -> str:
        """The path as the user wrote it; messages begin with it."""
        return str(self.received or self.path)

    @property
    def separator(self) -> str:
        """Between the fields of a text dump."""
        return self.text.separator or ("\t" if self.format == "tsv" else ",")


def find_dumps(paths: Sequence[str | Path]) -> list[Path]:
    """The dump files among these files, globs and folders, which are searched with all their subfolders.

    Sorted by path, digits by their value, so that ``day_2`` comes before ``day_10``; each file once.

    Raises:
        DumpError: a file is missing or of an unknown format, a folder or glob holds no dump, no path was given.
    """
    if not paths:
        raise DumpError("no dump given: expected files, globs or folders of dumps, found nothing; name at least one")
    found = {file for path in paths for file in _expand(Path(path).expanduser())}
    return sorted(found, key=_natural_order)


def recognise_dump(path: Path) -> Dump:
    """The dump with the format and compression of its name, or of its first bytes where the name has no known ending.

    Raises:
        DumpError: the name ends in nothing known, or the bytes are of no known format.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    compression = COMPRESSIONS.get(suffixes[-1]) if suffixes else None
    kind = suffixes[:-1] if compression else suffixes
    suffix = kind[-1] if kind else ""
    if suffix in NEUTRAL and path.is_file() and (dump := _recognise_by_content(path)):
        return dump
    if suffix not in FORMATS:
        raise DumpError(
            f"{path}: unknown format '{''.join(suffixes)}': expected {READABLE_FORMATS}; rename or convert the file"
        )
    return Dump(path=path, format=FORMATS[suffix], compression=compression)


def _recognise_by_content(path: Path) -> Dump | None:
    """The dump by its first bytes: Parquet or text, perhaps packed; None where only its name says that it is packed."""
    try:
        compression = compression_of(path)
        with unpacked(path) as file:
            start = file.read(FIRST_BYTES)
    except OSError as error:
        raise DumpError(f"{path}: cannot be read: {error.strerror}; check the path and its permissions") from error
    if not compression and path.suffix.lower() in COMPRESSIONS:
        return None
    if start.startswith(PARQUET):
        return Dump(path=path, format="parquet", compression=compression)
    return Dump(path=path, format="ndjson" if start.lstrip().startswith(b"{") else "csv", compression=compression)


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of the file's bytes."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DumpError(f"{path}: cannot be read: {error.strerror}; check the path and its permissions") from error


def _expand(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from _in_folder(path)
    elif path.exists():
        yield recognise_dump(path).path
    elif has_magic(str(path)):
        yield from _in_glob(path)
    else:
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DumpError(f"{path}: no such file; check the path{nearest(path.name, siblings)}")


def _in_folder(folder: Path) -> list[Path]:
    files = [file for file in folder.rglob("*") if file.is_file() and _is_dump(file.relative_to(folder))]
    if not files:
        raise DumpError(
            f"{folder}: a folder without dumps: expected {READABLE_FORMATS}, found none; name the files or another"
        )
    return files


def _in_glob(pattern: Path) -> list[Path]:
    matches = [Path(match) for match in glob(str(pattern), recursive=True)]
    folders = [match for match in matches if match.is_dir()]
    files = [match for match in matches if match.is_file() and _is_dump(Path(match.name))]
    files += [file for folder in folders for file in folder.iterdir() if file.is_file() and _is_dump(Path(file.name))]
    if not files:
        raise DumpError(
            f"{pattern}: no dump matches: expected {READABLE_FORMATS}; check the pattern and where it starts"
        )
    return files


def _is_dump(file: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in file.parts)
    suffixes = [suffix.lower() for suffix in file.suffixes[-2:]]
    kind = suffixes[:-1] if suffixes and suffixes[-1] in COMPRESSIONS else suffixes
    return not hidden and bool(kind) and kind[-1] in FORMATS


def _natural_order(path: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", str(path))
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts]
