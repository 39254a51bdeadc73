"""Every figure the project judges by, defined once, in NumPy: training and reports share these.

``alerts`` compares alerts with labels, ``ranking`` compares an order with labels, ``probabilities`` compares
scores with frequencies, ``operating_points`` turns scores into alerts, ``units`` counts a card on a day as one alert. A
figure that has nothing to divide by (recall without frauds, precision without alerts) is ``nan``, never 0 and never an
exception.
"""

from fraud.metrics.alerts import (
    amount_recall,
    false_positive_rate,
    losses,
    precision,
    recall,
    total_cost,
)
from fraud.metrics.cards import card_precision_at_k
from fraud.metrics.checks import as_keys, as_numbers, as_probabilities, as_scores, as_targets
from fraud.metrics.operating_points import (
    count_above,
    daily_budget,
    expected_alerts,
    keyed_rank,
    rank_within_day,
    top_k_per_day,
)
from fraud.metrics.probabilities import (
    ReliabilityBin,
    brier,
    expected_calibration_error,
    log_loss,
    mean_score_interval,
    mean_score_over_prevalence,
    reliability_curve,
)
from fraud.metrics.ranking import average_precision, precision_recall_curve, roc_auc
from fraud.metrics.units import alert_units, has_card, unit_max, unit_values

__all__ = [
    "ReliabilityBin",
    "alert_units",
    "amount_recall",
    "as_keys",
    "as_numbers",
    "as_probabilities",
    "as_scores",
    "as_targets",
    "average_precision",
    "brier",
    "card_precision_at_k",
    "count_above",
    "daily_budget",
    "expected_alerts",
    "expected_calibration_error",
    "false_positive_rate",
    "has_card",
    "keyed_rank",
    "log_loss",
    "losses",
    "mean_score_interval",
    "mean_score_over_prevalence",
    "precision",
    "precision_recall_curve",
    "rank_within_day",
    "recall",
    "reliability_curve",
    "roc_auc",
    "top_k_per_day",
    "total_cost",
    "unit_max",
    "unit_values",
]
