"""What is remembered of a dump once it is stored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

TIMES = ("first_event", "last_event", "first_told")


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
    """Rows left out because another row of the dump says the same, or says it later (``label_time``)."""
    mapping: str = ""
    """Fingerprint of the column mapping the dump was read with."""
    first_told: datetime | None = None
    """Earliest moment at which anything of it could be told, UTC: an event; of labels alone, when one became known."""

    @property
    def accepted(self) -> int:
        """Rows that went into the store."""
        return self.rows - self.rejected - self.repeated

    def known_by(self, moment: datetime | None) -> bool:
        """Whether a part of it at least could be known on that day; None: today."""
        first = self.first_told or self.first_event
        return moment is None or first is None or first < moment


def manifests_to_json(manifests: Sequence[DumpManifest]) -> str:
    """One JSON list, times in ISO format."""
    return json.dumps([_to_dict(manifest) for manifest in manifests], sort_keys=True)


def manifests_from_json(text: str) -> list[DumpManifest]:
    """The manifests that ``manifests_to_json`` wrote."""
    return [_from_dict(record) for record in json.loads(text)]


def _to_dict(manifest: DumpManifest) -> dict[str, Any]:
    times = {name: _iso(getattr(manifest, name)) for name in TIMES}
    return asdict(manifest) | times | {"rejected_by_rule": dict(manifest.rejected_by_rule)}


def _from_dict(record: Mapping[str, Any]) -> DumpManifest:
    times = {name: datetime.fromisoformat(record[name]) if record.get(name) else None for name in TIMES}
    return DumpManifest(**{**record, **times})


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
