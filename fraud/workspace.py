"""Where a workspace keeps its files. Only a lock makes its folder here; other folders are made by their writers."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from fraud.locks import exclusive


@dataclass(frozen=True)
class Workspace:
    """A folder with ``data/`` (store, features, registry) and ``reports/`` in it."""

    root: Path

    def store(self, dataset: str) -> Path:
        """Folder of the Delta table with the transactions of one data set."""
        return self.root / "data" / "store" / dataset

    def quarantine(self, dataset: str) -> Path:
        """Folder of the rows that broke the contract, one Parquet file a dump."""
        return self.root / "data" / "quarantine" / dataset

    @property
    def pseudonyms(self) -> Path:
        """Folder of the pseudonyms' key, and of the checks by which another key is noticed."""
        return self.root / "data" / "pseudonyms"

    def features(self, dataset: str) -> Path:
        """Folder of the feature table of one data set."""
        return self.root / "data" / "features" / dataset

    def training_jobs(self, fingerprint: str) -> Path:
        """Folder of the finished training jobs (strategy x seed) of one unfinished comparison."""
        return self.root / "data" / "cells" / fingerprint

    def lock(self, dataset: str, command: str) -> AbstractContextManager[None]:
        """Exclude all other commands that write to this data set, while the ``with`` lasts.

        A command that calls another one, which takes the lock again, goes on.

        Args:
            dataset: its name.
            command: what holds the lock, as ``fraud retrain``; shown to whoever comes second.

        Raises:
            StoreError: another process holds it; the message says which, since when.
        """
        return exclusive(self.root / "data" / "locks" / f"{dataset}.lock", command)

    @property
    def registry(self) -> Path:
        """Folder of the model registry."""
        return self.root / "data" / "registry"

    @property
    def reports(self) -> Path:
        """Folder of the runs' reports."""
        return self.root / "reports"

    def report(self, run_id: str) -> Path:
        """Folder of one run's report."""
        return self.reports / run_id
