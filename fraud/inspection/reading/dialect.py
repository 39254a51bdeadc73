"""How a text dump is written: encoding, lines before the header, separator, header, lines after the last row."""

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from fraud.config import TextSpec
from fraud.data import OTHER_FILES, Dump, unpacked
from fraud.errors import DumpError

START_BYTES = 1 << 20
END_BYTES = 1 << 16
PROBED_BYTES = 1 << 14
MOST_CONTROL = 0.02
"""Share of characters without a printed form above which bytes are no text."""
UTF16 = "UTF-16 text"
NOT_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"
RECORDS = 300
"""Records that decide on separator and header."""
CANDIDATES = (",", ";", "\t", "|", "^", "~")
TOTALS = re.compile(
    r"^\s*\W*(grand |sub)?(total|totals|summe?|gesamt|somme|totaal|count|records?|rows?|eof|end of|trailer)\b", re.I
)
_SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.I)
_VALUE = re.compile(
    r"^\s*[-+(]?\s*\W?\s*\d[\d.,\s'/:\-]*\)?\s*(e[-+]?\d+)?%?\s*$|^\d{4}-\d\d-\d\d|^(true|false|yes|no)$", re.I
)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a text dump is written, and what the user should know about it."""

    text: TextSpec
    findings: tuple[str, ...] = ()
    """What is unusual."""
    unsure: tuple[str, ...] = ()
    """What was guessed."""


def find_dialect(dump: Dump) -> Dialect:
    """How the dump is written, by its first megabyte and its last lines.

    Raises:
        DumpError: it is no text, or no text that can be split into columns.
    """
    start, end = _ends(dump)
    if not start.strip():
        raise DumpError(f"{dump.name}: an empty file: expected {dump.format} with data, found {len(start)} bytes")
    foreign = next((kind for magic, kind in OTHER_FILES.items() if start.startswith(magic) and kind != UTF16), None)
    if foreign:
        raise DumpError(f"{dump.name}: expected {dump.format} as text, found {foreign}; convert or rename it")
    encoding, guessed = _encoding(start)
    _check_readable(dump, start, encoding)
    lines = start.decode(encoding, errors="ignore").replace("\r\n", "\n").replace("\r", "\n").splitlines(keepends=True)
    lines = lines if len(start) < START_BYTES else lines[:-1]
    if dump.format == "ndjson":
        return Dialect(text=TextSpec(encoding=encoding))
    stated = _SEPARATOR_LINE.match(lines[0].lstrip("\ufeff"))
    skipped = 1 if stated else 0
    separator = stated[1] if stated else _separator(lines)
    before = _preamble(lines[skipped:], separator)
    skipped += before
    _check_header(dump, lines[skipped:], separator, line=skipped + 1)
    spec = TextSpec(encoding=encoding, separator=separator, skip_lines=skipped)
    header, found, unsure = _header(lines[skipped:], separator)
    unmarked = encoding if encoding != "utf-16" else "utf-16-le" if start.startswith(b"\xff\xfe") else "utf-16-be"
    footer = _footer(end.decode(unmarked, errors="ignore"), separator, fields=len(header.names))
    spec = replace(spec, footer_lines=footer, separator=None if separator == dump.separator else separator)
    if header.must_be_configured:
        spec = replace(spec, header=header.names, skip_lines=skipped + header.lines)
    return Dialect(
        text=spec,
        findings=(*_findings(spec, has_separator_line=bool(stated), before=before), *found),
        unsure=(*([guessed] if guessed else []), *unsure),
    )


def _ends(dump: Dump) -> tuple[bytes, bytes]:
    """The first bytes and the last, uncompressed."""
    with unpacked(dump.path) as file:
        start = file.read(START_BYTES)
        if isinstance(file, io.BufferedReader):  # not compressed, so its end can be read without the rest
            size = file.seek(0, io.SEEK_END)
            file.seek(max(size - END_BYTES - size % 2, 0))
            return start, file.read()
        last = deque([start[-END_BYTES:]], maxlen=2)
        while chunk := file.read(START_BYTES):
            last.append(chunk[-END_BYTES:])
    return start, b"".join(last)[-END_BYTES:]


def _encoding(start: bytes) -> tuple[str, str | None]:
    """The encoding, and the guess that it is one; None where it is certain."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", None
    odd, even = start[1:4096:2].count(0), start[:4096:2].count(0)
    if max(odd, even) > len(start[:4096]) * 0.2:
        return ("utf-16-le" if odd > even else "utf-16-be"), None
    try:
        start.decode("utf-8-sig") if len(start) < START_BYTES else start[: start.rfind(b"\n") + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252", "the encoding: it is not UTF-8, and cp1252 (Windows, Western Europe) was taken"
    return "utf-8", None


def _check_readable(dump: Dump, start: bytes, encoding: str) -> None:
    """Stop at bytes that are no text: pictures, archives, programs."""
    probed = start[: min(len(start), PROBED_BYTES) // 2 * 2].decode(encoding, errors="replace")
    control = sum(not (letter.isprintable() or letter.isspace()) for letter in probed)
    if control > MOST_CONTROL * len(probed):
        raise DumpError(
            f"{dump.name}: not a table: expected {dump.format} as text, found binary data; export the table as CSV or "
            "Parquet and inspect that"
        )
    if encoding == "cp1252" and any(byte in start for byte in NOT_IN_CP1252):
        raise DumpError(
            f"{dump.name}: expected text in UTF-8, UTF-16 or cp1252, found bytes that are valid in none of them; "
            "convert it to UTF-8, as with iconv -f ENCODING -t UTF-8"
        )


def _check_header(dump: Dump, lines: Sequence[str], separator: str, *, line: int) -> None:
    try:
        next(csv.reader(lines, delimiter=separator), [])
    except csv.Error as error:
        raise DumpError(
            f"{dump.name}: line {line}: expected a header, found a cell of more than {csv.field_size_limit():,} "
            "characters; is a quote opened and never closed?"
        ) from error


def _numbered_records(lines: Sequence[str], separator: str) -> Iterator[tuple[list[str], int]]:
    """The first records, each with the number of the line on which it ends."""
    reader = csv.reader(lines, delimiter=separator)
    try:
        for row in islice(reader, RECORDS):
            yield row, reader.line_num
    except csv.Error:  # a cell above 131,072 characters, which ingestion can read: the records before it must do
        return


def _records(lines: Sequence[str], separator: str) -> list[list[str]]:
    return [row for row, _ in _numbered_records(lines, separator) if row]


def _separator(lines: Sequence[str]) -> str:
    def fitness(separator: str) -> tuple[float, int]:
        """The share of records with the most frequent number of fields, and that number."""
        counts = Counter(len(row) for row in _records(lines, separator))
        fields, rows = max(counts.items(), key=lambda pair: (pair[1], pair[0])) if counts else (1, 0)
        return (rows / max(sum(counts.values()), 1) if fields > 1 else 0.0, fields)

    best = max(CANDIDATES, key=fitness)
    return best if fitness(best)[0] > 0 else ","


def _preamble(lines: Sequence[str], separator: str) -> int:
    """The number of lines before the first record that has as many fields as most."""
    records = list(_numbered_records(lines[:RECORDS], separator))
    counts = [len(row) if any(cell.strip() for cell in row) else 0 for row, _ in records]
    usual = Counter(count for count in counts if count).most_common(1)
    first = next((index for index, count in enumerate(counts) if usual and count == usual[0][0]), 0)
    # NOTE: a header that is shorter or longer than all rows is ragged, and no preamble.
    is_preamble = first and all(count <= max(2, usual[0][0] // 2) for count in counts[:first])
    return records[first - 1][1] if is_preamble else 0


@dataclass(frozen=True)
class _Header:
    names: tuple[str, ...]
    must_be_configured: bool
    """Whether the names must be in the config, as the dump has none or the same name twice."""
    lines: int
    """Lines of the header that they replace."""


def _header(lines: Sequence[str], separator: str) -> tuple[_Header, list[str], list[str]]:
    """The names of the columns, what is unusual about them, and what was guessed."""
    rows = _records(lines, separator)
    cells = [cell.lstrip("\ufeff").strip().strip('"') for cell in rows[0]] if rows else []
    if len(rows) > 1 and (not any(cells) or sum(bool(_VALUE.match(cell)) for cell in cells) > len(cells) / 4):
        names = tuple(f"column_{number}" for number in range(1, len(cells) + 1))
        finding = "no header: the first line is data, so the columns are named column_1, column_2, ... here"
        guess = "whether line 1 is data: rename the columns in [columns] text.header"
        return _Header(names, must_be_configured=True, lines=0), [finding], [guess]
    named = [name or f"column {number}" for number, name in enumerate(cells, start=1)]
    repeated = sorted({name for name in named if named.count(name) > 1})
    if not repeated:
        return _Header(tuple(named), must_be_configured=False, lines=1), [], []
    used: set[str] = set()
    names = tuple(_unused(name, used) for name in named)
    renamed = {name: [new for old, new in zip(named, names, strict=True) if old == name] for name in repeated}
    findings = [
        f"the header has {name} {len(new)} times: in this order they are named {', '.join(new)} here"
        for name, new in renamed.items()
    ]
    guesses = [f"which of {', '.join(new)} is meant by {name}: all have this name" for name, new in renamed.items()]
    return _Header(names, must_be_configured=True, lines=1), findings, guesses


def _unused(name: str, used: set[str]) -> str:
    """The name, or the first of name_2, name_3, ... that is not used yet; it is used from then on."""
    unused = next(one for n in range(1, 1000) if (one := name if n == 1 else f"{name}_{n}") not in used)
    used.add(unused)
    return unused


def _footer(end: str, separator: str, *, fields: int) -> int:
    """The number of lines after the last transaction: totals, counts, remarks."""
    lines = [line for line in end.splitlines() if line.strip()][1:]  # the first one may begin within a line
    count = 0
    for line in reversed(lines[-6:]):
        row = next(iter(_records([line], separator)), [])
        filled = sum(bool(cell.strip()) for cell in row)
        words = any(TOTALS.match(cell) for cell in row)
        if not (words or (len(row) != fields and fields > 1 and filled <= max(1, fields // 3))):
            break
        count += 1
    return count if count < min(len(lines), 6) else 0


def _findings(spec: TextSpec, *, has_separator_line: bool, before: int) -> list[str]:
    found = []
    if not spec.is_utf8:
        found.append(f"written in {spec.encoding}, not in UTF-8")
    if has_separator_line:
        found.append("line 1 is Excel's sep=, not the header")
    if before:
        found.append(f"{before} line{'s' * (before > 1)} before the header")
    if spec.separator:
        found.append(f"separated by {spec.separator!r}")
    if spec.footer_lines:
        found.append(f"{spec.footer_lines} line{'s' * (spec.footer_lines > 1)} after the last transaction, as totals")
    return found
