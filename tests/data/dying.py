"""An ingest into an object storage that can be killed: in a module that a fresh process can import by itself."""

import os
import signal
from pathlib import Path

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.data.ingest import IngestResult, ingest_dumps
from fraud.data.store import commit as commits
from fraud.workspace import Workspace


def put(dump: Path, workspace: Workspace, address: str, columns: ColumnsConfig) -> IngestResult:
    """Ingest one dump."""
    return ingest_dumps(
        [dump], dataset="small", columns=columns, labels=LabelsConfig(), workspace=workspace, address=address
    )


def put_and_die(folder: Path, dump: Path, address: str, columns: ColumnsConfig) -> None:
    """The same, killed when all files are there and before the commit."""
    commits._add_action = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    put(dump, Workspace(folder), address, columns)
