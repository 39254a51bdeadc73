"""What the benchmarks read: made once in a folder, outside of every measurement."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from bench.command_line import CONFIGS
from bench.sizes import Sizes
from fraud.config import RunConfig, TrainingConfig, load_config
from fraud.simulation.dumps import Simulation, simulate, write_dumps

Rows = tuple[np.ndarray, np.ndarray]
"""Encoded rows (N, F) float32 and their labels (N,)."""


def handbook_config() -> RunConfig:
    """The settings that the project ships for the handbook's data."""
    return load_config(CONFIGS / "handbook.toml")


def dumps_of(folder: Path, given: Sequence[str]) -> list[str]:
    """The handbook's dumps as given; without any, a simulated data set of the same kind and size."""
    if given:
        return list(given)
    made = folder / "dumps"
    if not made.exists():
        sizes = Sizes.of(folder)
        write_dumps(made, Simulation(fraud_factor=sizes.fraud_factor).sized(sizes.handbook_rows))
    return sorted(map(str, made.glob("*.parquet")))


def canonical(dumps: Sequence[str | Path] | pl.LazyFrame, *, delay_days: float = 7) -> pl.LazyFrame:
    """The handbook's columns as the store keeps them."""
    rows = dumps if isinstance(dumps, pl.LazyFrame) else pl.concat([pl.scan_parquet(dump) for dump in dumps])
    time = pl.col("TX_DATETIME").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return rows.select(
        transaction_id=pl.col("TRANSACTION_ID").cast(pl.String),
        event_time=time,
        amount=pl.col("TX_AMOUNT").cast(pl.Float64),
        is_fraud=pl.col("TX_FRAUD").cast(pl.Boolean),
        label_time=time + pl.duration(microseconds=round(delay_days * 86_400_000_000)),
        customer=pl.col("CUSTOMER_ID").cast(pl.String),
        terminal=pl.col("TERMINAL_ID").cast(pl.String),
    )


def transactions(folder: Path, dumps: Sequence[str]) -> None:
    """``transactions.parquet``: the handbook, canonical, and ``published.parquet``: its own columns, by time."""
    _once(folder / "transactions.parquet", lambda path: canonical(dumps).sink_parquet(path))
    columns = ("TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD")
    rows = pl.concat([pl.scan_parquet(dump).select(columns) for dump in dumps])
    whole = rows.with_columns(pl.col("CUSTOMER_ID", "TERMINAL_ID", "TRANSACTION_ID").cast(pl.Int64))
    ordered = whole.sort("TX_DATETIME", "TRANSACTION_ID")
    _once(folder / "published.parquet", lambda path: ordered.collect().write_parquet(path))


def matrices(folder: Path) -> Callable[[], None]:
    """Makes the encoded windows, as a comparison lays them out, their cards, and a network trained for a while."""

    def work() -> None:
        make_windows(folder)
        train_network(folder)

    return work


def make_windows(folder: Path) -> None:
    """``{window}_X.npy`` and ``{window}_y.npy`` of the handbook's windows, and ``test_cards.npy``."""
    from fraud.features import Encoder, Recipe, split_by_time
    from fraud.features.build import build_features

    config = handbook_config()
    recipe = Recipe.of(config.columns, labels=config.labels, windows=config.features.windows)
    features = build_features(pl.scan_parquet(folder / "transactions.parquet"), recipe)
    split = split_by_time(features, split=config.split, labels=config.labels, has_label_time=False)
    beside = {"transaction_id", "event_time", "is_fraud", "label_time", *recipe.entities}
    numeric = [name for name in features.columns if name not in beside]
    encoder = Encoder.fit(features[split.train.rows], numeric=numeric, categorical=())
    for window in split.windows:
        np.save(folder / f"{window.name}_X.npy", encoder.transform(features[window.rows]))
        np.save(folder / f"{window.name}_y.npy", window.y)
    cards = features["customer"].gather(split.test.rows).cast(pl.Categorical).to_physical()
    np.save(folder / "test_cards.npy", cards.to_numpy())


def train_network(folder: Path) -> None:
    """``network.pt``: weights of a network that was trained for a while on the training window."""
    import torch

    from fraud.imbalance import get_strategy
    from fraud.model import train_candidate

    config, steps = handbook_config(), Sizes.of(folder).network_steps
    training = replace(training_of(folder), max_steps=steps, check_every=steps)
    torch.set_num_threads(1)
    trained = train_candidate(
        window_of(folder, "train"),
        window_of(folder, "validation"),
        strategy=get_strategy("none"),
        cardinalities=(),
        network=config.network,
        training=training,
        row_cap=config.comparison.row_cap,
        seed=0,
    )
    torch.save(trained.network.state_dict(), folder / "network.pt")


def training_of(folder: Path) -> TrainingConfig:
    """The handbook's training settings, with batches of the size that the inputs are for."""
    training = handbook_config().training
    return replace(training, batch_size=Sizes.of(folder).batch_size or training.batch_size)


def window_of(folder: Path, name: str) -> Rows:
    """One window's rows."""
    return np.load(folder / f"{name}_X.npy"), np.load(folder / f"{name}_y.npy")


def big_csv(folder: Path, world: Simulation | None = None) -> None:
    """``big.csv``: one simulated dump of the rich kind, about 100 bytes a row."""
    settings = world or Simulation(preset="rich").sized(Sizes.of(folder).csv_rows)

    def write(path: Path) -> None:
        with path.open("wb") as file:
            for number, (_, month) in enumerate(simulate(settings)):
                month.write_csv(file, include_header=number == 0, datetime_format="%Y-%m-%d %H:%M:%S")

    _once(folder / "big.csv", write)


def growing(folder: Path, rows: int) -> None:
    """``growth-{rows}.parquet``: canonical simulated transactions; more of them are more cards over the same days."""

    def write(path: Path) -> None:
        months = [canonical(month.lazy()).collect() for _, month in simulate(Simulation().sized(rows))]
        pl.concat(months).write_parquet(path)

    _once(folder / f"growth-{rows}.parquet", write)


def _once(path: Path, write: Callable[[Path], object]) -> None:
    """Make the file unless it is there; whole or not at all."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    write(partial)
    partial.replace(path)
