"""Models that are not the network, on the same features, rows and windows: what a comparison must not forget."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from fraud.features import take

FAMILY = "baseline"
MOST_ROWS = 2_000_000
"""Training rows of a baseline at most: it holds several copies of them. A network sees about as many."""


def logistic_regression(n_numeric: int, n_features: int, seed: int) -> Any:
    """Logistic regression; category codes one-hot."""
    codes = list(range(n_numeric, n_features))
    encode = ColumnTransformer(
        [("codes", OneHotEncoder(handle_unknown="ignore", dtype=np.float32), codes)], remainder="passthrough"
    )
    model = LogisticRegression(max_iter=300, tol=1e-3, random_state=seed)
    return make_pipeline(encode, model) if codes else model


def gradient_boosting(n_numeric: int, n_features: int, seed: int) -> Any:
    """scikit-learn's histogram gradient boosting; category codes as categories."""
    # NOTE: early stopping would hold out rows at random, from the middle of the training window.
    return HistGradientBoostingClassifier(
        max_iter=100,
        max_leaf_nodes=15,
        learning_rate=0.1,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features=list(range(n_numeric, n_features)) or None,
        random_state=seed,
    )


BASELINES: dict[str, Callable[[int, int, int], Any]] = {
    "logistic-regression": logistic_regression,
    "gradient-boosting": gradient_boosting,
}


def fit_baseline(
    name: str, X: np.ndarray, y: np.ndarray, *, n_numeric: int, seed: int
) -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    """Fit a baseline on the training rows; of more than ``MOST_ROWS`` on every second, third, ... of them.

    Args:
        name: a key of ``BASELINES``.
        X: (N, F) float32, category codes last.
        y: (N,) 0 or 1.
        n_numeric: numeric columns of X.
        seed: of the model.

    Returns:
        A function from rows (M, F) to log-odds (M,), and the number of rows that it was fitted on.
    """
    model = BASELINES[name](n_numeric, X.shape[1], seed)
    rows = np.arange(0, len(y), -(-len(y) // MOST_ROWS))
    if len(rows) < len(y):
        X, y = take(X, rows), y[rows]
    model.fit(X, y)
    return lambda rows: np.asarray(model.decision_function(rows), dtype=np.float64), len(y)
