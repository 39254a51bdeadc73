"""Trains one candidate: the same loop, network and steps for every strategy, all of them run."""

import time
from dataclasses import dataclass

import numpy as np
import torch

from fraud.config import NetworkConfig, TrainingConfig
from fraud.errors import StrategyError
from fraud.imbalance import (
    ClassCounts,
    Strategy,
    TrainingRows,
    check_training_rows,
    check_weight_counts,
    labels_fingerprint,
)
from fraud.model.batches import TrainingData
from fraud.model.classifier import FraudClassifier
from fraud.model.network import Network
from fraud.model.processes import this_shard
from fraud.model.trainer import KeepBest, make_trainer, quiet_lightning

Rows = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One trained network and how it was trained.

    ``logit_shift`` is what the strategy added to the log-odds of fraud, None where no exact shift is known.
    ``steps`` were run; ``best_step`` is that of the best validation check, whose weights are kept; ``checked_on`` is
    the ``labels_fingerprint`` of the rows of these checks; ``rows`` counts training rows, repeats and synthetic
    included; ``curve`` holds step, training loss and average precision of each validation check.
    """

    network: Network
    steps: int
    best_step: int
    checked_on: str
    rows: int
    seconds: float
    logit_shift: float | None
    notes: tuple[str, ...]
    curve: tuple[dict[str, float], ...]


def train_candidate(
    train: Rows,
    validation: Rows,
    *,
    strategy: Strategy,
    cardinalities: tuple[int, ...],
    network: NetworkConfig,
    training: TrainingConfig,
    row_cap: int,
    seed: int,
    progress: bool = False,
) -> Candidate:
    """Fit one network under one strategy and one seed, which fixes initial weights, order of rows and sampling.

    The weights are the same for every strategy, but for the output's bias: see ``Strategy.starting_logit``.

    Args:
        train: X (N, F) float32 with category codes last, y (N,).
        validation: the same, at natural prevalence.
        strategy: how the imbalance is treated.
        cardinalities: codes of each categorical column.
        network: shape of the network.
        training: steps, rates, checks.
        row_cap: training rows that neighbour searches may see.
        seed: of everything random.
        progress: show Lightning's bar.

    Raises:
        StrategyError: the strategy cannot work on these rows.
        LeakageError: its rows or its class weights do not come from the training rows alone.
    """
    began = time.perf_counter()
    X, y = train
    counts = ClassCounts.of(y)
    rows = _rows(strategy, train, cardinalities, row_cap=row_cap, seed=seed)
    loss = _loss(strategy, counts, y)
    start = strategy.starting_logit(counts, rows)
    model = _classifier(loss, X, cardinalities, start=start, network=network, training=training, seed=seed)
    batch_size = _batch_size(training.batch_size, len(y))
    data = TrainingData(train, validation, rows=rows, batch_size=batch_size, steps=training.max_steps, seed=seed)
    best, steps = _fit(model, data, training, progress=progress)
    shift, seconds = strategy.logit_shift(counts, rows), time.perf_counter() - began
    return _candidate(model, best, data, steps=steps, seconds=seconds, logit_shift=shift)


def _rows(strategy: Strategy, train: Rows, cardinalities: tuple[int, ...], *, row_cap: int, seed: int) -> TrainingRows:
    """The strategy's training rows, the same in every process."""
    X, y = train
    categorical = range(X.shape[1] - len(cardinalities), X.shape[1])
    rows = strategy.rows(X, y, categorical=categorical, rng=np.random.default_rng(seed), row_cap=row_cap)
    if rows.positive == 0 or rows.negative == 0:
        raise StrategyError(f"{strategy.name}: leaves {rows.positive} frauds and {rows.negative} genuine rows to train")
    check_training_rows(rows, X, y)
    return rows


def _loss(strategy: Strategy, counts: ClassCounts, y: np.ndarray) -> torch.nn.Module:
    loss = strategy.loss(counts)
    check_weight_counts(getattr(loss, "counts", None), y)
    return loss


def _classifier(
    loss: torch.nn.Module,
    X: np.ndarray,
    cardinalities: tuple[int, ...],
    *,
    start: float,
    network: NetworkConfig,
    training: TrainingConfig,
    seed: int,
) -> FraudClassifier:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = Network(
            X.shape[1] - len(cardinalities),
            cardinalities,
            hidden=network.hidden,
            dropout=network.dropout,
            starting_logit=start,
        )
    return FraudClassifier(
        net,
        loss,
        learning_rate=training.learning_rate,
        weight_decay=training.weight_decay,
        steps=training.max_steps,
    )


def _batch_size(requested: int, rows: int) -> int:
    """Rows a step: at most a quarter of the rows, and equally many for each process, so that all rows weigh alike."""
    world = this_shard().world
    return max(min(requested, max(2, rows // 4)) // world, 1) * world


def _fit(
    model: FraudClassifier, data: TrainingData, training: TrainingConfig, *, progress: bool
) -> tuple[KeepBest, int]:
    """Run every step of the schedule.

    NOTE: a run that is stopped early never gets the small rates at the schedule's end. Whether it is stopped depends on
    how noisy its checks are, so that some strategies would be annealed and others not.
    """
    best = KeepBest()
    with quiet_lightning():
        trainer = make_trainer(training, steps=training.max_steps, callbacks=[best], progress=progress)
        with torch.random.fork_rng():
            torch.manual_seed(data.seed + this_shard().rank)  # dropout
            trainer.fit(model, datamodule=data)
    return best, trainer.global_step


def _candidate(
    model: FraudClassifier,
    best: KeepBest,
    data: TrainingData,
    *,
    steps: int,
    seconds: float,
    logit_shift: float | None,
) -> Candidate:
    model.network.load_state_dict(best.weights)
    return Candidate(
        network=model.network.eval(),  # type: ignore[arg-type]
        steps=steps,
        best_step=best.step,
        checked_on=labels_fingerprint(data.validation[1].numpy()),
        rows=len(data.rows.index),
        seconds=seconds,
        logit_shift=logit_shift,
        notes=data.rows.notes,
        curve=tuple(model.curve),
    )
