"""Paired intervals of recall and average precision of ten strategies, and of their differences.

On one side the project's intervals, from influence values summed by card; on the other a bootstrap of the cards: a loop
over resamples that computes each figure with scikit-learn, each resample's rows weighted by how often their card was
drawn.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.inputs import handbook_config, window_of
from bench.sizes import Sizes

STRATEGIES = 10


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Test rows with the scores of every strategy."""

    y: np.ndarray
    cards: np.ndarray
    """(N,) codes from 0 on."""
    scores: np.ndarray
    """(strategies, N)."""
    alerts: np.ndarray
    """(strategies, N) booleans."""


Bounds = dict[tuple[str, str], tuple[float, float]]
"""(figure, strategy or pair) -> 95 % interval."""


def library(folder: Path) -> Callable[[], Bounds]:
    """All intervals by the project."""
    rows = scored(folder)
    return lambda: by_library(rows)


def sklearn_loop(folder: Path) -> Callable[[], float]:
    """Some resamples by the loop; its seconds are scaled to all."""
    rows, sizes = scored(folder), Sizes.of(folder)

    def work() -> float:
        began = time.perf_counter()
        by_loop(rows, sizes.looped)
        return (time.perf_counter() - began) * sizes.resamples / sizes.looped

    return work


def scored(folder: Path) -> Scored:
    """The test window under ten score vectors: a trained network's logits with more and more noise."""
    import torch

    from fraud.model import Network, score_logits

    X, y = window_of(folder, "test")
    network = Network(X.shape[1], (), hidden=handbook_config().network.hidden, dropout=0.0)
    state = torch.load(folder / "network.pt", weights_only=True)
    network.load_state_dict({name: state[key] for name, key in zip(network.state_dict(), state, strict=True)})
    logits = score_logits(network.eval(), X)
    return noisy(y, np.load(folder / "test_cards.npy"), logits, alerts=Sizes.of(folder).alerts)


def noisy(y: np.ndarray, cards: np.ndarray, logits: np.ndarray, *, alerts: int) -> Scored:
    """``STRATEGIES`` versions of the logits, each with its own noise; its highest scores are its alerts."""
    rng = np.random.default_rng(0)
    scores = np.stack([logits + 0.1 * number * rng.standard_normal(y.size) for number in range(STRATEGIES)])
    ranks = np.argsort(np.argsort(-scores, axis=1), axis=1)
    codes = np.unique(cards, return_inverse=True)[1]
    return Scored(y=y.astype(bool), cards=codes, scores=scores, alerts=ranks < alerts)


def by_library(rows: Scored) -> Bounds:
    """The bounds, from the project."""
    from fraud.evaluation.statistics.clusters import Clusters
    from fraud.evaluation.statistics.figures import Alerts, ranking, share
    from fraud.evaluation.statistics.sampling import Sampling

    sampling = Sampling.of(Clusters(rows.cards.astype(np.int32), int(rows.cards.max()) + 1, "customer"))
    bounds: Bounds = {}
    for name, figures in (
        ("recall", [share(sampling, Alerts.of(alerts), rows.y) for alerts in rows.alerts]),
        ("average_precision", [ranking(sampling, rows.y, scores)[0] for scores in rows.scores]),
    ):
        named = {str(strategy): figure for strategy, figure in enumerate(figures)}
        named |= {f"{strategy} - 0": figure - figures[0] for strategy, figure in enumerate(figures) if strategy}
        for one, figure in named.items():
            interval = figure.interval()
            bounds[name, one] = interval.low, interval.high
    return bounds


def by_loop(rows: Scored, resamples: int, *, seed: int = 0) -> Bounds:
    """The bounds, the middle 95 % of the resamples, from a loop over scikit-learn's metrics."""
    from sklearn.metrics import average_precision_score, recall_score

    rng, count = np.random.default_rng(seed), int(rows.cards.max()) + 1
    recall, precision = np.empty((2, len(rows.scores), resamples))
    for number in range(resamples):
        drawn = np.bincount(rng.integers(0, count, count), minlength=count)[rows.cards]
        kept = drawn > 0
        y, weight = rows.y[kept], drawn[kept]
        for strategy, (scores, alerts) in enumerate(zip(rows.scores, rows.alerts, strict=True)):
            recall[strategy, number] = recall_score(y, alerts[kept], sample_weight=weight)
            precision[strategy, number] = average_precision_score(y, scores[kept], sample_weight=weight)
    return _bounds("recall", recall) | _bounds("average_precision", precision)


def _bounds(figure: str, resamples: np.ndarray) -> Bounds:
    """Of each strategy, and of the difference of each but the first to the first."""
    named = {str(strategy): values for strategy, values in enumerate(resamples)}
    named |= {f"{strategy} - 0": values - resamples[0] for strategy, values in enumerate(resamples) if strategy}
    return {(figure, name): tuple(np.quantile(values, [0.025, 0.975])) for name, values in named.items()}
