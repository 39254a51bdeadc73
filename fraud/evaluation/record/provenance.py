"""What a run was made of: the transactions in the store, the dumps they came from, the code and its libraries."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import Any

LIBRARIES = ("fraud", "torch", "lightning", "polars", "deltalake", "scikit-learn", "imbalanced-learn", "numpy")


@dataclass(frozen=True, kw_only=True)
class DatasetFacts:
    """What the store holds: counts, first and last transaction, and how times and labels are known.

    ``label_delay_days`` is the delay as configured; ``has_time`` is False where the order of the rows stands for time.
    """

    name: str
    transactions: int
    frauds: int
    unlabelled: int
    rejected: int
    rejected_by_rule: Mapping[str, int]
    first_event: datetime
    last_event: datetime
    has_time: bool
    has_label_time: bool
    label_delay_days: float

    def as_json(self) -> dict[str, Any]:
        """The section ``dataset`` of ``report.json``; the prevalence is among the labelled."""
        labelled = self.transactions - self.unlabelled
        counts = ("name", "transactions", "frauds", "unlabelled", "rejected")
        return {name: getattr(self, name) for name in counts} | {
            "first_event": self.first_event.isoformat(),
            "last_event": self.last_event.isoformat(),
            "prevalence": self.frauds / labelled if labelled else 0.0,
        }


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """One run and what it was made of: dumps (file, sha256, rows), code, store, configuration as resolved."""

    run_id: str
    created: datetime
    config_toml: str
    seed: int
    dumps: Sequence[Mapping[str, Any]]
    commit: str | None
    store_version: int

    def as_json(self) -> dict[str, Any]:
        """The section ``provenance`` of ``report.json``."""
        return {
            "dumps": [dict(dump) for dump in self.dumps],
            "config_sha256": hashlib.sha256(self.config_toml.encode()).hexdigest(),
            "commit": self.commit,
            "versions": library_versions(),
            "seed": self.seed,
            "store_version": self.store_version,
        }


def library_versions() -> dict[str, str]:
    """Versions of what decides the figures."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in LIBRARIES}
