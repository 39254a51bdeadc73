"""A column that gives the label away stops a run; strong but honest ones do not."""

import numpy as np
import polars as pl
import pytest

from fraud.errors import LeakageError
from fraud.features.giveaway import check_no_giveaway

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
    "a date that only frauds have": [None if label == 0 else 1.0 + place for place, label in enumerate(Y)],
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
def test_a_column_that_tells_the_outcome_stops_the_run_and_is_named(leak: str) -> None:
    with pytest.raises(LeakageError, match=rf"column '{leak}' gives the label away: .*\[features\] trusted"):
        check_no_giveaway(training({**HONEST, leak: LEAKS[leak]}), Y, own=[*HONEST, leak])


def test_strong_but_honest_columns_pass_without_a_word() -> None:
    assert check_no_giveaway(training(HONEST), Y, own=list(HONEST)) == []


def test_a_trusted_column_passes_and_is_spoken_of() -> None:
    leak = "the label with 0.5 % noise"
    (said,) = check_no_giveaway(training({leak: LEAKS[leak]}), Y, own=[leak], trusted=[leak])
    assert leak in said


def test_a_feature_made_from_the_past_never_stops_a_run() -> None:
    (said,) = check_no_giveaway(training({"card_last_label": Y.astype(float)}), Y, own=[], made=["card_last_label"])
    assert "card_last_label alone" in said


def test_with_few_frauds_nothing_is_claimed() -> None:
    few = np.zeros(ROWS, np.int8)
    few[:20] = 1
    assert check_no_giveaway(training({"copy": few.astype(float)}), few, own=["copy"]) == []
