"""One attempt at a comparison or a retraining, kept beside its cells until all of it is done.

Its name and moment are decided once: the same command, given again after it was killed, goes on under the same name,
registers nothing twice and writes the same report. An attempt ends in one step, when its folder is moved away.

An attempt that nobody goes on with is cleared away by the next one on newer data: once the data set's store has moved
on, nothing can be made of its cells any more.
"""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from fraud.errors import ModelError

RECORD = "attempt.json"
ENDED = ".ended-"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An attempt that has begun and has not ended."""

    folder: Path
    """Of its cells."""
    run_id: str
    created: datetime
    champion: int | None
    """Version in use when it began; None where it is no retraining."""

    def end(self) -> None:
        """All is done: take the folder away, in one step for whoever looks."""
        ended = self.folder.with_name(f"{ENDED}{self.folder.name}-{uuid4().hex[:8]}")
        os.rename(self.folder, ended)
        shutil.rmtree(ended, ignore_errors=True)


def begin_attempt(
    folder: Path, *, now: datetime, dataset: str, store_version: int, champion: int | None = None
) -> Attempt:
    """Go on with the folder's attempt, or begin one.

    Args:
        folder: of the cells; its name stands for everything that decides the result.
        now: when a new attempt begins; it names the run, with eight letters that tell runs of one day apart.
        dataset: whose lock is held, so that none of its other attempts is going on.
        store_version: of its transactions.
        champion: version in use.
    """
    for ended in folder.parent.glob(f"{ENDED}*"):
        shutil.rmtree(ended, ignore_errors=True)
    _clear_abandoned(folder.parent, dataset, store_version)
    going_on = unfinished_attempt(folder)
    if going_on is not None:
        return going_on
    run_id = f"{now:%Y-%m-%d}-{uuid4().hex[:8]}"
    said: dict[str, object] = {"run_id": run_id, "created": now.isoformat(), "champion": champion}
    said |= {"dataset": dataset, "store_version": store_version}
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{RECORD}.part"
    beside.write_text(json.dumps(said), encoding="utf-8")
    os.replace(beside, folder / RECORD)
    return Attempt(folder=folder, run_id=run_id, created=now, champion=champion)


def _clear_abandoned(cells: Path, dataset: str, store_version: int) -> None:
    """Take away the attempts on earlier versions of this data set."""
    for record in cells.glob(f"*/{RECORD}"):
        try:
            said = json.loads(record.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # said where its own command is given again
            continue
        if said.get("dataset") == dataset and said.get("store_version", store_version) < store_version:
            shutil.rmtree(record.parent, ignore_errors=True)


def unfinished_attempt(folder: Path) -> Attempt | None:
    """The attempt that was begun in the folder and has not ended, or None.

    Raises:
        ModelError: its record cannot be read.
    """
    path = folder / RECORD
    if not path.exists():
        return None
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        created = datetime.fromisoformat(said["created"])
        return Attempt(folder=folder, run_id=said["run_id"], created=created, champion=said["champion"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: is no record of an attempt ({error}); delete {folder} and run again") from None
