"""One attempt at a comparison or a retraining, recorded in the folder of its jobs until it has finished.

Its name and time are set once: the same command, repeated after it was killed, resumes under the same name, registers
nothing twice and writes the same report. An attempt ends in one step, when its folder is moved away.

An abandoned attempt is deleted by the next one on newer data: once the data set's store has a newer version, the jobs
of the old one can no longer be used.
"""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from fraud.errors import ModelError
from fraud.files import write_atomically

RECORD = "attempt.json"
ENDED = ".ended-"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An attempt that has begun and has not ended."""

    folder: Path
    """Of its jobs."""
    run_id: str
    created: datetime
    champion: int | None
    """Version in use when it began; None where it is no retraining."""

    def end(self) -> None:
        """Delete the folder; for other processes it disappears in one step."""
        ended = self.folder.with_name(f"{ENDED}{self.folder.name}-{uuid4().hex[:8]}")
        os.rename(self.folder, ended)
        shutil.rmtree(ended, ignore_errors=True)


def begin_attempt(
    folder: Path, *, now: datetime, dataset: str, store_version: int, champion: int | None = None
) -> Attempt:
    """Resume the folder's attempt, or begin one.

    Args:
        folder: of the jobs; its name identifies everything that decides the result.
        now: when a new attempt begins; it names the run, with eight characters that distinguish runs of one day.
        dataset: the caller holds its lock, so that none of its other attempts is running.
        store_version: of its transactions.
        champion: version in use.
    """
    for ended in folder.parent.glob(f"{ENDED}*"):
        shutil.rmtree(ended, ignore_errors=True)
    _clear_abandoned(folder.parent, dataset, store_version)
    unfinished = unfinished_attempt(folder)
    if unfinished is not None:
        return unfinished
    run_id = f"{now:%Y-%m-%d}-{uuid4().hex[:8]}"
    record: dict[str, object] = {"run_id": run_id, "created": now.isoformat(), "champion": champion}
    record |= {"dataset": dataset, "store_version": store_version}
    with write_atomically(folder / RECORD) as part:
        part.write_text(json.dumps(record), encoding="utf-8")
    return Attempt(folder=folder, run_id=run_id, created=now, champion=champion)


def _clear_abandoned(jobs: Path, dataset: str, store_version: int) -> None:
    """Delete the attempts on earlier versions of this data set."""
    for path in jobs.glob(f"*/{RECORD}"):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # reported when its own command is repeated
            continue
        if record.get("dataset") == dataset and record.get("store_version", store_version) < store_version:
            shutil.rmtree(path.parent, ignore_errors=True)


def unfinished_attempt(folder: Path) -> Attempt | None:
    """The attempt that was begun in the folder and has not ended, or None.

    Raises:
        ModelError: its record cannot be read.
    """
    path = folder / RECORD
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        created = datetime.fromisoformat(record["created"])
        return Attempt(folder=folder, run_id=record["run_id"], created=created, champion=record["champion"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: is not a record of an attempt ({error}); delete {folder} and run again") from None
