"""A table built on disk, in slices of time and buckets of entities, is the table built in memory."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small_tables import DELAY_DAYS, Row, recipe, table, transactions

from fraud.features.build import build_features, prepare_features
from fraud.features.large import Limits

SHAPES: dict[str, dict[str, Any]] = {
    "card and shop": {},
    "late reports": {"delay_days": DELAY_DAYS},
    "one entity": {"entities": ("shop",)},
    "three entities": {"entities": ("card", "shop", "device")},
    "no entity": {"entities": ()},
    "no amount": {"has_amount": False},
    "no calendar": {"has_calendar": False},
    "extras": {"numeric": ("V1",), "categorical": ("kind",), "windows": ("2d",)},
}


def shaped(rows: list[Row]) -> pl.DataFrame:
    """With a third entity and two extras, nulls among them."""
    return table(rows).with_columns(
        device=pl.when(pl.col("amount") != 9.99).then("d" + pl.col("amount").cast(pl.Int64).cast(pl.String)),
        V1=pl.col("amount") / 3,
        kind=pl.col("shop"),
        fraud_type=pl.when("is_fraud").then(pl.lit("stolen")),
    )


def built_on_disk(frame: pl.LazyFrame, *, memory_rows: int, **changes: Any) -> pl.DataFrame:
    with TemporaryDirectory() as folder:
        limits = Limits(memory_rows=memory_rows)
        return prepare_features(frame, Path(folder), recipe=recipe(**changes), store_version=0, limits=limits).read()


@settings(max_examples=25, deadline=None)
@given(transactions(min_size=2, max_size=30), st.sampled_from(list(SHAPES)), st.integers(1, 29))
def test_any_number_of_slices_and_buckets_gives_the_table_built_in_memory(
    rows: list[Row], shape: str, memory_rows: int
) -> None:
    frame, changes = shaped(rows).lazy(), SHAPES[shape]
    on_disk = built_on_disk(frame, memory_rows=min(max(memory_rows, len(rows) // 4), len(rows) - 1), **changes)
    assert_frame_equal(on_disk, build_features(frame, recipe(**changes)), check_exact=True)
