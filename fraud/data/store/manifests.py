"""What the store keeps about each dump in it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

TIME_FIELDS = ("first_event", "last_event", "first_known")
FIRST_KNOWN_BEFORE = "first_told"
"""Name of the field ``first_known`` in stores of version 0.1."""


@dataclass(frozen=True, kw_only=True)
class DumpManifest:
    """One dump as it was received: which file, what was in it, what was wrong with it."""

    file: str
    """Name of the file, without its folder."""
    sha256: str
    """Of the file's bytes, as received (compressed, if it was)."""
    rows: int
    """Data rows read, the rejected ones included."""
    first_event: datetime | None
    """Earliest event_time of the valid rows, UTC."""
    last_event: datetime | None
    """Latest event_time of the valid rows, UTC."""
    rejected: int
    """Rows in the quarantine."""
    labelled: int
    """Valid rows with a known label."""
    frauds: int
    """Valid rows known to be fraud."""
    rejected_by_rule: Mapping[str, int] = field(default_factory=dict)
    """Rows that broke each rule; one row may break several."""
    repeated: int = 0
    """Rows left out because another row of the dump is equal to them, or has a later ``label_time``."""
    mapping: str = ""
    """Fingerprint of the column mapping the dump was read with."""
    first_known: datetime | None = None
    """When its first part became known, UTC: the first event_time; of labels alone, the first label_time."""

    @property
    def accepted(self) -> int:
        """Rows that went into the store."""
        return self.rows - self.rejected - self.repeated

    def known_by(self, moment: datetime | None) -> bool:
        """Whether at least a part of it was known at that moment; None: now."""
        first = self.first_known or self.first_event
        return moment is None or first is None or first < moment


def manifests_to_json(manifests: Sequence[DumpManifest]) -> str:
    """One JSON list, times in ISO format."""
    return json.dumps([_to_dict(manifest) for manifest in manifests], sort_keys=True)


def manifests_from_json(text: str) -> list[DumpManifest]:
    """The manifests that ``manifests_to_json`` wrote."""
    return [_from_dict(record) for record in json.loads(text)]


def _to_dict(manifest: DumpManifest) -> dict[str, Any]:
    times = {name: _iso(getattr(manifest, name)) for name in TIME_FIELDS}
    return asdict(manifest) | times | {"rejected_by_rule": dict(manifest.rejected_by_rule)}


def _from_dict(record: Mapping[str, Any]) -> DumpManifest:
    fields = {"first_known" if name == FIRST_KNOWN_BEFORE else name: value for name, value in record.items()}
    times = {name: datetime.fromisoformat(fields[name]) if fields.get(name) else None for name in TIME_FIELDS}
    return DumpManifest(**{**fields, **times})


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
