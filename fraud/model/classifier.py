"""FraudClassifier: the one training loop of every strategy."""

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.utilities.types import OptimizerLRSchedulerConfig
from torch import Tensor, nn

from fraud.metrics import average_precision
from fraud.model.batches import Batch
from fraud.model.processes import from_all

VALIDATION_METRIC = "validation_average_precision"


class Gathered:
    """Numbers that come batch by batch, in one block of memory that doubles when it is full.

    Kept batch by batch, small blocks would come to lie between the large ones of the batches, which then could not be
    used again: of ten million rows some eight gigabytes.
    """

    def __init__(self) -> None:
        self._block, self._count = torch.empty(0), 0

    def add(self, part: Tensor) -> None:
        """Those of one batch (B,)."""
        end = self._count + len(part)
        if end > len(self._block):
            block = torch.empty(max(2 * len(self._block), end, 1 << 16), device=part.device)
            block[: self._count] = self._block[: self._count]
            self._block = block
        self._block[self._count : end] = part
        self._count = end

    def all(self) -> Tensor:
        """Float32, in the order in which they came."""
        return self._block[: self._count]


class FraudClassifier(pl.LightningModule):
    """A network, a loss on its logits, an optimizer; judged on validation by average precision.

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
        self._seen = (Gathered(), Gathered())
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
        """Keep the scores: average precision is of the whole window, never a mean over batches."""
        x, y = batch
        for seen, part in zip(self._seen, (self(x), y), strict=True):
            seen.add(part)

    def on_validation_epoch_end(self) -> None:
        """Average precision over the whole validation window, and the mean training loss since the last look.

        Of several processes each has seen its share of the rows; all judge by the scores of all.
        """
        logits, y = (from_all(seen.all().cpu().numpy()) for seen in self._seen)
        value = average_precision(y, logits)
        loss = float(torch.stack(self._losses).mean()) if self._losses else float("nan")
        loss = float(from_all(np.array([loss])).mean())
        self.curve.append({"step": self.global_step, "train_loss": loss, VALIDATION_METRIC: value})
        self._seen = (Gathered(), Gathered())
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
