"""Identifiers and card numbers, masked: enough is shown to recognise a known one, too little to learn one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fraud.text import BLANKS, INVISIBLE, JOINERS, REPLACEMENT

KEPT = 2
"""Letters shown at either end of an identifier; fewer of a short one, so that half of it stays hidden."""
HIDDEN = "…"
"""Stands for what is hidden, however long it is."""
CARD_LENGTHS = range(13, 20)
"""Digits of a payment card number (ISO/IEC 7812)."""
ISSUERS = {
    "Visa": "4(?:.{12}|.{15}|.{18})",
    "Mastercard": "(?:5[1-5]..|222[1-9]|22[3-9].|2[3-6]..|27[01].|2720).{12}",
    "American Express": "3[47].{13}",
    "Diners Club": "(?:30[0-5]|36.|38.|39.).{11,16}|3095.{10,15}",
    "Discover": "(?:6011|64[4-9].|65..).{12,15}",
    "JCB": "35(?:2[89]|[3-8].).{12,15}|(?:2131|1800).{11}",
    "UnionPay": "(?:62|81).{14,17}",
    "RuPay": "(?:60|82).{14}|508.{13}",
    "Mir": "220[0-4].{12,15}",
    "Maestro": "(?:50|5[678]|63|67).{11,17}",
    "Troy, Uzcard, Humo": "(?:9792|8600|9860).{12}",
}
"""With which digits, and how many, each scheme's numbers begin; others of that length are numbers of something else.

Of all numbers of 13 to 19 digits, one in ten passes Luhn's check; with the issuer, one in forty.
"""
ISSUED = f"^(?:{'|'.join(ISSUERS.values())})$"
DIGESTS = frozenset({"sha256", "config_sha256", "commit", "run_id"})
"""Keys whose texts are made of digits and letters by machines."""
FULL_WIDTH = "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19"
"""Digits as wide as Chinese characters."""
NOTHING = f"{BLANKS}{INVISIBLE}{JOINERS}{REPLACEMENT}"
"""What shows as nothing between two digits."""
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
MARKS = "./_\u00b7\uff0e"
"""Marks that stand between the digits of dates, amounts and addresses as well; see ``_is_spelt_as_a_card``."""
DIGIT = "[0-9\uff10-\uff19]"
GAP = f"[{NOTHING}\\{DASHES}{MARKS}]*"
"""Between two digits of a number; with letters or other marks between them they are two numbers."""
RUN = f"{DIGIT}(?:{GAP}{DIGIT}){{{CARD_LENGTHS.start - 1},}}"
"""Digits that may have a card number among them."""
SHAPE = f"^[{NOTHING}]*{DIGIT}(?:{GAP}{DIGIT}){{{CARD_LENGTHS.start - 1},{CARD_LENGTHS.stop - 2}}}[{NOTHING}]*$"
"""A text that may be one card number."""
_BEGUN = ["18", "2[1-7]", "3[0-9]", "4[0-9]", "5[0-8]", "6[0-9]", "8[126]", "9[78]"]
POSSIBLE = (
    f"(?:^|[^0-9])(?:{'|'.join(two[0] + GAP + two[1:] for two in _BEGUN)})(?:{GAP}{DIGIT}){{{CARD_LENGTHS.start - 2},}}"
    "|[\uff10-\uff19]"
)
"""What every text that holds a card number matches, and few others do: a quick test of many of them."""
_ISSUED = re.compile(ISSUED)
_RUN, _SHAPE = re.compile(RUN), re.compile(SHAPE)
_BETWEEN = re.compile(f"([^{DIGIT[1:-1]}]+)")
_NOTHING = re.compile(f"[{NOTHING}]")
_ASCII = str.maketrans(FULL_WIDTH, "0123456789")


def mask(identifier: str) -> str:
    """An identifier with its middle hidden; of a card number the first six and the last four digits stay.

    >>> mask("customer-4711"), mask("4961"), mask("7"), mask("4111 1111 1111 1111")
    ('cu…11', '4…1', '…', '411111…1111')
    """
    if is_card_number(identifier):
        return _mask_card(identifier)
    shown = min(KEPT, len(identifier) // 4)
    return f"{identifier[:shown]}{HIDDEN}{identifier[len(identifier) - shown :]}"


def mask_card_numbers(text: str) -> str:
    """Text in which every card number is masked, and nothing else.

    >>> mask_card_numbers("paid 17 4111-1111-1111-1111, order 1234567890123")
    'paid 17 411111…1111, order 1234567890123'
    """
    return _RUN.sub(lambda run: "".join(_masked_groups(run.group())), text)


def without_card_numbers(document: Any) -> Any:
    """The same JSON document with every card number masked, in keys as well; digests stay as they are.

    >>> without_card_numbers({"kind": ["4111111111111111"], "sha256": "4111111111111111"})
    {'kind': ['411111…1111'], 'sha256': '4111111111111111'}
    """
    if isinstance(document, Mapping):
        return {
            mask_card_numbers(key): value if key in DIGESTS else without_card_numbers(value)
            for key, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [without_card_numbers(value) for value in document]
    return mask_card_numbers(document) if isinstance(document, str) else document


def holds_card_number(text: str) -> bool:
    """Whether a card number is in the text.

    >>> holds_card_number("refund of 4111 1111 1111 1111, 2nd")
    True
    """
    return mask_card_numbers(text) != text


def is_card_number(text: str) -> bool:
    """Whether digits, perhaps with blanks, hyphens or other marks between them, pass as a payment card number.

    They begin as those of an issuer do, are as many, and pass Luhn's check (ISO/IEC 7812).

    >>> [is_card_number(text) for text in ("4111 1111 1111 1111", "4111 1111 1111 1112", "1111 1111 1111 1117")]
    [True, False, False]
    """
    return bool(_SHAPE.match(text)) and _is_card(_BETWEEN.split(_NOTHING.sub(" ", text).strip(" ")))


def pass_luhn(numbers: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts of digits pass Luhn's check (ISO/IEC 7812), shape (N,).

    Every second digit from the right is doubled; the sum of all digits is a multiple of ten.
    """
    width = max(map(len, numbers), default=0)
    padded = "".join(number.zfill(width) for number in numbers).encode()
    digits = (np.frombuffer(padded, dtype=np.uint8) - ord("0")).reshape(len(numbers), width)[:, ::-1]
    doubled = 2 * digits[:, 1::2]
    sums = digits[:, ::2].sum(axis=1, dtype=int) + (doubled - 9 * (doubled > 9)).sum(axis=1, dtype=int)
    passed: NDArray[np.bool_] = sums % 10 == 0
    return passed


