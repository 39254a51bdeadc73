"""The file of alerts: without formulas that a spreadsheet would run, and without card numbers.

A spreadsheet reads a cell that begins with = + - @, a tab or a carriage return as a formula (OWASP, "CSV injection"),
and where it splits cells at semicolons, also what follows one. Such cells get a leading apostrophe, so that they are
read as text. Parquet has no formulas, and identifiers stay as they are, except for card numbers.
"""

import errno
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

import polars as pl
import polars.selectors as cs

from fraud.errors import ConfigError, StoreError
from fraud.files import write_atomically
from fraud.privacy import mask_card_numbers, mask_card_numbers_in
from fraud.text import INVISIBLE, REPLACEMENT, readable

FORMATS = (".csv", ".parquet")
_SIGNS = "=+@\uff1d\uff0b\uff0d\uff20-"
"""First characters of a formula, also in full width."""
STARTS = rf"^\s*[{_SIGNS}]|^[\t\r\n]"
FOLLOWS = rf"([;,|\t\r\n]\s*[\"']*)([{_SIGNS}])"
"""Such a character after something that may separate cells."""
NUMBER = r"^-[0-9]+([.][0-9]+)?$"
"""A negative number is no formula."""
TIME = "%Y-%m-%dT%H:%M:%S%.fZ"


def check_out(path: Path, *, dumps: Iterable[Path], kept: Iterable[Path]) -> None:
    """Check, before scoring, that the file of alerts can be written and overwrites nothing that is needed.

    Args:
        path: of the file.
        dumps: files that are read.
        kept: folders of the workspace's data, which must hold no other file.

    Raises:
        ConfigError: another ending than ``FORMATS``; it is one of the dumps; it is in one of the folders.
        StoreError: the file cannot be written.
    """
    if path.suffix not in FORMATS:
        raise ConfigError(f"--out {path}: must end in {' or '.join(FORMATS)}")
    try:
        same = next((dump for dump in dumps if path.exists() and path.samefile(dump)), None)
        _try(path)
    except OSError as error:
        raise _cannot_be_written(path, error) from None
    if same:
        raise ConfigError(f"--out {path}: is the dump {same}, which would be lost; give another path")
    inside = next((folder for folder in kept if path.resolve().is_relative_to(folder.resolve())), None)
    if inside:
        raise ConfigError(f"--out {path}: lies in {inside}, where the workspace keeps its data; give another path")


def write_alerts(alerts: pl.DataFrame, path: Path) -> None:
    """Write the file completely or not at all.

    Args:
        alerts: as ``score_transactions`` returns them.
        path: ends in one of ``FORMATS``.

    Raises:
        StoreError: the file cannot be written.
    """
    shown = masked(alerts)
    try:
        with write_atomically(path) as part:
            if path.suffix == ".csv":
                for_spreadsheets(shown).write_csv(part, datetime_format=TIME)
            else:
                shown.write_parquet(part)
    except OSError as error:
        raise _cannot_be_written(path, error) from None


def masked(alerts: pl.DataFrame) -> pl.DataFrame:
    """The alerts with every card number masked."""
    texts = alerts.select(cs.string())
    return alerts.with_columns(mask_card_numbers_in(column) for column in texts.iter_columns())


def for_spreadsheets(alerts: pl.DataFrame) -> pl.DataFrame:
    """The alerts for a spreadsheet: no formulas, no invisible characters, yes and no for booleans."""
    written = alerts.with_columns(
        defused(cs.string()),
        cs.boolean().replace_strict({True: "yes", False: "no"}, return_dtype=pl.String),
        cs.by_name("expected_loss", require_all=False).round(2),
    )
    return written.rename({name: _defuse_name(name) for name in written.columns})


def defused(text: pl.Expr) -> pl.Expr:
    """Text that no spreadsheet reads as a formula, with invisible characters replaced.

    >>> cells = pl.DataFrame({"a": ["=1+1", "-12.5", "-1+1", "a;@x", "plain-text"]})
    >>> cells.select(defused(pl.col("a"))).to_series().to_list()
    ["'=1+1", '-12.5', "'-1+1", "a;'@x", 'plain-text']
    """
    inside = text.str.replace_all(FOLLOWS, "${1}'${2}")
    begun = pl.when(text.str.contains(STARTS) & ~text.str.contains(NUMBER)).then(inside.str.replace("^", "'"))
    return begun.otherwise(inside).str.replace_all(f"[{INVISIBLE}]", REPLACEMENT)


def _try(path: Path) -> None:
    """Create and delete an empty file in its folder, or where that folder will be made."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with suppress(FileNotFoundError):
        path.lstat()  # an error where the name is too long
    with TemporaryFile(dir=next(folder for folder in path.absolute().parents if folder.exists())):
        pass


def _cannot_be_written(path: Path, error: OSError) -> StoreError:
    return StoreError(f"{path}: cannot be written ({error.strerror or error}); give another path")


def _defuse_name(name: str) -> str:
    """``defused`` for a column's name, which may be an entity's."""
    text = readable(mask_card_numbers(re.sub(FOLLOWS, r"\1'\2", name)))
    return f"'{text}" if re.search(STARTS, name) else text
