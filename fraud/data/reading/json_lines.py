"""NDJSON dumps: one JSON object a line."""

import json
from collections.abc import Sequence

import polars as pl

from fraud.data.reading.files import Dump
from fraud.errors import DumpError

LINE = "__line"
KEY_LINES = 1000
"""First lines, whose keys are the columns; a needed key may appear later."""
# Python and pandas write NaN and Infinity, which JSON does not know: they are read as text.
BARE_NUMBERS, AS_TEXT = r'([^\\]"\s*:\s*)(-?(?:NaN|Infinity))(\s*[,}])', '$1"$2"$3'


def scan_objects(dump: Dump, columns: Sequence[str], row: str) -> pl.LazyFrame:
    """The columns as strings beside ``row``, the 1-based number of the line; blank lines left out."""
    lines = pl.scan_lines(dump.path, name=LINE, row_index_name=row, row_index_offset=1, glob=False)
    text = pl.col(LINE).str.replace_all(BARE_NUMBERS, AS_TEXT)
    objects = text.str.json_decode(pl.Struct(dict.fromkeys(columns, pl.String)))
    return lines.filter(pl.col(LINE).str.strip_chars() != "").select(row, objects).unnest(LINE)


def keys_of(dump: Dump, needed: Sequence[str]) -> list[str]:
    """The keys of the first lines in order of appearance, and the needed ones that appear later.

    Raises:
        DumpError: a line is no JSON object.
    """
    lines = pl.scan_lines(dump.path, name=LINE, glob=False)
    head = lines.head(KEY_LINES).collect().to_series()
    keys: dict[str, None] = {}
    for number, line in enumerate(head, start=1):
        if line.strip():
            keys |= dict.fromkeys(_object(dump, line, number))
    if not keys:
        raise DumpError(f"{dump.name}: no rows: expected a JSON object on each line, found blank lines")
    rare = [key for key in needed if key not in keys]
    if rare:
        seen = [pl.col(LINE).str.contains(json.dumps(key), literal=True).any().alias(key) for key in rare]
        found = lines.select(seen).collect(engine="streaming").row(0, named=True)
        keys |= dict.fromkeys(key for key in rare if found[key])
    return list(keys)


def locate_bad_json(dump: Dump) -> str | None:
    """Which line is no JSON object, in words.

    NOTE: reads line by line; it runs only once something is known to be wrong.
    """
    number = 0
    try:
        for batch in pl.scan_lines(dump.path, name=LINE, glob=False).collect_batches(maintain_order=True):
            for line in batch.to_series():
                number += 1
                if line.strip():
                    _object(dump, line, number)
    except DumpError as error:
        return str(error).removeprefix(f"{dump.name}: ")
    return None


def _object(dump: Dump, line: str, number: int) -> dict[str, object]:
    try:
        value = json.loads(line.removeprefix("\ufeff"))
    except ValueError as error:
        raise DumpError(f"{dump.name}: line {number}: expected a JSON object, found {line[:60]!r} ({error})") from error
    if not isinstance(value, dict):
        raise DumpError(f"{dump.name}: line {number}: expected a JSON object, found {line[:60]!r}")
    return value
