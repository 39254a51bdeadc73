"""The 17 features of the Fraud Detection Handbook, three times: by this library, by pandas, by DuckDB.

Weekend and night; for each of 1, 7 and 30 days a customer's number of transactions and mean amount; and, with labels
that take 7 days, a terminal's number of labelled transactions, of frauds among them, and its risk.

All leave out the moment itself: [t - w, t). The handbook's own code lets a transaction count itself, which is the one
thing that is changed here, on all sides alike. Nothing there is 0 for counts and risk, and missing for the mean.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from fraud.features.calendar import calendar_features
from fraud.features.entity import Block, compute_by_blocks
from fraud.features.history import code_of, in_units
from fraud.features.history_windows import amount_features, with_begins
from fraud.features.labels import label_counts, label_positions
from fraud.features.ledger import known_labels
from fraud.features.sorted_search import moment_positions
from fraud.features.transaction_columns import coded, sorted_by_time

READ = ("event_time", "amount", "is_fraud", "label_time", "customer", "terminal")
WINDOW_DAYS = (1, 7, 30)
WINDOWS = tuple(f"{days}d" for days in WINDOW_DAYS)
DELAY_DAYS = 7
NAMES = (
    "is_weekend",
    "is_night",
    *(f"customer_{what}_{days}d" for days in WINDOW_DAYS for what in ("count", "amount_mean")),
    *(f"terminal_{what}_{days}d" for days in WINDOW_DAYS for what in ("known_count", "fraud_count", "fraud_rate")),
)


def library(folder: Path) -> Callable[[], pl.DataFrame]:
    """The library's own functions, on canonical transactions in memory."""
    rows = pl.read_parquet(folder / "transactions.parquet")
    return lambda: by_library(rows)


def whole_table(folder: Path) -> Callable[[], pl.DataFrame]:
    """The library's whole feature table, of which these are a quarter."""
    from bench.inputs import handbook_config
    from fraud.features.build import build_features
    from fraud.features.recipe import Recipe

    config = handbook_config()
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    rows = pl.read_parquet(folder / "transactions.parquet")
    return lambda: build_features(rows.lazy(), recipe)


def pandas(folder: Path) -> Callable[[], Any]:
    """As the handbook writes it with pandas: one function a customer or terminal, rolling inside."""
    rows = published(folder)
    return lambda: by_pandas(rows)


def pandas_grouped(folder: Path) -> Callable[[], Any]:
    """With pandas at its best: ``groupby().rolling()``, without a function a group."""
    rows = published(folder)
    return lambda: by_pandas_grouped(rows)


def duckdb(folder: Path) -> Callable[[], Any]:
    """DuckDB, window functions with RANGE frames, from a table in memory to a table in memory."""
    connection = connected(folder)
    return lambda: by_duckdb(connection)


def by_library(rows: pl.DataFrame) -> pl.DataFrame:
    """The 17 features of canonical transactions, sorted by (event_time, transaction_id)."""
    ordered = sorted_by_time(rows.select("transaction_id", *READ))
    named = [*map(pl.col, READ[:4]), *(pl.col(name).alias(code_of(name)) for name in READ[4:])]
    transactions = coded(ordered.select(named), READ[4:])
    labels = known_labels(transactions, delay_days=None)
    moments = moment_positions(transactions["event_time"], labels["known_at"], WINDOWS)
    customers, terminals = map(code_of, READ[4:])
    paid = transactions.select("row", "event_time", customers, units=in_units(pl.col("amount")))
    made = [
        compute_by_blocks(_customers, paid, labels.select(customers).head(0), moments, "customer"),
        compute_by_blocks(
            _terminals,
            transactions.select("row", "event_time", terminals),
            labels.select(terminals, "is_fraud"),
            moments,
            "terminal",
        ),
    ]
    calendar = ordered.lazy().select(calendar_features()).select("is_weekend", "is_night").collect()
    return pl.concat([calendar, *made], how="horizontal").select(NAMES)


def _customers(block: Block) -> pl.DataFrame:
    beside = with_begins(block.requested, block.past, "customer", WINDOWS)
    features = [
        feature for feature in amount_features(block.past, "customer", WINDOWS) if feature.meta.output_name() in NAMES
    ]
    return beside.lazy().select(features).collect(engine="in-memory")


def _terminals(block: Block) -> pl.DataFrame:
    positions = label_positions(block.requested, block.labels, "terminal", WINDOWS)
    counts = label_counts(block.labels, positions, "terminal", WINDOWS)
    return counts.with_columns(pl.col("^.*_rate_.*$").fill_null(0)).collect(engine="in-memory")


def by_pandas(rows: Any) -> Any:
    """The 17 features of the handbook's columns, sorted by (TX_DATETIME, TRANSACTION_ID); a pandas frame."""
    import pandas as pd

    made = rows.assign(**_calendar(rows))
    customers = made.groupby("CUSTOMER_ID", group_keys=False)[list(made.columns)].apply(_customer_features)
    terminals = customers.groupby("TERMINAL_ID", group_keys=False)[list(customers.columns)].apply(_terminal_features)
    assert isinstance(terminals, pd.DataFrame)
    return terminals.sort_index()[list(NAMES)]


