"""Lightning's trainer, the same for every strategy."""

import copy
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback

from fraud.config import TrainingConfig
from fraud.model.classifier import VALIDATION_METRIC, FraudClassifier
from fraud.model.memory import keep_memory
from fraud.model.processes import lightning_settings
from fraud.model.scoring import cpu_has_bf16


class KeepBest(Callback):
    """Keeps the weights of the best validation check."""

    def __init__(self) -> None:
        self.best, self.step = -np.inf, 0
        self.weights: dict[str, torch.Tensor] = {}

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keep the weights where this check is better than all before."""
        value = float(trainer.callback_metrics[VALIDATION_METRIC])
        if value > self.best:
            self.best, self.step = value, trainer.global_step
            network = cast(FraudClassifier, pl_module).network
            self.weights = copy.deepcopy(network.state_dict())


def make_trainer(
    training: TrainingConfig, *, steps: int, callbacks: Sequence[Callback], progress: bool = False
) -> pl.Trainer:
    """Lightning's trainer, the same for every strategy: one epoch of so many steps, nothing logged, nothing saved."""
    keep_memory()
    return pl.Trainer(
        accelerator="auto",
        precision=lightning_precision(training.precision),  # type: ignore[arg-type]
        max_steps=steps,
        max_epochs=1,
        val_check_interval=check_interval(training.check_every, steps=steps),
        num_sanity_val_steps=0,
        callbacks=list(callbacks),
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        enable_progress_bar=progress,
        **lightning_settings(),
    )


def check_interval(check_every: int, *, steps: int) -> int:
    """Steps between two checks on validation: ``check_every``, or a few more, so that the last check is at the end.

    >>> check_interval(100, steps=800), check_interval(300, steps=800), check_interval(50, steps=20)
    (100, 400, 20)
    """
    return steps // max(1, steps // check_every)


def lightning_precision(precision: str) -> str:
    """Lightning's name for a precision; ``auto`` takes bf16 where the processor has it."""
    if precision == "fp32":
        return "32-true"
    if precision == "bf16":
        return "bf16-mixed"
    has_bf16 = torch.cuda.is_bf16_supported() if torch.cuda.is_available() else cpu_has_bf16()
    return "bf16-mixed" if has_bf16 else "32-true"


@contextmanager
def quiet_lightning() -> Iterator[None]:
    """Silence Lightning's start-up messages and its advice on data loader workers, which index batches do not need."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="lightning")
            warnings.filterwarnings("ignore", message=".*lightning.*")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
