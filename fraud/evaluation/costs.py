"""What a candidate's alerts would cost and save: one threshold for all, or every transaction by its own amount.

The Bayes decision alerts where the expected loss exceeds the price of a review, p * loss_share * amount >= review_cost.
It needs calibrated probabilities, so it shows the value of calibration in money: the same rule on raw
scores of a weighted loss reviews far too much.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.evaluation.candidates import Candidate, ScoredSeed, WindowRows, check_seed_provenance
from fraud.evaluation.policy import found_together
from fraud.evaluation.statistics.estimates import Estimate
from fraud.evaluation.statistics.figures import Alerts, saved_share
from fraud.evaluation.statistics.sampling import Sampling
from fraud.metrics import as_numbers, as_probabilities, losses


def cost_evidence(candidate: Candidate, test: WindowRows, sampling: Sampling) -> dict[str, Any] | None:
    """Savings of three ways to decide, with intervals, and Bayes against the threshold, paired.

    ``savings`` is the share of the loss without any alert that a decision spares, reviews paid: 1 - cost / cost of no
    alerts; below 0 the reviews cost more than they bring back. Where an alert is a card on a day, its transactions are
    reviewed, and found, together. The costs are those of Bahnsen, Stojanovic, Aouada and
    Ottersten (2013), "Cost sensitive credit card fraud detection using Bayes minimum risk".

    Args:
        candidate: what ships carries the cheapest threshold on validation.
        test: the window that judges.
        sampling: of the run.

    Returns:
        ``threshold``, ``bayes`` and ``bayes_raw``, each ``{alerts_per_day, cost_per_day, savings}``, and ``difference``
        of the savings, bayes less threshold; None without amounts, without losses, or for a model without
        a cheapest threshold.

    Raises:
        LeakageError: a threshold was not chosen on validation.
    """
    if test.amount is None or candidate.shipped.cost_alerts is None:
        return None
    policy = candidate.shipped.latest.threshold.policy
    amount = losses(test.amount)
    lost = policy.loss_share * np.where(test.y_true == 1, amount, 0.0)
    unit = test.units(replace(policy, kind="costs"))
    review = policy.review_cost / np.bincount(unit)[unit]
    if lost.sum() <= 0:
        return None
    figures, sections = {}, {}
    for name, decided in _decisions(candidate, test, amount).items():
        alerts = found_together(decided, unit)
        cost = review * alerts + lost * ~alerts
        figures[name] = saved_share(sampling, Alerts.of(lost - cost), lost)
        sections[name] = {
            "alerts_per_day": np.unique(unit[alerts]).size / test.days,
            "cost_per_day": float(cost.sum()) / test.days,
            "savings": _bounds(figures[name], most=1.0),
        }
    return {**sections, "difference": _bounds(figures["bayes"] - figures["threshold"])}


def bayes_alerts(y_score: ArrayLike, amount: ArrayLike, *, review_cost: float, loss_share: float) -> NDArray[np.bool_]:
    """Alerts where the expected loss is at least the price of a review: p * loss_share * amount >= review_cost.

    The decision of lowest expected cost per transaction (Elkan 2001, eq. 2, with costs that differ by row); it
    needs calibrated probabilities, a single threshold only an order.

    Args:
        y_score: calibrated probabilities (N,).
        amount: money moved (N,); a negative one loses nothing.
        review_cost: what one reviewed alert costs, in the currency of ``amount``.
        loss_share: share of the amount that a missed fraud loses.
    """
    money = as_numbers(losses(amount), None, "amount")
    p = as_probabilities(y_score, money.size)
    return np.asarray(p * loss_share * money >= review_cost)


def _decisions(candidate: Candidate, test: WindowRows, amount: np.ndarray) -> Mapping[str, np.ndarray]:
    """Alerts (N,) of each way to decide."""
    shipped = candidate.shipped
    prices = {name: getattr(shipped.latest.threshold.policy, name) for name in ("review_cost", "loss_share")}

    def bayes(kind: str) -> np.ndarray:
        return bayes_alerts(shipped.probabilities[kind], amount, **prices)

    return {
        "threshold": _at_threshold(shipped, test),
        "bayes": bayes("calibrated"),
        "bayes_raw": bayes("raw"),
    }


def _at_threshold(seed: ScoredSeed, test: WindowRows) -> np.ndarray:
    assert seed.cost_alerts is not None
    check_seed_provenance(seed, test)
    return seed.cost_alerts


def _bounds(figure: Estimate, *, most: float = np.inf) -> dict[str, float]:
    """Mean and interval, cut at ``most``: nobody saves more than is lost."""
    interval = figure.interval()
    return {"mean": interval.mean, "low": interval.low, "high": min(interval.high, most)}
