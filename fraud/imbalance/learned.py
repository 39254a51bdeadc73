"""Class weights that are trained together with the network and cannot collapse."""

import math

import torch
from torch import Tensor, nn

from fraud.errors import StrategyError
from fraud.imbalance.losses import class_losses
from fraud.imbalance.weights import ClassCounts, ClassWeights


class LearnedWeightBCE(nn.Module):
    """Weighted BCE whose weight ratio is one trainable parameter, which moves towards the class with the higher loss.

    The objective is class-tilted risk, ``t * log(sum_c pi_c * exp(m_c / t))``, with ``pi_c`` the natural share of
    class c, ``m_c`` its mean loss and ``t`` the temperature (Li, Beirami, Sanjabi and Smith 2021, "Tilted empirical
    risk minimization", there for groups). It equals the worst case over class shares ``q`` under a penalty,
    ``max_q sum_c q_c * m_c - t * KL(q || pi)``: group DRO (Sagawa et al. 2020) with a divergence penalty. The
    maximising shares are ``q_c ~ pi_c * exp(m_c / t)``. So the weights are ``w_c = q_c / pi_c``; their mean over the
    training rows is 1 at every value of the parameter, and their log-ratio ``a`` has one fixed point,
    ``(m_pos - m_neg) / t``. The parameter approaches it by descent on ``t/2 * (a - (m_pos - m_neg) / t)**2``, whose
    gradient is that of the maximisation up to a positive factor; the network follows the weighted BCE.

    Why it cannot collapse: the more a class weighs, the smaller its loss becomes and the larger the other's, so the
    fixed point moves back; a ratio of 0 or infinity is never stable. For a network that learns nothing but the
    prevalence the fixed point is ``log(w_pos / w_neg) = -log_odds(pi) / (1 + t)``: ``t`` -> 0 is ``weight-inverse``, 1
    is ``weight-sqrt``, infinity is ``none``. A network that separates the classes makes both losses small, and the
    ratio with them.

    NOTE: weights handed to the optimizer as free parameters of a weighted loss collapse: the derivative by a weight is
    its class's loss, never negative, so descent drives both to zero and below. The regulariser of Kendall, Gal and
    Cipolla 2018, ``exp(-s_c) * L_c + s_c / 2``, cures that for separate tasks but not here: its minimum over s is
    ``(log L_pos + log L_neg) / 2`` and a constant, and as one logit serves both classes, calling everything genuine
    sends the second logarithm to minus infinity much faster than the first grows.

    The value returned is the weighted BCE alone; the parameter's own term has a gradient but no value. In batches
    without frauds, or without genuine rows, the parameter stays as it is.

    Args:
        counts: of the natural training rows.
        temperature: t, above 0.

    Raises:
        StrategyError: ``temperature`` not above 0.
    """

    def __init__(self, counts: ClassCounts, *, temperature: float = 1.0) -> None:
        super().__init__()
        if not temperature > 0:
            raise StrategyError(f"weight-learned: temperature must be above 0, found {temperature}")
        self.counts = counts
        self.prevalence, self.log_odds, self.temperature = counts.prevalence, counts.log_odds, temperature
        self.log_ratio = nn.Parameter(torch.zeros(()))

    @property
    def weights(self) -> ClassWeights:
        """The current weights; their mean over the training rows is 1."""
        share = 1 / (1 + math.exp(-self.log_odds - self.log_ratio.item()))
        return ClassWeights(negative=(1 - share) / (1 - self.prevalence), positive=share / self.prevalence)

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Mean loss of a batch: logits ``(B,)``, targets ``(B,)`` -> scalar.

        Raises:
            TargetError: see ``checked_targets``.
        """
        y, positive, negative = class_losses(logits, targets)
        share = torch.sigmoid(self.log_odds + self.log_ratio.detach())
        loss = (share / self.prevalence * positive + (1 - share) / (1 - self.prevalence) * negative).mean()
        pull = self._pull(y, positive.detach(), negative.detach())
        return loss + (pull - pull.detach())

    def _pull(self, y: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        frauds = y.sum()
        genuine = len(y) - frauds
        gap = positive.sum() / frauds.clamp(min=1) - negative.sum() / genuine.clamp(min=1)
        both = (frauds > 0) & (genuine > 0)
        return both * self.temperature / 2 * (self.log_ratio - gap / self.temperature) ** 2

    def extra_repr(self) -> str:
        """Temperature and weights, for ``print(model)``."""
        return f"temperature={self.temperature:g}, ratio={self.weights.pos_weight:g}"
