"""Class weights: the rows of each class, and the weights that each scheme derives from them.

Counts must be those of the training rows alone: weights counted over validation or test leak the future.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from numpy.typing import NDArray

from fraud.errors import StrategyError
from fraud.metrics import as_targets

DEFAULT_BETA = 0.9999


@dataclass(frozen=True)
class ClassCounts:
    """Numbers of genuine (negative) and fraudulent (positive) rows of one window.

    Raises:
        StrategyError: a class has no row.
    """

    negative: int
    positive: int

    def __post_init__(self) -> None:
        fixes = "check which values [columns] is_fraud reads as genuine", "widen the training window"
        counts = ("genuine", self.negative), ("fraudulent", self.positive)
        for (name, count), fix in zip(counts, fixes, strict=True):
            if count < 1:
                raise StrategyError(
                    f"class counts: expected at least one {name} row, found {count} "
                    f"({self.negative} genuine, {self.positive} frauds); {fix}"
                )

    @classmethod
    def of(cls, y: NDArray[Any]) -> Self:
        """Counts of labels ``(N,)`` of 0 and 1.

        Raises:
            TargetError: a label that is neither, such as NaN or a code for unknown.
        """
        fraud = as_targets(y)
        positive = int(fraud.sum())
        return cls(negative=fraud.size - positive, positive=positive)

    @property
    def total(self) -> int:
        """Rows of both classes."""
        return self.negative + self.positive

    @property
    def prevalence(self) -> float:
        """Share of frauds, in (0, 1)."""
        return self.positive / self.total

    @property
    def log_odds(self) -> float:
        """``log(prevalence / (1 - prevalence))``."""
        return math.log(self.positive / self.negative)

    def odds_at(self, correction: float) -> float:
        """Frauds to one genuine row at a correction of the imbalance, ``(N_pos / N_neg)**(1 - correction)``.

        0 is nature, 1 is balance; in between the log-odds are so far on the way from one to the other.

        >>> round(ClassCounts(negative=10_000, positive=100).odds_at(0.5), 9)
        0.1
        """
        return math.exp((1 - correction) * self.log_odds)


@dataclass(frozen=True)
class ClassWeights:
    """Weights of a genuine (negative) and a fraudulent (positive) row in the loss.

    Raises:
        StrategyError: a weight is not a finite number above zero.
    """

    negative: float
    positive: float

    def __post_init__(self) -> None:
        for name, weight in (("negative", self.negative), ("positive", self.positive)):
            if not (math.isfinite(weight) and weight > 0):
                raise StrategyError(f"class weights: {name} must be a finite number above 0, found {weight}")

    @property
    def pos_weight(self) -> float:
        """``w_pos / w_neg``: what torch's ``BCEWithLogitsLoss`` calls ``pos_weight``."""
        return self.positive / self.negative

    @property
    def logit_shift(self) -> float:
        """``log(w_pos / w_neg)``: what these weights add to the log-odds that the model learns.

        Weighting multiplies the odds of fraud by ``w_pos / w_neg`` (Elkan 2001, "The foundations of cost-sensitive
        learning", theorem 2; King and Zeng 2001 for the same correction of case-control samples).
        """
        return math.log(self.pos_weight)


def inverse(counts: ClassCounts) -> ClassWeights:
    """``w_c = N / N_c``: both classes weigh the same in sum; the mean weight of a row is 2."""
    return ClassWeights(negative=counts.total / counts.negative, positive=counts.total / counts.positive)


def normalized(counts: ClassCounts) -> ClassWeights:
    """``w_pos = N_neg / N, w_neg = N_pos / N``: ``inverse`` times ``N_pos * N_neg / N**2``, the same ratio.

    NOTE: the loss gets smaller by that factor (0.008 at 0.8 % fraud). Adam divides it out again; plain SGD, gradient
    clipping and an L2 penalty inside the loss do not.
    """
    return ClassWeights(negative=counts.positive / counts.total, positive=counts.negative / counts.total)


