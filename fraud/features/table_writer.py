"""Writes the prepared feature table: new parts first, the manifest last and in one step."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

import polars as pl

from fraud.data import is_object_storage_error
from fraud.errors import StoreError
from fraud.features.recipe import Recipe
from fraud.features.table import FORMAT, MANIFEST, FeatureTable, Part, read_manifest, scan_parts
from fraud.files import write_atomically

MOST_PARTS = 24
"""From this many parts on, the last ones are merged into one."""
MERGED_ROWS = 2_000_000
"""Rows of a merged part at most: large parts stay as they are, and what is merged fits into memory."""


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """The first rows of an existing table, which the new one reuses."""

    table: FeatureTable
    rows: int
    keys: Iterable[pl.DataFrame] | None
    """Identity and labels of those rows, one part after the other; None where they have not changed."""


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
            least one; without the rows of ``earlier``. Each becomes a part.
        folder: where; made if missing.
        recipe: how it was built.
        numeric: names of the numeric features.
        store_version: version of the transaction table it was built from.
        store_contents: a digest of what that version holds.
        earlier: rows that are reused.

    Raises:
        StoreError: no room or no permission to write.
    """
    try:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            keys, features = _write_sides(frames, folder, recipe, earlier)
            manifest = {
                "format": FORMAT,
                "keys": [asdict(part) for part in _merged(keys, folder, "keys")],
                "features": [asdict(part) for part in _merged(features, folder, "features")],
                "store_version": store_version,
                "store_contents": store_contents,
                "transactions": sum(part.rows for part in features),
                "numeric": numeric,
                "recipe": asdict(recipe),
            }
            with write_atomically(folder / MANIFEST) as part:
                part.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    finally:
        _clear(folder)
    return FeatureTable.open(folder)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn the system's error for a folder that cannot be written into one line.

    Raises:
        StoreError: instead of it.
    """
    try:
        yield
    except (OSError, pl.exceptions.ComputeError) as error:
        # NOTE: polars reports a full disk as a ComputeError; any other error of that kind is a bug.
        if is_object_storage_error(error) or (not isinstance(error, OSError) and "os error" not in str(error)):
            raise
        reason = getattr(error, "strerror", None) or str(error).rsplit("IO error: ", maxsplit=1)[-1]
        raise StoreError(
            f"{folder}: the feature table cannot be written ({reason}); check free space and permissions there"
        ) from None


def _write_sides(
    frames: Iterable[pl.DataFrame], folder: Path, recipe: Recipe, earlier: Earlier | None
) -> tuple[list[Part], list[Part]]:
    """Parts of identity and labels, and of features: the reused ones, then the new ones."""
    keys: list[Part] = []
    features: list[Part] = []
    if earlier is not None:
        features += _first_rows(earlier.table.features, earlier.rows)
        keys += _first_rows(earlier.table.keys, earlier.rows) if earlier.keys is None else ()
        keys += [_write_part(frame, folder, "keys") for frame in earlier.keys or ()]
    for frame in frames:
        if frame.is_empty() and keys and features:
            continue
        names = recipe.kept_columns(frame.columns)
        keys.append(_write_part(frame.select(names), folder, "keys"))
        features.append(_write_part(frame.drop(names), folder, "features"))
    return keys, features


def _write_part(frame: pl.DataFrame, folder: Path, side: str) -> Part:
    part = Part(file=f"{side}-{uuid4().hex}.parquet", rows=len(frame))
    frame.write_parquet(folder / part.file, compression="lz4")
    return part


def _merged(parts: Sequence[Part], folder: Path, side: str) -> Sequence[Part]:
    """The parts of one side; the last ones merged where they are many and small."""
    small = len(parts)
    while small > 0 and sum(part.rows for part in parts[small - 1 :]) <= MERGED_ROWS:
        small -= 1
    if len(parts) - small < MOST_PARTS:
        return parts
    return *parts[:small], _write_part(scan_parts(folder, parts[small:]).collect(), folder, side)


def _first_rows(parts: Sequence[Part], rows: int) -> tuple[Part, ...]:
    """The parts of the first ``rows`` rows; of the last of them perhaps not all."""
    kept, left = [], rows
    for part in parts:
        if left > 0:
            kept.append(replace(part, rows=min(part.rows, left)))
        left -= part.rows
    return tuple(kept)


def _clear(folder: Path) -> None:
    """Delete the Parquet files that the folder's manifest does not name."""
    manifest = read_manifest(folder) or {"keys": [], "features": []}
    current = {part["file"] for part in (*manifest["keys"], *manifest["features"])}
    for file in folder.glob("*.parquet"):
        if file.name not in current:
            file.unlink(missing_ok=True)
