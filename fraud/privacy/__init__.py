"""Identifiers masked in outputs; card numbers found, masked and replaced."""

from fraud.privacy.card_numbers import (
    are_card_numbers,
    hold_card_numbers,
    mask_card_numbers_in,
    replace_card_numbers,
)
from fraud.privacy.masking import HIDDEN, POSSIBLE, mask, mask_card_numbers, without_card_numbers

__all__ = [
    "HIDDEN",
    "POSSIBLE",
    "are_card_numbers",
    "hold_card_numbers",
    "mask",
    "mask_card_numbers",
    "mask_card_numbers_in",
    "replace_card_numbers",
    "without_card_numbers",
]
