"""What is money and what is a name with a number in it: identities and card numbers are never amounts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from awkward_exports import joined, write

from fraud.data.mapping.values import parse_numbers
from fraud.inspection import Inspection, inspect_dumps

ROWS = 3_000
RNG = np.random.default_rng(3)
START = datetime(2024, 2, 3, tzinfo=UTC)
MOMENTS = [START + timedelta(minutes=40 * n) for n in range(ROWS)]
AMOUNTS = np.round(RNG.lognormal(3, 1, ROWS), 2)
NAMES = ["Transaktion", "Zeitpunkt", "Konto", "Haendler", "Betrag", "Betrug"]


def inspect_export(folder: Path, *, amounts: Sequence[str], separator: str = ",", **more: Sequence[str]) -> Inspection:
    rows = [
        [
            *(f"TXN-{100_000 + n}", f"{MOMENTS[n]:%Y-%m-%d %H:%M}", f"ACC-{n * 7 % 300:05}", f"MER-{n * 11 % 100:03}"),
            *(amounts[n], str(int(n % 19 == 0))),
            *(values[n] for values in more.values()),
        ]
        for n in range(ROWS)
    ]
    path = write(folder, "a.csv", joined(rows, separator=separator, names=[*NAMES, *more]))
    return inspect_dumps([path], folder / "scratch")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("$1,234.50", 1234.5),
        ("12.50 €", 12.5),
        ("EUR 12.50", 12.5),
        ("12.50EUR", 12.5),
        ("eur 12.50", 12.5),
        ("CHF 1'234.50", 1234.5),
        ("US$ 12", 12.0),
        ("(12.00)", -12.0),
        ("($12.00)", -12.0),
        ("EUR -5.1", -5.1),
        ("$-5", -5.0),
        ("-$5", -5.0),
        ("5.10-", -5.1),
        ("\u22125 €", -5.0),
    ],
)
def test_money_is_read_as_people_write_it(written: str, value: float) -> None:
    assert parse_numbers(pl.Series([written]), ".").to_list() == [value]


@pytest.mark.parametrize(
    "written",
    ["TXN-100000", "ACC-00043", "MER-118", "Inv 12345", "PLN-03", "MOP118", "ref 4281519085275759", "EUR-12.50"],
)
@pytest.mark.parametrize("decimal", [".", ","])
def test_a_name_with_a_number_in_it_is_no_money(written: str, decimal: str) -> None:
    assert parse_numbers(pl.Series([written]), decimal).to_list() == [float("inf")]


def test_identities_leave_a_german_file_its_amount(tmp_path: Path) -> None:
    found = inspect_export(tmp_path, amounts=[f"{amount:.2f}".replace(".", ",") for amount in AMOUNTS], separator=";")
    columns = found.config.columns
    assert (columns.amount, columns.text.decimal) == ("Betrag", ",")
    assert columns.entities == {"konto": "Konto", "haendler": "Haendler"}


def test_the_column_that_is_called_the_amount_says_how_decimals_are_written(tmp_path: Path) -> None:
    others = {name: [f"{n % 7}.5 EUR" for n in range(ROWS)] for name in ("fee", "tip")}
    found = inspect_export(
        tmp_path, amounts=[f"{amount:.2f}".replace(".", ",") for amount in AMOUNTS], separator=";", **others
    )
    assert found.config.columns.text.decimal == ","
    assert "numbers with both decimal marks: fee, tip differ from the rest; convert them" in found.unsure


def test_whole_dollars_are_an_amount_and_names_with_a_number_are_categories(tmp_path: Path) -> None:
    regions, plans = [f"EUR {n % 8}" for n in range(ROWS)], [f"PLN-{n % 5:02}" for n in range(ROWS)]
    found = inspect_export(tmp_path, amounts=[f"${amount:.0f}" for amount in AMOUNTS], region=regions, plan=plans)
    assert found.config.columns.amount == "Betrag"
    assert found.config.columns.categorical == ("region", "plan")
    assert found.config.columns.numeric == ()


def test_names_alone_make_no_number_of_a_plain_file(tmp_path: Path) -> None:
    regions, invoices = [f"EUR {n % 8}" for n in range(ROWS)], [f"Inv {90_000 + n}" for n in range(ROWS)]
    columns = inspect_export(
        tmp_path, amounts=[f"{a}" for a in AMOUNTS], region=regions, invoice=invoices
    ).config.columns
    assert columns.text.decimal is None
    assert (columns.categorical, columns.ignore) == (("region",), ("invoice",))


def with_check_digit(number: str) -> str:
    digits = [int(digit) * (2 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(number))]
    return number + str(-sum(digit - 9 * (digit > 9) for digit in digits) % 10)


@pytest.mark.parametrize("before", ["ref ", "", "paid by "])
def test_card_numbers_in_a_few_remarks_are_warned_of_and_no_feature(before: str, tmp_path: Path) -> None:
    cards = [before + with_check_digit(f"428151{n:09}") for n in range(ROWS)]
    notes = [cards[n] if n % 50 == 0 else "thanks" if n % 3 == 0 else "" for n in range(ROWS)]
    found = inspect_export(tmp_path, amounts=[f"${amount:.2f}" for amount in AMOUNTS], note=notes)
    (warning,) = [warning for warning in found.warnings if warning.startswith("note holds card numbers")]
    assert "drop it, or hash it" in warning
    assert not before or "in 60 of 3,000 cells" in warning
    assert found.config.columns.ignore == ("note",)


def test_references_that_pass_by_chance_are_no_card_numbers(tmp_path: Path) -> None:
    notes = [f"ref {4_000_000_000_000_000 + 7 * n}" for n in range(ROWS)]
    found = inspect_export(tmp_path, amounts=[f"{amount}" for amount in AMOUNTS], note=notes)
    assert not [warning for warning in found.warnings if "card numbers" in warning]