def _is_card(parts: Sequence[str]) -> bool:
    """Whether groups of digits, the gaps between them in turn, are a card number."""
    digits = "".join(parts[::2]).translate(_ASCII)
    return bool(_ISSUED.match(digits)) and bool(pass_luhn([digits])[0]) and _is_spelt_as_a_card(parts[::2], parts[1::2])


def _is_spelt_as_a_card(groups: Sequence[str], gaps: Sequence[str]) -> bool:
    """Whether it is no date, amount or address: between those digits stand dots and slashes, or marks of two kinds.

    Where there is but one kind of gap, blanks or a dash, the groups may be of any length. Otherwise all but the last
    are of four digits or more, or, behind one kind of mark, of one length.
    """
    kinds = {_NOTHING.sub("", gap)[:1] for gap in gaps}
    if len(kinds) < 2 and kinds <= {"", *DASHES}:
        return True
    lengths = [len(group) for group in groups[:-1]]
    return len(gaps) > 1 and (min(lengths) >= 4 or (len(kinds) == 1 and len(set(lengths)) == 1))


def _masked_groups(run: str) -> Iterator[str]:
    """Groups of digits and the gaps between them; those that together are a card number as one, masked."""
    parts = _BETWEEN.split(run)  # digits and gaps in turn
    start = 0
    while start < len(parts):
        longest = min(len(parts), start + 2 * CARD_LENGTHS.stop - 3)
        ends = range(longest, start, -2) if start % 2 == 0 else ()
        end = next((end for end in ends if _is_card(parts[start:end])), None)
        yield parts[start] if end is None else _mask_card("".join(parts[start:end]))
        start = start + 1 if end is None else end


def _mask_card(text: str) -> str:
    digits = _BETWEEN.sub("", text).translate(_ASCII)
    return f"{digits[:6]}{HIDDEN}{digits[-4:]}"
