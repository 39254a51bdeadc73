"""The prepared feature table on disk: one Parquet file and a manifest that names it.

The manifest is replaced last and in one step, so a reader finds the old table whole or the new one whole, whenever
the writer was stopped.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import polars as pl

from fraud.errors import StoreError

MANIFEST = "features.json"
FORMAT = 1
"""Changes whenever a feature is computed otherwise: older tables are then built anew."""


@dataclass(frozen=True, kw_only=True)
class FeatureTable:
    """A feature table on disk, sorted by (event_time, transaction_id), and what its columns are."""

    path: Path
    """The Parquet file."""
    numeric: tuple[str, ...]
    """Numeric features."""
    categorical: tuple[str, ...]
    """Categorical features."""
    entities: tuple[str, ...]
    windows: tuple[str, ...]
    store_version: int
    """Version of the transaction table it was built from."""
    transactions: int

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The table prepared in ``folder``.

        Raises:
            StoreError: nothing was prepared there, or the manifest cannot be read.
        """
        manifest = read_manifest(folder)
        if manifest is None:
            raise StoreError(f"{folder}: no feature table here; prepare one with `fraud prepare`")
        named = {name: tuple(manifest[name]) for name in ("numeric", "categorical", "entities", "windows")}
        return cls(
            path=folder / manifest["file"],
            store_version=manifest["store_version"],
            transactions=manifest["transactions"],
            **named,
        )

    def scan(self) -> pl.LazyFrame:
        """The table, lazily; sorted by (event_time, transaction_id)."""
        return pl.scan_parquet(self.path)

    def read(self) -> pl.DataFrame:
        """The whole table in memory."""
        return self.scan().collect()


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest in ``folder``, or None where nothing usable was prepared.

    Raises:
        StoreError: the manifest is not JSON.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{folder / MANIFEST}: cannot be read ({error}); delete the folder and prepare again"
        ) from None
    return manifest if manifest.get("format") == FORMAT and (folder / manifest["file"]).exists() else None


def write_table(
    features: pl.DataFrame, folder: Path, *, columns: Mapping[str, Any], store_version: int
) -> FeatureTable:
    """Write the table and make it the folder's current one, in one step.

    Args:
        features: sorted by (event_time, transaction_id).
        folder: where; made if missing.
        columns: numeric, categorical, entities, windows, as ``FeatureTable`` has them.
        store_version: version of the transaction table it was built from.

    Raises:
        StoreError: no room or no permission to write.
    """
    table = FeatureTable(
        path=folder / f"features-{uuid4().hex}.parquet",
        store_version=store_version,
        transactions=len(features),
        **columns,
    )
    manifest = asdict(table) | {"path": None, "file": table.path.name, "format": FORMAT}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        features.write_parquet(table.path, compression="lz4", statistics=True)
        _replace(folder / MANIFEST, json.dumps(manifest, indent=1))
        for other in folder.glob("features-*.parquet"):
            if other != table.path:
                other.unlink()
    except OSError as error:
        table.path.unlink(missing_ok=True)
        raise StoreError(f"{folder}: the feature table cannot be written ({error.strerror})") from None
    return table


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(f".{uuid4().hex}.part")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)
