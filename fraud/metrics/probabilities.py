"""Calibration: scores against the frequency of fraud, by figures that suit rare events."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.metrics.checks import as_probabilities, as_targets
from fraud.metrics.units import alert_units

LEVEL_95 = 1.959963984540054
"""Standard errors on either side in a 95 % interval."""
LOWEST = 1e-7
"""Probabilities are kept this far from 0 and 1 before a logarithm; a float32 sigmoid saturates about there."""


@dataclass(frozen=True)
class ReliabilityBin:
    """One bin of the reliability curve: mean score, share of frauds, number of transactions."""

    score: float
    observed: float
    count: int


def brier(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Mean squared distance between probability and outcome (Brier 1950)."""
    y, p = _pair(y_true, y_score)
    return float(np.mean((p - y) ** 2)) if y.size else float("nan")


def log_loss(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Mean negative log-likelihood in nats, probabilities clipped to [``LOWEST``, 1 - ``LOWEST``]."""
    y, p = _pair(y_true, y_score)
    if not y.size:
        return float("nan")
    clipped = np.clip(p, LOWEST, 1 - LOWEST)
    return float(-np.mean(np.where(y, np.log(clipped), np.log1p(-clipped))))


def mean_score_over_prevalence(y_true: ArrayLike, y_score: ArrayLike) -> float:
    """Frauds expected by the scores over frauds that occurred: at 10 ten times too many; nan without frauds."""
    y, p = _pair(y_true, y_score)
    return float(p.sum() / y.sum()) if y.any() else float("nan")


def mean_score_interval(y_true: ArrayLike, y_score: ArrayLike, *, card: ArrayLike | None = None) -> tuple[float, float]:
    """95 % interval of ``mean_score_over_prevalence``: what chance in the number of frauds leaves open.

    The residuals, fraud less probability, are summed by card; their variance is that of a sum of independent cards, and
    never below Poisson's, which is the number of expected frauds. A perfectly calibrated model with 51 frauds is beyond
    a tenth from 1 every other time, so that the ratio alone shows nothing.

    Args:
        y_true: labels (N,).
        y_score: probabilities (N,).
        card: card of each transaction (N,), None where unknown; None: transactions are independent.

    Returns:
        Lowest and highest ratio; nan, nan without frauds or without a score above 0; the highest is infinite where
        chance alone could explain that all frauds are there.
    """
    y, p = _pair(y_true, y_score)
    observed, expected = float(y.sum()), float(p.sum())
    if not observed or not expected:
        return float("nan"), float("nan")
    cards, _ = alert_units(np.zeros(y.size, dtype=np.int8), card)
    residuals = np.bincount(cards, weights=y - p)
    spread = LEVEL_95 * max(float(np.sqrt(np.sum(residuals**2))), float(np.sqrt(expected)))
    fewest = observed - spread
    return expected / (observed + spread), expected / fewest if fewest > 0 else float("inf")


def expected_calibration_error(y_true: ArrayLike, y_score: ArrayLike, *, bins: int = 20) -> float:
    """Mean distance between score and share of frauds over the bins of ``reliability_curve``, weighted by their rows.

    NOTE: predicting 0 everywhere scores the prevalence itself, so judge it against that, not against 1.
    """
    curve = reliability_curve(y_true, y_score, bins=bins)
    rows = sum(one.count for one in curve)
    return sum(one.count * abs(one.score - one.observed) for one in curve) / rows if rows else float("nan")


def reliability_curve(y_true: ArrayLike, y_score: ArrayLike, *, bins: int = 20) -> list[ReliabilityBin]:
    """Mean score and share of frauds in bins of equal mass, lowest scores first.

    The mass of a transaction is half its share of the rows and half its share of the expected frauds. Bins of equal
    width, or of equal rows alone, put nearly all rare frauds into one bin, where too high and too low cancel.
    Equal scores are never split, so ties neither depend on the sort nor on the order of rows.

    Args:
        y_true: labels (N,).
        y_score: probabilities (N,).
        bins: how many at most.
    """
    y, p = _pair(y_true, y_score)
    if not y.size:
        return []
    values, member, count = np.unique(p, return_inverse=True, return_counts=True)
    code = _equal_mass(values, count, bins)[member]
    rows = np.bincount(code)
    expected, observed = np.bincount(code, weights=p) / rows, np.bincount(code, weights=y) / rows
    return [ReliabilityBin(float(s), float(o), int(n)) for s, o, n in zip(expected, observed, rows, strict=True)]


def _equal_mass(values: NDArray[np.float64], count: NDArray[np.int64], bins: int) -> NDArray[np.int64]:
    """Bin of each distinct score, by the middle of its mass; codes run 0, 1, ... without holes."""
    mass = count / count.sum()
    expected = values * count
    if expected.sum() > 0:
        mass = (mass + expected / expected.sum()) / 2
    middle = np.cumsum(mass) - mass / 2
    return np.unique(np.floor(middle * bins), return_inverse=True)[1]


def _pair(y_true: ArrayLike, y_score: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    y = as_targets(y_true)
    return y, as_probabilities(y_score, y.size)
