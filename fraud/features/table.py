"""The prepared feature table on disk: one Parquet file and a manifest that names it.

The manifest is replaced last and in one step, so a reader finds the old table whole or the new one whole, whenever
the writer was stopped.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.errors import StoreError
from fraud.features.maturity import known_as_of

MANIFEST = "features.json"
FORMAT = 4
"""Changes whenever a feature is computed otherwise: older tables are then built anew."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Which features are made, and from which columns."""

    entities: tuple[str, ...]
    """The card first."""
    numeric: tuple[str, ...]
    """Numeric extras of the data, passed through."""
    categorical: tuple[str, ...]
    """Categorical extras, passed through."""
    windows: tuple[str, ...]
    """Lengths of the history windows."""
    has_amount: bool
    delay_days: float | None
    """How long after its event an unreported one counts as genuine; None where one delay holds for all labels."""
    has_calendar: bool = True
    """False where time is only the order of the rows."""

    @classmethod
    def of(cls, columns: ColumnsConfig, *, labels: LabelsConfig, windows: tuple[str, ...]) -> Self:
        """The recipe that a configuration asks for."""
        return cls(
            entities=columns.entity_names,
            numeric=columns.numeric,
            categorical=columns.categorical,
            windows=windows,
            has_amount=columns.amount is not None,
            delay_days=labels.delay_days if columns.label_time else None,
            has_calendar=not columns.event_time.is_row_order,
        )

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that features are made of, time and labels apart."""
        amount = ("amount",) if self.has_amount else ()
        return (*self.entities, *amount, *self.numeric, *self.categorical)


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
    store_version: int
    """Version of the transaction table it was built from."""
    transactions: int
    """Rows of the Parquet file."""
    recipe: Recipe
    as_of: datetime | None = None
    """The day as of which it is read; None: everything."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The table prepared in ``folder``.

        Raises:
            StoreError: nothing was prepared there, or by another version, or the manifest cannot be read.
        """
        manifest = _read_manifest(folder)
        if manifest is None:
            raise StoreError(f"{folder}: no feature table of this version here; make one with `fraud prepare`")
        recipe = Recipe(**{name: _frozen(value) for name, value in manifest["recipe"].items()})
        return cls(
            path=folder / manifest["file"],
            numeric=tuple(manifest["numeric"]),
            categorical=recipe.categorical,
            entities=recipe.entities,
            store_version=manifest["store_version"],
            transactions=manifest["transactions"],
            recipe=recipe,
        )

    def as_known(self, moment: datetime | None) -> Self:
        """The same table read as of a day: later events and labels are not there. None: everything is."""
        return replace(self, as_of=moment)

    def scan(self) -> pl.LazyFrame:
        """The table, lazily; sorted by (event_time, transaction_id)."""
        whole = pl.scan_parquet(self.path)
        return whole if self.as_of is None else known_as_of(whole, self.as_of, delay_days=self.recipe.delay_days)

    def read(self) -> pl.DataFrame:
        """The whole table in memory."""
        return self.scan().collect()


def reusable_table(folder: Path, recipe: Recipe) -> FeatureTable | None:
    """The table prepared in ``folder`` by the same recipe, or None."""
    if _read_manifest(folder) is None:
        return None
    table = FeatureTable.open(folder)
    return table if table.recipe == recipe else None


def write_table(
    features: pl.DataFrame, folder: Path, *, recipe: Recipe, numeric: tuple[str, ...], store_version: int
) -> FeatureTable:
    """Write the table and make it the folder's current one, in one step.

    Args:
        features: sorted by (event_time, transaction_id).
        folder: where; made if missing.
        recipe: how it was built.
        numeric: names of the numeric features.
        store_version: version of the transaction table it was built from.

    Raises:
        StoreError: no room or no permission to write.
    """
    file = f"features-{uuid4().hex}.parquet"
    manifest = {
        "format": FORMAT,
        "file": file,
        "store_version": store_version,
        "transactions": len(features),
        "numeric": numeric,
        "recipe": asdict(recipe),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        features.write_parquet(folder / file, compression="lz4")
        _replace(folder / MANIFEST, json.dumps(manifest, indent=1))
        for other in folder.glob("features-*.parquet"):
            if other.name != file:
                other.unlink(missing_ok=True)
    except OSError as error:
        (folder / file).unlink(missing_ok=True)
        raise StoreError(f"{folder}: the feature table cannot be written ({error.strerror or error})") from None
    return FeatureTable.open(folder)


def _read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest in ``folder``; None where nothing was prepared, or by another version of the features."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder / MANIFEST}: cannot be read ({error}); delete the folder and prepare anew") from None
    return manifest if manifest.get("format") == FORMAT and (folder / manifest["file"]).exists() else None


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(f".{uuid4().hex}.part")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)
