"""One writer at a time: a lock on a file, held by the kernel for a process and gone with it."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fraud.errors import StoreError

_held: set[Path] = set()
"""Locks of this process: a command that calls another goes on under its own."""
TRIES, PAUSE_SECONDS = 5, 0.05
"""A holder writes its name just after it got the lock: whoever comes in between looks again."""


@contextmanager
def exclusive(path: Path, command: str, *, patience_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock on ``path`` for a command; within it, the same process may take it again.

    The kernel gives the lock back when the process ends, however it ends, so that the file alone means nothing. The
    file stays: taking it away would let two processes hold the lock of two files of one name.

    Args:
        path: the lock's file; its folder is made if missing.
        command: what holds it, for whoever comes second, as ``fraud retrain``.
        patience_seconds: how long to wait for another process that holds it.

    Raises:
        StoreError: another process holds the lock, or the file cannot be written.
    """
    path = path.resolve()
    if path in _held:
        yield
        return
    descriptor = _acquire(path, until=time.monotonic() + patience_seconds)
    _held.add(path)
    try:
        _write_holder(descriptor, command)
        yield
    finally:
        _held.discard(path)
        os.ftruncate(descriptor, 0)
        os.close(descriptor)


def _acquire(path: Path, *, until: float) -> int:
    """The descriptor that holds the lock. Programs started meanwhile do not inherit it (PEP 446)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written: {error.strerror}; check the folder and its permissions"
        ) from error
    holder, tries = "", 0
    while tries < TRIES or time.monotonic() < until:
        tries += 1
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read_holder(descriptor)
            if holder and time.monotonic() >= until:
                break
            time.sleep(PAUSE_SECONDS)
        else:
            return descriptor
    os.close(descriptor)
    raise StoreError(
        f"{path}: held by {holder or 'another process'}; only one command at a time may write: "
        "wait until it has ended, then run this one again"
    )


def _write_holder(descriptor: int, command: str) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "command": command, "since": since}).encode(), 0)


def _read_holder(descriptor: int) -> str:
    """Who holds the lock, in words; empty while it has not said so, or where what is said is a dead process's."""
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        since = datetime.fromisoformat(holder["since"])
        command, pid = str(holder["command"]), int(holder["pid"])
    except (ValueError, KeyError, TypeError):
        return ""
    return f"`{command}` (process {pid}) since {since:%Y-%m-%d %H:%M:%S} UTC" if _alive(pid) else ""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
