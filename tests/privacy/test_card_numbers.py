"""Card numbers in the columns of a dump are found, counted and reported in one line."""

import time

import polars as pl
import pytest
from desk import Desk
from hypothesis import given
from hypothesis import strategies as st

from fraud.privacy.card_numbers import are_card_numbers, hold_card_numbers, mask_card_numbers_in
from fraud.privacy.masking import holds_card_number, is_card_number, mask_card_numbers

VISA, AMEX = "4111111111111111", "3782-822463-10005"
ODD = ("4111  1111  1111  1111", "4111.1111.1111.1111", "4111\u00a01111\u00a01111\u00a01111", "4111\t1111\t1111\t1111")
LONGER = (f"{VISA} 123", "4111-1111-1111-1111-12", f"{VISA}-01", f"card {VISA} of bob", f"17 {VISA}")
TEXTS = st.one_of(
    st.text("0123456789 -.a\u00a0\u2013\uff14", max_size=24), st.sampled_from([VISA, AMEX, *ODD, *LONGER])
)


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=20))
def test_columns_are_judged_as_their_texts_are_one_by_one(values: list[str | None]) -> None:
    found = are_card_numbers(pl.Series(values, dtype=pl.String)).to_list()
    assert found == [value is not None and is_card_number(value) for value in values]


@given(st.lists(TEXTS, max_size=20))
def test_a_column_is_masked_as_its_texts_are_one_by_one(values: list[str]) -> None:
    column = pl.Series(values, dtype=pl.String)
    whole = [is_card_number(value) for value in values]
    masked = [mask_card_numbers(value.strip() if card else value) for value, card in zip(values, whole, strict=True)]
    assert mask_card_numbers_in(column).to_list() == masked
    assert hold_card_numbers(column).to_list() == [holds_card_number(value) for value in values]
    assert column.to_list() == values


@pytest.mark.parametrize("text", [*ODD, *LONGER])
def test_no_spelling_of_a_card_number_comes_out_or_comes_in_untold(text: str, desk: Desk) -> None:
    (masked,) = mask_card_numbers_in(pl.Series([text]))
    assert "411111…1111" in masked
    assert not holds_card_number(masked)
    (warning,) = [one for one in desk.ingest(desk.csv(f'a,2018-04-01,5,0,"{text}"')).warnings if "card number" in one]
    assert "1 in card; masked" in warning


def test_a_million_ids_of_sixteen_digits_are_looked_through_in_seconds() -> None:
    ids = pl.Series(range(4 * 10**15, 4 * 10**15 + 10**6)).cast(pl.String)
    began = time.perf_counter()
    masked = mask_card_numbers_in(ids)
    assert time.perf_counter() - began < 10
    assert 0.09 < (masked != ids).mean() < 0.11  # one in ten passes Luhn's check


@given(st.integers(10**12, 10**19 - 1))
def test_luhns_check_is_the_same_for_a_column_and_for_one_number(number: int) -> None:
    assert are_card_numbers(pl.Series([str(number), VISA])).to_list() == [is_card_number(str(number)), True]


def test_card_numbers_of_a_column_are_masked_and_nothing_else() -> None:
    column = pl.Series([VISA, None, "4111111111111112", AMEX, "c-17", f"refund of {VISA}", "1111111111111117"])
    masked = ["411111…1111", None, "4111111111111112", "378282…0005", "c-17", "refund of 411111…1111"]
    assert mask_card_numbers_in(column).to_list() == [*masked, "1111111111111117"]


def test_an_ingest_warns_of_card_numbers_in_one_line_with_their_count_and_column(desk: Desk) -> None:
    rows = (f"a,2018-04-01,5,0,{VISA}", f"{AMEX},2018-04-02,5,0,{VISA}", "c,2018-04-03,5,0,596")
    (warning,) = [one for one in desk.ingest(desk.csv(*rows)).warnings if "card number" in one]
    assert "1 in transaction_id, 2 in card; masked in every output" in warning
    assert "\n" not in warning


def test_an_ingest_without_card_numbers_says_nothing_of_them(desk: Desk, small_csv: object) -> None:
    assert desk.ingest(small_csv).warnings == ()
