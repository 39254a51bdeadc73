"""Dumps into the store: all of them staged and validated first, then merged."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from fraud.config.columns import ColumnsConfig
from fraud.config.sections import LabelsConfig
from fraud.data.card_numbers import find_card_numbers
from fraud.data.contract import KNOWN_RULE, canonical_dtypes
from fraud.data.dumps import find_dumps, recognise, sha256_of
from fraud.data.findings import Finding
from fraud.data.keys import batches_without_overlap
from fraud.data.label_dates import find_far_labels
from fraud.data.late_labels import is_labels_only
from fraud.data.manifests import DumpManifest
from fraud.data.mapping import default_delay, mapping_fingerprint
from fraud.data.merging import Merge
from fraud.data.pseudonyms import Pseudonyms
from fraud.data.readers import Source, open_source
from fraud.data.results import IngestResult, result_of, warnings_of
from fraud.data.schema_diff import compare_with_store
from fraud.data.staging import StagedDump, stage_labels, stage_transactions
from fraud.data.store import Staged, TransactionStore, Upsert
from fraud.data.times import ROW_ORDER_EPOCH
from fraud.errors import StoreError
from fraud.workspace import Workspace

__all__ = ["IngestResult", "ingest_dumps"]

SCRATCH = ".ingest-"
STALE_SECONDS = 86_400
"""Age at which the scratch folder of a killed ingest is cleared away."""
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
        labels: when a label is known that does not say so.
        workspace: where the store and the quarantine are.
        address: of the store in an object storage, where it is not in the workspace.
        accept: columns that are meant to hold something else than what is stored: another unit, another type.
        pseudonyms: what stands in the store for the entities' ids; None for the ids themselves.
        progress: called with a short sentence at each step; what came of it all is for the caller to say.

    Raises:
        ConfigError: the mapping cannot be.
        DumpError: a dump cannot be read or mapped, or a column holds something else than before; nothing is stored.
        StoreError: the store cannot be read or written.
    """
    say = progress or (lambda _: None)
    store = TransactionStore.of(workspace, dataset, address)
    files = find_dumps(dumps)
    store.check_columns(canonical_dtypes(columns))
    with _scratch(workspace.store(dataset).parent) as scratch:
        fresh, known = _unknown_dumps(files, store, mapping_fingerprint(columns, labels))
        hide = partial(pseudonyms.hide, columns=columns) if pseudonyms else None
        read = _stage_all(fresh, scratch, store=store, columns=columns, labels=labels, hide=hide, say=say)
        stored = store.manifests()
        staged = [dump for dump in read if dump.manifest not in stored]
        known += [dump.manifest for dump in read if dump.manifest in stored]
        said = _findings(staged, store, columns=columns, labels=labels, accept=accept)
        said = (*said, *(finding for dump in read for finding in dump.findings))
        _keep_quarantine(staged, workspace.quarantine(dataset))
        warnings = partial(warnings_of, staged, differences=said)
        sign = pseudonyms.sign if pseudonyms else ""
        upsert = _store_all(
            staged, store, scratch, columns=columns, labels=labels, sign=sign, say=say, warnings=warnings
        )
    manifests = {manifest.sha256: manifest for manifest in (*known, *(dump.manifest for dump in staged))}
    return result_of(
        dataset,
        tuple(manifests.values()),
        staged,
        upsert,
        already=known,
        differences=said,
        earlier=store.warnings(dumps={manifest.sha256 for manifest in known}),
        version=store.version,
    )


def _unknown_dumps(
    files: Sequence[Path], store: TransactionStore, mapping: str
) -> tuple[dict[str, Path], list[DumpManifest]]:
    """Dumps by SHA-256 that are not stored yet, and the manifests of those that are.

    A dump of labels of which some had no transaction is none of the latter: those may be stored by now.
    """
    stored = {manifest.sha256: manifest for manifest in store.manifests() if manifest.mapping == mapping}
    fresh: dict[str, Path] = {}
    known = []
    for path in files:
        sha256 = sha256_of(path)
        if sha256 in stored and KNOWN_RULE not in stored[sha256].rejected_by_rule:
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
    hide: Callable[[Source], Source] | None,
    say: Progress,
) -> list[StagedDump]:
    """All dumps, those of labels alone after the transactions, some of which they may belong to."""
    staged: list[StagedDump] = []
    waiting: list[tuple[str, Source, Path]] = []
    offset = _rows_so_far(store) if columns.event_time.is_row_order else 0
    for number, (sha256, path) in enumerate(fresh.items(), start=1):
        say(f"reading {path.name} ({number} of {len(fresh)})")
        folder = scratch / f"dump-{number}"
        folder.mkdir()
        source = open_source(recognise(path), needed=columns.mapped(), scratch=folder, text=columns.text, closely=True)
        source = hide(source) if hide else source
        if is_labels_only(source, columns):
            waiting.append((sha256, source, folder))
            continue
        dump = stage_transactions(source, folder, columns=columns, labels=labels, sha256=sha256, row_offset=offset)
        offset += dump.manifest.rows
        staged.append(dump)
        say(f"{path.name}: {dump.manifest.rows:,} rows, {dump.manifest.rejected:,} rejected")
    stored = [store.scan()] if store.exists else []
    stored += [pl.scan_parquet(dump.rows) for dump in staged]
    for sha256, source, folder in waiting:
        staged.append(stage_labels(source, folder, columns=columns, labels=labels, sha256=sha256, stored=stored))
        say(f"{source.dump.path.name}: {staged[-1].manifest.rows:,} labels, {staged[-1].manifest.rejected:,} rejected")
    return staged


def _findings(
    staged: Sequence[StagedDump],
    store: TransactionStore,
    *,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    accept: Sequence[str],
) -> tuple[Finding, ...]:
    """What is to be said of the dumps beside what is stored, and of what should be in none."""
    cards = find_card_numbers([dump.rows for dump in staged if not dump.labels_only], columns)
    differences = compare_with_store(staged, store, columns=columns, accept=accept)
    far = find_far_labels(staged, store.last_event(), default_delay=default_delay(columns, labels))
    return (*cards, *differences, *far)


def _rows_so_far(store: TransactionStore) -> int:
    """Row number at which row-order time goes on."""
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


def _store_all(
    staged: Sequence[StagedDump],
    store: TransactionStore,
    scratch: Path,
    *,
    columns: ColumnsConfig,
    labels: LabelsConfig,
    sign: str,
    say: Progress,
    warnings: Callable[[Merge], Sequence[str]],
) -> Upsert | None:
    """All dumps in one commit: a process that is killed leaves none of them or all; None where there is none."""
    if not staged:
        return None
    batches = batches_without_overlap([dump.rows for dump in staged])
    rows = Staged(
        batches=tuple(tuple(staged[place].rows for place in batch) for batch in batches),
        manifests=tuple(dump.manifest for dump in staged),
        default_delay=default_delay(columns, labels),
        keep_event_time=columns.event_time.is_row_order,
        sign=sign,
    )
    say(f"storing {sum(manifest.accepted for manifest in rows.manifests):,} rows")
    folder = scratch / "merge"
    folder.mkdir()
    return store.upsert(rows, folder, warnings=warnings)


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    """A folder beside the workspace's store, from which files are moved into it in no time; gone at the end."""
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
