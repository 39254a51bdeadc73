"""Identifiers are recognised by who knows them and learned by nobody."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.privacy.masking import ISSUERS, POSSIBLE, is_card_number, mask, mask_card_numbers

CARDS = ("4111111111111111", "5500 0055 5555 5559", "3782-822463-10005", "6011000990139424", "4222222222222")
"""Test numbers that the card schemes publish."""
SCHEMES = {
    "Visa": [("4", 13), ("4", 16), ("4", 19)],
    "Mastercard": [(str(first), 16) for first in (51, 52, 53, 54, 55, 2221, 2229, 2230, 2300, 2699, 2700, 2719, 2720)],
    "American Express": [("34", 15), ("37", 15)],
    "Diners Club": [("300", 14), ("305", 16), ("3095", 14), ("36", 14), ("36", 19), ("38", 14), ("39", 16)],
    "Discover": [("6011", 16), ("6011", 19), ("644", 16), ("649", 16), ("65", 16)],
    "JCB": [("3528", 16), ("3589", 16), ("3530", 19), ("2131", 15), ("1800", 15)],
    "UnionPay": [("62", 16), ("62", 17), ("622126", 19), ("81", 16)],
    "RuPay": [("60", 16), ("82", 16), ("508", 16)],
    "Mir": [("2200", 16), ("2204", 19)],
    "Maestro": [("5018", 13), ("5020", 16), ("5893", 19), ("6304", 16), ("6759", 18), ("6763", 13)],
    "Troy, Uzcard, Humo": [("9792", 16), ("8600", 16), ("9860", 16)],
}
"""Scheme -> prefixes that it issues, and how many digits their numbers have."""
NOBODYS = [("1", 16), ("20", 16), ("2199", 16), ("2220", 16), ("2205", 16), ("2721", 16), ("3527", 16), ("3590", 16)]
NOBODYS += [("7", 16), ("90", 16), ("0", 16), ("4", 14), ("4", 15), ("4", 17), ("51", 15), ("37", 16), ("8", 13)]
NOBODYS += [("16", 13), ("2018", 14), ("301", 13), ("35", 15), ("62", 13)]
"""As many digits as cards have, and no issuer: counters, milliseconds since 1970, dates and times."""


def checked(start: str, length: int, filling: int) -> str:
    """Digits that begin so, with a last one that makes Luhn's check pass."""
    stem = f"{start}{filling % 10 ** (length - len(start) - 1):0{length - len(start) - 1}d}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in stem[::-2])
    return f"{stem}{-(doubled + sum(map(int, stem[-2::-2]))) % 10}"


@given(st.sampled_from([one for ones in SCHEMES.values() for one in ones]), st.integers(0, 10**18))
def test_every_schemes_numbers_are_masked(issued: tuple[str, int], filling: int) -> None:
    number = checked(*issued, filling)
    assert mask_card_numbers(f"paid with {number}.") == f"paid with {number[:6]}…{number[-4:]}."


def test_every_scheme_is_tried() -> None:
    assert set(SCHEMES) == set(ISSUERS)


@given(st.sampled_from(NOBODYS), st.integers(0, 10**18))
def test_long_numbers_of_no_issuer_stay_as_they_are(other: tuple[str, int], filling: int) -> None:
    number = checked(*other, filling)
    assert mask_card_numbers(f"order {number}") == f"order {number}"


def test_few_random_ids_are_taken_for_cards() -> None:
    rng = np.random.default_rng(1)
    ids = [str(number) for number in rng.integers(10**15, 10**16, 20_000)]
    assert sum(map(is_card_number, ids)) < 0.05 * len(ids)


@pytest.mark.parametrize(
    "around", ["17 {}", "2018-04-01 {} 3", "{} {}", "a-1-{}-2", "{}-17 24", "{} 123", "{}-12", "{}-01", "7 {}"]
)
def test_digits_beside_a_card_number_do_not_hide_it(around: str) -> None:
    assert mask_card_numbers(around.replace("{}", "4111 1111 1111 1111")) == around.replace("{}", "411111…1111")


GAPS = ("  ", " - ", ".", "\u00a0", "\u202f", "\t", "\u2013", "\u2011", "/", "_", "\u200b", "\u200e", "\ufffd", "\r\n")


@pytest.mark.parametrize("gap", GAPS)
def test_whatever_stands_between_the_groups_a_card_number_is_one(gap: str) -> None:
    card = gap.join(["4111", "1111", "1111", "1111"])
    assert is_card_number(card)
    assert mask_card_numbers(card) == mask(card) == "411111…1111"
    assert mask_card_numbers(f"card {card} of bob") == "card 411111…1111 of bob"


def test_digits_of_full_width_are_digits() -> None:
    wide = "4111111111111111".translate({ord(digit): 0xFF10 + int(digit) for digit in "0123456789"})
    assert mask(wide) == mask_card_numbers(wide) == "411111…1111"


def luhn_digits(shape: str) -> list[str]:
    """Texts of this shape, ``#`` for a digit of a day, month, hour and the like, that would pass Luhn's check."""
    found = []
    for filling in range(1_000):
        digits = iter(f"{filling:03d}")
        text = re.sub("#", lambda _: next(digits), shape)  # noqa: B023
        if passes(text):
            found.append(text)
    return found


def passes(text: str) -> bool:
    return is_card_number(re.sub("[^0-9]", "", text))


@pytest.mark.parametrize(
    "shape",
    [
        *("30.05.2024 12.#0.##", "30-05-2024 12-#0-##", "30/05/2024 12.#0.##", "30-05-2024/12-#0-##"),
        *("4.###111111111111", "36.1234567890###1", "41.111.#1#.111.#11,50", "36.12 39.50 45.## 10.#0"),
        *("38.104.210.##7 10.#", "50.12.#3.117/60.2#.3#.11", "4_111_###_111_111_111"),
    ],
)
def test_dates_amounts_and_addresses_stay_as_they_are(shape: str) -> None:
    likely = luhn_digits(shape)
    assert likely, "no text of this shape would pass for a card number without its marks"
    for text in likely:
        assert mask_card_numbers(f"on {text}") == f"on {text}"


@given(st.sampled_from(["", " ", ".", "-"]), st.integers(10**17, 10**19 - 1))
def test_no_card_number_is_looked_for_inside_a_longer_number(before: str, number: int) -> None:
    inside = f"{str(number)[0]}4111111111111111{str(number)[-2:]}"
    assert mask_card_numbers(f"id{before}{inside}") in {f"id{before}{inside}", f"id{before}{mask(inside)}"}
    if not is_card_number(inside):
        assert "…" not in mask_card_numbers(f"id{before}{inside}")


@given(st.sampled_from([one for ones in SCHEMES.values() for one in ones]), st.integers(0, 10**18), st.data())
def test_the_quick_look_misses_no_card_number(issued: tuple[str, int], filling: int, data: st.DataObject) -> None:
    number = list(checked(*issued, filling))
    gaps = data.draw(st.sampled_from([" ", "-", "\u00a0"]))
    for place in data.draw(st.lists(st.integers(1, len(number) - 1), max_size=3, unique=True)):
        number[place] = gaps + number[place]
    for text in ("".join(number), f"x{''.join(number)}y", f"17 {''.join(number)}"):
        assert re.search(POSSIBLE, text)
        assert "".join(number) not in mask_card_numbers(text)


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


@given(st.text(alphabet="0123456789 -.\u00a0\u2013ab", max_size=40))
def test_no_card_number_survives_in_a_text(text: str) -> None:
    assert not is_card_number(mask_card_numbers(text))
