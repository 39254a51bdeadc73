"""A large CSV into a store: by this library with all its checks, and by pandas without any."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from bench.command_line import CONFIGS
from fraud.config import load_config
from fraud.workspace import Workspace

TIMES = ("EVENT_TIME", "REPORTED_AT")
NAMES = {
    "TRANSACTION_ID": "transaction_id",
    "EVENT_TIME": "event_time",
    "AMOUNT": "amount",
    "IS_FRAUD": "is_fraud",
    "REPORTED_AT": "label_time",
    "CUSTOMER_ID": "customer",
    "MERCHANT_ID": "merchant",
    "DEVICE_ID": "device",
    "CATEGORY": "CATEGORY",
    "CHANNEL": "CHANNEL",
    "COUNTRY": "COUNTRY",
    "FRAUD_TYPE": "fraud_type",
}
"""Columns of the dump, and what the store calls them."""


def library(folder: Path) -> Callable[[], None]:
    """``ingest_dumps`` into an empty workspace: read, checked, deduplicated, stored."""
    return _into_new_folder(by_library, folder)


def pandas(folder: Path) -> Callable[[], None]:
    """``read_csv``, its types and times named, and ``to_parquet``."""
    return _into_new_folder(by_pandas, folder)


def pandas_arrow(folder: Path) -> Callable[[], None]:
    """The same by pandas's other reader, which uses all cores."""
    return _into_new_folder(partial(by_pandas, engine="pyarrow"), folder)


def _into_new_folder(ingest: Callable[[Path, Path], pl.LazyFrame], folder: Path) -> Callable[[], None]:
    def work() -> None:
        with TemporaryDirectory(dir=folder) as made:
            ingest(folder / "big.csv", Path(made))

    return work


def by_library(dump: Path, folder: Path) -> pl.LazyFrame:
    """The stored transactions."""
    from fraud.data import ingest_dumps, open_store

    config = load_config(CONFIGS / "rich.toml")
    workspace = Workspace(folder)
    ingest_dumps([dump], dataset=config.dataset.name, columns=config.columns, labels=config.labels, workspace=workspace)
    return open_store(workspace, config.dataset).scan()


def by_pandas(dump: Path, folder: Path, *, engine: str = "c") -> pl.LazyFrame:
    """The Parquet file, as a lazy frame."""
    import pandas as pd

    texts = [name for name in NAMES if name not in (*TIMES, "AMOUNT", "IS_FRAUD")]
    dtypes = dict.fromkeys(texts, "str") | {"AMOUNT": "float64", "IS_FRAUD": "int8"}
    rows = pd.read_csv(
        dump, dtype=dtypes, parse_dates=list(TIMES), date_format="%Y-%m-%d %H:%M:%S", engine=engine, usecols=list(NAMES)
    )
    path = folder / "transactions.parquet"
    rows.to_parquet(path, index=False)
    return pl.scan_parquet(path)
