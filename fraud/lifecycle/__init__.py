"""The life of a model after the comparison: registry, drift, retraining, promotion."""

from fraud.lifecycle.attempts import Attempt, begin_attempt, unfinished_attempt
from fraud.lifecycle.champion_periods import ChampionPeriod
from fraud.lifecycle.changes import changed_since
from fraud.lifecycle.model_card import card_of
from fraud.lifecycle.promotion import Decision, check_decision, decide
from fraud.lifecycle.registry import RegisteredModel, Registry
from fraud.lifecycle.retrain_findings import drift_as_json, retrain_findings, with_versions
from fraud.lifecycle.retraining import (
    WindowComparison,
    check_knows,
    check_unseen,
    compare_on_window,
    count_training,
    drift_since,
    fresher_days,
    train_challenger,
    unseen_windows,
)

__all__ = [
    "Attempt",
    "ChampionPeriod",
    "Decision",
    "RegisteredModel",
    "Registry",
    "WindowComparison",
    "begin_attempt",
    "card_of",
    "changed_since",
    "check_decision",
    "check_knows",
    "check_unseen",
    "compare_on_window",
    "count_training",
    "decide",
    "drift_as_json",
    "drift_since",
    "fresher_days",
    "retrain_findings",
    "train_challenger",
    "unfinished_attempt",
    "unseen_windows",
    "with_versions",
]
