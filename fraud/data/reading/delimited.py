"""Delimited text (CSV, TSV): its header, and where it breaks."""

import csv
from collections.abc import Iterator

import polars as pl

from fraud.data.reading.compression import CHUNK_BYTES, unpacked
from fraud.data.reading.files import FIRST_BYTES, PARQUET, Dump
from fraud.errors import DumpError

SEPARATOR_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
OTHER_FILES = {b"PK\x03\x04": "a zip or Excel file", PARQUET: "a Parquet file", b"%PDF": "a PDF file"}
OTHER_FILES |= {b"\xff\xfe": "UTF-16 text", b"\xfe\xff": "UTF-16 text", b"\xd0\xcf\x11\xe0": "an Excel or Word file"}
BINARY_SHARE = 0.1
"""Share of NUL bytes among the first bytes above which a file is no damaged text but binary."""
HEADER_LINES = 20
"""Lines in which the header ends, were its names to hold line breaks."""


def check_text(dump: Dump) -> None:
    """See that a text dump is text, by its first bytes, and that it holds no NUL byte.

    Raises:
        DumpError: it is another kind of file, no text at all, or text with a NUL byte in it.
    """
    _check_start(dump)
    line = 1
    for chunk in _chunks(dump):
        before, nul, _ = chunk.partition(b"\0")
        line += before.count(b"\n")
        if nul:
            raise DumpError(
                f"{dump.name}: binary garbage: NUL byte in line {line}; fix the file or fetch the dump again"
            )


def _check_start(dump: Dump) -> None:
    with unpacked(dump.path) as file:
        start = file.read(FIRST_BYTES)
    foreign = next((kind for magic, kind in OTHER_FILES.items() if start.startswith(magic)), None)
    if foreign is None and start.count(0) > len(start) * BINARY_SHARE:
        foreign = "binary data"
    if foreign:
        known = 'set [columns] text = {encoding = "utf-16"}, or convert it'
        advice = known if foreign == "UTF-16 text" else "convert or rename it"
        raise DumpError(f"{dump.name}: expected {dump.format} as UTF-8 text, found {foreign}; {advice}")


def header_of(dump: Dump) -> list[str]:
    """The names in the header, without byte order mark and outer blanks; a nameless column is called by its number.

    Raises:
        DumpError: there is no header, it has one name twice, or another separator than the format's; or the
            configuration names another number of columns than there are.
    """
    lines = pl.scan_lines(dump.path, n_rows=HEADER_LINES, glob=False).collect().to_series().to_list()
    if not lines:
        raise DumpError(f"{dump.name}: an empty file: expected {dump.format} with a header, found no line")
    try:
        fields = next(csv.reader((f"{line}\n" for line in lines), delimiter=dump.separator), [])
    except csv.Error:
        raise DumpError(f"{dump.name}: {_fault_of_header(lines)}") from None
    if dump.text.header:
        return _configured_header(dump, fields)
    names = [field.removeprefix("\ufeff").strip().strip('"') for field in fields]
    if not any(names):
        raise DumpError(f"{dump.name}: expected a header with column names in line 1, found an empty line; add it")
    _check_separator(dump, names)
    for name in filter(None, names):
        if names.count(name) > 1:
            raise DumpError(f"{dump.name}: the header names column '{name}' {names.count(name)} times; rename them")
    return [name or f"column {number}" for number, name in enumerate(names, start=1)]


def _configured_header(dump: Dump, fields: list[str]) -> list[str]:
    names = dump.text.header
    if len(fields) != len(names):
        raise DumpError(
            f"{dump.name}: line 1: ragged: expected {len(names)} fields as [columns] text.header names, found "
            f"{len(fields)}; correct the header there, or fix the file"
        )
    return list(names)


def find_short_line(dump: Dump, fields: int) -> str | None:
    """Which line has fewer fields than the header, in words: polars fills up such lines; None where none has.

    Args:
        dump: that polars has read to its end, so that no line has more fields than the header.
        fields: of the header.
    """
    lines = pl.scan_lines(dump.path, name="line", row_index_name="number", row_index_offset=1, glob=False)
    quotes = pl.col("line").str.count_matches('"', literal=True)
    if lines.select((quotes % 2 == 1).any()).collect(engine="streaming").item():
        return locate_ragged(dump)  # a field holds a line break: the lines must be parsed
    unquoted = pl.col("line").str.replace_all('"[^"]*"', "")
    found = unquoted.str.count_matches(dump.separator, literal=True) + 1
    blank = pl.col("line").str.strip_chars(" \t\r" + dump.separator) == ""
    ragged = lines.with_columns(found=found).filter((pl.col("found") != fields) & ~blank)
    first = ragged.select("number", "found").head(1).collect(engine="streaming")
    return None if first.is_empty() else _ragged(first["number"][0], fields, first["found"][0])


def locate_ragged(dump: Dump) -> str | None:
    """Which line has another number of fields than the header, or a quote that is never closed, in words.

    NOTE: reads line by line; it runs only once something is known to be wrong, or where fields hold line breaks.
    """
    fields = len(header_of(dump))
    reader = csv.reader(_lines(dump), delimiter=dump.separator, strict=True)
    start = 1
    try:
        for row in reader:
            if any(field.strip() for field in row) and len(row) != fields:
                return _ragged(start, fields, len(row))
            start = reader.line_num + 1
    except csv.Error:
        return f"line {start}: a quote is opened and never closed, or closed within a field"
    return None


def _fault_of_header(lines: list[str]) -> str:
    """Why the header cannot be read as fields."""
    if any("\r" in line.rstrip("\r") for line in lines):
        return (
            "expected lines that end in a line feed, found carriage returns in the header; save it with line feeds "
            "(LF or CRLF)"
        )
    return (
        f"expected names of at most {csv.field_size_limit():,} characters in the header, found a longer one: a quote "
        "is opened and never closed, or this is no delimited text; correct it"
    )


def locate_undecodable(dump: Dump) -> str:
    """``line N: `` of the first line that is no UTF-8."""
    with unpacked(dump.path) as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return f"line {number}: "
    return ""


def _check_separator(dump: Dump, names: list[str]) -> None:
    others = [other for other in SEPARATOR_NAMES if other != dump.separator and other in names[0]]
    if len(names) == 1 and others:
        expected, found = SEPARATOR_NAMES[dump.separator], SEPARATOR_NAMES[others[0]]
        ending = {"\t": ".tsv", ",": ".csv"}.get(others[0])
        by_name = ending and dump.text.separator is None  # a configured separator overrules the name
        advice = f"name it {ending}" if by_name else f"set [columns] text = {{separator = '{others[0]}'}}"
        raise DumpError(
            f"{dump.name}: wrong separator: expected {expected}, found one column '{names[0]}' with {found}; {advice}"
        )


def _ragged(line: int, expected: int, found: int) -> str:
    return f"line {line}: ragged: expected {expected} fields as in the header, found {found}"


def _lines(dump: Dump) -> Iterator[str]:
    for batch in pl.scan_lines(dump.path, glob=False).collect_batches(maintain_order=True):
        for line in batch.to_series():
            yield f"{line}\n"


def _chunks(dump: Dump) -> Iterator[bytes]:
    """The bytes of the dump, unpacked."""
    with unpacked(dump.path) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
