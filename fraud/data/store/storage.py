"""Where the files of a table are: a local folder, or a prefix of an object store."""

import os
import re
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from deltalake import DeltaTable
from deltalake._internal import DeltaFileSystemHandler

from fraud.errors import StoreError

CHUNK_BYTES = 8 << 20
_OBJECT_STORE = re.compile(r"object-store error|Generic \w+ error|error sending request")
"""Error messages that come from an object store."""
ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT")
"""Variables that name a server."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SERVER_ANSWER = re.compile(r"<\?xml.*?<Code>(\w+)</Code>.*", re.DOTALL)
_SECRET = re.compile(r"^(AWS|AZURE|GOOGLE)_.*(KEY|SECRET|TOKEN|PASSWORD|SAS)")


class Storage(Protocol):
    """Where a table is, and the operations on its files."""

    address: str

    def has_table(self) -> bool:
        """Whether there is a table."""

    def file(self, name: str) -> Path | str:
        """The path or address by which polars opens a file of the table."""

    def put(self, source: Path, name: str) -> Path:
        """Add a local file, whole or not at all; the path at which its content can be read on this machine."""

    def delete(self, name: str) -> None:
        """Delete a file, if there is one of that name."""


class LocalFolder:
    """A folder of this machine or of a file system that it mounts.

    Args:
        path: it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.address = str(path)

    def has_table(self) -> bool:
        """Whether there is a table."""
        return (self.path / "_delta_log").is_dir()

    def file(self, name: str) -> Path:
        """The file's path."""
        return self.path / name

    def put(self, source: Path, name: str) -> Path:
        """Move a file of the same file system in; its new path."""
        self.path.mkdir(parents=True, exist_ok=True)
        return source.rename(self.path / name)

    def delete(self, name: str) -> None:
        """Delete the file, if it is there."""
        (self.path / name).unlink(missing_ok=True)


class ObjectStorePrefix:
    """A prefix of an object store, as ``s3://bucket/tables/cards``.

    Server and credentials come from the environment, as Delta Lake and polars read them: ``AWS_ENDPOINT_URL``,
    ``AWS_ACCESS_KEY_ID`` and so on.

    Args:
        address: of the table.

    Raises:
        StoreError: a variable that names the server has a user or a password in it, which errors would show.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        for name in ENDPOINTS:
            if os.environ.get(name) and not re.match("https?://[^/]", os.environ[name]):
                raise StoreError(
                    f"{name}: expected http:// or https:// and a server, found neither; correct the variable"
                )
            if "@" in urlsplit(os.environ.get(name, "")).netloc:
                raise StoreError(
                    f"{name}: has a user or a password in it, which would show up in errors and logs; give the address "
                    "alone, and credentials by their own variables, as AWS_ACCESS_KEY_ID"
                )

    def has_table(self) -> bool:
        """Whether there is a table."""
        return DeltaTable.is_deltatable(self.address)

    def file(self, name: str) -> str:
        """The file's address."""
        return f"{self.address}/{name}"

    def put(self, source: Path, name: str) -> Path:
        """Copy a file there; the file itself stays where it is. Readers see it when its last byte has arrived."""
        target: Any = DeltaFileSystemHandler(self.address).open_output_stream(name)
        with source.open("rb") as content:
            while chunk := content.read(CHUNK_BYTES):
                target.write(chunk)
        target.close()
        return source

    def delete(self, name: str) -> None:
        """Delete the object."""
        DeltaFileSystemHandler(self.address).delete_file(name)


def storage_at(at: Path | str) -> Storage:
    """The storage at a path or an address."""
    return ObjectStorePrefix(at) if isinstance(at, str) and "://" in at else LocalFolder(Path(at))


def reason_of(error: Exception) -> str:
    r"""The message of an engine on one line, without colours, answers of servers and credentials.

    >>> reason_of(OSError("Generic S3 error\n  \x1b[31m↳\x1b[0m Connection refused"))
    'Generic S3 error: Connection refused'
    """
    text = _SERVER_ANSWER.sub(r"\1", _COLOURS.sub("", str(error)))
    for name, value in os.environ.items():
        if _SECRET.match(name) and value:
            text = text.replace(value, "…")
    lines = [line.strip().removeprefix("↳ ") for line in text.splitlines()]
    return ": ".join(line for line in lines if line) or type(error).__name__


def is_object_storage_error(error: Exception) -> bool:
    """Whether the error comes from an object store, not from a disk."""
    return _OBJECT_STORE.search(str(error)) is not None


def storage_fault(error: Exception) -> str | None:
    """A message on an object store that failed while transactions were read from it; None for any other error."""
    if not is_object_storage_error(error):
        return None
    return f"{reason_of(error)}; see that the object storage can be reached and read, and give the command again"
