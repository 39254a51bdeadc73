"""The same network trained for the same steps: this project's Lightning loop, plain torch, Lightning's usual loader.

Two torch threads, batches of 4,096, the shipped optimizer, schedule, dropout and precision, on all sides. Timed from
the end of the warm-up to the last step, so that nothing but steps is compared.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from bench.inputs import Rows, handbook_config, training_of, window_of
from bench.sizes import Sizes
from fraud.config import NetworkConfig, TrainingConfig
from fraud.imbalance.losses import WeightedBCE
from fraud.imbalance.rows import natural_rows
from fraud.model.batches import TrainingData
from fraud.model.classifier import FraudClassifier
from fraud.model.network import Network
from fraud.model.trainer import lightning_precision, make_trainer, quiet_lightning

THREADS = 2


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is trained, on what, for how long."""

    train: Rows
    network: NetworkConfig
    training: TrainingConfig
    steps: int
    warm_up: int = 1
    """First steps, which are not timed."""

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The training window of the inputs, on two threads."""
        torch.set_num_threads(THREADS)
        sizes = Sizes.of(folder)
        return cls(
            train=window_of(folder, "train"),
            network=handbook_config().network,
            training=training_of(folder),
            steps=sizes.steps,
            warm_up=sizes.warm_up,
        )

    def classifier(self) -> FraudClassifier:
        """The network as it starts, in its LightningModule."""
        torch.manual_seed(0)
        network = Network(self.train[0].shape[1], (), hidden=self.network.hidden, dropout=self.network.dropout)
        training = self.training
        return FraudClassifier(
            network,
            WeightedBCE.plain(),
            learning_rate=training.learning_rate,
            weight_decay=training.weight_decay,
            steps=self.steps,
        )


class Stopwatch(Callback):
    """Seconds between the end of the warm-up and the last step."""

    def __init__(self, warm_up: int) -> None:
        self.warm_up, self.began, self.seconds = warm_up, 0.0, 0.0

    def on_train_batch_end(self, trainer: pl.Trainer, *_: object) -> None:
        """Start after the warm-up; the last call stops."""
        if trainer.global_step == self.warm_up:
            self.began = time.perf_counter()
        self.seconds = time.perf_counter() - self.began


def library(folder: Path) -> Callable[[], float]:
    """``TrainingData`` and ``FraudClassifier`` under the project's trainer."""
    task = Task.of(folder)
    return lambda: by_library(task)[1]


def raw_torch(folder: Path) -> Callable[[], float]:
    """A loop of one's own, tensors in memory."""
    task = Task.of(folder)
    return lambda: by_torch(task)[1]


def default_loader(folder: Path) -> Callable[[], float]:
    """Lightning with ``DataLoader(TensorDataset(X, y), batch_size=4096, shuffle=True)``."""
    task, steps = Task.of(folder), Sizes.of(folder).default_loader_steps
    scale = (task.steps - task.warm_up) / (steps - task.warm_up)
    return lambda: by_default_loader(replace(task, steps=steps))[1] * scale


def by_library(task: Task) -> tuple[FraudClassifier, float]:
    """Trained, and the seconds it took."""
    X, y = task.train
    data = TrainingData(
        task.train,
        (X[:256], y[:256]),  # checked once, after the last step
        rows=natural_rows(y),
        batch_size=task.training.batch_size,
        steps=task.steps,
        seed=0,
    )
    return _under_lightning(task, data.train_dataloader())


def by_default_loader(task: Task) -> tuple[FraudClassifier, float]:
    """Trained, and the seconds it took."""
    X, y = task.train
    rows = TensorDataset(torch.from_numpy(X), torch.from_numpy(y.astype(np.float32)))
    loader = DataLoader(rows, batch_size=task.training.batch_size, shuffle=True, drop_last=True)
    return _under_lightning(task, loader)


def _under_lightning(task: Task, loader: "DataLoader[tuple[Tensor, ...]]") -> tuple[FraudClassifier, float]:
    model, watch = task.classifier(), Stopwatch(task.warm_up)
    with quiet_lightning():
        trainer = make_trainer(task.training, steps=task.steps, callbacks=[watch])
        trainer.fit(model, train_dataloaders=loader)
    return model, watch.seconds


def by_torch(task: Task) -> tuple[FraudClassifier, float]:
    """Trained, and the seconds it took."""
    X = torch.from_numpy(task.train[0])
    y = torch.from_numpy(task.train[1].astype(np.float32))
    model, training = task.classifier().train(), task.training
    optimizer = torch.optim.AdamW(
        model.network.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=training.learning_rate, total_steps=task.steps, pct_start=0.1
    )
    generator = torch.Generator().manual_seed(0)
    half = lightning_precision(training.precision) == "bf16-mixed"
    began, step = time.perf_counter(), 0
    while True:
        order = torch.randperm(len(X), generator=generator)
        for start in range(0, len(X) - training.batch_size + 1, training.batch_size):
            batch = order[start : start + training.batch_size]
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                loss = model.loss(model.network(X[batch]), y[batch])
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            if step == task.warm_up:
                began = time.perf_counter()
            if step == task.steps:
                return model, time.perf_counter() - began
