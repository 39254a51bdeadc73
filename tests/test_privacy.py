"""Identifiers are recognised by who knows them and learned by nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.privacy import is_card_number, mask, mask_card_numbers

CARDS = ("4111111111111111", "5500 0055 5555 5559", "3782-822463-10005", "6011000990139424", "4222222222222")
"""Test numbers that the card schemes publish."""


@pytest.mark.parametrize("card", CARDS)
def test_a_card_number_keeps_its_first_six_and_last_four_digits(card: str) -> None:
    digits = "".join(letter for letter in card if letter.isdigit())
    assert is_card_number(card)
    assert mask(card) == f"{digits[:6]}…{digits[-4:]}"
    assert mask_card_numbers(f"({card}) paid") == f"({digits[:6]}…{digits[-4:]}) paid"


@pytest.mark.parametrize("card", CARDS)
def test_one_wrong_digit_makes_it_no_card_number(card: str) -> None:
    wrong = f"{card[:-1]}{(int(card[-1]) + 1) % 10}"
    assert not is_card_number(wrong)
    assert mask_card_numbers(wrong) == wrong


@pytest.mark.parametrize("text", ["", "0000000000000000", "41111111", "٤١١١١١١١١١١١١١١١", "12345678901234567890"])
def test_what_has_no_card_numbers_form_is_none(text: str) -> None:
    assert not is_card_number(text)


@given(st.text(max_size=60))
def test_at_least_half_of_an_identifier_stays_hidden(identifier: str) -> None:
    shown = mask(identifier).replace("…", "", 1)
    assert len(shown) <= (10 if is_card_number(identifier) else min(4, len(identifier) / 2))


@given(st.text(alphabet="0123456789 -ab", max_size=40))
def test_no_card_number_survives_in_a_text(text: str) -> None:
    assert not is_card_number(mask_card_numbers(text))
