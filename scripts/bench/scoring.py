"""Scores of prepared rows: a bundle's network, and LightGBM with 200 trees of 15 leaves; on two threads, and on one.

On a busy machine threads wait for each other, LightGBM's most of all; one thread shows what the work itself costs.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from bench.inputs import handbook_config, window_of
from bench.sizes import Sizes

LEAVES = 15
FITTED_ROWS = 200_000
THREADS = 2
REPEATS = 5
"""Times that the test rows are scored in one run."""


def library(folder: Path, threads: int = THREADS) -> Callable[[], None]:
    """``score_logits`` of a bundle's network."""
    import torch

    from fraud.model import Network, score_logits

    torch.set_num_threads(threads)
    config = handbook_config()
    X = np.load(folder / "test_X.npy")
    network = Network(X.shape[1], (), hidden=config.network.hidden, dropout=config.network.dropout)
    network.load_state_dict(torch.load(folder / "network.pt", weights_only=True))
    network.eval()
    return lambda: _repeat(lambda: score_logits(network, X))


def library_one_thread(folder: Path) -> Callable[[], None]:
    """The same on one thread."""
    return library(folder, 1)


def lightgbm(folder: Path, threads: int = THREADS) -> Callable[[], None]:
    """``Booster.predict`` of raw scores."""
    booster = fitted_booster(*window_of(folder, "train"), trees=Sizes.of(folder).trees, threads=threads)
    X = np.load(folder / "test_X.npy")
    return lambda: _repeat(lambda: booster.predict(X, raw_score=True, num_threads=threads))


def lightgbm_one_thread(folder: Path) -> Callable[[], None]:
    """The same on one thread."""
    return lightgbm(folder, 1)


def fitted_booster(X: np.ndarray, y: np.ndarray, *, trees: int, threads: int) -> Any:
    """LightGBM, fitted on the last rows."""
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(n_estimators=trees, num_leaves=LEAVES, learning_rate=0.05, n_jobs=threads, verbose=-1)
    return model.fit(X[-FITTED_ROWS:], y[-FITTED_ROWS:]).booster_


def _repeat(score: Callable[[], Any]) -> None:
    for _ in range(REPEATS):
        score()
