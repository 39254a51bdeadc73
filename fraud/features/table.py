"""The prepared feature table on disk: Parquet files and a manifest that names them.

Identity and labels are stored apart from the features, both in parts that follow each other in time. So new days are
new parts, and a late label of an old row changes no file of features. The manifest is replaced last and in one step, so
that a reader finds either the old table or the new one, whenever the writer was stopped.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import polars as pl

from fraud.errors import StoreError
from fraud.features.maturity import known_as_of
from fraud.features.recipe import Recipe

MANIFEST = "features.json"
FORMAT = 6
"""Raised whenever the definition of a feature changes: tables of another format are then built anew."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The first ``rows`` rows of a Parquet file of the table's folder."""

    file: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class FeatureTable:
    """A feature table on disk, sorted by (event_time, transaction_id), and what its columns are."""

    path: Path
    """The manifest; the Parquet files lie beside it."""
    keys: tuple[Part, ...]
    """Identity and labels: the ``KEYS`` that exist, and the entities."""
    features: tuple[Part, ...]
    """All other columns."""
    numeric: tuple[str, ...]
    """Numeric features."""
    categorical: tuple[str, ...]
    """Categorical features."""
    entities: tuple[str, ...]
    store_version: int
    """Version of the transaction table it was built from."""
    store_contents: str | None = None
    """A digest of that version's contents; None where it was not given."""
    transactions: int
    recipe: Recipe
    as_of: datetime | None = None
    """The moment as of which it is read; None: everything."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The table prepared in ``folder``.

        Raises:
            StoreError: nothing was prepared there, or by another version, or the manifest cannot be read.
        """
        manifest = read_manifest(folder)
        if manifest is None:
            raise StoreError(f"{folder}: no feature table of this version here; make one with `fraud prepare`")
        recipe = Recipe(**{name: _frozen(value) for name, value in manifest["recipe"].items()})
        return cls(
            path=folder / MANIFEST,
            keys=tuple(Part(**part) for part in manifest["keys"]),
            features=tuple(Part(**part) for part in manifest["features"]),
            numeric=tuple(manifest["numeric"]),
            categorical=recipe.categorical,
            entities=recipe.entities,
            store_version=manifest["store_version"],
            store_contents=manifest.get("store_contents"),
            transactions=manifest["transactions"],
            recipe=recipe,
        )

    def as_known(self, moment: datetime | None) -> Self:
        """The same table read as of a moment, without later events and labels; None: everything."""
        return replace(self, as_of=moment)

    def scan(self) -> pl.LazyFrame:
        """The table, lazily; sorted by (event_time, transaction_id)."""
        sides = [scan_parts(self.path.parent, parts) for parts in (self.keys, self.features)]
        whole = pl.concat(sides, how="horizontal")
        return whole if self.as_of is None else known_as_of(whole, self.as_of, delay_days=self.recipe.delay_days)

    def scan_rows(self, first: int, rows: int) -> pl.LazyFrame:
        """Consecutive rows, as they are today; only the parts that hold them are read."""
        sides = [scan_parts(self.path.parent, parts).slice(first, rows) for parts in (self.keys, self.features)]
        return pl.concat(sides, how="horizontal")

    def read(self) -> pl.DataFrame:
        """The whole table in memory."""
        return self.scan().collect()


def reusable_table(folder: Path, recipe: Recipe) -> FeatureTable | None:
    """The table prepared in ``folder`` by the same recipe, or None."""
    if read_manifest(folder) is None:
        return None
    table = FeatureTable.open(folder)
    return table if table.recipe == recipe else None


def scan_parts(folder: Path, parts: Sequence[Part]) -> pl.LazyFrame:
    """The rows of some parts, one part after the other."""
    return pl.concat([pl.scan_parquet(folder / part.file).head(part.rows) for part in parts])


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest in ``folder``; None where nothing was prepared, or by another version of the features."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{folder / MANIFEST}: cannot be read ({error}); delete the folder and run `fraud prepare`"
        ) from None
    if manifest.get("format") != FORMAT:
        return None
    files = [folder / part["file"] for part in (*manifest["keys"], *manifest["features"])]
    return manifest if all(file.exists() for file in files) else None


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
