"""One commit to the log of the table: whole or not at all.

New files, removed files and the notes on the dumps are committed together. A commit that fails deletes its files again,
except those that a version names all the same.
"""

import json
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
from deltalake import CommitProperties, DeltaTable, Field, Schema, Transaction
from deltalake.exceptions import DeltaError
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from fraud.data.store.parquet import count_rows
from fraud.data.store.storage import Storage

MANIFESTS = "fraud.manifests"
"""Key of the manifests in a commit's metadata."""
WARNINGS = "fraud.warnings"
"""Key of the warnings on the dumps: stored with them, so that no crash in between loses them."""
KEY_CHECK = "fraud.pseudonyms"
"""Key of the check of the pseudonyms' key, see ``Pseudonyms.key_check``; empty where ids are stored as they are."""
WRITER = "fraud.ingest"
"""Name under which ingests exclude each other: of two at a time, the second to commit fails."""
CONFIGURATION: Mapping[str, str | None] = {
    # The log holds the manifests, and every version stays readable: nothing of it may expire.
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.enableExpiredLogCleanup": "false",
}
TYPES = {pl.String: "string", pl.Boolean: "boolean", pl.Float64: "double", pl.Int64: "long", pl.Datetime: "timestamp"}


def write_commit(
    storage: Storage,
    table: DeltaTable | None,
    *,
    schema: Schema,
    added: Iterable[Path],
    removed: Iterable[Path | str],
    notes: Mapping[str, str],
) -> int:
    """Commit to the table; the number of the new version.

    Args:
        storage: of the table.
        table: its latest version; None where this commit makes the first.
        schema: of the table.
        added: local Parquet files to add; those without a row are left out.
        removed: files that the new version no longer contains.
        notes: metadata of the commit, under ``MANIFESTS``, ``WARNINGS`` and ``KEY_CHECK``.

    Raises:
        DeltaError: another commit came first, or the log cannot be written.
        OSError: a file cannot be added.
    """
    moved = {f"part-{uuid4()}.parquet": path for path in added if count_rows(path)}
    properties = CommitProperties(
        custom_metadata=dict(notes),
        app_transactions=[Transaction(WRITER, table.version() + 1 if table else 0)],
    )
    try:
        readable = {name: storage.put(source, name) for name, source in moved.items()}
        joining = [_add_action(path, name) for name, path in readable.items()]
        if table:
            actions: list[AddAction | RemoveAction] = [*joining, *(_remove_action(file_name(one)) for one in removed)]
            table.create_write_transaction(actions, "append", schema, commit_properties=properties)
        else:
            create_table_with_add_actions(
                storage.address, schema, joining, configuration=CONFIGURATION, commit_properties=properties
            )
    except BaseException:
        _delete_unnamed(storage, moved)
        raise
    return int(DeltaTable(storage.address).version())


def delta_schema(dtypes: Mapping[str, Any]) -> Schema:
    """The table's schema for columns of these polars types; every column may be null."""
    types = {name: PrimitiveType(TYPES[dtype.base_type()]) for name, dtype in dtypes.items()}
    return Schema([Field(name, dtype, nullable=True) for name, dtype in types.items()])


def file_name(file: Path | str) -> str:
    """The last part of a path or an address.

    >>> file_name("s3://bucket/tables/cards/part-1.parquet")
    'part-1.parquet'
    """
    return str(file).rsplit("/", 1)[-1]


def _delete_unnamed(storage: Storage, names: Iterable[str]) -> None:
    """Delete the files of a commit that failed, except those that a version names.

    An object store may have accepted a commit and its answer been lost: then the files belong to the table.
    """
    try:
        named = {file_name(uri) for uri in DeltaTable(storage.address).file_uris()} if storage.has_table() else set()
    except (DeltaError, OSError):
        return  # whether they are named cannot be seen now; files that no version names do no harm
    for name in names:
        if name not in named:
            storage.delete(name)


def _add_action(path: Path, name: str) -> AddAction:
    """The log's entry of a new file, whose content is read at ``path``, with the bounds by which readers skip it."""
    ranged = ("transaction_id", "event_time")
    bounds = pl.scan_parquet(path).select(
        pl.len().alias("rows"),
        *(pl.col(name).min().alias(f"min {name}") for name in ranged),
        *(pl.col(name).max().alias(f"max {name}") for name in ranged),
    )
    row = bounds.collect(engine="streaming").row(0, named=True)
    statistics = {
        "numRecords": row["rows"],
        "minValues": {name: _json_bound(row[f"min {name}"]) for name in ranged},
        "maxValues": {name: _json_bound(row[f"max {name}"]) for name in ranged},
        "nullCount": dict.fromkeys(ranged, 0),
    }
    return AddAction(name, path.stat().st_size, {}, _now_ms(), data_change=True, stats=json.dumps(statistics))


def _json_bound(value: str | datetime) -> str:
    return value if isinstance(value, str) else value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _remove_action(name: str) -> RemoveAction:
    return RemoveAction(name, data_change=True, deletion_timestamp=_now_ms())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
