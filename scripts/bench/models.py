"""The models that are compared, all fitted on one encoded matrix, with settings chosen before the test weeks.

Nothing stops early here: the protocol leaves no labelled days between training and test that could decide it. The
network takes its shipped settings and at most ``PASSES`` passes over the rows, trees a fixed number.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.inputs import Rows
from fraud.config import RunConfig
from fraud.evaluation.baselines import fit_baseline
from fraud.imbalance import get_strategy
from fraud.model import score_logits, train_candidate

Score = Callable[[np.ndarray], np.ndarray]
"""Rows (M, F) -> log-odds (M,)."""

NETWORK = "network"
BOOSTING = ("hist-gradient-boosting", "lightgbm", "xgboost")
MODELS = (NETWORK, "logistic-regression", *BOOSTING)
TREES, RATE, LEAVES = 300, 0.03, 15
PASSES = 6
"""Over the training rows at most: a week's frauds are learned by heart in more."""
CHECKED_ROWS = 20_000
"""Last training rows that the one check at the end is made on; it decides nothing."""
SEEDLESS = ("logistic-regression", "hist-gradient-boosting")
"""The same for every seed."""


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """``--models``, ``--seeds``, ``--steps``, ``--jobs`` and ``--out``, for the scripts that compare these models."""
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, help="of the network at most; left out: the configuration's")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="threads")
    parser.add_argument("--out", type=Path, help="the figures as JSON")


def with_steps(config: RunConfig, steps: int | None) -> RunConfig:
    """The configuration with this many training steps at most; None: as it is."""
    return config if steps is None else replace(config, training=replace(config.training, max_steps=steps))


def seeds_of(model: str, seeds: int) -> range:
    """The seeds to fit a model with: one where a seed changes nothing."""
    return range(1 if model in SEEDLESS else seeds)


def fit_model(
    name: str, train: Rows, *, cardinalities: tuple[int, ...], config: RunConfig, seed: int, jobs: int
) -> Score:
    """Fit one of ``MODELS`` on the training rows alone.

    Args:
        name: of the model.
        train: X (N, F) float32 with category codes last, y (N,).
        cardinalities: codes of each categorical column.
        config: whose network and training settings hold.
        seed: of everything random.
        jobs: threads that boosting may use.
    """
    if name == NETWORK:
        return fit_network(train, cardinalities=cardinalities, config=config, seed=seed)
    n_numeric = train[0].shape[1] - len(cardinalities)
    if name in FITTERS:
        return FITTERS[name](*train, n_numeric, seed, jobs)
    own = {"hist-gradient-boosting": "gradient-boosting"}.get(name, name)
    return fit_baseline(own, *train, n_numeric=n_numeric, seed=seed, row_cap=len(train[1])).score


def fit_network(train: Rows, *, cardinalities: tuple[int, ...], config: RunConfig, seed: int) -> Score:
    """The project's network, trained for a fixed number of steps by the project's loop with plain cross-entropy."""
    X, y = train
    steps = max(1, min(config.training.max_steps, PASSES * len(y) // config.training.batch_size))
    fixed = replace(config, training=replace(config.training, max_steps=steps, check_every=steps))
    last = X[-CHECKED_ROWS:], y[-CHECKED_ROWS:]
    return stop_early(train, last, cardinalities=cardinalities, config=fixed, seed=seed)


def stop_early(train: Rows, validation: Rows, *, cardinalities: tuple[int, ...], config: RunConfig, seed: int) -> Score:
    """The project's network as every run trains it: stopped where validation is best."""
    torch.set_num_threads(1)  # as in a comparison
    trained = train_candidate(
        train,
        validation,
        strategy=get_strategy("none"),
        cardinalities=cardinalities,
        network=config.network,
        training=config.training,
        row_cap=config.comparison.row_cap,
        seed=seed,
    )
    return partial(score_logits, trained.network)


def lightgbm(X: np.ndarray, y: np.ndarray, n_numeric: int, seed: int, jobs: int) -> Score:
    """LightGBM; category codes as categories."""
    from lightgbm import LGBMClassifier

    model: Any = LGBMClassifier(
        n_estimators=TREES,
        learning_rate=RATE,
        num_leaves=LEAVES,
        min_child_samples=50,
        subsample=0.8,
        subsample_freq=1,
        colsample_bytree=0.5,
        reg_lambda=5.0,
        random_state=seed,
        n_jobs=jobs,
        verbose=-1,
    )
    model.fit(X, y, categorical_feature=list(range(n_numeric, X.shape[1])))
    return lambda rows: np.asarray(model.booster_.predict(rows, raw_score=True), dtype=np.float64)


def xgboost(X: np.ndarray, y: np.ndarray, n_numeric: int, seed: int, jobs: int) -> Score:
    """XGBoost; category codes as categories."""
    from xgboost import XGBClassifier

    model: Any = XGBClassifier(
        n_estimators=TREES,
        learning_rate=RATE,
        max_depth=5,
        min_child_weight=5,
        subsample=0.8,
        colsample_bytree=0.5,
        reg_lambda=5.0,
        random_state=seed,
        n_jobs=jobs,
        tree_method="hist",
        enable_categorical=True,
        feature_types=["q"] * n_numeric + ["c"] * (X.shape[1] - n_numeric),
    )
    model.fit(X, y)
    return lambda rows: np.asarray(model.predict(rows, output_margin=True), dtype=np.float64)


FITTERS: dict[str, Callable[[np.ndarray, np.ndarray, int, int, int], Score]] = {
    "lightgbm": lightgbm,
    "xgboost": xgboost,
}
