"""Networks break where trees do not: planted shifts between training and test, with and without the protection.

The protection is the encoding: values clipped, long tails on a logarithmic scale, rare and unseen categories in one
bucket. Boosting sees the same matrix and needs none of it.
"""

from datetime import timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from fraud.config import NetworkConfig, TrainingConfig
from fraud.data.simulate import Shifts, Simulation, simulate
from fraud.evaluation.baselines import fit_baseline
from fraud.features import scaling
from fraud.features.build import Recipe, build_features
from fraud.features.encoding import Encoder
from fraud.imbalance.strategies import get_strategy
from fraud.metrics import average_precision
from fraud.model.training import score_logits, train_candidate

SHIFT_DAY, VALIDATION_DAYS, DELAY = 60, 10, timedelta(days=7)
CATEGORICAL = ("category", "channel", "country")
SEEDS = 2
MARGIN = 0.03
SHIFTS: dict[str, dict[str, float]] = {
    "categories": {"category_mix": 0.5},
    "amounts": {"amount_inflation": 3.0},
    "volume": {"volume_growth": 2.0},
    "hours": {"hours_moved": 6.0},
}
SHIFTS["all together"] = {name: value for shift in SHIFTS.values() for name, value in shift.items()}
Rows = tuple[np.ndarray, np.ndarray]


@cache
def world(**shift: float) -> tuple[pl.DataFrame, ...]:
    """Feature rows to train on, to stop on and to test on; the shift begins with the test."""
    settings = Simulation(
        preset="rich",
        days=80,
        customers=800,
        terminals=1600,
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
    numeric = [name for name in parts[0].columns if parts[0][name].dtype.is_float()]
    encoder = Encoder.fit(parts[0], numeric=numeric, categorical=CATEGORICAL)
    return encoder, [(encoder.transform(part), part["is_fraud"].cast(pl.Int8).to_numpy()) for part in parts]


def network(encoder: Encoder, train: Rows, validation: Rows, test: Rows, *, seed: int) -> float:
    trained = train_candidate(
        train,
        validation,
        strategy=get_strategy("none"),
        cardinalities=encoder.cardinalities,
        network=NetworkConfig(hidden=(256, 256), dropout=0.1),
        training=TrainingConfig(batch_size=1024, max_steps=400, learning_rate=2e-3),
        row_cap=1000,
        seed=seed,
    )
    return average_precision(test[1], score_logits(trained.network, test[0]))


def boosting(encoder: Encoder, train: Rows, test: Rows) -> float:
    score = fit_baseline("gradient-boosting", *train, n_numeric=encoder.n_numeric, seed=0)
    return average_precision(test[1], score(test[0]))


@pytest.mark.slow
@pytest.mark.parametrize("shift", SHIFTS.values(), ids=list(SHIFTS))
def test_the_network_stands_where_boosting_stands(shift: dict[str, float]) -> None:
    encoder, (train, validation, test) = encoded(world(**shift))
    found = np.mean([network(encoder, train, validation, test, seed=seed) for seed in range(SEEDS)])
    assert found > boosting(encoder, train, test) - MARGIN


@pytest.mark.slow
def test_without_the_protection_it_falls(monkeypatch: Any) -> None:
    parts = world(amount_inflation=30.0)
    encoder, (train, validation, test) = encoded(parts)
    trees = boosting(encoder, train, test)
    assert network(encoder, train, validation, test, seed=0) > trees - MARGIN
    monkeypatch.setattr(scaling, "CLIP", 1e9)
    monkeypatch.setattr(scaling, "LONG_TAIL", 1e9)
    monkeypatch.setattr(scaling, "RARE", 1)
    encoder, (train, validation, test) = encoded(parts)
    assert network(encoder, train, validation, test, seed=0) < trees - MARGIN
