"""The LightningModule of every strategy: loss, optimizer and the validation metric."""

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor, nn

from fraud.metrics import average_precision
from fraud.model.batches import Batch
from fraud.model.growing_buffer import GrowingBuffer
from fraud.model.processes import from_all

VALIDATION_METRIC = "validation_average_precision"


class FraudClassifier(pl.LightningModule):
    """A network, a loss on its logits, an optimizer; validated by average precision.

    Args:
        network: rows (B, F) -> logits (B,).
        loss: (logits (B,), targets (B,)) -> scalar; its own parameters, if it has any, are trained too.
        learning_rate: peak of the one-cycle schedule.
        weight_decay: of AdamW; never applied to the loss's own parameters.
        steps: length of the schedule.
    """

    def __init__(
        self, network: nn.Module, loss: nn.Module, *, learning_rate: float, weight_decay: float, steps: int
    ) -> None:
        super().__init__()
        self.network, self.loss = network, loss
        self.learning_rate, self.weight_decay, self.steps = learning_rate, weight_decay, steps
        self.curve: list[dict[str, float]] = []
        self._validated = (GrowingBuffer(), GrowingBuffer())
        self._losses: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B,) of rows x (B, F)."""
        logits: Tensor = self.network(x)
        return logits

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:  # noqa: ARG002  Lightning's signature
        """Loss of one batch."""
        x, y = batch
        loss: Tensor = self.loss(self(x), y)
        self._losses.append(loss.detach())
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:  # noqa: ARG002  Lightning's signature
        """Keep logits and labels: average precision is of the whole window, never a mean over batches."""
        x, y = batch
        for buffer, part in zip(self._validated, (self(x), y), strict=True):
            buffer.add(part)

    def on_validation_epoch_end(self) -> None:
        """Average precision over the whole validation window, and the mean training loss since the last check.

        Each of several processes scored its share of the rows; the metric is computed over the scores of all.
        """
        logits, y = (from_all(buffer.all().cpu().numpy()) for buffer in self._validated)
        value = average_precision(y, logits)
        loss = float(torch.stack(self._losses).mean()) if self._losses else float("nan")
        loss = float(from_all(np.array([loss])).mean())
        self.curve.append({"step": self.global_step, "train_loss": loss, VALIDATION_METRIC: value})
        self._validated = (GrowingBuffer(), GrowingBuffer())
        self._losses.clear()
        self.log(VALIDATION_METRIC, value)

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """AdamW under a one-cycle learning rate."""
        groups = [
            {"params": list(self.network.parameters()), "weight_decay": self.weight_decay},
            {"params": list(self.loss.parameters()), "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW([group for group in groups if group["params"]], lr=self.learning_rate, fused=True)
        # NOTE: at a tenth of just ten steps, OneCycleLR divides by zero.
        rise = 0.1 if self.steps != 10 else 0.11
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=self.learning_rate, total_steps=self.steps, pct_start=rise
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
