"""The same number of trials for every strategy: its own knobs and the learning rate, judged on validation alone."""

import zlib
from collections.abc import Sequence

import numpy as np

from fraud.errors import ConfigError
from fraud.evaluation.training_jobs import JobResult, TrainingJob
from fraud.imbalance import get_strategy

RATES = (1.0, 0.5, 0.25, 2.0, 0.125, 0.75, 1.5, 3.0)
"""Multiples of the configured learning rate that trials draw from; a strategy without knobs tries these alone."""


def trial_jobs(strategy: str, *, trials: int, learning_rate: float, seed: int) -> list[TrainingJob]:
    """The settings that are tried for one strategy: its defaults first, then draws without repetition.

    Args:
        strategy: its name.
        trials: how many settings; 0 and 1 try the defaults alone.
        learning_rate: as configured.
        seed: of the draws, and of the networks that are trained.

    Raises:
        ConfigError: more trials than a strategy without knobs has settings, which would not be fair to it.
    """
    if trials > len(RATES):
        raise ConfigError(f"[comparison]: tuning_trials must be at most {len(RATES)}, found {trials}")
    settings = [tuple(sorted(candidate.items())) for candidate in get_strategy(strategy).candidates()]
    grid = [(rate * learning_rate, knobs) for rate in RATES for knobs in settings]
    # NOTE: zlib.crc32, unlike hash(), is the same in every process.
    rng = np.random.default_rng([zlib.crc32(strategy.encode()), seed])
    others = rng.permutation(np.arange(1, len(grid)))[: max(trials, 1) - 1]
    return [TrainingJob(strategy, seed, *grid[number]) for number in [0, *others.tolist()]]


def best_settings(trials: Sequence[JobResult]) -> TrainingJob:
    """The trial with the highest average precision on validation; the first of equals."""
    return max(trials, key=lambda trial: trial.validation_average_precision).job
