"""What cannot be judged fairly is refused: before the work where it can be known, else before a figure is shown."""

from dataclasses import replace

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.errors import ConfigError, LeakageError
from fraud.evaluation.policy import check_policy
from fraud.evaluation.statistics.verdicts import check_margin
from fraud.evaluation.strategy_training import TrainedStrategy, check_fair
from fraud.evaluation.training_jobs import JobResult, TrainingJob
from fraud.imbalance import get_strategy


def trained(name: str, *, trials: int = 2, seeds: int = 3) -> TrainedStrategy:
    results = tuple(
        JobResult(
            job=TrainingJob(name, seed, 0.01),
            folder=None,  # type: ignore[arg-type]
            steps=10,
            best_step=10,
            rows=100,
            seconds=1.0,
            logit_shift=0.0,
            validation_average_precision=0.5,
            notes=(),
            curve=(),
        )
        for seed in range(seeds)
    )
    return TrainedStrategy(name=name, family=get_strategy(name).family, results=results, trials=trials)


def test_a_family_that_was_tuned_longer_stops_the_comparison() -> None:
    check_fair([trained("none"), trained("over-random")])
    with pytest.raises(LeakageError, match=r"different numbers of tuning trials, \{'none': 2, 'oversampling': 3\}"):
        check_fair([trained("none"), trained("over-random", trials=3)])


def test_a_strategy_that_got_more_seeds_stops_the_comparison() -> None:
    with pytest.raises(LeakageError, match="different numbers of seeds"):
        check_fair([trained("none"), trained("over-random", seeds=2)])


@pytest.mark.parametrize(("kind", "value"), [("alerts_per_day", 0.01), ("alert_rate", 0.0009)])
def test_a_budget_of_less_than_one_alert_is_refused(kind: str, value: float) -> None:
    policy = PolicyConfig(kind=kind, value=value)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="less than one alert in the whole test window"):
        check_policy(policy, rows=1000, days=30, amount=None)
    check_policy(replace(policy, value=4 * value), rows=1000, days=30, amount=None)


def test_costs_without_amounts_are_refused() -> None:
    policy = PolicyConfig(kind="costs", value=1, review_cost=5.0)
    with pytest.raises(ConfigError, match="needs the amount"):
        check_policy(policy, rows=1000, days=30, amount=None)
    check_policy(policy, rows=1000, days=30, amount=np.ones(1000))


def test_a_margin_within_which_any_two_strategies_are_equal_is_refused() -> None:
    check_margin(0.25)
    with pytest.raises(ConfigError, match=r"margin: 0.3 is more than a quarter of the recall that the budget allows"):
        check_margin(0.3)
