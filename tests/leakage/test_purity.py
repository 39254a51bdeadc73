"""A value that hardly a genuine row has is found; strong, frequent, rare or personal values are not taken for one."""

import numpy as np
import polars as pl
import pytest
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st

from fraud.leakage.purity import Pure, find_pure, wilson_upper

ROWS = 20_000
RNG = np.random.default_rng(3)
Y = (RNG.random(ROWS) < 0.02).astype(np.int8)


def having(share: float, *, of_genuine: float = 0.0, y: np.ndarray = Y, seed: int = 1) -> np.ndarray:
    """Rows with a value that this share of the frauds and of the genuine rows have."""
    return np.random.default_rng(seed).random(len(y)) < np.where(y == 1, share, of_genuine)


def status(chosen: np.ndarray) -> pl.Series:
    return pl.Series(np.where(chosen, "BLOCKED", np.where(np.arange(len(chosen)) % 3, "OK", "SLOW")))


def test_a_value_of_seven_in_ten_frauds_and_of_nobody_else_is_named_with_its_figures() -> None:
    chosen = having(0.7)
    found = find_pure(status(chosen), Y)
    assert found is not None
    count = int(chosen.sum())
    share = round(100 * count / Y.sum())
    assert found.sentence("status") == (
        f"{count} of {count} rows where status = BLOCKED are fraud, {share} % of all frauds"
    )


@pytest.mark.parametrize(
    ("share", "of_genuine"), [(0.1, 0.0), (0.7, 0.01), (0.99, 0.002), (0.02, 0.0)], ids=["rare", "impure", "auc", "few"]
)
def test_a_value_that_is_rare_or_not_pure_is_none(share: float, of_genuine: float) -> None:
    assert find_pure(status(having(share, of_genuine=of_genuine)), Y) is None


def test_several_reasons_of_which_none_is_frequent_are_taken_together() -> None:
    reasons = np.array([f"reason {n}" for n in range(8)])[np.arange(ROWS) % 8]
    found = find_pure(pl.Series(np.where(having(0.8), reasons, status(having(0.0)).to_numpy())), Y)
    assert found is not None
    assert found.what.endswith(" or 5 more")
    assert found.share > 0.7


def test_a_filled_cell_an_empty_one_and_anything_but_the_usual_count_as_values() -> None:
    chosen, case = having(0.6), [f"C{n}" for n in range(ROWS)]
    cells = {
        "is filled": [one if hit else None for one, hit in zip(case, chosen, strict=True)],
        "is empty": [None if hit else one for one, hit in zip(case, chosen, strict=True)],
        "is other than -": [one if hit else "-" for one, hit in zip(case, chosen, strict=True)],
        "is other than 0.0": np.where(chosen, np.arange(ROWS) + 1.0, 0.0),
        "= 0.0": np.where(chosen, 0.0, np.arange(ROWS) + 1.0),
    }
    found = {what: find_pure(pl.Series(values), Y) for what, values in cells.items()}
    assert {what: one and one.what for what, one in found.items()} == {what: what for what in cells}


def test_cards_that_only_had_frauds_and_strong_numbers_are_no_leak() -> None:
    cards = np.where(Y == 1, np.arange(ROWS) % 60, 60 + np.arange(ROWS) % 900)
    assert find_pure(pl.Series(cards).cast(pl.String), Y) is None
    assert find_pure(pl.Series(cards % 30).cast(pl.String), Y, each=False) is None
    assert find_pure(pl.Series(RNG.normal(4.0 * Y, 1.0)), Y) is None


def test_many_frauds_make_nothing_pure() -> None:
    many = (RNG.random(ROWS) < 0.6).astype(np.int8)
    assert find_pure(status(having(0.7, of_genuine=0.03, y=many)), many) is None


def test_a_sample_with_more_frauds_than_the_data_is_judged_by_their_prevalence() -> None:
    cells = status(having(0.7, of_genuine=0.0004))
    assert find_pure(cells, Y) is not None
    assert find_pure(cells, Y, prevalence=0.0005) is None


@examples(60)
@given(
    rows=st.integers(200, 2_000),
    values=st.integers(2, 40),
    frauds=st.floats(0.01, 0.4),
    seed=st.integers(0, 2**32 - 1),
)
def test_chance_leaks_nothing(rows: int, values: int, frauds: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(rows) < frauds).astype(np.int8)
    assert find_pure(pl.Series(rng.integers(0, values, rows)).cast(pl.String), y) is None


@given(total=st.integers(1, 10**6), data=st.data())
def test_the_bound_is_above_the_share_and_at_most_one(total: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, total))
    assert count / total < wilson_upper(count, total) <= 1.0 + 1e-12 or count == total


def test_the_order_of_the_rows_means_nothing() -> None:
    cells, order = status(having(0.5)), RNG.permutation(ROWS)
    found: list[Pure | None] = [find_pure(cells, Y), find_pure(cells.gather(order), Y[order])]
    assert found[0] == found[1]
