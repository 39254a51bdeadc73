"""Losses from logits: weighted binary cross-entropy and focal loss.

Every loss takes logits ``(B,)`` (before the sigmoid) and targets ``(B,)`` and returns the mean over the rows.
"""

from typing import Self

from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from fraud.errors import StrategyError
from fraud.imbalance.targets import checked_targets
from fraud.imbalance.weights import ClassCounts, ClassWeights, class_weights


def class_losses(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """``y``, ``-y log p`` and ``-(1 - y) log(1 - p)``, each ``(B,)``, with ``p = sigmoid(logit)``.

    From the logits by ``log p = logsigmoid(z)`` and ``log(1 - p) = logsigmoid(-z)``: finite, with finite gradients,
    where ``log(sigmoid(z))`` would be minus infinity. Half-precision logits are read as float32.

    Raises:
        TargetError: see ``checked_targets``.
    """
    targets = checked_targets(logits, targets)
    logits = logits.to(targets.dtype)
    return targets, -targets * logsigmoid(logits), -(1 - targets) * logsigmoid(-logits)


class WeightedBCE(nn.Module):
    """Weighted binary cross-entropy from logits.

    ``-[w_pos * y * log p + w_neg * (1 - y) * log(1 - p)]``, averaged over the rows of the batch.

    The mean is over rows, not the weighted mean (divided by the sum of the batch's weights): that sum depends on how
    many frauds the batch happens to hold, so a fraud in a batch with few others would count for more than the same
    fraud among many, and the gradient would no longer be an unbiased estimate of the gradient over all training rows.

    torch spells the same loss ``w_neg * BCEWithLogitsLoss(pos_weight=w_pos / w_neg)``: ``pos_weight`` is the ratio, and
    the factor ``w_neg`` a mere scale. Weights whose mean over the training rows is not 1 scale the loss: Adam
    cancels that (its step divides by the gradient's own size), plain SGD and gradient clipping do not.

    >>> import torch
    >>> ten_to_one = WeightedBCE.from_scheme("inverse", ClassCounts(negative=10, positive=1))
    >>> ten_to_one.weights.pos_weight
    10.0

    Args:
        weights: of both classes.
        counts: from which the weights were derived; a guard compares them with the training rows. None: fixed weights.
    """

    def __init__(self, weights: ClassWeights, *, counts: ClassCounts | None = None) -> None:
        super().__init__()
        self.weights, self.counts = weights, counts

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Mean loss of a batch: logits ``(B,)``, targets ``(B,)`` -> scalar.

        Raises:
            TargetError: see ``checked_targets``.
        """
        _, positive, negative = class_losses(logits, targets)
        return (self.weights.positive * positive + self.weights.negative * negative).mean()

    def extra_repr(self) -> str:
        """The weights, for ``print(model)``."""
        return f"w_pos={self.weights.positive:g}, w_neg={self.weights.negative:g}"

    @classmethod
    def plain(cls) -> Self:
        """Both weights 1: plain BCE."""
        return cls(ClassWeights(negative=1.0, positive=1.0))

    @classmethod
    def from_scheme(cls, scheme: str, counts: ClassCounts, **knobs: float) -> Self:
        """Weights of a scheme by its name: see ``class_weights``."""
        return cls(class_weights(scheme, counts, **knobs), counts=counts)


class FocalLoss(nn.Module):
    """Focal loss: rows that the model already classifies well weigh less.

    ``-[a_pos * y * (1 - p)**gamma * log p + a_neg * (1 - y) * p**gamma * log(1 - p)]``, the mean over the rows (Lin et
    al. 2017, "Focal loss for dense object detection", eq. 5; they divide by the number of positives instead).
    ``alpha`` None: both factors 1, so that ``gamma`` 0 is plain BCE; else ``a_pos = alpha``, ``a_neg = 1 - alpha``.

    Not a proper scoring rule for ``gamma`` > 0: its scores are pulled towards 0.5 and have no exact logit shift.

    Args:
        gamma: how fast easy rows fade, 0 or more; the paper's choice is 2.
        alpha: weight of the frauds in (0, 1), or None.

    Raises:
        StrategyError: a knob out of range.
    """

    def __init__(self, gamma: float = 2.0, alpha: float | None = None) -> None:
        super().__init__()
        if not gamma >= 0:
            raise StrategyError(f"focal: gamma must be 0 or more, found {gamma}")
        if alpha is not None and not 0 < alpha < 1:
            raise StrategyError(f"focal: alpha must be in (0, 1) or left out, found {alpha}")
        self.gamma = gamma
        self.weights = ClassWeights(1.0, 1.0) if alpha is None else ClassWeights(1 - alpha, alpha)

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Mean loss of a batch: logits ``(B,)``, targets ``(B,)`` -> scalar.

        Raises:
            TargetError: see ``checked_targets``.
        """
        _, positive, negative = class_losses(logits, targets)
        logits = logits.to(positive.dtype)
        # (1 - p)**gamma through its logarithm: a power of an underflowed zero has an infinite gradient for gamma < 1
        hard_positive = (self.gamma * logsigmoid(-logits)).exp()
        hard_negative = (self.gamma * logsigmoid(logits)).exp()
        return (
            self.weights.positive * hard_positive * positive + self.weights.negative * hard_negative * negative
        ).mean()

    def extra_repr(self) -> str:
        """The knobs, for ``print(model)``."""
        return f"gamma={self.gamma:g}, a_pos={self.weights.positive:g}, a_neg={self.weights.negative:g}"
