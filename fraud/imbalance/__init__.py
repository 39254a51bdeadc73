"""The strategies that treat the class imbalance."""

from fraud.imbalance.guards import (
    check_kept_weights,
    check_prevalence,
    check_training_rows,
    check_untouched,
    check_weight_counts,
    fingerprint,
    labels_fingerprint,
)
from fraud.imbalance.knobs import KnobValue
from fraud.imbalance.losses import WeightedBCE
from fraud.imbalance.rows import TrainingRows
from fraud.imbalance.strategies import FAMILIES, Strategy, get_strategy
from fraud.imbalance.weights import ClassCounts, class_weights

__all__ = [
    "FAMILIES",
    "ClassCounts",
    "KnobValue",
    "Strategy",
    "TrainingRows",
    "WeightedBCE",
    "check_kept_weights",
    "check_prevalence",
    "check_training_rows",
    "check_untouched",
    "check_weight_counts",
    "class_weights",
    "fingerprint",
    "get_strategy",
    "labels_fingerprint",
]
