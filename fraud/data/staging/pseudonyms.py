"""Pseudonyms: entity ids replaced by a keyed hash before anything of a dump is stored.

HMAC-SHA256 with a key that is in the environment or in one file of the workspace, and nowhere else. The same id gets
the same pseudonym in every dump, so that history and scoring work as before; without the key nobody can try ids.
"""

import hmac
import os
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from fraud.config import ColumnsConfig
from fraud.data.mapping.values import as_text
from fraud.data.reading.source import ROW_NUMBER, Source
from fraud.data.store.table import TransactionStore
from fraud.errors import ConfigError, StoreError
from fraud.privacy import replace_card_numbers
from fraud.workspace import Workspace

VARIABLE = "FRAUD_PSEUDONYM_KEY"
"""Environment variable of the key; where it is not set, the workspace's file holds it."""
SHORTEST = 16
"""Bytes of a key from the environment, at least."""
PREFIX, HEX_DIGITS = "p", 32
"""A pseudonym begins with a letter, so that no spreadsheet takes it for a number."""


@dataclass(frozen=True)
class Pseudonyms:
    """Replaces identifiers by their pseudonyms."""

    key: bytes = field(repr=False)

    def of(self, identifier: str) -> str:
        """The pseudonym of an identifier: the first 128 bits of its HMAC-SHA256.

        >>> Pseudonyms(b"0123456789abcdef").of("4711") == Pseudonyms(b"0123456789abcdef").of("4711")
        True
        """
        return PREFIX + hmac.digest(self.key, identifier.encode(), "sha256").hex()[:HEX_DIGITS]

    @property
    def key_check(self) -> str:
        """HMAC of a fixed word; differs when the key differs."""
        return hmac.digest(self.key, b"check", "sha256").hex()[:HEX_DIGITS]

    def hide(self, source: Source, columns: ColumnsConfig) -> Source:
        """The dump with pseudonyms for all entities, and for those of its other texts that have a card number in them.

        Such a text is replaced as a whole: the rest of it may show whose number it is.

        Columns without a role are emptied, as the quarantine keeps whole rows and those columns may hold anything.

        Args:
            source: as opened.
            columns: roles of its columns.
        """
        present = [name for name in source.columns if name in columns.mapped()]
        entities = [name for name in present if name in columns.entities.values()]
        named = {columns.transaction_id, columns.fraud_type, *columns.categorical}
        texts = [name for name in present if name in named and name not in entities]
        hidden = [self._replaced(as_text(source, name)).alias(name) for name in entities]
        hidden += [replace_card_numbers(as_text(source, name), self.of).alias(name) for name in texts]
        hidden += [pl.lit(None, pl.String).alias(name) for name in source.columns if name not in present]
        changed = {*entities, *texts, *(name for name in source.columns if name not in present)}
        dtypes = {name: pl.String() if name in changed else dtype for name, dtype in source.dtypes.items()}
        return replace(source, frame=source.frame.with_columns(hidden).select(ROW_NUMBER, *dtypes), dtypes=dtypes)

    def _replaced(self, column: pl.Expr) -> pl.Expr:
        return column.map_batches(self._replace_all, return_dtype=pl.String, is_elementwise=True)

    def _replace_all(self, values: pl.Series) -> pl.Series:
        known = values.drop_nulls().unique()
        if known.is_empty():
            return values
        made = pl.Series([self.of(identifier) for identifier in known.to_list()], dtype=pl.String)
        return values.replace_strict(known, made, default=None, return_dtype=pl.String)


def pseudonyms_for(
    workspace: Workspace, dataset: str, *, wanted: bool, address: str | None = None
) -> Pseudonyms | None:
    """The pseudonyms of a data set, None where none are wanted.

    Args:
        workspace: holds the key, unless the environment does.
        dataset: its name.
        wanted: ``[privacy] pseudonymise``.
        address: of the store, where it is not in the workspace.

    Raises:
        ConfigError: another key than before, a key too short, or a key file that others can read.
        StoreError: real ids are stored and pseudonyms are wanted, or the other way round; the key cannot be written.
    """
    check_file = workspace.pseudonyms / f"{dataset}.check"
    store = TransactionStore(address or workspace.store(dataset))
    stored = store.key_check() if store.exists else None
    if store.exists and wanted != (check_file.exists() if stored is None else bool(stored)):
        held, setting = ("real ids", "true") if wanted else ("pseudonyms", "false")
        raise StoreError(
            f"{store.address}: holds {held}, and [privacy] pseudonymise is {setting}; the two do not mix: "
            "set it as it was, or use another [dataset] name"
        )
    if not wanted:
        return None
    pseudonyms = Pseudonyms(_key(workspace.pseudonyms / "key"))
    if stored and not hmac.compare_digest(stored, pseudonyms.key_check):
        raise _other_key(store.address)
    _check_same_key(check_file, pseudonyms.key_check)
    return pseudonyms


def _key(path: Path) -> bytes:
    variable = os.environ.get(VARIABLE)
    if variable is not None:
        if len(variable.encode()) < SHORTEST:
            raise ConfigError(
                f"{VARIABLE}: expected a key of at least {SHORTEST} bytes; make one with `openssl rand -hex 32`"
            )
        return variable.encode()
    if not path.exists():
        _write_once(path, secrets.token_hex(32))
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise ConfigError(f"{path}: others can read the key (mode {mode:o}); expected mode 600: `chmod 600` it")
    key = path.read_bytes().strip()
    if len(key) < SHORTEST:
        raise ConfigError(f"{path}: expected a key of at least {SHORTEST} bytes; bring back the file from a backup")
    return key


def _check_same_key(check_file: Path, expected: str) -> None:
    """See that the key is the same as before, by its ``key_check``."""
    if not check_file.exists():
        _write_once(check_file, expected)
    if not hmac.compare_digest(check_file.read_text(encoding="utf-8").strip(), expected):
        raise _other_key(str(check_file))


def _other_key(where: str) -> ConfigError:
    return ConfigError(
        f"{where}: the stored pseudonyms were made with another key; set {VARIABLE} to that one or restore its file"
    )


def _write_once(path: Path, content: str) -> None:
    """Make a file that only its owner can read, whole or not at all; if two do so at once, the first one's stays."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        try:
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror}); check the folder and its permissions"
        ) from None
