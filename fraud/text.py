"""Text from the data, as people may look at it: nothing invisible, nothing that turns the line around."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

UNSEEN = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
"""Control characters, and marks without width or that change the direction of writing; blanks and line feeds stay."""
REPLACEMENT = "\ufffd"
"""Stands where one of them was."""
_UNSEEN = re.compile(UNSEEN)


def readable(text: str) -> str:
    r"""Text in which everything can be seen.

    >>> readable("abc\u202etxt") == "abc\ufffdtxt"
    True
    """
    return _UNSEEN.sub(REPLACEMENT, text)


def counted(count: int, noun: str) -> str:
    """A number and what it counts, in the singular where there is one.

    >>> counted(1, "alert"), counted(1234, "row"), counted(0, "day")
    ('1 alert', '1,234 rows', '0 days')
    """
    return f"{count:,} {noun}{'s' * (count != 1)}"


def one_line(text: str) -> str:
    r"""The text on one line, without control characters: cells of a dump may hold anything.

    >>> one_line("a\nb\x1b[31m  c")
    'a b[31m c'
    """
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint to end a message with, empty where no known name is similar, whatever its case.

    >>> nearest("Amuont", ["time", "amount"]), nearest("card", ["time", "amount"])
    (". Did you mean 'amount'?", '')
    """
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(name.lower(), list(by_lower), n=1)
    return f". Did you mean '{by_lower[close[0]]}'?" if close else ""