def sqrt(counts: ClassCounts) -> ClassWeights:
    """Weights halfway between none and ``inverse`` in log-odds.

    ``w_c = sqrt(N / N_c)``.
    """
    return ClassWeights(
        negative=math.sqrt(counts.total / counts.negative), positive=math.sqrt(counts.total / counts.positive)
    )


def log(counts: ClassCounts) -> ClassWeights:
    """Weights that grow with the logarithm of rarity.

    ``w_c = log(1 + N / N_c)``; the 1 keeps both weights above zero.
    """
    return ClassWeights(
        negative=math.log1p(counts.total / counts.negative), positive=math.log1p(counts.total / counts.positive)
    )


def effective(counts: ClassCounts, *, beta: float = DEFAULT_BETA) -> ClassWeights:
    """Inverse effective number of samples, ``w_c = (1 - beta) / (1 - beta**N_c)``, scaled to sum to 2.

    Cui et al. 2019, "Class-balanced loss based on effective number of samples", eq. 2 and section 4: each new row adds
    less than the one before, as if a class had only ``1 / (1 - beta)`` distinct rows. ``beta`` 0 weighs the classes
    alike, ``beta`` -> 1 is ``inverse``. It acts where ``1 / (1 - beta)`` lies between the two counts.

    Raises:
        StrategyError: ``beta`` outside [0, 1).
    """
    if not 0 <= beta < 1:
        raise StrategyError(f"weight-effective: beta must be in [0, 1), found {beta}")
    negative, positive = (_inverse_effective_number(n, beta) for n in (counts.negative, counts.positive))
    scale = 2 / (negative + positive)
    return ClassWeights(negative=negative * scale, positive=positive * scale)


def _inverse_effective_number(count: int, beta: float) -> float:
    # expm1 and log1p: 1 - beta**N loses all its digits to cancellation for beta near 1
    return (1 - beta) / -math.expm1(count * math.log1p(beta - 1)) if beta > 0 else 1.0


def corrected(counts: ClassCounts, *, correction: float) -> ClassWeights:
    """``w_pos / w_neg = (N_neg / N_pos)**correction``, scaled so that the mean weight of a training row is 1.

    0 weighs the classes alike, 1/2 has the ratio of ``sqrt``, 1 that of ``inverse``. The scale keeps the loss of
    different corrections comparable in size, so that a search over the correction is not a search over the learning
    rate in disguise.

    Raises:
        StrategyError: ``correction`` outside [0, 1].
    """
    if not 0 <= correction <= 1:
        raise StrategyError(f"class weights: correction must be in [0, 1], found {correction}")
    ratio = (counts.negative / counts.positive) ** correction
    negative = counts.total / (counts.negative + ratio * counts.positive)
    return ClassWeights(negative=negative, positive=ratio * negative)


SCHEMES: dict[str, Callable[..., ClassWeights]] = {
    "inverse": inverse,
    "normalized": normalized,
    "sqrt": sqrt,
    "log": log,
    "effective": effective,
    "corrected": corrected,
}
"""Each takes the class counts and its own knobs."""


def class_weights(scheme: str, counts: ClassCounts, **knobs: float) -> ClassWeights:
    """Weights of a scheme by its name.

    >>> class_weights("inverse", ClassCounts(negative=1000, positive=100)).pos_weight
    10.0

    Args:
        scheme: one of ``SCHEMES``.
        counts: of the natural training rows.
        knobs: of the scheme: ``beta`` of effective, ``correction`` of corrected.

    Raises:
        StrategyError: no scheme of that name, or a knob out of range.
    """
    if scheme not in SCHEMES:
        raise StrategyError(f"class weights: unknown scheme '{scheme}'; known schemes: {', '.join(SCHEMES)}")
    return SCHEMES[scheme](counts, **knobs)
