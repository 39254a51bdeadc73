"""The prepared feature table on disk: Parquet files and a manifest that names them.

Identity and labels lie apart from the features, and both in parts that follow each other in time. So new days are
written as new parts, and a late label of an old row touches no feature's file. The manifest is replaced last and in one
step, so a reader finds the old table whole or the new one whole, whenever the writer was stopped.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import polars as pl

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.data import is_object_storage_error
from fraud.errors import StoreError
from fraud.features.maturity import known_as_of

MANIFEST = "features.json"
FORMAT = 6
"""Changes whenever a feature is computed otherwise: older tables are then built anew."""
MOST_PARTS = 24
"""Parts from which on the last ones are written as one again."""
JOINED_ROWS = 2_000_000
"""Rows of those at most: large parts stay as they are, and what is joined fits into memory."""
KEYS = ("transaction_id", "event_time", "amount", "is_fraud", "label_time", "fraud_type")
"""Columns kept beside the features, where the data has them; the entities follow."""


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
    """A digest of what that version holds; None where it was not told."""
    transactions: int
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
        """The same table read as of a day: later events and labels are not there. None: everything is."""
        return replace(self, as_of=moment)

    def scan(self) -> pl.LazyFrame:
        """The table, lazily; sorted by (event_time, transaction_id)."""
        sides = [scan_parts(self.path.parent, parts) for parts in (self.keys, self.features)]
        whole = pl.concat(sides, how="horizontal")
        return whole if self.as_of is None else known_as_of(whole, self.as_of, delay_days=self.recipe.delay_days)

    def scan_rows(self, first: int, rows: int) -> pl.LazyFrame:
        """Some rows that follow each other, as they are today; only the parts that hold them are read."""
        sides = [scan_parts(self.path.parent, parts).slice(first, rows) for parts in (self.keys, self.features)]
        return pl.concat(sides, how="horizontal")

    def read(self) -> pl.DataFrame:
        """The whole table in memory."""
        return self.scan().collect()


def reusable_table(folder: Path, recipe: Recipe) -> FeatureTable | None:
    """The table prepared in ``folder`` by the same recipe, or None."""
    if _read_manifest(folder) is None:
        return None
    table = FeatureTable.open(folder)
    return table if table.recipe == recipe else None


def scan_parts(folder: Path, parts: Sequence[Part]) -> pl.LazyFrame:
    """The parts of one side of a table, one after the other."""
    return pl.concat([pl.scan_parquet(folder / part.file).head(part.rows) for part in parts])


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What a table takes over from the one before it: its first rows."""

    table: FeatureTable
    rows: int
    keys: Iterable[pl.DataFrame] | None
    """Identity and labels of those rows, one part after the other, where they have changed."""


def write_table(
    features: pl.DataFrame,
    folder: Path,
    *,
    recipe: Recipe,
    numeric: tuple[str, ...],
    store_version: int,
    store_contents: str | None = None,
    earlier: Earlier | None = None,
) -> FeatureTable:
    """Write a table that is in memory; as ``write_parts``."""
    return write_parts(
        [features],
        folder,
        recipe=recipe,
        numeric=numeric,
        store_version=store_version,
        store_contents=store_contents,
        earlier=earlier,
    )


