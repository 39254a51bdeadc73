"""A column that leaks the label stops a run; strong but honest ones do not."""

import numpy as np
import polars as pl
import pytest

from fraud.errors import LeakageError
from fraud.leakage.columns import check_no_label_leak

RNG = np.random.default_rng(4)
ROWS = 20_000
Y = (RNG.random(ROWS) < 0.01).astype(np.int8)
NOISE = RNG.random(ROWS) < 0.005

LEAKS = {
    "the label": Y.astype(float),
    "the label turned round": 1.0 - Y,
    "the label with 0.5 % noise": np.where(NOISE, 1 - Y, Y).astype(float),
    "a post-event balance": np.where(Y == 1, 0.0, RNG.lognormal(5, 1, ROWS) + 1),
    "an amount that only frauds have": np.where(Y == 1, 77.0, RNG.normal(77, 30, ROWS)),
    "a fraud type": np.where(Y == 1, "skimming", "none"),
    "a date that only frauds have": [None if label == 0 else 1.0 + index for index, label in enumerate(Y)],
}
HONEST = {
    "a strong component": RNG.normal(2.3 * Y, 1.0),
    "rare categories": RNG.integers(0, 900, ROWS).astype(str),
    "an amount": RNG.lognormal(3 + Y, 1.0),
    "nothing at all": np.full(ROWS, np.nan),
}


def training(columns: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(columns, strict=False)


@pytest.mark.parametrize("leak", LEAKS)
def test_a_column_that_leaks_the_label_stops_the_run_and_is_named(leak: str) -> None:
    with pytest.raises(LeakageError, match=rf"column '{leak}' leaks the label: .*\[features\] trusted"):
        check_no_label_leak(training({**HONEST, leak: LEAKS[leak]}), Y, own=[*HONEST, leak])


def test_strong_but_honest_columns_pass_without_a_warning() -> None:
    assert check_no_label_leak(training(HONEST), Y, own=list(HONEST)) == []


def test_a_trusted_column_passes_with_a_warning() -> None:
    leak = "the label with 0.5 % noise"
    (warning,) = check_no_label_leak(training({leak: LEAKS[leak]}), Y, own=[leak], trusted=[leak])
    assert leak in warning


def test_a_feature_made_from_the_past_never_stops_a_run() -> None:
    (warning,) = check_no_label_leak(
        training({"card_last_label": Y.astype(float)}), Y, own=[], made=["card_last_label"]
    )
    assert "card_last_label alone" in warning


def few(frauds: int) -> np.ndarray:
    labels = np.zeros(ROWS, np.int8)
    labels[:frauds] = 1
    return labels


def test_with_a_handful_of_frauds_nothing_is_claimed() -> None:
    assert check_no_label_leak(training({"copy": few(9).astype(float)}), few(9), own=["copy"]) == []


def test_with_few_frauds_a_value_that_only_frauds_have_stops_the_run_all_the_same() -> None:
    with pytest.raises(LeakageError, match=r"column 'copy' leaks the label: .*20 of 20 rows where copy = 1.0"):
        check_no_label_leak(training({"copy": few(20).astype(float)}), few(20), own=["copy"])


HALF = RNG.random(ROWS) < 0.5
PURE = {
    "a status": np.where((Y == 1) & HALF, "BLOCKED", RNG.choice(["OK", "PENDING"], ROWS)),
    "a flag": np.where((Y == 1) & HALF, 1, 0),
    "a case number": [f"C{index}" if hit else None for index, hit in enumerate((Y == 1) & HALF)],
    "a balance": np.where((Y == 1) & HALF, 0.0, RNG.lognormal(5, 1, ROWS)),
}


@pytest.mark.parametrize("leak", PURE)
def test_a_value_that_only_half_of_the_frauds_have_and_nobody_else_stops_the_run(leak: str) -> None:
    with pytest.raises(LeakageError, match=rf"column '{leak}' .* 50 % of all frauds|4\d % of all|5\d % of all"):
        check_no_label_leak(training({**HONEST, leak: PURE[leak]}), Y, own=[*HONEST, leak])


def test_a_trusted_value_that_only_frauds_have_passes_with_a_warning() -> None:
    (warning,) = check_no_label_leak(training({"status": PURE["a status"]}), Y, own=["status"], trusted=["status"])
    assert "where status = BLOCKED are fraud" in warning


def test_the_amount_of_an_attack_stops_no_run() -> None:
    amount = np.where((Y == 1) & HALF, 0.0, RNG.lognormal(3, 1, ROWS))
    assert check_no_label_leak(training({"amount": amount}), Y, own=["amount"]) == []
