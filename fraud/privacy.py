"""Names of people and cards, made fit to be shown: enough to recognise a known one, too little to learn one."""

import re
from collections.abc import Mapping
from typing import Any

KEPT = 2
"""Letters shown at either end of an identifier; fewer of a short one, so that half of it stays hidden."""
HIDDEN = "…"
"""Stands for what is hidden, however long it is."""
CARD_LENGTHS = range(13, 20)
"""Digits of a payment card number (ISO/IEC 7812)."""
DIGESTS = frozenset({"sha256", "config_sha256", "commit", "run_id"})
"""Keys whose texts are made of digits and letters by machines."""
_GAPS = re.compile(r"[ -]")
_RUN = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


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

    >>> mask_card_numbers("paid with 4111-1111-1111-1111, order 1234567890123")
    'paid with 411111…1111, order 1234567890123'
    """
    return _RUN.sub(lambda run: _mask_card(run.group()) if is_card_number(run.group()) else run.group(), text)


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
    """Whether digits, perhaps with blanks or hyphens between them, pass as a payment card number (ISO/IEC 7812, Luhn).

    >>> is_card_number("4111 1111 1111 1111"), is_card_number("4111 1111 1111 1112")
    (True, False)
    """
    digits = _GAPS.sub("", text.strip())
    return len(digits) in CARD_LENGTHS and digits.isascii() and digits.isdigit() and _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    """Every second digit from the right is doubled; the sum of all digits is a multiple of ten."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return any(digit != "0" for digit in digits) and (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _mask_card(text: str) -> str:
    digits = _GAPS.sub("", text.strip())
    return f"{digits[:6]}{HIDDEN}{digits[-4:]}"
