"""A simulated world that shifts between training and test, and how network and boosting fare there."""

from datetime import timedelta
from functools import cache

import polars as pl
import torch

from bench.command_line import CONFIGS
from bench.inputs import Rows
from bench.models import fit_model
from fraud.config import NetworkConfig, TrainingConfig, load_config
from fraud.features import Encoder, Recipe
from fraud.features.build import build_features
from fraud.imbalance import get_strategy
from fraud.inspection import settings_for
from fraud.metrics import average_precision
from fraud.model import score_logits, train_candidate
from fraud.simulation.dumps import Shifts, Simulation, simulate

SHIFT_DAY, VALIDATION_DAYS, DELAY = 60, 10, timedelta(days=7)
CATEGORICAL = ("category", "channel", "country")
CUSTOMERS = 800
MARGIN = 0.03
"""Average precision that the network may lie below boosting."""
SHIFTS: dict[str, dict[str, float]] = {
    "categories": {"category_mix": 0.5},
    "amounts": {"amount_inflation": 3.0},
    "volume": {"volume_growth": 2.0},
    "hours": {"hours_moved": 6.0},
}
SHIFTS["all together"] = {name: value for shift in SHIFTS.values() for name, value in shift.items()}


@cache
def world(*, customers: int = CUSTOMERS, **shift: float) -> tuple[pl.DataFrame, ...]:
    """Feature rows to train on, to stop on and to test on; the shift begins with the test."""
    settings = Simulation(
        preset="rich",
        days=80,
        customers=customers,
        terminals=max(300, 2 * customers),
        fraud_factor=3.0,
        late_pattern_day=1000,
        unreported_share=0.0,
        shifts=Shifts(from_day=SHIFT_DAY, **shift),
    )
    features = build_features(canonical(pl.concat([frame for _, frame in simulate(settings)])), recipe())
    day = (pl.col("event_time").dt.date() - settings.start).dt.total_days()
    begin = SHIFT_DAY - VALIDATION_DAYS
    parts = (day < begin, (day >= begin) & (day < SHIFT_DAY), day >= SHIFT_DAY)
    return tuple(features.filter(part) for part in parts)


def canonical(dump: pl.DataFrame) -> pl.LazyFrame:
    """The simulator's rows as the store would hold them."""
    time = pl.col("EVENT_TIME").dt.replace_time_zone("UTC")
    names = ("customer", "merchant", *CATEGORICAL)
    columns = ("CUSTOMER_ID", "MERCHANT_ID", *(name.upper() for name in CATEGORICAL))
    return dump.lazy().select(
        pl.col("TRANSACTION_ID").cast(pl.String).alias("transaction_id"),
        time.alias("event_time"),
        pl.col("AMOUNT").alias("amount"),
        (pl.col("IS_FRAUD") == 1).alias("is_fraud"),
        (time + DELAY).alias("label_time"),
        *(pl.col(column).cast(pl.String).alias(name) for column, name in zip(columns, names, strict=True)),
    )


def recipe() -> Recipe:
    """What is made of them."""
    return Recipe(
        entities=("customer", "merchant"),
        numeric=(),
        categorical=CATEGORICAL,
        windows=("1d", "7d"),
        has_amount=True,
        delay_days=None,
        has_calendar=True,
    )


def encoded(parts: tuple[pl.DataFrame, ...]) -> tuple[Encoder, list[Rows]]:
    """The parts as matrices and labels, by an encoder that was fitted on the first."""
    numeric = [name for name in parts[0].columns if parts[0][name].dtype.is_float()]
    encoder = Encoder.fit(parts[0], numeric=numeric, categorical=CATEGORICAL)
    return encoder, [(encoder.transform(part), part["is_fraud"].cast(pl.Int8).to_numpy()) for part in parts]


def network(encoder: Encoder, train: Rows, validation: Rows, test: Rows, *, seed: int) -> float:
    """Average precision on test of the network, stopped on validation."""
    torch.set_num_threads(1)  # as in a comparison
    # The settings that any data of this size gets, as `fraud inspect` proposes them.
    rule = settings_for(labelled=len(train[1]) + len(validation[1]), frauds=int(train[1].sum() + validation[1].sum()))
    trained = train_candidate(
        train,
        validation,
        strategy=get_strategy("none"),
        cardinalities=encoder.cardinalities,
        network=NetworkConfig(**rule["network"]),
        training=TrainingConfig(**rule["training"]),
        row_cap=1000,
        seed=seed,
    )
    return average_precision(test[1], score_logits(trained.network, test[0]))


def boosting(name: str, encoder: Encoder, train: Rows, test: Rows, *, jobs: int = 1) -> float:
    """Average precision on test of one of ``BOOSTING``, seed 0."""
    config = load_config(CONFIGS / "rich.toml")
    score = fit_model(name, train, cardinalities=encoder.cardinalities, config=config, seed=0, jobs=jobs)
    return average_precision(test[1], score(test[0]))
