"""One attempt at a comparison or a retraining, kept beside its cells until all of it is done.

Its name and moment are decided once: the same command, given again after it was killed, goes on under the same name,
registers nothing twice and writes the same report. An attempt ends in one step, when its folder is moved away.
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


def begin_attempt(folder: Path, *, now: datetime, champion: int | None = None) -> Attempt:
    """Go on with the folder's attempt, or begin one.

    Args:
        folder: of the cells; its name stands for everything that decides the result.
        now: when a new attempt begins; it names the run, with four letters that tell runs of one day apart.
        champion: version in use.
    """
    for ended in folder.parent.glob(f"{ENDED}*"):
        shutil.rmtree(ended, ignore_errors=True)
    going_on = unfinished_attempt(folder)
    if going_on is not None:
        return going_on
    run_id = f"{now:%Y-%m-%d}-{uuid4().hex[:4]}"
    said = {"run_id": run_id, "created": now.isoformat(), "champion": champion}
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{RECORD}.part"
    beside.write_text(json.dumps(said), encoding="utf-8")
    os.replace(beside, folder / RECORD)
    return Attempt(folder=folder, run_id=run_id, created=now, champion=champion)


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
