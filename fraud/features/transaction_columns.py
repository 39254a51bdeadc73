"""Transactions as the feature functions read them: sorted by time, with their own columns, entities as codes."""

from collections.abc import Sequence

import polars as pl

from fraud.features.calendar import CALENDAR_FEATURES, calendar_features
from fraud.features.history import code_of, in_log_units, in_units, log_amount
from fraud.features.recipe import Recipe
from fraud.features.sorted_search import put_in_order

AMOUNT_FEATURE = "amount_log"
ROW_FEATURES = (AMOUNT_FEATURE, *CALENDAR_FEATURES)
"""Features made of a transaction alone, without its history; no column of a dump may have one of these names."""


def read_columns(transactions: pl.LazyFrame, recipe: Recipe) -> pl.LazyFrame:
    """The columns that a table of this recipe is made from."""
    kept = recipe.kept_columns(transactions.collect_schema().names())
    return transactions.select(list(dict.fromkeys([*kept, *recipe.numeric, *recipe.categorical])))


def sorted_by_time(transactions: pl.DataFrame) -> pl.DataFrame:
    """Sorted by (event_time, transaction_id); ids, which sort slowly, are compared only where moments are equal."""
    in_order = transactions["event_time"].is_sorted()
    by_time = transactions if in_order else transactions.sort("event_time", maintain_order=True)
    same = by_time["event_time"].diff().dt.total_microseconds() == 0
    tied = (same | same.shift(-1)).fill_null(value=False)
    if not tied.any():
        return by_time
    position = pl.Series("position", tied.arg_true())
    ordered = by_time.select("event_time", "transaction_id")[position].with_columns(position)
    order = pl.int_range(len(by_time), dtype=pl.UInt32, eager=True)
    order = order.scatter(position, ordered.sort("event_time", "transaction_id")["position"])
    return put_in_order(by_time, order)


def own_columns(transactions: pl.LazyFrame, recipe: Recipe) -> pl.DataFrame:
    """Columns from the transaction alone: identity, labels, amount, calendar and the extras."""
    kept = recipe.kept_columns(transactions.collect_schema().names())
    amount = [log_amount(pl.col("amount")).cast(pl.Float32).alias(AMOUNT_FEATURE)] if recipe.has_amount else []
    calendar = calendar_features(recipe.timezone) if recipe.has_calendar else []
    numeric = (pl.col(name).cast(pl.Float32) for name in recipe.numeric)
    return transactions.select(*kept, *amount, *calendar, *numeric, *recipe.categorical).collect()


def named_by_code(entities: Sequence[str], *, has_amount: bool) -> list[pl.Expr]:
    """The columns that entity features read, the entities under the names of their codes."""
    amount = [pl.col("amount")] if has_amount else []
    return [pl.col("event_time", "is_fraud", "label_time"), *amount, *(pl.col(e).alias(code_of(e)) for e in entities)]


def coded(ordered: pl.DataFrame, entities: Sequence[str]) -> pl.DataFrame:
    """The columns of ``named_by_code`` and ``row``; entities become integer codes, which sort several times faster."""
    codes = [pl.col(code_of(name)).cast(pl.Categorical).to_physical() for name in entities]
    return ordered.with_columns(codes).with_row_index("row")


def in_whole_numbers(transactions: pl.DataFrame) -> pl.DataFrame:
    """Add, where there is an amount, its fixed-point ``units`` and its ``level`` on a logarithmic scale."""
    amount = pl.col("amount")
    added = {"units": in_units(amount), "level": in_log_units(amount)} if "amount" in transactions.columns else {}
    return transactions.with_columns(**added)
