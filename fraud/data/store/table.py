"""The stored transactions: a Delta Lake table, its versions, and the manifests of its dumps.

Every upsert is one commit (``commit.py``): a reader never sees half a dump, and a killed ingest leaves at most files
that no version names.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError

from fraud.config import DatasetConfig
from fraud.data.store.commit import KEY_CHECK, MANIFESTS, WARNINGS, delta_schema, file_name, write_commit
from fraud.data.store.manifests import DumpManifest, manifests_from_json, manifests_to_json
from fraud.data.store.merge import Merge, merge_batches
from fraud.data.store.storage import reason_of, storage_at
from fraud.errors import StoreError
from fraud.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class StagedRows:
    """Validated rows on their way into the store."""

    batches: tuple[tuple[Path, ...], ...]
    """Parquet files of canonical rows, in the order in which they were received: a transaction_id comes once in a
    batch, and a later batch overrules an earlier one."""
    manifests: tuple[DumpManifest, ...]
    default_delay: timedelta | None
    """Used for a label_time that a dump leaves out; None where the data has no label_time at all."""
    keep_event_time: bool = False
    """Whether a stored event_time is kept, as it must be where row order replaces time."""
    key_check: str = ""
    """Of the key with which the pseudonyms in the rows were made; empty where there are none."""


@dataclass(frozen=True, kw_only=True)
class UpsertResult:
    """What an upsert did, in rows."""

    new: int
    updated: int
    unchanged: int
    corrected: int
    """Of the updated rows, those that differ in more than their label."""
    version: int
    """Version of the table that holds the result."""


class TransactionStore:
    """The table of canonical transactions of one data set.

    Args:
        at: folder of the Delta table, or its address in an object store; it need not exist yet.

    Raises:
        StoreError: the environment holds the object store's credentials where errors would show them.
    """

    def __init__(self, at: Path | str) -> None:
        self._storage = storage_at(at)
        self.address = self._storage.address

    @property
    def exists(self) -> bool:
        """Whether anything has been stored.

        Raises:
            StoreError: the object store cannot be reached.
        """
        with _explain_store_errors(self.address):
            return self._storage.has_table()

    @property
    def version(self) -> int:
        """The latest version, counted from 0.

        Raises:
            StoreError: nothing is stored, or the table is damaged.
        """
        return int(self._table().version())

    def contents(self, version: int) -> str:
        """Digest of the files of a version; it differs where a table was made anew, or where an old copy was continued.

        Names of files are never used twice, so that the files need not be read.

        Raises:
            StoreError: nothing is stored, there is no such version, or the table is damaged.
        """
        names = sorted(map(file_name, self._table(version).file_uris()))
        return hashlib.sha256("\n".join(names).encode()).hexdigest()

    def scan(self, version: int | None = None) -> pl.LazyFrame:
        """The canonical transactions as of a version (the latest if left out), in no order.

        Raises:
            StoreError: nothing is stored, there is no such version, or the table is damaged.
        """
        table = self._table(version)
        with _explain_store_errors(self.address):
            # NOTE: polars takes the URI of a folder for its path, which it is not where that has a blank in it.
            if "%" in table.table_uri:
                return pl.scan_parquet([str(file) for file in self._files(table)])
            return pl.scan_delta(table)

    def manifests(self, version: int | None = None) -> list[DumpManifest]:
        """The manifests of all dumps stored, in order; of a dump stored anew with another mapping only the last.

        Args:
            version: leave out what came after it.
        """
        known = [commit for commit in self._commits() if version is None or commit["version"] <= version]
        texts = [commit[MANIFESTS] for commit in known if MANIFESTS in commit]
        by_dump = {manifest.sha256: manifest for text in texts for manifest in manifests_from_json(text)}
        return list(by_dump.values())

    def warnings(self, *, after: int = -1, dumps: Collection[str] | None = None) -> tuple[str, ...]:
        """The warnings of the ingests that stored dumps, each once.

        Args:
            after: only those of later versions.
            dumps: SHA-256; only those of ingests with any of these; None: of all.
        """
        found: dict[str, None] = {}
        for commit in self._commits():
            brought = {manifest.sha256 for manifest in manifests_from_json(commit.get(MANIFESTS, "[]"))}
            if commit["version"] > after and (dumps is None or brought & set(dumps)):
                found |= dict.fromkeys(json.loads(commit.get(WARNINGS, "[]")))
        return tuple(found)

    def key_check(self) -> str | None:
        """The check of the pseudonyms' key, empty where ids are stored as they are; None in a store made before it."""
        checks = [commit[KEY_CHECK] for commit in self._commits() if KEY_CHECK in commit]
        return str(checks[-1]) if checks else None

    def last_event(self) -> datetime | None:
        """The latest event_time stored."""
        if not self.exists:
            return None
        moment: datetime | None = self.scan().select(pl.col("event_time").max()).collect(engine="streaming").item()
        return moment

    def check_columns(self, dtypes: Mapping[str, Any]) -> None:
        """See that rows of these columns fit the stored ones.

        Raises:
            StoreError: the table has other columns.
        """
        if not self.exists:
            return
        stored = {field.name: field.type for field in self._table().schema().fields}
        given = {field.name: field.type for field in delta_schema(dtypes).fields}
        if stored != given:
            differing = [name for name in stored | given if stored.get(name) != given.get(name)]
            raise StoreError(
                f"{self.address}: stored with the columns {', '.join(stored)}, but [columns] now gives "
                f"{', '.join(given)}, other in {', '.join(differing)}; use the mapping it was made with, "
                "or another [dataset] name"
            )

    def upsert(
        self, staged: StagedRows, scratch: Path, *, warnings: Callable[[Merge], Sequence[str]] = lambda _: ()
    ) -> UpsertResult:
        """Store new transactions and update those that are stored already, all of them in one commit.

        Args:
            staged: the rows.
            scratch: an empty folder; on the same file system as the table where that is a folder.
            warnings: sentences on the dumps, made from what they change; stored with them.

        Raises:
            StoreError: the table is damaged, of other columns, cannot be written, or changed at the same time.
        """
        with _explain_store_errors(self.address):
            table = self._table() if self.exists else None
            stored = self._files(table) if table else []
            merge = merge_batches(
                staged.batches,
                stored,
                scratch,
                default_delay=staged.default_delay,
                keep_event_time=staged.keep_event_time,
            )
            version = self._commit(table, merge, staged, warnings(merge))
        return UpsertResult(
            new=merge.new,
            updated=merge.updated,
            unchanged=merge.unchanged,
            corrected=merge.corrected,
            version=version,
        )

    def _table(self, version: int | None = None) -> DeltaTable:
        if not self.exists:
            raise StoreError(
                f"{self.address}: no transactions are stored here; ingest a dump first (fraud ingest DUMP)"
            )
        with _explain_store_errors(self.address):
            return DeltaTable(self.address, version=version)

    def _commits(self) -> list[dict[str, Any]]:
        """The log's entries, the oldest first; empty where nothing is stored."""
        if not self.exists:
            return []
        with _explain_store_errors(self.address):
            return sorted(self._table().history(), key=itemgetter("version"))

    def _files(self, table: DeltaTable) -> list[Path | str]:
        """A version's files, by their names, which a URI writes as they are."""
        return [self._storage.file(file_name(uri)) for uri in table.file_uris()]

    def _commit(self, table: DeltaTable | None, merge: Merge, staged: StagedRows, warnings: Sequence[str]) -> int:
        first = staged.batches[0][0]
        return write_commit(
            self._storage,
            table,
            schema=table.schema() if table else delta_schema(pl.scan_parquet(first).collect_schema()),
            added=merge.added,
            removed=merge.removed,
            notes={
                MANIFESTS: manifests_to_json(staged.manifests),
                WARNINGS: json.dumps(list(warnings)),
                KEY_CHECK: staged.key_check,
            },
        )


def open_store(workspace: Workspace, dataset: DatasetConfig) -> TransactionStore:
    """The store of a data set, which need not exist yet: in its workspace, or at the address in ``[dataset] store``."""
    return TransactionStore(dataset.store or workspace.store(dataset.name))


@contextmanager
def _explain_store_errors(address: str) -> Iterator[None]:
    """Turn errors of Delta Lake, polars and the system into one line.

    Raises:
        StoreError: instead of them.
    """
    try:
        yield
    except CommitFailedError as error:
        raise StoreError(f"{address}: another ingest changed the store at the same time; run this one again") from error
    except (DeltaError, OSError, pl.exceptions.PolarsError) as error:
        raise StoreError(
            f"{address}: the store cannot be read or written: {reason_of(error)}; check the {_location(address)}"
        ) from error


def _location(address: str) -> str:
    return "bucket and the variables that open it (docs/scale.md)" if "://" in address else "folder"
