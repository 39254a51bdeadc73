"""Dumps into the store: all of them staged and validated first, then merged."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.data.checks.label_dates import find_far_labels
from fraud.data.checks.schema_diff import compare_with_store
from fraud.data.contract import KNOWN_RULE, canonical_dtypes
from fraud.data.findings import Finding
from fraud.data.mapping.columns import default_delay, mapping_fingerprint
from fraud.data.mapping.times import ROW_ORDER_EPOCH
from fraud.data.reading.files import find_dumps, recognise_dump, sha256_of
from fraud.data.reading.source import Source
from fraud.data.results import IngestResult, result_of, warnings_of
from fraud.data.staging.card_number_columns import find_card_numbers
from fraud.data.staging.late_labels import is_labels_only
from fraud.data.staging.pseudonyms import Pseudonyms
from fraud.data.staging.stage import StagedDump, open_dump, stage_labels, stage_transactions
from fraud.data.store.manifests import DumpManifest
from fraud.data.store.merge import Merge
from fraud.data.store.row_hashes import batches_without_overlap
from fraud.data.store.table import StagedRows, TransactionStore, UpsertResult
from fraud.errors import StoreError
from fraud.workspace import Workspace

__all__ = ["IngestResult", "ingest_dumps"]

SCRATCH = ".ingest-"
STALE_SECONDS = 86_400
"""Age at which the scratch folder of a killed ingest is deleted."""
Progress = Callable[[str], None]


def ingest_dumps(
    dumps: Sequence[str | Path],
    *,
    dataset: str,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    workspace: Workspace,
    address: str | None = None,
    accept: Sequence[str] = (),
    pseudonyms: Pseudonyms | None = None,
    progress: Progress | None = None,
) -> IngestResult:
    """Read, validate and store dumps; a dump that is stored already changes nothing.

    Every dump is staged and validated before any is stored, and then all are stored in one step. Where dumps share
    transactions, the later one (by file name) counts as received later; dumps of labels alone come after them all.

    Args:
        dumps: files, globs or folders.
        dataset: name of the data set; each has a store of its own.
        columns: roles <- columns of the dump.
        labels: when a label without label_time becomes known.
        workspace: holds the store and the quarantine.
        address: of the store in an object storage, where it is not in the workspace.
        accept: columns whose change, of unit or type, is meant.
        pseudonyms: replace the entities' ids; None: ids are stored as they are.
        progress: called with a short sentence at each step.

    Raises:
        ConfigError: the mapping contradicts itself.
        DumpError: a dump cannot be read or mapped, or a column holds something else than before; nothing is stored.
        StoreError: the store cannot be read or written.
    """
    store = TransactionStore(address or workspace.store(dataset))
    ingest = _Ingest(
        store, workspace, dataset, columns, labels, accept, pseudonyms, progress=progress or (lambda _: None)
    )
    files = find_dumps(dumps)
    store.check_columns(canonical_dtypes(columns))
    with _scratch(workspace.store(dataset).parent) as scratch:
        return ingest.run(files, scratch)


@dataclass(frozen=True)
class _Ingest:
    """One ingest; see ``ingest_dumps``."""

    store: TransactionStore
    workspace: Workspace
    dataset: str
    columns: ColumnsConfig
    labels: LabelsConfig
    accept: Sequence[str]
    pseudonyms: Pseudonyms | None
    progress: Progress

    def run(self, files: Sequence[Path], scratch: Path) -> IngestResult:
        """Stage and validate all files in ``scratch``, then store them."""
        fresh, known = self._unknown_dumps(files)
        read = self._stage_all(fresh, scratch)
        stored = self.store.manifests()
        staged = [dump for dump in read if dump.manifest not in stored]
        known += [dump.manifest for dump in read if dump.manifest in stored]
        findings = (*self._findings(staged), *(finding for dump in read for finding in dump.findings))
        _keep_quarantine(staged, self.workspace.quarantine(self.dataset))
        upsert = self._store_all(staged, scratch, warnings=partial(warnings_of, staged, differences=findings))
        manifests = {manifest.sha256: manifest for manifest in (*known, *(dump.manifest for dump in staged))}
        return result_of(
            self.dataset,
            tuple(manifests.values()),
            staged,
            upsert,
            already=known,
            differences=findings,
            earlier=self.store.warnings(dumps={manifest.sha256 for manifest in known}),
            version=self.store.version,
        )

    def _unknown_dumps(self, files: Sequence[Path]) -> tuple[dict[str, Path], list[DumpManifest]]:
        """Dumps by SHA-256 that are not stored yet, and the manifests of those that are.

        A dump of labels some of which had no transaction counts as not stored: their transactions may be stored by now.
        """
        mapping = mapping_fingerprint(self.columns, self.labels)
        stored = {manifest.sha256: manifest for manifest in self.store.manifests() if manifest.mapping == mapping}
        fresh: dict[str, Path] = {}
        known = []
        for path in files:
            sha256 = sha256_of(path)
            if sha256 in stored and KNOWN_RULE not in stored[sha256].rejected_by_rule:
                known.append(stored[sha256])
            else:
                fresh.setdefault(sha256, path)
        return fresh, known

    def _stage_all(self, fresh: Mapping[str, Path], scratch: Path) -> list[StagedDump]:
        """All dumps, those of labels alone after the transactions, some of which they may belong to."""
        columns, labels = self.columns, self.labels
        staged: list[StagedDump] = []
        waiting: list[tuple[str, Source, Path]] = []
        offset = _rows_so_far(self.store) if columns.event_time.is_row_order else 0
        for number, (sha256, path) in enumerate(fresh.items(), start=1):
            self.progress(f"reading {path.name} ({number} of {len(fresh)})")
            folder = scratch / f"dump-{number}"
            folder.mkdir()
            source = open_dump(recognise_dump(path), folder, columns=columns, pseudonyms=self.pseudonyms)
            if is_labels_only(source, columns):
                waiting.append((sha256, source, folder))
                continue
            dump = stage_transactions(source, folder, columns=columns, labels=labels, sha256=sha256, row_offset=offset)
            offset += dump.manifest.rows
            staged.append(dump)
            self.progress(f"{path.name}: {dump.manifest.rows:,} rows, {dump.manifest.rejected:,} rejected")
        stored = [self.store.scan()] if self.store.exists else []
        stored += [pl.scan_parquet(dump.rows) for dump in staged]
        for sha256, source, folder in waiting:
            dump = stage_labels(source, folder, columns=columns, labels=labels, sha256=sha256, stored=stored)
            staged.append(dump)
            self.progress(
                f"{source.dump.path.name}: {dump.manifest.rows:,} labels, {dump.manifest.rejected:,} rejected"
            )
        return staged

    def _findings(self, staged: Sequence[StagedDump]) -> tuple[Finding, ...]:
        """Findings on card numbers, on differences to the store, and on labels known long after all events."""
        cards = find_card_numbers([dump.rows for dump in staged if not dump.labels_only], self.columns)
        differences = compare_with_store(staged, self.store, columns=self.columns, accept=self.accept)
        delay = default_delay(self.columns, self.labels)
        far = find_far_labels(staged, self.store.last_event(), default_delay=delay)
        return (*cards, *differences, *far)

    def _store_all(
        self, staged: Sequence[StagedDump], scratch: Path, *, warnings: Callable[[Merge], Sequence[str]]
    ) -> UpsertResult | None:
        """All dumps in one commit: a process that is killed leaves none of them or all; None where there is none."""
        if not staged:
            return None
        batches = batches_without_overlap([dump.rows for dump in staged])
        rows = StagedRows(
            batches=tuple(tuple(staged[position].rows for position in batch) for batch in batches),
            manifests=tuple(dump.manifest for dump in staged),
            default_delay=default_delay(self.columns, self.labels),
            keep_event_time=self.columns.event_time.is_row_order,
            key_check=self.pseudonyms.key_check if self.pseudonyms else "",
        )
        self.progress(f"storing {sum(manifest.accepted for manifest in rows.manifests):,} rows")
        folder = scratch / "merge"
        folder.mkdir()
        return self.store.upsert(rows, folder, warnings=warnings)


def _rows_so_far(store: TransactionStore) -> int:
    """Number of the last row stored, where row order replaces time."""
    last = store.last_event()
    return int((last - ROW_ORDER_EPOCH).total_seconds()) if last else 0


def _keep_quarantine(staged: Sequence[StagedDump], folder: Path) -> None:
    try:
        for dump in staged:
            kept = folder / f"{dump.manifest.sha256[:16]}.parquet"
            kept.unlink(missing_ok=True)  # of an earlier reading of the same dump
            if dump.quarantine:
                folder.mkdir(parents=True, exist_ok=True)
                dump.quarantine.replace(kept)
    except OSError as error:
        raise StoreError(f"{folder}: the quarantine cannot be written: {error.strerror}; check the folder") from error


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    """A folder beside the store, from which files are moved into it without copying; deleted at the end."""
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
