"""Losses from logits: weighted binary cross-entropy and focal loss.

Every loss takes logits ``(B,)`` (before the sigmoid) and targets ``(B,)`` and returns the mean over the rows.
"""

from typing import Self

from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from fraud.errors import StrategyError
from fraud.imbalance import weights as schemes
from fraud.imbalance.targets import checked_targets
from fraud.imbalance.weights import ClassCounts, ClassWeights


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
    the factor ``w_neg`` a mere scale. Weights whose mean over the training rows is not 1 scale the loss, which Adam
    hardly sees (its step divides by the gradient's own size) and plain SGD or gradient clipping does.

    >>> import torch
    >>> ten_to_one = WeightedBCE.inverse(ClassCounts(negative=10, positive=1))
    >>> ten_to_one.weights.pos_weight
    10.0

    Args:
        weights: of both classes.
        counts: what the weights were made of, so that a guard can hold them against the training rows; None: nothing.
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
    def from_scheme(cls, scheme: str, counts: ClassCounts) -> Self:
        """The loss with the weights of a scheme: see ``class_weights``."""
        return cls(schemes.class_weights(scheme, counts), counts=counts)

    @classmethod
    def plain(cls) -> Self:
        """Both weights 1: plain BCE."""
        return cls(ClassWeights(negative=1.0, positive=1.0))

    @classmethod
    def inverse(cls, counts: ClassCounts) -> Self:
        """Weights ``w_c = N / N_c``."""
        return cls(schemes.inverse(counts), counts=counts)

    @classmethod
    def normalized(cls, counts: ClassCounts) -> Self:
        """Weights ``w_pos = N_neg / N, w_neg = N_pos / N``."""
        return cls(schemes.normalized(counts), counts=counts)

    @classmethod
    def sqrt(cls, counts: ClassCounts) -> Self:
        """Weights by the square root of rarity, ``w_c = (N / N_c)**0.5``."""
        return cls(schemes.sqrt(counts), counts=counts)

    @classmethod
    def log(cls, counts: ClassCounts) -> Self:
        """Weights by the logarithm of rarity: see ``fraud.imbalance.weights.log``."""
        return cls(schemes.log(counts), counts=counts)

    @classmethod
    def effective(cls, counts: ClassCounts, *, beta: float = schemes.DEFAULT_BETA) -> Self:
        """Weights by the effective number of samples (Cui et al. 2019)."""
        return cls(schemes.effective(counts, beta=beta), counts=counts)

    @classmethod
    def of_ratio(cls, counts: ClassCounts, *, weight_ratio: float) -> Self:
        """Weights ``w_pos / w_neg = weight_ratio`` with a mean weight of 1 over the training rows."""
        return cls(schemes.of_ratio(counts, weight_ratio=weight_ratio), counts=counts)


class FocalLoss(nn.Module):
    """Focal loss: rows that the model already gets right count for less.

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
