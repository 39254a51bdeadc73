"""Columns that leak the label are found and kept out of the features; ordinary strong ones are not."""

import tomllib
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from inspect_frame import inspect_frame, unfamiliar
from sample_dumps import SAMPLE_DUMPS

from fraud.inspection import inspect_dumps, write_config
from fraud.simulation.dumps import Simulation, write_dumps

RNG = np.random.default_rng(11)
ROWS = 8_000


def base() -> pl.DataFrame:
    return unfamiliar(ROWS)


def y() -> np.ndarray:
    return base()["outcome_fraud"].to_numpy()


def among_frauds(words: list[str]) -> list[str | None]:
    return [str(RNG.choice(words)) if fraud else None for fraud in y()]


LEAKS = {
    "kind_of_fraud": lambda: among_frauds(["skimming", "phishing"]),
    "copy_with_noise": lambda: np.where(RNG.random(ROWS) < 0.005, 1 - y(), y()),
    "balance_after": lambda: np.where(y() == 1, 0.0, RNG.lognormal(6, 1, ROWS).round(2) + 1),
    "case_handler": lambda: among_frauds(["ann", "bob", "cleo"]),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_flagged_first_and_is_no_feature(leak: str, tmp_path: Path) -> None:
    found = inspect_frame(base().with_columns(pl.Series(leak, LEAKS[leak]())), tmp_path)
    assert leak in found.warnings[0]
    assert "leaks the label" in found.warnings[0]
    columns = found.config.columns
    assert leak not in {*columns.numeric, *columns.categorical, *columns.entities.values()}


def seven_in_ten() -> np.ndarray:
    return (y() == 1) & (np.random.default_rng(2).random(ROWS) < 0.7)


PARTS = {
    "state_of_order": (lambda: np.where(seven_in_ten(), "BLOCKED", "OK"), "where state_of_order = BLOCKED are fraud, "),
    "stopped_flag": (lambda: np.where(seven_in_ten(), 1, 0), "where stopped_flag = 1"),
    "ticket": (lambda: [f"C{n}" if hit else None for n, hit in enumerate(seven_in_ten())], "where ticket is filled"),
    "authorisation": (
        lambda: [None if hit else f"A{n % 5_000}" for n, hit in enumerate(seven_in_ten())],
        "where authorisation is empty",
    ),
    "booked_back": (lambda: np.where(seven_in_ten(), 17.5, 0.0), "where booked_back = 17.5"),
}


@pytest.mark.parametrize("leak", PARTS)
def test_a_value_of_seven_in_ten_frauds_is_named_with_its_figures_and_is_no_feature(leak: str, tmp_path: Path) -> None:
    values, condition = PARTS[leak]
    found = inspect_frame(base().with_columns(pl.Series(leak, values())), tmp_path)
    count = int(seven_in_ten().sum())
    assert found.warnings[0].startswith(f"{leak} leaks the label: {count} of {count} rows {condition}")
    assert "is it set after the outcome?" in found.warnings[0]
    assert found.config.columns.ignore == (leak,)
    assert f'"{leak}",' in write_config(found)


def test_a_chargeback_date_becomes_the_time_at_which_the_label_was_known(tmp_path: Path) -> None:
    date = pl.when(pl.col("outcome_fraud") == 1).then(pl.col("booked_at") + pl.duration(days=9))
    found = inspect_frame(base().with_columns(chargeback_date=date), tmp_path)
    assert "chargeback_date" in found.warnings[0]
    label_time = found.config.columns.label_time
    assert label_time is not None
    assert label_time.column == "chargeback_date"


def test_the_config_states_why_a_column_is_ignored(tmp_path: Path) -> None:
    text = write_config(
        inspect_frame(base().with_columns(pl.Series("balance_after", LEAKS["balance_after"]())), tmp_path)
    )
    assert "balance_after" in tomllib.loads(text)["columns"]["ignore"]
    (line,) = [line for line in text.splitlines() if line.strip().startswith('"balance_after"')]
    assert "leaks the label" in line


def test_a_name_of_the_outcome_is_enough(tmp_path: Path) -> None:
    found = inspect_frame(base().with_columns(was_flagged=pl.Series(RNG.integers(0, 2, ROWS))), tmp_path)
    assert any("was_flagged" in warning for warning in found.warnings)
    assert "was_flagged" in found.config.columns.ignore


def test_the_fraud_scenario_of_the_handbook_is_flagged_and_nothing_else(tmp_path: Path) -> None:
    (path,) = write_dumps(tmp_path, Simulation(seed=3, days=30, customers=300, terminals=600, fraud_factor=3.0))[:1]
    found = inspect_dumps([path], tmp_path / "scratch")
    (warning,) = [one for one in found.warnings if "leaks the label" in one]
    assert warning.startswith("TX_FRAUD_SCENARIO")
    assert found.config.columns.fraud_type == "TX_FRAUD_SCENARIO"


def test_strong_components_of_card_data_are_not_flagged(tmp_path: Path) -> None:
    frame = SAMPLE_DUMPS["creditcard"]().with_columns(
        V14=pl.Series(RNG.normal(-2.4 * SAMPLE_DUMPS["creditcard"]()["Class"].to_numpy(), 1.0))
    )
    found = inspect_frame(frame, tmp_path)
    assert not [warning for warning in found.warnings if "leaks the label" in warning]
