"""The canonical table and its rules; rows that break one go to the quarantine.

Here are the fixed columns and their rules; ``staged_schema`` adds the columns of a data set: entities, numeric and
categorical extras.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import dataframely as dy
import polars as pl

from fraud.config import ColumnsConfig

TIMESTAMP = pl.Datetime("us", "UTC")
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
"""Latest label_time: 9999-12-31 means *never* in many systems."""
UNREADABLE = "__unreadable"
"""Bit set of the roles whose cell is filled and cannot be read; see ``ROLE_BITS``."""
ROLE_BITS = {"event_time": 1, "is_fraud": 2, "label_time": 4}
UNIQUE_RULE = "transaction_id_unique"
KNOWN_RULE = "transaction_id_known"
TEXT_RULE = "text_without_nul"

RULES = {
    "transaction_id_present": "transaction_id is present",
    "event_time_present": "event_time is present",
    "event_time_plausible": f"event_time is between {EARLIEST.year} and {LATEST.year}",
    "amount_present": "amount is present",
    "amount_finite": "amount is a finite number",
    "label_time_plausible": f"label_time is not after {LAST_MOMENT.year}",
    "label_time_not_before_event_time": "a label is known at event_time or later",
    KNOWN_RULE: "a dump of labels alone names transactions that are stored",
    TEXT_RULE: "no text holds a NUL character, at which other programs end it",
    UNIQUE_RULE: "a transaction_id belongs to one row, or to rows of which one has the latest label_time",
}
"""Name of each rule in the quarantine -> what it requires. Each numeric column adds a rule ``COLUMN|finite``."""
FINITE = "|finite"


class CanonicalRow(dy.Schema):
    """Columns and rules of every canonical row, be it a transaction or a label that comes alone."""

    transaction_id = dy.String(nullable=True)
    event_time = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    is_fraud = dy.Bool(nullable=True)
    label_time = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    dump = dy.String()
    dump_row = dy.Int64()
    unreadable = dy.UInt8(alias=UNREADABLE)

    @dy.rule()
    def transaction_id_present(cls) -> pl.Expr:  # noqa: D102, N805 - RULES describes it; dataframely passes the class
        return pl.col("transaction_id").is_not_null()

    @dy.rule()
    def label_time_plausible(cls) -> pl.Expr:  # noqa: D102, N805 - as above
        return pl.col("label_time") <= LAST_MOMENT

    @dy.rule()
    def label_time_not_before_event_time(cls) -> pl.Expr:  # noqa: D102, N805 - as above
        return pl.col("label_time") >= pl.col("event_time")

    @dy.rule()
    def every_cell_readable(cls) -> pl.Expr:  # noqa: D102, N805 - as above
        return pl.col(UNREADABLE) == 0


class Transaction(CanonicalRow):
    """Rules of a transaction. Refunds are transactions: a negative amount is valid."""

    @dy.rule()
    def event_time_present(cls) -> pl.Expr:  # noqa: D102, N805 - as above
        # NOTE: an unreadable time stops the ingest with its own message; it must not count as empty as well.
        return pl.col("event_time").is_not_null() | (pl.col(UNREADABLE) & ROLE_BITS["event_time"] != 0)

    @dy.rule()
    def event_time_plausible(cls) -> pl.Expr:  # noqa: D102, N805 - as above
        return pl.col("event_time").is_between(EARLIEST, LATEST, closed="left")


class LateLabel(CanonicalRow):
    """Rules of a label that comes without its transaction; its other columns are those of the stored transaction."""

    @dy.rule()
    def transaction_id_known(cls) -> pl.Expr:  # noqa: D102, N805 - as above
        return pl.col("event_time").is_not_null() | pl.col("transaction_id").is_null()


def canonical_dtypes(columns: ColumnsConfig) -> dict[str, Any]:
    """Columns of the canonical table, in order, with their polars types."""
    dtypes: dict[str, Any] = {"transaction_id": pl.String, "event_time": TIMESTAMP}
    if columns.amount:
        dtypes["amount"] = pl.Float64
    dtypes |= {"is_fraud": pl.Boolean, "label_time": TIMESTAMP}
    if columns.fraud_type:
        dtypes["fraud_type"] = pl.String
    dtypes |= dict.fromkeys(columns.entity_names, pl.String)
    dtypes |= dict.fromkeys(columns.numeric, pl.Float64)
    dtypes |= dict.fromkeys(columns.categorical, pl.String)
    return dtypes | {"dump": pl.String, "dump_row": pl.Int64}


def staged_schema(columns: ColumnsConfig, *, labels_only: bool = False, may_hold_nul: bool = True) -> type[dy.Schema]:
    """The contract of one data set: the fixed columns and rules and those of its own columns.

    Args:
        columns: of the data set.
        labels_only: whether the rows are labels that come without their transactions.
        may_hold_nul: False where every byte of the dump was read and none was NUL, so that no text need be searched.
    """
    # NOTE: the aliases keep a column named "filter" or "validate" from hiding the method of that name.
    texts = [*columns.entity_names, *columns.categorical, *(["fraud_type"] if columns.fraud_type else [])]
    members: dict[str, Any] = {f"text_{i}": dy.String(nullable=True, alias=name) for i, name in enumerate(texts)}
    if may_hold_nul:
        members[TEXT_RULE] = dy.rule()(lambda _: _without_nul(["transaction_id", *texts]))
    if columns.amount:
        members["amount"] = _number("amount")
    members |= {f"number_{i}": _number(name) for i, name in enumerate(columns.numeric)}
    if not labels_only:
        members |= _rules_of_numbers(columns)
    base = LateLabel if labels_only else Transaction
    return cast("type[dy.Schema]", type("Staged", (base,), members))


def _rules_of_numbers(columns: ColumnsConfig) -> dict[str, Any]:
    rules = {f"{name}{FINITE}": _rule(name, pl.Expr.is_finite) for name in columns.numeric}
    if columns.amount:
        rules |= {"amount_present": _rule("amount", pl.Expr.is_not_null)}
        rules |= {"amount_finite": _rule("amount", pl.Expr.is_finite)}
    return rules


def _without_nul(names: Sequence[str]) -> pl.Expr:
    holds = [pl.col(name).str.contains("\0", literal=True).fill_null(value=False) for name in names]
    return ~pl.any_horizontal(holds)


def _number(name: str) -> dy.Float64:
    return dy.Float64(alias=name, nullable=True, allow_inf=True, allow_nan=True)


def _rule(column: str, holds: Callable[[pl.Expr], pl.Expr]) -> Any:
    return dy.rule()(lambda _: holds(pl.col(column)))
