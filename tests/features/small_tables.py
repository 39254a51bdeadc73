"""Small transaction tables for the feature tests: few entities, few moments, so that ties and repeats are common."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from fraud.features.build import build_features
from fraud.features.recipe import Recipe

START = datetime(2024, 3, 1, tzinfo=UTC)
WINDOWS = ("6h", "1d", "3d")
DELAY_DAYS = 3.0
"""Of the tests in which an unreported event counts as genuine after a while."""
TIME = pl.Datetime("us", "UTC")
SCHEMA = {
    "transaction_id": pl.String,
    "event_time": TIME,
    "amount": pl.Float64,
    "is_fraud": pl.Boolean,
    "label_time": TIME,
    "card": pl.String,
    "shop": pl.String,
}


@dataclass(frozen=True)
class Row:
    """One transaction as plain Python."""

    transaction_id: str
    event_time: datetime
    amount: float
    is_fraud: bool | None
    label_time: datetime | None
    card: str | None
    shop: str | None


def table(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame([vars(row) for row in rows], schema=SCHEMA, orient="row")


def recipe(**changes: Any) -> Recipe:
    """Two entities and amounts, one delay for all labels; with changes."""
    settings: dict[str, Any] = {
        "entities": ("card", "shop"),
        "numeric": (),
        "categorical": (),
        "windows": WINDOWS,
        "has_amount": True,
        "delay_days": None,
    }
    return Recipe(**(settings | changes))


def features_of(rows: list[Row], since: datetime | None = None, **changes: Any) -> pl.DataFrame:
    return build_features(table(rows).lazy(), recipe(**changes), since=since)


@st.composite
def transactions(draw: st.DrawFn, delay: str = "any", min_size: int = 1, max_size: int = 30) -> list[Row]:
    """Rows at few moments of two or ten weeks; ``delay``: "none", "week" (7 days for all), "any" (each its own)
    or "reports" (each fraud its own, ``DELAY_DAYS`` for all genuine ones)."""
    size = draw(st.integers(min_size, max_size))
    stretch = draw(st.sampled_from([1, 1, 5]))
    hours = draw(st.lists(st.integers(0, 24 * 14), min_size=size, max_size=size))
    return [_row(draw, number, START + timedelta(hours=hour * stretch), delay) for number, hour in enumerate(hours)]


def _row(draw: st.DrawFn, number: int, moment: datetime, delay: str) -> Row:
    label = draw(st.sampled_from([True, True, False, False, None]))
    waited = {"none": 0, "week": 7 * 24, "reports": None if label else DELAY_DAYS * 24}.get(delay)
    waited = draw(st.integers(0, 24 * 10)) if waited is None else waited
    return Row(
        transaction_id=f"t{draw(st.permutations('abc'))[0]}{number}",
        event_time=moment,
        amount=draw(st.sampled_from([0.0, 0.01, 1.5, 9.99, 20.0, 333.33, -5.0])),
        is_fraud=label,
        label_time=None if label is None else moment + timedelta(hours=waited),
        card=draw(st.sampled_from(["c1", "c2", None])),
        shop=draw(st.sampled_from(["s1", "s2", "s3", None])),
    )


def changes_of(row: Row) -> list[Row]:
    """What a later dump may say of a transaction instead."""
    return [
        replace(row, amount=row.amount + 1),
        replace(row, shop="s9"),
        replace(row, is_fraud=True, label_time=row.event_time + timedelta(days=3)),
        replace(row, is_fraud=True, label_time=row.event_time + timedelta(days=8)),
        replace(row, is_fraud=None, label_time=None),
    ]
