"""Plain copies of text dumps: UTF-8, nothing before the header and nothing after the last transaction."""

import io
import shutil
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from fraud.data.reading.compression import unpacked
from fraud.data.reading.files import Dump
from fraud.errors import DumpError

CHUNK_CHARACTERS = 1 << 20


def plain(dump: Dump, scratch: Path) -> Dump:
    """The dump itself where polars reads it as it is, else a plain copy of it in ``scratch``.

    Raises:
        DumpError: its bytes are not text of the configured encoding.
    """
    spec = dump.text
    if spec.is_utf8 and not spec.skip_lines and not spec.footer_lines:
        return dump
    copy = scratch / "plain" / dump.path.name  # the same name, which the store keeps
    copy.parent.mkdir(exist_ok=True)
    try:
        with (
            unpacked(dump.path) as packed,
            io.TextIOWrapper(packed, encoding=spec.encoding, newline="") as text,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            _copy(text, target, dump)
    except UnicodeError as error:
        raise DumpError(
            f"{dump.name}: not {spec.encoding} text ({error}); correct [columns] text, or let `fraud inspect` find out"
        ) from error
    return replace(dump, path=copy, compression=None, received=dump.path)


def _copy(text: io.TextIOWrapper, target: io.TextIOWrapper, dump: Dump) -> None:
    spec = dump.text
    for _ in islice(text, spec.skip_lines):
        pass
    if spec.footer_lines:
        target.writelines(without_footer(text, spec.footer_lines))
    else:
        shutil.copyfileobj(text, target, CHUNK_CHARACTERS)


def without_footer(lines: Iterable[str], count: int) -> Iterator[str]:
    r"""The lines but for the last ``count`` that are not blank, and all blank ones around those.

    >>> list(without_footer(["a\n", "\n", "b\n", "total\n", "\n"], 1))
    ['a\n', '\n', 'b\n']
    """
    held: deque[str] = deque()
    filled = 0
    for line in lines:
        held.append(line)
        filled += bool(line.strip())
        while filled > count:
            first = held.popleft()
            filled -= bool(first.strip())
            yield first
