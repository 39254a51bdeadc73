"""Transactions as the feature functions read them: in order, with what each says of itself, entities as numbers."""

from collections.abc import Sequence

import polars as pl

from fraud.features.calendar import CALENDAR_FEATURES, calendar_features
from fraud.features.history import code_of, in_log_units, in_units, log_amount
from fraud.features.order import put_in_order
from fraud.features.table import KEYS, Recipe

AMOUNT_FEATURE = "amount_log"
ROW_FEATURES = (AMOUNT_FEATURE, *CALENDAR_FEATURES)
"""Features made of a transaction alone, without its history; no column of a dump may have one of these names."""


def kept_columns(columns: Sequence[str], recipe: Recipe) -> list[str]:
    """Identity and labels, where the data has them, and the entities."""
    return [*(name for name in KEYS if name in columns), *recipe.entities]


def read_columns(transactions: pl.LazyFrame, recipe: Recipe) -> pl.LazyFrame:
    """The columns that a table of this recipe is made from."""
    kept = kept_columns(transactions.collect_schema().names(), recipe)
    return transactions.select(list(dict.fromkeys([*kept, *recipe.numeric, *recipe.categorical])))


def sorted_by_time(transactions: pl.DataFrame) -> pl.DataFrame:
    """Sorted by (event_time, transaction_id). Numbers sort faster than names: names only where moments are equal."""
    in_order = transactions["event_time"].is_sorted()
    by_time = transactions if in_order else transactions.sort("event_time", maintain_order=True)
    same = by_time["event_time"].diff().dt.total_microseconds() == 0
    tied = (same | same.shift(-1)).fill_null(value=False)
    if not tied.any():
        return by_time
    position = pl.Series("position", tied.arg_true())
    ordered = by_time.select("event_time", "transaction_id")[position].with_columns(position)
    place = pl.int_range(len(by_time), dtype=pl.UInt32, eager=True)
    place = place.scatter(position, ordered.sort("event_time", "transaction_id")["position"])
    return put_in_order(by_time, place)


def own_columns(transactions: pl.LazyFrame, recipe: Recipe) -> pl.DataFrame:
    """What a transaction says of itself: identity, labels, amount, calendar and the extras."""
    kept = kept_columns(transactions.collect_schema().names(), recipe)
    amount = [log_amount(pl.col("amount")).cast(pl.Float32).alias(AMOUNT_FEATURE)] if recipe.has_amount else []
    calendar = calendar_features() if recipe.has_calendar else []
    numeric = (pl.col(name).cast(pl.Float32) for name in recipe.numeric)
    return transactions.select(*kept, *amount, *calendar, *numeric, *recipe.categorical).collect()


def named_by_code(entities: Sequence[str], *, has_amount: bool) -> list[pl.Expr]:
    """What the entity features read of a transaction, the entities under the names of their codes."""
    amount = [pl.col("amount")] if has_amount else []
    return [pl.col("event_time", "is_fraud", "label_time"), *amount, *(pl.col(e).alias(code_of(e)) for e in entities)]


def coded(ordered: pl.DataFrame, entities: Sequence[str]) -> pl.DataFrame:
    """The columns of ``named_by_code`` with ``row``, entities as numbers: these sort and group several times faster."""
    codes = [pl.col(code_of(name)).cast(pl.Categorical).to_physical() for name in entities]
    return ordered.with_columns(codes).with_row_index("row")


def in_whole_numbers(transactions: pl.DataFrame) -> pl.DataFrame:
    """Add, where there is an amount, its ``units``, and its ``level`` on the scale of logarithms."""
    amount = pl.col("amount")
    added = {"units": in_units(amount), "level": in_log_units(amount)} if "amount" in transactions.columns else {}
    return transactions.with_columns(**added)
