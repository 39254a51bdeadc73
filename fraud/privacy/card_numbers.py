"""Card numbers among the identifiers of the data: found by the column, counted, masked in every output."""

from collections.abc import Callable

import polars as pl

from fraud.privacy.masking import (
    DIGIT,
    FULL_WIDTH,
    HIDDEN,
    ISSUED,
    NOTHING,
    POSSIBLE,
    SHAPE,
    holds_card_number,
    is_card_number,
    mask_card_numbers,
    pass_luhn,
)

NUMBER = f"^[{NOTHING}]*{DIGIT}+[{NOTHING}]*$"
"""One number and nothing else: it is a card number as a whole or not at all."""


def are_card_numbers(values: pl.Series) -> pl.Series:
    """Which texts are card numbers, see ``masking.is_card_number``; false for null.

    >>> are_card_numbers(pl.Series(["4111 1111 1111 1111", "4111111111111112", None])).to_list()
    [True, False, False]
    """
    found = values.str.contains(SHAPE).fill_null(value=False)
    if not found.any():
        return found
    positions = found.arg_true()
    shaped = values.gather(positions)
    digits = _digits(shaped)
    passed = digits.str.contains(ISSUED) & pl.Series(pass_luhn(digits.to_list()))
    parted = (passed & ~shaped.str.contains(NUMBER)).arg_true()
    passed = passed.scatter(parted, [is_card_number(text) for text in shaped.gather(parted).to_list()])
    return found.scatter(positions, passed)


def hold_card_numbers(values: pl.Series) -> pl.Series:
    """Which texts have a card number in them, or are one; false for null.

    >>> hold_card_numbers(pl.Series(["4111 1111 1111 1111", "paid by 4111111111111111", "c-17", None])).to_list()
    [True, True, False, False]
    """
    found = values.str.contains(POSSIBLE).fill_null(value=False)
    if not found.any():
        return found
    positions = found.arg_true()
    possible = values.gather(positions)
    held = are_card_numbers(possible)
    longer = (~held & ~possible.str.contains(NUMBER)).arg_true()
    held = held.scatter(longer, [holds_card_number(text) for text in possible.gather(longer).to_list()])
    return found.scatter(positions, held)


def mask_card_numbers_in(values: pl.Series) -> pl.Series:
    """The column with every card number masked, in longer texts as well: its first six and last four digits stay."""
    positions = hold_card_numbers(values).arg_true()
    if positions.is_empty():
        return values
    held = values.gather(positions)
    digits = _digits(held)
    masked = digits.str.slice(0, 6) + HIDDEN + digits.str.slice(-4)
    longer = (~are_card_numbers(held)).arg_true()
    masked = masked.scatter(longer, [mask_card_numbers(text) for text in held.gather(longer).to_list()])
    return values.clone().scatter(positions, masked)


def replace_card_numbers(column: pl.Expr, replace: Callable[[str], str]) -> pl.Expr:
    """A column in which every text that has a card number in it is replaced as a whole, and nothing else."""
    return column.map_batches(lambda values: _replace(values, replace), return_dtype=pl.String, is_elementwise=True)


def _replace(values: pl.Series, replace: Callable[[str], str]) -> pl.Series:
    positions = hold_card_numbers(values).arg_true()
    if positions.is_empty():
        return values
    return values.clone().scatter(positions, [replace(value) for value in values.gather(positions).to_list()])


def _digits(values: pl.Series) -> pl.Series:
    """The digits of each text, full-width ones as ordinary ones."""
    return values.str.replace_many(list(FULL_WIDTH), list("0123456789")).str.replace_all("[^0-9]", "")
