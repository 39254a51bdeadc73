"""One writer at a time: a lock on a file, held by the operating system for a process and gone with it.

On a network file system a lock excludes other machines where the server supports it, as NFS 4 does.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from fraud.errors import StoreError
from fraud.files import write_atomically


@contextmanager
def exclusive(path: Path, command: str, *, patience_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock on ``path`` for a command; within it, the same process may take it again.

    The operating system releases the lock when the process ends, however it ends, so that the file alone means
    nothing. Who holds it is in a second file, as a locked one cannot be read on every system.

    Args:
        path: the lock's file; its folder is made if missing.
        command: what holds it, for whoever comes second, as ``fraud retrain``.
        patience_seconds: how long to wait for another process that holds it.

    Raises:
        StoreError: another process holds the lock, or the file cannot be written.
    """
    lock = FileLock(path.resolve(), thread_local=False, is_singleton=True)
    if lock.is_locked:
        yield
        return
    holder = path.with_name(f"{path.name}.holder")
    _acquire(lock, path, holder, command, patience_seconds)
    try:
        yield
    finally:
        with suppress(OSError):  # a name that stays behind means nothing
            holder.unlink()
        lock.release()


def _acquire(lock: FileLock, path: Path, holder: Path, command: str, patience_seconds: float) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=patience_seconds)
        _write_holder(holder, command)
    except Timeout:
        raise StoreError(
            f"{path}: held by {_read_holder(holder) or 'another process'}; only one command at a time may write: "
            "wait until it has ended, then run this one again"
        ) from None
    except OSError as error:
        lock.release()
        raise StoreError(
            f"{path}: cannot be written: {error.strerror}; check the folder and its permissions"
        ) from error


def _write_holder(path: Path, command: str) -> None:
    """Replace what a killed holder left; whoever reads meanwhile sees the one or the other."""
    since = datetime.now(UTC).isoformat(timespec="seconds")
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "command": command, "since": since}
    with write_atomically(path) as part:
        part.write_text(json.dumps(holder), encoding="utf-8")


def _read_holder(path: Path) -> str:
    """Who holds the lock, in words; empty in the moment before the holder has written it."""
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        since = datetime.fromisoformat(holder["since"])
        return (
            f"`{holder['command']}` (process {holder['pid']} on {holder['host']}) since {since:%Y-%m-%d %H:%M:%S} UTC"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ""