def write_parts(
    frames: Iterable[pl.DataFrame],
    folder: Path,
    *,
    recipe: Recipe,
    numeric: tuple[str, ...],
    store_version: int,
    store_contents: str | None = None,
    earlier: Earlier | None = None,
) -> FeatureTable:
    """Write the table and make it the folder's current one, in one step.

    Args:
        frames: identity, labels and features, sorted by (event_time, transaction_id) and one after the other, at
            least one; those of the rows after ``earlier`` alone. Each becomes a part.
        folder: where; made if missing.
        recipe: how it was built.
        numeric: names of the numeric features.
        store_version: version of the transaction table it was built from.
        store_contents: a digest of what that version holds.
        earlier: rows that are taken over.

    Raises:
        StoreError: no room or no permission to write.
    """
    try:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            keys, features = _write_sides(frames, folder, recipe, earlier)
            manifest = {
                "format": FORMAT,
                "keys": [asdict(part) for part in _joined(keys, folder, "keys")],
                "features": [asdict(part) for part in _joined(features, folder, "features")],
                "store_version": store_version,
                "store_contents": store_contents,
                "transactions": sum(part.rows for part in features),
                "numeric": numeric,
                "recipe": asdict(recipe),
            }
            _replace(folder / MANIFEST, json.dumps(manifest, indent=1))
    finally:
        _clear(folder)
    return FeatureTable.open(folder)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns what the system says of a place that cannot be written into one line.

    Raises:
        StoreError: always in place of it.
    """
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        # NOTE: polars tells of a full disk in an error of its own; any other of that kind is a bug.
        if is_object_storage_error(error) or (not isinstance(error, OSError) and "os error" not in str(error)):
            raise
        reason = getattr(error, "strerror", None) or str(error).rsplit("IO error: ", maxsplit=1)[-1]
        raise StoreError(
            f"{folder}: the feature table cannot be written ({reason}); see to room and permission there"
        ) from None


def _write_sides(
    frames: Iterable[pl.DataFrame], folder: Path, recipe: Recipe, earlier: Earlier | None
) -> tuple[list[Part], list[Part]]:
    """Parts of both sides: those taken over, then the new ones."""
    keys: list[Part] = []
    features: list[Part] = []
    if earlier is not None:
        features += _cut(earlier.table.features, earlier.rows)
        keys += _cut(earlier.table.keys, earlier.rows) if earlier.keys is None else ()
        keys += [_write_part(frame, folder, "keys") for frame in earlier.keys or ()]
    for frame in frames:
        if frame.is_empty() and keys and features:
            continue
        names = [name for name in frame.columns if name in (*KEYS, *recipe.entities)]
        keys.append(_write_part(frame.select(names), folder, "keys"))
        features.append(_write_part(frame.drop(names), folder, "features"))
    return keys, features


def _write_part(frame: pl.DataFrame, folder: Path, side: str) -> Part:
    part = Part(file=f"{side}-{uuid4().hex}.parquet", rows=len(frame))
    frame.write_parquet(folder / part.file, compression="lz4")
    return part


def _joined(parts: Sequence[Part], folder: Path, side: str) -> Sequence[Part]:
    """The parts of one side; the last ones in one, where they are many and small."""
    small = len(parts)
    while small > 0 and sum(part.rows for part in parts[small - 1 :]) <= JOINED_ROWS:
        small -= 1
    if len(parts) - small < MOST_PARTS:
        return parts
    return *parts[:small], _write_part(scan_parts(folder, parts[small:]).collect(), folder, side)


def _cut(parts: Sequence[Part], rows: int) -> tuple[Part, ...]:
    """The parts of the first ``rows`` rows; of the last of them perhaps not all."""
    kept, left = [], rows
    for part in parts:
        if left > 0:
            kept.append(replace(part, rows=min(part.rows, left)))
        left -= part.rows
    return tuple(kept)


def _clear(folder: Path) -> None:
    """Delete what the folder's manifest does not name."""
    manifest = _read_manifest(folder) or {"keys": [], "features": []}
    named = {part["file"] for part in (*manifest["keys"], *manifest["features"])}
    for file in folder.glob("*.parquet"):
        if file.name not in named:
            file.unlink(missing_ok=True)


def _read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest in ``folder``; None where nothing was prepared, or by another version of the features."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreError(f"{folder / MANIFEST}: cannot be read ({error}); delete the folder and prepare anew") from None
    if manifest.get("format") != FORMAT:
        return None
    files = [folder / part["file"] for part in (*manifest["keys"], *manifest["features"])]
    return manifest if all(file.exists() for file in files) else None


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _replace(path: Path, text: str) -> None:
    fresh = path.with_suffix(f".{uuid4().hex}.part")
    fresh.write_text(text, encoding="utf-8")
    os.replace(fresh, path)
