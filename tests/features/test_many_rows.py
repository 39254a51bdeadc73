"""Half a million transactions, two million when thorough: built on disk and in memory, they are the same table."""

from pathlib import Path

import polars as pl
import pytest
from drawing import IS_THOROUGH
from polars.testing import assert_frame_equal
from small_tables import recipe

from fraud.features.build import build_features
from fraud.features.out_of_core import Limits
from fraud.features.prepare import prepare_features
from fraud.simulation.dumps import Simulation, simulate

ROWS = 2_000_000 if IS_THOROUGH else 500_000


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> pl.LazyFrame:
    folder = tmp_path_factory.mktemp("many")
    for month, frame in simulate(Simulation().sized(ROWS)):
        time = pl.col("TX_DATETIME").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        rows = frame.select(
            transaction_id=pl.col("TRANSACTION_ID").cast(pl.String),
            event_time=time,
            amount=pl.col("TX_AMOUNT").cast(pl.Float64),
            is_fraud=pl.col("TX_FRAUD").cast(pl.Boolean),
            label_time=time.dt.offset_by("7d"),
            card=pl.col("CUSTOMER_ID").cast(pl.String),
            shop=pl.col("TERMINAL_ID").cast(pl.String),
        )
        rows.write_parquet(folder / f"{month}.parquet")
    return pl.scan_parquet(folder)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_transactions_built_on_disk_are_those_built_in_memory(stored: pl.LazyFrame, tmp_path: Path) -> None:
    windows = ("1d", "7d", "30d")
    limits = Limits(memory_rows=ROWS * 35 // 100)
    built = prepare_features(stored, tmp_path, recipe=recipe(windows=windows), store_version=0, limits=limits)
    assert built.transactions > 0.95 * ROWS
    whole = build_features(stored, recipe(windows=windows))
    for name in whole.columns:  # one at a time, as the comparison of all would take more memory than either build
        assert_frame_equal(built.scan().select(name).collect(), whole.select(name), check_exact=True)
