"""What would make a report misleading is warned of, the most severe first; sound data get no warning."""

import tomllib
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from inspect_frame import inspect_frame as as_file
from inspect_frame import unfamiliar

from fraud.config import RunConfig
from fraud.errors import DumpError
from fraud.inspection import Inspection, inspect_dumps, write_config
from fraud.inspection.proposal.terminal import describe

RNG = np.random.default_rng(21)
ROWS = 6_000
DAY = pl.col("booked_at").dt.date()


def base() -> pl.DataFrame:
    return unfamiliar(ROWS)


inspect_frame = partial(as_file, kind="parquet")


def warned(found: Inspection, words: str) -> bool:
    return any(words in warning for warning in found.warnings)


def test_data_in_order_get_no_warning(tmp_path: Path) -> None:
    found = inspect_frame(base(), tmp_path)
    assert found.warnings == ()
    assert found.missing == ()
    assert found.config.columns.entities == {"client": "client", "terminal": "terminal_no"}


PERSONAL = {
    "mail": [f"someone{n % 900}@example.org" for n in range(ROWS)],
    "caller": [f"+32 475 {n % 900:06d}" for n in range(ROWS)],
    "host": [f"10.0.{n % 200}.{n % 250}" for n in range(ROWS)],
    "pan": ["4111111111111111", "5500005555555559", "4012888888881881"] * (ROWS // 3),
    "surname": ["Peeters", "Janssens", "Maes"] * (ROWS // 3),
}


def with_check_digit(number: str) -> str:
    digits = [int(digit) * (2 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(number))]
    return number + str(-sum(digit - 9 * (digit > 9) for digit in digits) % 10)


CARDS = [with_check_digit(f"411111{n % 200:09d}") for n in range(ROWS)]


@pytest.mark.parametrize("column", PERSONAL)
def test_personal_data_are_named_with_the_advice_to_drop_or_hash_them(column: str, tmp_path: Path) -> None:
    found = inspect_frame(base().with_columns(pl.Series(column, PERSONAL[column])), tmp_path)
    assert warned(found, f"{column} holds")
    assert warned(found, "drop it, or hash it")
    assert column not in found.config.columns.categorical


def test_card_numbers_that_are_the_cards_are_to_be_pseudonymised_by_the_switch_that_does_it(tmp_path: Path) -> None:
    found = inspect_frame(base().with_columns(card_no=pl.Series(CARDS)), tmp_path)
    assert found.config.columns.entities["card"] == "card_no"
    assert warned(found, "card_no holds card numbers (with valid check digits): set [privacy] pseudonymise = true")
    (line,) = [line for line in write_config(found).splitlines() if line.startswith("pseudonymise")]
    assert "true hides card_no" in line


def test_long_numbers_that_are_no_card_numbers_are_not_reported(tmp_path: Path) -> None:
    numbers = pl.Series("batch", [4_000_000_000_000_000 + 7 * (n % 500) for n in range(ROWS)])
    assert not warned(inspect_frame(base().with_columns(numbers), tmp_path), "card numbers")


def test_constants_and_repeats_are_counted(tmp_path: Path) -> None:
    frame = base().with_columns(currency=pl.lit("EUR"))
    found = inspect_frame(pl.concat([frame, frame.head(5)]), tmp_path)
    assert warned(found, "constant or empty: currency")
    assert warned(found, "5 rows repeat another row in every column")
    assert (
        warned(found, "ref_id: 5 rows repeat the identity of another row")
        or found.config.columns.transaction_id is None
    )


def test_a_missing_fortnight_is_a_gap(tmp_path: Path) -> None:
    gone = DAY.is_between(datetime(2018, 5, 10, tzinfo=UTC).date(), datetime(2018, 5, 23, tzinfo=UTC).date())
    assert warned(inspect_frame(base().filter(~gone), tmp_path), "no transaction for 14 days after 2018-05-09")


def test_a_label_that_stops_moves_the_end_of_the_data(tmp_path: Path) -> None:
    late = pl.col("booked_at") >= datetime(2018, 6, 12, tzinfo=UTC)
    found = inspect_frame(base().with_columns(outcome_fraud=pl.when(late).then(0).otherwise("outcome_fraud")), tmp_path)
    assert warned(found, "the label stops")
    delay = found.config.labels.delay_days
    assert found.config.split.as_of is not None
    last = base().filter(~late & (pl.col("outcome_fraud") == 1))["booked_at"].max()
    assert (datetime.fromisoformat(found.config.split.as_of).date() - last.date()).days == delay + 1


def test_a_unit_that_changes_midway_is_noticed(tmp_path: Path) -> None:
    late = pl.col("booked_at") >= datetime(2018, 5, 20, tzinfo=UTC)
    cents = base().with_columns(sum_paid=pl.when(late).then(pl.col("sum_paid") * 100).otherwise("sum_paid"))
    (warning,) = [one for one in inspect_frame(cents, tmp_path).warnings if "unit may have changed" in one]
    assert warning.startswith("sum_paid is")
    assert "times larger from about 2018-05" in warning


def test_few_frauds_lengthen_the_test_window_and_are_warned_of(tmp_path: Path) -> None:
    few = pl.Series("outcome_fraud", (np.arange(ROWS) % 400 == 7).astype(int))
    found = inspect_frame(base().with_columns(few), tmp_path)
    many = pl.Series("outcome_fraud", (np.arange(ROWS) % 9 == 7).astype(int))
    assert found.config.split.test > inspect_frame(base().with_columns(many), tmp_path).config.split.test
    assert warned(found, "too few frauds to judge by: 15 in all")


@pytest.mark.parametrize("name", ["Betrugsfall", "isfraudulent", "FraudFlag"])
def test_a_label_is_known_by_a_part_of_its_name(name: str, tmp_path: Path) -> None:
    label = inspect_frame(base().rename({"outcome_fraud": name}), tmp_path).label
    assert label is not None
    assert label.spec.column == name


def test_fifteen_frauds_in_a_hundred_are_not_to_be_found_with_every_transaction(tmp_path: Path) -> None:
    many = pl.Series("outcome_fraud", (RNG.random(ROWS) < 0.15).astype(int))
    found = inspect_frame(base().with_columns(many), tmp_path)
    assert found.warnings == ()
    assert ROWS * 0.08 / 91 <= found.config.policy.value <= ROWS * 0.1 / 91
    assert "a perfect ranking finds" in found.why["policy.value"]


def test_rows_without_a_label_are_counted_and_questioned(tmp_path: Path) -> None:
    hidden = pl.Series(RNG.random(ROWS) < 0.95)
    found = inspect_frame(base().with_columns(outcome_fraud=pl.when(~hidden).then("outcome_fraud")), tmp_path)
    assert warned(found, "95 % of the rows have no label")
    assert warned(found, "a fair sample")


def test_a_severe_warning_comes_before_a_milder_one(tmp_path: Path) -> None:
    hidden = pl.Series(RNG.random(ROWS) < 0.95)
    few_labels = base().with_columns(outcome_fraud=pl.when(~hidden).then("outcome_fraud"))
    warnings = " ".join(inspect_frame(few_labels.with_columns(state=pl.lit("x")), tmp_path).warnings)
    parts = ("have no label", "too few frauds to judge by", "constant or empty: state")
    assert [warnings.index(part) for part in parts] == sorted(warnings.index(part) for part in parts)


def test_without_time_or_entities_the_order_of_rows_must_do(tmp_path: Path) -> None:
    found = inspect_frame(
        base().select("sum_paid", "outcome_fraud").sample(fraction=1.0, shuffle=True, seed=1), tmp_path
    )
    assert found.config.columns.event_time.is_row_order
    assert found.config.split.test < 1
    assert found.config.policy.kind == "alert_rate"
    assert warned(found, "no time: the order of the rows stands for it")
    assert warned(found, "no column recurs as cards do")


def test_other_columns_in_one_inspection_end_in_one_line_that_names_the_option_to_join(tmp_path: Path) -> None:
    base().drop("outcome_fraud").write_parquet(tmp_path / "a.parquet")
    base().select("ref_id", "outcome_fraud").write_parquet(tmp_path / "b.parquet")
    with pytest.raises(DumpError, match=r"join them on ref_id with --join"):
        inspect_dumps([tmp_path / "a.parquet", tmp_path / "b.parquet"], tmp_path / "scratch")


def test_every_warning_and_guess_is_in_the_written_config(tmp_path: Path) -> None:
    found = inspect_frame(base().with_columns(pan=pl.Series(PERSONAL["pan"])), tmp_path)
    text = " ".join(write_config(found).replace("\n#", " ").split())
    assert all(" ".join(warning.split()) in text for warning in found.warnings)


def test_hostile_names_and_cells_cannot_break_the_config_or_the_terminal(tmp_path: Path) -> None:
    frame = base().with_columns(note=pl.lit('x"\n[policy]\nvalue = 1 \x1b[31m')).rename({"sum_paid": 'sum "paid"\n# ]'})
    found = inspect_frame(frame, tmp_path)
    config = RunConfig.from_mapping(tomllib.loads(write_config(found)))
    assert config == found.config
    assert config.columns.amount == 'sum "paid"\n# ]'
    assert not [line for line in describe(found) if "\n" in line or "\x1b" in line]
