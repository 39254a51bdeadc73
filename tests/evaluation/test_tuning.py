"""A fair race by construction: one sequence of trials for all families, none drawn from a name or a seed."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fraud.config import ComparisonConfig, EngineConfig, TrainingConfig
from fraud.errors import ConfigError, StrategyError
from fraud.evaluation import strategy_training
from fraud.evaluation.strategy_training import count_training_steps, dose_jobs, train_strategies, tune_strategies
from fraud.evaluation.training_jobs import FailedJob, JobResult, TrainingJob
from fraud.evaluation.tuning import (
    CORRECTIONS,
    RATES,
    best_trial,
    by_family,
    family_settings,
    trial_jobs,
    trials_per_family,
)
from fraud.imbalance.strategies import strategy_names

BASELINES = ComparisonConfig().baselines
STRATEGIES = ("none", "weight-inverse", "weight-sqrt", "over-random", "over-smote", "under-random")
RATE = 4e-3


def jobs_of(*strategies: str, trials: int = 4, seed: int = 0) -> dict[str, list[TrainingJob]]:
    return trial_jobs(strategies, trials=trials, learning_rate=RATE, seed=seed)


def result(job: TrainingJob, average_precision: float = 0.5) -> JobResult:
    return JobResult(
        job=job,
        folder=Path(job.name),
        steps=1,
        best_step=1,
        rows=1,
        seconds=0.0,
        logit_shift=0.0,
        validation_average_precision=average_precision,
        notes=(),
        curve=(),
    )


def test_a_trial_has_the_same_learning_rate_for_every_family() -> None:
    rates = [[job.learning_rate for job in jobs] for jobs in jobs_of(*strategy_names(), trials=8).values()]
    assert all(of_family == [RATE * rate for rate in RATES] for of_family in rates)


@pytest.mark.parametrize(
    "name", ["under-random", "over-smote", "combined-smote-under", "batch-balanced", "weight-tuned"]
)
def test_a_trial_has_the_same_correction_whatever_the_strategy_and_the_seed(name: str) -> None:
    for seed in (0, 17):
        (jobs,) = jobs_of(name, trials=8, seed=seed).values()
        assert [dict(job.knobs) for job in jobs] == [{"correction": value} for value in CORRECTIONS]


def test_a_strategy_without_a_correction_to_set_varies_the_learning_rate_alone() -> None:
    for name in ("none", "weight-sqrt", "focal", "under-tomek"):
        (jobs,) = jobs_of(name, trials=8).values()
        assert {job.knobs for job in jobs} == {()}
        assert len({job.learning_rate for job in jobs}) == 8


@pytest.mark.parametrize("four", [slice(0, 4), slice(4, 8)])
def test_four_trials_try_every_correction_and_do_not_confound_it_with_the_learning_rate(four: slice) -> None:
    assert sorted(CORRECTIONS[four]) == [0.25, 0.5, 0.75, 1.0]
    assert np.cov(np.log(RATES[four]), CORRECTIONS[four])[0, 1] == pytest.approx(0)


def test_no_pair_of_settings_is_tried_twice_and_the_first_is_mild_at_the_configured_rate() -> None:
    assert len(set(zip(RATES, CORRECTIONS, strict=True))) == len(set(RATES)) == 8
    assert (RATES[0], CORRECTIONS[0]) == (1.0, min(CORRECTIONS))


@pytest.mark.parametrize("trials", [1, 2, 4, 8])
def test_every_family_gets_as_many_trials_as_the_others(trials: int) -> None:
    jobs = jobs_of(*STRATEGIES, trials=trials_per_family(STRATEGIES, trials))
    assert {len(set(of_family)) for of_family in jobs.values()} == {max(trials, 2)}


def test_members_of_a_family_take_turns() -> None:
    jobs = jobs_of("weight-inverse", "weight-sqrt", "weight-tuned", trials=4)["weighting"]
    assert [job.strategy for job in jobs] == ["weight-inverse", "weight-sqrt", "weight-tuned", "weight-inverse"]


def test_a_large_family_gives_all_families_as_many_trials_as_it_has_members() -> None:
    assert trials_per_family(STRATEGIES, 0) == 2
    assert trials_per_family(strategy_names(), 4) == len(by_family(strategy_names())["weighting"]) == 8
    with pytest.raises(ConfigError, match="tuning_trials and the strategies of a family must be at most 8, found 9"):
        trials_per_family(STRATEGIES, 9)


def test_the_best_trial_has_the_highest_average_precision_on_validation_and_is_the_first_of_equals() -> None:
    jobs = jobs_of("none")["none"]
    trials = [result(job, value) for job, value in zip(jobs, (0.3, 0.6, 0.5, 0.6), strict=True)]
    assert best_trial(trials) == jobs[1]


def test_members_share_the_rate_of_the_best_trial_and_the_correction_of_the_best_that_has_one() -> None:
    members = ["weight-sqrt", "weight-tuned"]
    jobs = jobs_of(*members)["weighting"]
    trials = [result(job, value) for job, value in zip(jobs, (0.3, 0.4, 0.9, 0.5), strict=True)]
    rate = RATE * RATES[2]  # of weight-sqrt
    assert family_settings(trials, members) == {
        "weight-sqrt": (rate, ()),
        "weight-tuned": (rate, (("correction", CORRECTIONS[3]),)),
    }


def test_members_with_a_correction_differ_by_their_method_alone() -> None:
    members = ["over-random", "over-smote"]
    jobs = jobs_of(*members)["oversampling"]
    trials = [result(job, value) for job, value in zip(jobs, (0.3, 0.4, 0.9, 0.5), strict=True)]
    settings = family_settings(trials, members)
    assert settings["over-random"] == settings["over-smote"] == (RATE * RATES[2], (("correction", CORRECTIONS[2]),))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[TrainingJob]:
    """Jobs that were trained, without any training; ``over-adasyn`` fails, mild corrections are the best."""
    seen: list[TrainingJob] = []

    def train(jobs: Sequence[TrainingJob], *_: Any, **__: Any) -> Iterator[JobResult | FailedJob]:
        for job in dict.fromkeys(jobs):
            seen.append(job)
            fails = job.strategy == "over-adasyn"
            yield FailedJob(job, "no border") if fails else result(job, 1 - float(dict(job.knobs).get("correction", 0)))

    monkeypatch.setattr(strategy_training, "train_jobs", train)
    return seen


INPUTS: Any = SimpleNamespace(settings=SimpleNamespace(training=TrainingConfig(seed=5)))
FOLD = SimpleNamespace(inputs=INPUTS)
DATA: Any = SimpleNamespace(first=FOLD, folds=(FOLD, FOLD))


def trained(comparison: ComparisonConfig, steps: list[str]) -> Any:
    rest: Any = {"engine": EngineConfig(), "progress": steps.append}
    return train_strategies(DATA, comparison, tune_strategies(DATA, comparison, **rest), **rest)


def test_the_steps_are_as_many_as_were_counted(calls: list[TrainingJob]) -> None:
    steps: list[str] = []
    comparison = ComparisonConfig(strategies=STRATEGIES, seeds=2, tuning_trials=4, corrections=(0.5, 1.0))
    trained(comparison, steps)
    assert len(calls) == len(steps) == count_training_steps(comparison, folds=2)


def test_every_seed_has_the_settings_of_the_trials(calls: list[TrainingJob]) -> None:
    networks = trained(ComparisonConfig(strategies=STRATEGIES, seeds=2, corrections=()), [])
    assert [one.name for one in networks.strategies] == [*STRATEGIES, *BASELINES]
    assert {one.trials for one in networks.strategies if one.name in STRATEGIES} == {4}
    jobs = [one.job for one in networks.strategies[-len(BASELINES) - 1].results]
    knobs = (("correction", 0.25),)
    assert jobs == [TrainingJob("under-random", seed, RATE, knobs, fold) for seed in (5, 6) for fold in (0, 1)]
    assert networks.dose_response == ()
    assert calls


def test_others_of_the_family_take_the_turns_of_a_strategy_that_cannot_work_here(calls: list[TrainingJob]) -> None:
    comparison = ComparisonConfig(strategies=("none", "over-adasyn", "over-random"), seeds=1, corrections=())
    networks = trained(comparison, [])
    assert networks.left_out == {"over-adasyn": "no border"}
    assert {one.name: one.trials for one in networks.strategies if one.name not in BASELINES} == {
        "none": 4,
        "over-random": 4,
    }
    assert len(calls) == len(set(calls)) + 2  # seeds that are trials as well


def test_where_no_strategy_can_work_the_comparison_ends_with_the_reason(calls: list[TrainingJob]) -> None:
    with pytest.raises(StrategyError, match="no border"):
        trained(ComparisonConfig(strategies=("over-adasyn",), seeds=1), [])
    assert calls


def test_one_line_a_family_at_one_learning_rate_for_all_seeds() -> None:
    points = dose_jobs(STRATEGIES, (0.5, 1.0), learning_rate=RATE, networks=[(5, 0), (5, 1)])
    lines = ("weight-tuned", "over-random", "under-random")
    assert list(points) == [("none", 0.0), *itertools.product(lines, (0.5, 1.0))]
    knobs = (("correction", 0.5),)
    assert points["over-random", 0.5] == [TrainingJob("over-random", 5, RATE, knobs, fold) for fold in (0, 1)]
    assert points["none", 0.0] == [TrainingJob("none", 5, RATE, fold=fold) for fold in (0, 1)]


def test_without_corrections_or_without_a_family_that_has_one_nothing_is_trained_for_the_lines() -> None:
    assert dose_jobs(STRATEGIES, (), learning_rate=RATE, networks=[(0, 0)]) == {}
    assert dose_jobs(("none", "under-tomek"), (0.5,), learning_rate=RATE, networks=[(0, 0)]) == {}


def test_the_points_of_the_lines_hold_the_networks_of_their_correction(calls: list[TrainingJob]) -> None:
    networks = trained(ComparisonConfig(strategies=STRATEGIES, seeds=2, corrections=(0.5,)), [])
    assert [(one.family, one.strategy, one.correction) for one in networks.dose_response] == [
        ("none", "none", 0.0),
        ("weighting", "weight-tuned", 0.5),
        ("oversampling", "over-random", 0.5),
        ("undersampling", "under-random", 0.5),
    ]
    assert all(len({(job.job.seed, job.job.fold) for job in one.results}) == 4 for one in networks.dose_response)
    assert calls
