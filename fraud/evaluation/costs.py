"""What a candidate's alerts would cost and save: one threshold for all, or every transaction by its own amount.

The Bayes decision alerts where the expected loss exceeds the price of a review, p * loss_share * amount >= review_cost.
It needs calibrated probabilities, so it shows the value of calibration in money: the same rule on raw
scores of a weighted loss reviews far too much.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.evaluation.candidates import Candidate, ScoredSeed, WindowRows, check_seed_provenance
from fraud.evaluation.statistics.bootstrap import Bootstrap, Interval, Resampled
from fraud.metrics import as_numbers, as_probabilities, losses


def cost_evidence(candidate: Candidate, test: WindowRows, bootstrap: Bootstrap) -> dict[str, Any] | None:
    """Savings of three ways to decide, with intervals, and Bayes against the threshold on the same resamples.

    ``savings`` is the share of the loss without any alert that a decision spares, reviews paid: 1 - cost / cost of no
    alerts; below 0 the reviews cost more than they bring back. The costs are those of Bahnsen, Stojanovic, Aouada and
    Ottersten (2013), "Cost sensitive credit card fraud detection using Bayes minimum risk".

    Args:
        candidate: its seeds carry the cheapest threshold on validation.
        test: the window that judges.
        bootstrap: shared resamples.

    Returns:
        ``threshold``, ``bayes`` and ``bayes_raw``, each ``{alerts_per_day, cost_per_day, savings}``, and ``difference``
        of the savings, bayes less threshold; None without amounts, without losses, or for a model without
        a cheapest threshold.

    Raises:
        LeakageError: a threshold was not chosen on validation.
    """
    if test.amount is None or any(seed.cost_alerts is None for seed in candidate.seeds):
        return None
    policy = candidate.shipped.latest.threshold.policy
    amount = losses(test.amount)
    lost = policy.loss_share * np.where(test.y_true == 1, amount, 0.0)
    if lost.sum() <= 0:
        return None
    figures, sections = {}, {}
    for name, alerts in _decisions(candidate, test, amount).items():
        cost = policy.review_cost * alerts + lost * ~alerts
        figures[name] = bootstrap.ratio(lost - cost, lost)
        sections[name] = {
            "alerts_per_day": float(alerts.sum(axis=1).mean()) / test.days,
            "cost_per_day": float(cost.sum(axis=1).mean()) / test.days,
            "savings": _bounds(figures[name]),
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
    """Alerts (S, N) of each way to decide."""
    prices = {name: getattr(candidate.shipped.latest.threshold.policy, name) for name in ("review_cost", "loss_share")}

    def bayes(kind: str) -> np.ndarray:
        return np.stack([bayes_alerts(seed.probabilities[kind], amount, **prices) for seed in candidate.seeds])

    return {
        "threshold": np.stack([_at_threshold(seed, test) for seed in candidate.seeds]),
        "bayes": bayes("calibrated"),
        "bayes_raw": bayes("raw"),
    }


def _at_threshold(seed: ScoredSeed, test: WindowRows) -> np.ndarray:
    assert seed.cost_alerts is not None
    check_seed_provenance(seed, test)
    return seed.cost_alerts


def _bounds(figure: Resampled) -> dict[str, float]:
    interval: Interval = figure.interval()
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}
