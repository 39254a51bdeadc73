"""Text for people: what cells of a dump may hold made safe to show, counts, hints."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

INVISIBLE = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
"""Control characters, and marks without width or that change the direction of writing; for the brackets of a regex."""
JOINERS = "\xad\u180e\u200c\u200d"
"""Without width as well, but spelling: soft hyphen, vowel separator, joiner and non-joiner."""
BLANKS = "\t\n \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""Blanks of any width, tabs and line feeds."""
REPLACEMENT = "\ufffd"
"""Shown in place of an invisible character."""
_INVISIBLE = re.compile(f"[{INVISIBLE}]")


def readable(text: str) -> str:
    r"""The text with every invisible character replaced; blanks, line feeds and joiners stay.

    >>> readable("abc\u202etxt") == "abc\ufffdtxt"
    True
    """
    return _INVISIBLE.sub(REPLACEMENT, text)


def counted(number: float, noun: str) -> str:
    """A number with its noun, in the singular for 1.

    >>> counted(1, "alert"), counted(1234, "row"), counted(0, "day"), counted(2.5, "day")
    ('1 alert', '1,234 rows', '0 days', '2.5 days')
    """
    return f"{number:,.15g} {noun}{'s' * (number != 1)}"


def rounded(number: float) -> str:
    """A number of 0 or more, to two significant digits below 10, whole above: what is not 0 never reads as 0.

    >>> rounded(1234.5), rounded(99.7), rounded(2.51), rounded(0.32), rounded(0)
    ('1,234', '100', '2.5', '0.32', '0')
    """
    value = float(number)
    return f"{value:,.0f}" if value >= 9.95 or value == 0 else f"{value:.2g}"


def percent(share: float) -> str:
    """A share in percent, as ``rounded``.

    >>> percent(0.123), percent(0.0084), percent(0), percent(0.9962)
    ('12 %', '0.84 %', '0 %', '100 %')
    """
    return f"{rounded(100 * float(share))} %"


def one_line(text: str) -> str:
    r"""The text on one line, without control characters.

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
