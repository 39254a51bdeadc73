"""The same columns, and yet something else in them."""

import numpy as np
import polars as pl
import pytest

from fraud.config import ColumnsConfig, TimeSpec
from fraud.errors import ConfigError, DumpError

TRADED = ColumnsConfig(
    transaction_id="id",
    event_time=TimeSpec(column="when"),
    amount="amount",
    entities={"card": "card"},
    numeric=("distance",),
    categorical=("kind",),
)


def trades(days: range, *, seed: int = 0) -> pl.DataFrame:
    """150 transactions a day, ordinary in all columns."""
    rng, rows = np.random.default_rng([seed, days.start]), 150 * len(days)
    moment = pl.Series(days).repeat_by(150).explode() * 86_400 + np.arange(rows) % 150 * 500 + 1_522_540_800
    return pl.DataFrame(
        {
            "id": [f"{seed}-{days.start}-{n}" for n in range(rows)],
            "when": pl.from_epoch(moment).dt.to_string("%Y-%m-%d %H:%M:%S"),
            "amount": rng.lognormal(3.5, 1.0, rows).round(2),
            "card": rng.integers(1000, 9999, rows).astype(str),
            "distance": rng.exponential(20, rows).round(3),
            "kind": rng.choice(["shop", "fuel", "cash"], rows),
        }
    )


@pytest.fixture
def traded(desk):
    """Two weeks of ordinary transactions, stored."""
    desk.columns = TRADED
    trades(range(14)).write_csv(desk.folder / "first.csv")
    desk.ingest(desk.folder / "first.csv")
    return desk


def later(desk, *changes: pl.Expr, **settings: object):
    trades(range(14, 21)).with_columns(*changes).write_csv(desk.folder / "later.csv")
    return desk.ingest(desk.folder / "later.csv", **settings)


def test_an_ordinary_week_has_no_findings(traded):
    result = later(traded)
    assert (result.new, result.findings, result.warnings) == (1050, (), ())


@pytest.mark.parametrize("factor", [1000, 100, 10, 0.1, 0.01, 0.001])
@pytest.mark.parametrize("column", ["amount", "distance"])
def test_another_unit_is_refused_unless_it_is_meant(traded, column, factor):
    with pytest.raises(DumpError, match=rf"later\.csv: column '{column}' seems to be in another unit: .*--dataset"):
        later(traded, pl.col(column) * factor)
    assert (traded.store.version, traded.stored().height) == (0, 2100)
    assert not list(traded.workspace.store("small").parent.glob(".ingest-*"))
    assert later(traded, pl.col(column) * factor, accept=[column]).new == 1050


def test_a_unit_that_was_accepted_is_the_usual_one_from_then_on(traded):
    later(traded, pl.col("amount") * 100, accept=["amount"])
    for start in (21, 50, 57):
        trades(range(start, start + 7)).with_columns(pl.col("amount") * 100).write_csv(traded.folder / "next.csv")
        assert traded.ingest(traded.folder / "next.csv").findings == ()
    trades(range(64, 71)).write_csv(traded.folder / "back.csv")
    with pytest.raises(DumpError, match="its values are 1/100 of those stored"):
        traded.ingest(traded.folder / "back.csv")


@pytest.mark.parametrize("change", [pl.col("amount") * 2, pl.col("amount") * 7, pl.col("amount") ** 2])
def test_a_shift_that_is_no_power_of_ten_is_no_unit(traded, change):
    assert later(traded, change).new == 1050


def test_a_few_rows_tell_no_unit(traded):
    trades(range(14, 15)).head(50).with_columns(pl.col("amount") * 100).write_csv(traded.folder / "few.csv")
    assert traded.ingest(traded.folder / "few.csv").new == 50


@pytest.mark.parametrize("change", [pl.col("amount").cast(pl.String) + " EUR", pl.lit("n/a").alias("distance")])
def test_a_number_that_became_text_is_refused(traded, change):
    mixed = pl.when(pl.int_range(pl.len()) % 3 > 0).then(change).otherwise(change.meta.output_name())
    with pytest.raises(DumpError, match=r"has changed its type: expected numbers as stored, found 700 of 1,050 cells"):
        later(traded, mixed.alias(change.meta.output_name()))
    assert traded.store.version == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("K" + pl.col("card"), "column 'card' has changed its type: expected numbers as stored, found 'K"),
        (pl.col("kind").str.len_chars().alias("kind"), "column 'kind' has changed its type: expected words"),
    ],
)
def test_identities_and_categories_that_are_written_anew_are_refused_unless_meant(traded, change, message):
    column = change.meta.output_name() if "kind" in message else "card"
    with pytest.raises(DumpError, match=message):
        later(traded, change.alias(column))
    assert traded.store.version == 0
    assert later(traded, change.alias(column), accept=[column]).new == 1050


def test_new_categories_are_named_with_their_share(traded):
    result = later(traded, pl.when(pl.int_range(pl.len()) < 105).then(pl.lit("crypto")).otherwise("kind").alias("kind"))
    assert result.warnings == ("later.csv: new category 'crypto' in kind: 10 % of rows",)
    assert [finding.severity for finding in result.findings] == ["warning"]


def test_a_category_stored_long_ago_is_not_new(traded):
    trades(range(100, 107)).with_columns(kind=pl.lit("shop")).write_csv(traded.folder / "later.csv")
    traded.ingest(traded.folder / "later.csv")
    trades(range(107, 114)).write_csv(traded.folder / "after.csv")
    assert traded.ingest(traded.folder / "after.csv").findings == ()


def test_dumps_of_one_ingest_are_held_against_the_first_of_them(desk):
    for name, factor, days in (("1.csv", 1, range(7)), ("2.csv", 100, range(7, 14))):
        trades(days).with_columns(pl.col("amount") * factor).write_csv(desk.folder / name)
    with pytest.raises(DumpError, match=r"2\.csv: column 'amount' seems to be in another unit"):
        desk.ingest(desk.folder / "1.csv", desk.folder / "2.csv", columns=TRADED)
    assert not desk.store.exists


def test_a_column_to_accept_must_be_one(traded):
    with pytest.raises(ConfigError, match=r"no column 'amuont' to accept .* Did you mean 'amount'\?"):
        later(traded, accept=["amuont"])


def test_a_few_broken_numbers_are_no_change_of_type(traded):
    frame = trades(range(14, 15)).head(12).with_columns(amount=pl.Series(["n/a"] * 10 + ["5", "6"]))
    frame.write_csv(traded.folder / "few.csv")
    result = traded.ingest(traded.folder / "few.csv")
    assert (result.new, result.rejected) == (2, 10)