def _calendar(rows: Any) -> dict[str, Any]:
    times = rows["TX_DATETIME"].dt
    return {"is_weekend": (times.day_of_week >= 5).astype(int), "is_night": (times.hour <= 6).astype(int)}


def _customer_features(rows: Any) -> Any:
    rows = rows.sort_values("TX_DATETIME", kind="stable")
    amounts = rows.set_index("TX_DATETIME")["TX_AMOUNT"]
    for days in WINDOW_DAYS:
        rolling = amounts.rolling(f"{days}D", closed="left", min_periods=0)
        count = rolling.count()
        rows[f"customer_count_{days}d"] = count.to_numpy()
        rows[f"customer_amount_mean_{days}d"] = (rolling.sum() / count).to_numpy()
    return rows


def _terminal_features(rows: Any) -> Any:
    rows = rows.sort_values("TX_DATETIME", kind="stable")
    frauds = rows.set_index("TX_DATETIME")["TX_FRAUD"]
    delay = frauds.rolling(f"{DELAY_DAYS}D")
    count_delay, frauds_delay = delay.count(), delay.sum()
    for days in WINDOW_DAYS:
        rolling = frauds.rolling(f"{DELAY_DAYS + days}D")
        count, found = rolling.count() - count_delay, rolling.sum() - frauds_delay
        rows[f"terminal_known_count_{days}d"] = count.to_numpy()
        rows[f"terminal_fraud_count_{days}d"] = found.to_numpy()
        rows[f"terminal_fraud_rate_{days}d"] = (found / count).fillna(0).to_numpy()
    return rows


def by_pandas_grouped(rows: Any) -> Any:
    """As ``by_pandas``, with one rolling over all groups for each window."""
    made = rows.assign(**_calendar(rows))
    for days in WINDOW_DAYS:
        rolling = _rolled(rows, "CUSTOMER_ID", "TX_AMOUNT", days, closed="left")
        made[f"customer_count_{days}d"] = rolling["count"]
        made[f"customer_amount_mean_{days}d"] = rolling["sum"] / rolling["count"]
    delay = _rolled(rows, "TERMINAL_ID", "TX_FRAUD", DELAY_DAYS)
    for days in WINDOW_DAYS:
        known = _rolled(rows, "TERMINAL_ID", "TX_FRAUD", DELAY_DAYS + days) - delay
        made[f"terminal_known_count_{days}d"] = known["count"]
        made[f"terminal_fraud_count_{days}d"] = known["sum"]
        made[f"terminal_fraud_rate_{days}d"] = (known["sum"] / known["count"]).fillna(0)
    return made[list(NAMES)]


def _rolled(rows: Any, entity: str, column: str, days: int, *, closed: str = "right") -> Any:
    """Count and sum over the window, row by row beside ``rows``."""
    rolling = rows.groupby(entity).rolling(f"{days}D", on="TX_DATETIME", closed=closed, min_periods=0)
    found = rolling[column].agg(["count", "sum"])
    # Groups come one after the other, each in its rows' order.
    return found.set_axis(rows.index[rows[entity].argsort(kind="stable")])


def by_duckdb(connection: Any) -> Any:
    """A table ``features`` of the 17, sorted by (TX_DATETIME, TRANSACTION_ID), and the connection."""
    columns = ["(isodow(TX_DATETIME) >= 6)::INT AS is_weekend", "(hour(TX_DATETIME) <= 6)::INT AS is_night"]
    frames = []
    for days in WINDOW_DAYS:
        columns += [
            f"count(*) OVER c{days} AS customer_count_{days}d",
            f"sum(TX_AMOUNT) OVER c{days} / count(*) OVER c{days} AS customer_amount_mean_{days}d",
            f"count(*) OVER t{days} AS terminal_known_count_{days}d",
            f"coalesce(sum(TX_FRAUD) OVER t{days}, 0) AS terminal_fraud_count_{days}d",
            f"coalesce(sum(TX_FRAUD) OVER t{days} / count(*) OVER t{days}, 0) AS terminal_fraud_rate_{days}d",
        ]
        frames += [
            f"c{days} AS (PARTITION BY CUSTOMER_ID ORDER BY TX_DATETIME "
            f"RANGE BETWEEN INTERVAL {days} DAY PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING)",
            f"t{days} AS (PARTITION BY TERMINAL_ID ORDER BY TX_DATETIME RANGE BETWEEN "
            f"INTERVAL '{(DELAY_DAYS + days) * 86_400_000_000 - 1} microseconds' PRECEDING "
            f"AND INTERVAL {DELAY_DAYS} DAY PRECEDING)",
        ]
    connection.execute(
        f"CREATE OR REPLACE TABLE features AS SELECT {', '.join(columns)} FROM transactions "
        f"WINDOW {', '.join(frames)} ORDER BY TX_DATETIME, TRANSACTION_ID"
    )
    return connection


def connected(folder: Path) -> Any:
    """A DuckDB connection with the table ``transactions`` of the handbook's columns."""
    import duckdb as engine

    connection = engine.connect()
    connection.execute(f"CREATE TABLE transactions AS SELECT * FROM '{folder / 'published.parquet'}'")
    return connection


def published(folder: Path) -> Any:
    """The handbook's columns as a pandas frame, sorted by time."""
    import pandas as pd

    return pd.DataFrame(pl.read_parquet(folder / "published.parquet").to_dict())
