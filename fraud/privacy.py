"""Names of people and cards, made fit to be shown: enough to recognise a known one, too little to learn one."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

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
_ISSUED = re.compile(ISSUED)
_GAPS = re.compile("[ -]")
_GAP = re.compile("([ -])")
RUN = r"[0-9](?:[ -]?[0-9]){12,}"
"""Digits that may have a card number among them."""
_RUN = re.compile(RUN)


def mask(identifier: str, *, keep: int = KEPT) -> str:
    """An identifier with its middle hidden; of a card number the first six and the last four digits stay.

    Args:
        identifier: as the data has it.
        keep: letters shown at either end, at most a quarter of them all.

    >>> mask("customer-4711"), mask("4961"), mask("7"), mask("4111 1111 1111 1111")
    ('cu…11', '4…1', '…', '411111…1111')
    """
    if is_card_number(identifier):
        return _mask_card(identifier)
    shown = min(keep, len(identifier) // 4)
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
            mask_card_numbers(key): said if key in DIGESTS else without_card_numbers(said)
            for key, said in document.items()
        }
    if isinstance(document, list | tuple):
        return [without_card_numbers(said) for said in document]
    return mask_card_numbers(document) if isinstance(document, str) else document


def is_card_number(text: str) -> bool:
    """Whether digits, perhaps with blanks or hyphens between them, pass as a payment card number.

    They begin as those of an issuer do, are as many, and pass Luhn's check (ISO/IEC 7812).

    >>> [is_card_number(text) for text in ("4111 1111 1111 1111", "4111 1111 1111 1112", "1111 1111 1111 1117")]
    [True, False, False]
    """
    digits = _GAPS.sub("", text.strip())
    if not (digits.isascii() and digits.isdigit()):
        return False
    return bool(_ISSUED.match(digits)) and _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    """Every second digit from the right is doubled; the sum of all digits is a multiple of ten."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _masked_groups(run: str) -> Iterator[str]:
    """Groups of digits and the gaps between them; those that together are a card number as one, masked."""
    parts = _GAP.split(run)  # digits and gaps in turn
    place = 0
    while place < len(parts):
        longest = min(len(parts), place + 2 * CARD_LENGTHS.stop - 3)
        ends = range(longest, place, -2) if place % 2 == 0 else ()
        end = next((end for end in ends if is_card_number("".join(parts[place:end]))), None)
        yield parts[place] if end is None else _mask_card("".join(parts[place:end]))
        place = place + 1 if end is None else end


def _mask_card(text: str) -> str:
    digits = _GAPS.sub("", text.strip())
    return f"{digits[:6]}{HIDDEN}{digits[-4:]}"
