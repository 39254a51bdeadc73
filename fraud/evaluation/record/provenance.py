"""What a run was made of: the transactions in the store, the dumps they came from, the code and its libraries."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import metadata
from typing import Any

from fraud.config import RunConfig

LIBRARIES = ("fraud", "torch", "lightning", "polars", "deltalake", "scikit-learn", "imbalanced-learn", "numpy")


@dataclass(frozen=True, kw_only=True)
class DatasetFacts:
    """What the store holds: counts, and when the first and the last transaction happened."""

    name: str
    transactions: int
    frauds: int
    unlabelled: int
    rejected: int
    rejected_by_rule: Mapping[str, int]
    first_event: datetime
    last_event: datetime

    def as_json(self) -> dict[str, Any]:
        """The section ``dataset`` of ``report.json``; the prevalence is among the labelled."""
        labelled = self.transactions - self.unlabelled
        said = {name: value for name, value in asdict(self).items() if name != "rejected_by_rule"}
        said |= {"first_event": self.first_event.isoformat(), "last_event": self.last_event.isoformat()}
        return said | {"prevalence": self.frauds / labelled if labelled else 0.0}


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a run was made of: dumps (file, sha256, rows), code, store."""

    dumps: Sequence[Mapping[str, Any]]
    commit: str | None
    store_version: int

    def as_json(self, config: RunConfig) -> dict[str, Any]:
        """The section ``provenance`` of ``report.json``."""
        return {
            "dumps": [dict(dump) for dump in self.dumps],
            "config_sha256": hashlib.sha256(config.to_toml().encode()).hexdigest(),
            "commit": self.commit,
            "versions": library_versions(),
            "seed": config.training.seed,
            "store_version": self.store_version,
        }


def library_versions() -> dict[str, str]:
    """Versions of what decides the figures."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in LIBRARIES}
