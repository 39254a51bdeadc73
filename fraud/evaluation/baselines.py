"""Models that are not the network, on the same features, rows and windows: what a comparison must not forget.

A baseline is named by its model, as ``gradient-boosting``, or by its model and a strategy, as
``gradient-boosting+under-random``: so a comparison shows whether its answer holds for trees as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from fraud.errors import StrategyError
from fraud.features import take
from fraud.imbalance import ClassCounts, Strategy, WeightedBCE, get_strategy
from fraud.text import nearest

FAMILY = "baseline"
MOST_ROWS = 2_000_000
"""Training rows of a baseline at most: it holds several copies of them. A network sees about as many."""
MOST_CATEGORIES = 254
"""Categories of a column that boosting tells apart, the most frequent ones; scikit-learn's bins have one byte."""
JOIN = "+"
"""Between a model and a strategy in the name of a baseline."""


@dataclass(frozen=True, kw_only=True)
class FittedBaseline:
    """A fitted baseline."""

    score: Callable[[np.ndarray], np.ndarray]
    """From rows (M, F) to log-odds (M,)."""
    rows: int
    """Training rows that it was fitted on, repeats counted."""
    logit_shift: float
    """What weights or sampling added to the log-odds."""
    notes: tuple[str, ...]


def logistic_regression(seed: int) -> Any:
    """Logistic regression."""
    return LogisticRegression(max_iter=300, tol=1e-3, random_state=seed)


def gradient_boosting(seed: int) -> Any:
    """scikit-learn's histogram gradient boosting."""
    # NOTE: early stopping would hold out rows at random, from the middle of the training window.
    return HistGradientBoostingClassifier(
        max_iter=100,
        max_leaf_nodes=15,
        learning_rate=0.1,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )


MODELS: dict[str, Callable[[int], Any]] = {
    "logistic-regression": logistic_regression,
    "gradient-boosting": gradient_boosting,
}


def is_baseline(name: str) -> bool:
    """Whether a name is that of a baseline rather than of a strategy."""
    return name.partition(JOIN)[0] in MODELS


def check_baseline(name: str) -> None:
    """Find a wrong name before the work.

    Raises:
        StrategyError: no such model, or a strategy that only a network can be trained with.
    """
    model, join, strategy = name.partition(JOIN)
    if model not in MODELS:
        known = (*MODELS, *(f"{one}{JOIN}under-random" for one in MODELS))
        raise StrategyError(f"unknown baseline '{name}'; known: {', '.join(known)}, ...{nearest(name, known)}")
    if join:
        _check_strategy(name, get_strategy(strategy))


def fit_baseline(name: str, X: np.ndarray, y: np.ndarray, *, n_numeric: int, seed: int, row_cap: int) -> FittedBaseline:
    """Fit a baseline on the training rows; of more than ``MOST_ROWS`` on every second, third, ... of them.

    Args:
        name: a model of ``MODELS``, or a model, ``JOIN`` and a strategy.
        X: (N, F) float32, category codes last.
        y: (N,) 0 or 1.
        n_numeric: numeric columns of X.
        seed: of the model, and of the sampler.
        row_cap: rows that a sampler which searches neighbours may see.

    Raises:
        StrategyError: the strategy cannot work on these rows.
    """
    kind, _, strategy_name = name.partition(JOIN)
    every = np.arange(0, len(y), -(-len(y) // MOST_ROWS))
    notes: tuple[str, ...] = ()
    if len(every) < len(y):
        notes = (f"Fitted on {len(every):,} of {len(y):,} training rows, evenly spread.",)
        X, y = take(X, every), y[every]
    strategy, natural = get_strategy(strategy_name or "none"), ClassCounts.of(y)
    categorical = range(n_numeric, X.shape[1])
    rows = strategy.rows(X, y, categorical=categorical, rng=np.random.default_rng(seed), row_cap=row_cap)
    if strategy.sampler is not None:
        pool = X if rows.synthetic_X is None else np.concatenate([X, rows.synthetic_X])
        X, y = pool[rows.index], rows.labels(y)
    model = _pipeline(kind, n_numeric, X.shape[1], seed)
    model.fit(X, y, model__sample_weight=_weights(strategy, natural, y))
    return FittedBaseline(
        score=lambda some: np.asarray(model.decision_function(some), dtype=np.float64),
        rows=len(y),
        logit_shift=strategy.logit_shift(natural, rows) or 0.0,
        notes=(*notes, *rows.notes),
    )


def _pipeline(kind: str, n_numeric: int, n_features: int, seed: int) -> Pipeline:
    """Category codes one-hot for logistic regression, as at most ``MOST_CATEGORIES`` categories for boosting."""
    model, codes = MODELS[kind](seed), list(range(n_numeric, n_features))
    if not codes:
        return Pipeline([("model", model)])
    encoder: Any = OneHotEncoder(handle_unknown="ignore", dtype=np.float32)
    if kind == "gradient-boosting":
        # A code that training does not have counts as missing, which boosting knows.
        unknown: dict[str, Any] = {"handle_unknown": "use_encoded_value", "unknown_value": np.nan}
        encoder = OrdinalEncoder(max_categories=MOST_CATEGORIES, dtype=np.float32, **unknown)
        model.set_params(categorical_features=list(range(len(codes))))
    encode = ColumnTransformer([("codes", encoder, codes)], remainder="passthrough", sparse_threshold=1.0)
    return Pipeline([("encode", encode), ("model", model)])


def _weights(strategy: Strategy, counts: ClassCounts, y: np.ndarray) -> np.ndarray | None:
    loss = strategy.loss(counts)
    if strategy.loss_maker is None or not isinstance(loss, WeightedBCE):
        return None
    return np.where(y == 1, loss.weights.positive, loss.weights.negative)


def _check_strategy(name: str, strategy: Strategy) -> None:
    """Weights of the classes, or a sampler; a loss of its own or balanced batches are for networks alone.

    Raises:
        StrategyError: it is none of these.
    """
    weighs = strategy.loss_maker is None or isinstance(strategy.loss(ClassCounts(negative=99, positive=1)), WeightedBCE)
    if not weighs or strategy.family == "batch":
        raise StrategyError(
            f"baseline '{name}': {strategy.name} trains a network alone; expected class weights or a sampler, as "
            f"{name.partition(JOIN)[0]}{JOIN}weight-inverse"
        )
