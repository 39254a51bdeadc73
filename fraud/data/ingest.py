"""Dumps into the store: all of them staged and validated first, then merged."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from fraud.config.columns import ColumnsConfig
from fraud.config.sections import LabelsConfig
from fraud.data.contract import canonical_dtypes
from fraud.data.dumps import find_dumps, recognise, sha256_of
from fraud.data.keys import batches_without_overlap
from fraud.data.manifests import DumpManifest
from fraud.data.mapping import default_delay, mapping_fingerprint
from fraud.data.staging import StagedDump, stage_dump
from fraud.data.store import Staged, TransactionStore, Upsert
from fraud.data.times import ROW_ORDER_EPOCH
from fraud.errors import StoreError
from fraud.workspace import Workspace

SCRATCH = ".ingest-"
STALE_SECONDS = 86_400
"""Age at which the scratch folder of a killed ingest is cleared away."""
Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class IngestResult:
    """What became of the dumps, in rows."""

    dataset: str
    dumps: tuple[DumpManifest, ...]
    """Every dump of the ingest, those that were stored already included."""
    new: int
    updated: int
    unchanged: int
    rejected: int
    """Rows of this ingest that went to the quarantine."""
    rejected_by_rule: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    """Rows left out because their dump says the same elsewhere, or says it later."""
    corrected: int = 0
    """Of the updated rows, those that differ in more than their label."""
    store_version: int = 0
    warnings: tuple[str, ...] = ()

    def sentence(self) -> str:
        """All of it in one line."""
        if not self.new + self.updated + self.rejected:
            stored = "this dump is" if len(self.dumps) == 1 else f"these {len(self.dumps)} dumps are"
            return f"{self.dataset}: nothing new: {stored} already stored (store version {self.store_version})"
        rows = sum(manifest.rows for manifest in self.dumps)
        repeated = f", {self.repeated:,} repeated" if self.repeated else ""
        return (
            f"{self.dataset}: {len(self.dumps)} dump{'s' * (len(self.dumps) != 1)}, {rows:,} transactions: "
            f"{self.new:,} new, {self.updated:,} updated, {self.unchanged:,} unchanged, {self.rejected:,} rejected"
            f"{repeated} (store version {self.store_version})"
        )


def ingest_dumps(
    dumps: Sequence[str | Path],
    *,
    dataset: str,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    workspace: Workspace,
    progress: Progress | None = None,
) -> IngestResult:
    """Read, validate and store dumps; a dump that is stored already changes nothing.

    Every dump is staged and validated before the first one is stored. Where dumps share transactions, the later one
    (by file name) counts as received later.

    Args:
        dumps: files, globs or folders.
        dataset: name of the data set; each has a store of its own.
        columns: roles <- columns of the dump.
        labels: when a label is known that does not say so.
        workspace: where the store and the quarantine are.
        progress: called with a short sentence at each step; what came of it all is for the caller to say.

    Raises:
        ConfigError: the mapping cannot be.
        DumpError: a dump cannot be read or mapped; nothing is stored.
        StoreError: the store cannot be read or written.
    """
    say = progress or (lambda _: None)
    store = TransactionStore(workspace.store(dataset))
    files = find_dumps(dumps)
    store.check_columns(canonical_dtypes(columns))
    with _scratch(store.path.parent) as scratch:
        fresh, known = _unknown_dumps(files, store, mapping_fingerprint(columns, labels))
        staged = _stage_all(fresh, scratch, store=store, columns=columns, labels=labels, say=say)
        _keep_quarantine(staged, workspace.quarantine(dataset))
        upserts = _store_all(staged, store, scratch, columns=columns, labels=labels, say=say)
    manifests = {manifest.sha256: manifest for manifest in (*known, *(dump.manifest for dump in staged))}
    return _result(dataset, tuple(manifests.values()), staged, upserts, already=known, version=store.version)


def _unknown_dumps(
    files: Sequence[Path], store: TransactionStore, mapping: str
) -> tuple[dict[str, Path], list[DumpManifest]]:
    """Dumps by SHA-256 that are not stored yet, and the manifests of those that are."""
    stored = {manifest.sha256: manifest for manifest in store.manifests() if manifest.mapping == mapping}
    fresh: dict[str, Path] = {}
    known = []
    for path in files:
        sha256 = sha256_of(path)
        if sha256 in stored:
            known.append(stored[sha256])
        else:
            fresh.setdefault(sha256, path)
    return fresh, known


def _stage_all(
    fresh: Mapping[str, Path],
    scratch: Path,
    *,
    store: TransactionStore,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    say: Progress,
) -> list[StagedDump]:
    staged: list[StagedDump] = []
    offset = _rows_so_far(store) if columns.event_time.is_row_order else 0
    for number, (sha256, path) in enumerate(fresh.items(), start=1):
        say(f"reading {path.name} ({number} of {len(fresh)})")
        folder = scratch / f"dump-{number}"
        folder.mkdir()
        dump = stage_dump(recognise(path), folder, columns=columns, labels=labels, sha256=sha256, row_offset=offset)
        offset += dump.manifest.rows
        staged.append(dump)
        say(f"{path.name}: {dump.manifest.rows:,} rows, {dump.manifest.rejected:,} rejected")
    return staged


def _rows_so_far(store: TransactionStore) -> int:
    """Row number at which row-order time goes on."""
    last = store.last_event()
    return int((last - ROW_ORDER_EPOCH).total_seconds()) if last else 0


def _keep_quarantine(staged: Sequence[StagedDump], folder: Path) -> None:
    try:
        for dump in staged:
            if dump.quarantine:
                folder.mkdir(parents=True, exist_ok=True)
                dump.quarantine.replace(folder / f"{dump.manifest.sha256[:16]}.parquet")
    except OSError as error:
        raise StoreError(f"{folder}: the quarantine cannot be written: {error.strerror}; check the folder") from error


def _store_all(
    staged: Sequence[StagedDump],
    store: TransactionStore,
    scratch: Path,
    *,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    say: Progress,
) -> list[Upsert]:
    upserts = []
    for number, batch in enumerate(batches_without_overlap([dump.rows for dump in staged]), start=1):
        folder = scratch / f"merge-{number}"
        folder.mkdir()
        rows = Staged(
            files=tuple(staged[i].rows for i in batch),
            manifests=tuple(staged[i].manifest for i in batch),
            default_delay=default_delay(columns, labels),
            keep_event_time=columns.event_time.is_row_order,
        )
        say(f"storing {sum(manifest.accepted for manifest in rows.manifests):,} rows")
        upserts.append(store.upsert(rows, folder))
    return upserts


def _result(
    dataset: str,
    manifests: tuple[DumpManifest, ...],
    staged: Sequence[StagedDump],
    upserts: Sequence[Upsert],
    *,
    already: Sequence[DumpManifest],
    version: int,
) -> IngestResult:
    by_rule: dict[str, int] = {}
    for dump in staged:
        for rule, count in dump.manifest.rejected_by_rule.items():
            by_rule[rule] = by_rule.get(rule, 0) + count
    known = sum(manifest.accepted for manifest in {manifest.sha256: manifest for manifest in already}.values())
    return IngestResult(
        dataset=dataset,
        dumps=manifests,
        new=sum(upsert.new for upsert in upserts),
        updated=sum(upsert.updated for upsert in upserts),
        unchanged=known + sum(upsert.unchanged for upsert in upserts),
        rejected=sum(dump.manifest.rejected for dump in staged),
        rejected_by_rule=by_rule,
        repeated=sum(dump.manifest.repeated for dump in staged),
        corrected=sum(upsert.corrected for upsert in upserts),
        store_version=version,
        warnings=_warnings(staged, sum(upsert.corrected for upsert in upserts)),
    )


def _warnings(staged: Sequence[StagedDump], corrected: int) -> tuple[str, ...]:
    found = []
    columns = dict.fromkeys(column for dump in staged for column in dump.without_role)
    if columns:
        found.append(f"no role in [columns] and so ignored: {', '.join(columns)}; give a role or list under ignore")
    counts = {
        "broke the contract: see the quarantine": sum(dump.manifest.rejected for dump in staged),
        "left out: another row of the same dump says the same, or says it later": sum(
            dump.manifest.repeated for dump in staged
        ),
        "stored before came again with other values than a label: corrected": corrected,
    }
    found += [f"{count:,} row{'s' * (count != 1)} {what}" for what, count in counts.items() if count]
    return tuple(found)


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    """A folder beside the store, where files can be moved into it in no time; gone at the end."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for stale in parent.glob(f"{SCRATCH}*"):
            if time.time() - stale.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(stale, ignore_errors=True)
        folder = TemporaryDirectory(prefix=SCRATCH, dir=parent, ignore_cleanup_errors=True)
    except OSError as error:
        raise StoreError(
            f"{parent}: cannot be written: {error.strerror}; check the folder and its permissions"
        ) from error
    with folder as path:
        yield Path(path)
