"""Seconds, processor time and peak memory, of a function in this process or of a command with all its processes.

Memory is read from ``/proc``: where there is none (macOS, Windows) it is 0.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
GIB = 2**30
SHORT_SECONDS, OFTEN_SECONDS, SELDOM_SECONDS = 20.0, 0.01, 0.25
"""A command is watched often at first; reading its memory costs time, which must not slow long ones."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a function or a command took."""

    seconds: float
    """On the clock."""
    core_seconds: float
    """Of all its processes on all cores: what a busy machine does not change much."""
    peak_gib: float = 0.0
    """The most memory that any one process held, pages of files included (VmHWM)."""
    own_gib: float = 0.0
    """The same without pages of files, which the system may take back at any time (RssAnon)."""
    processes: int = 1


def timed(work: Callable[[], T]) -> tuple[T, Usage]:
    """The result of a function, and what it took; the peak includes what the process held before."""
    began, began_core = time.perf_counter(), time.process_time()
    result = work()
    seconds, core_seconds = time.perf_counter() - began, time.process_time() - began_core
    peak, own = memory_of("self")
    return result, Usage(seconds=seconds, core_seconds=core_seconds, peak_gib=peak / GIB, own_gib=own / GIB)


def watch(
    words: Sequence[str],
    *,
    log: Path | None = None,
    environment: dict[str, str] | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Usage:
    """Run a command to its end, and read the memory of all its processes on the way.

    Args:
        words: the command.
        log: where its output goes; None: nowhere, but for what it writes to standard error.
        environment: variables beside those of this process.
        meanwhile: called each time that the memory is read.

    Raises:
        SystemExit: the command failed.
    """
    peaks: dict[int, tuple[int, int]] = {}
    began, began_core = time.perf_counter(), _core_seconds_of_children()
    with (log or Path(os.devnull)).open("w", encoding="utf-8") as output:
        errors = subprocess.STDOUT if log else None
        process = subprocess.Popen(words, stdout=output, stderr=errors, env=os.environ | (environment or {}))
        try:
            while process.poll() is None:
                for pid in _tree(process.pid):
                    high, own = memory_of(pid)
                    peak, peak_own = peaks.get(pid, (0, 0))
                    peaks[pid] = max(high, peak), max(own, peak_own)
                meanwhile()
                is_short = time.perf_counter() - began < SHORT_SECONDS
                time.sleep(OFTEN_SECONDS if is_short else SELDOM_SECONDS)
        finally:
            process.kill()  # where this was stopped by hand; does nothing to a process that has ended
            process.wait()
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}" + (f"; see {log}" if log else ""))
    return Usage(
        seconds=time.perf_counter() - began,
        core_seconds=_core_seconds_of_children() - began_core,
        peak_gib=max((high for high, _ in peaks.values()), default=0) / GIB,
        own_gib=max((own for _, own in peaks.values()), default=0) / GIB,
        processes=len(peaks),
    )


def memory_of(pid: int | str) -> tuple[int, int]:
    """The most bytes that a process ever held, and the bytes of its own that it holds now; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0, 0
    entries = dict(entry.split(":", 1) for entry in status.splitlines() if ":" in entry)
    high, own = (int(entries.get(name, "0 kB").split()[0]) * 1024 for name in ("VmHWM", "RssAnon"))
    return high, own


def bytes_in(folder: Path) -> int:
    """Bytes on disk below a folder, while others write there."""
    return sum(map(_bytes_on_disk, folder.rglob("*")))


def _bytes_on_disk(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512
    except OSError:  # it has been removed
        return 0


def _tree(pid: int) -> Iterator[int]:
    """The process and all that it started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            numbers = children.read_text(encoding="utf-8").split()
        except OSError:  # it has ended
            continue
        for child in numbers:
            yield from _tree(int(child))


def _core_seconds_of_children() -> float:
    """Of all processes that this one started and that have ended."""
    ended = os.times()
    return ended.children_user + ended.children_system
