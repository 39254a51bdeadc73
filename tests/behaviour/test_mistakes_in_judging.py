"""Mistakes seen in public fraud code, planted into `fraud compare`: those of training, thresholds and intervals.

Each is planted in the step of the pipeline that would make it, and an ordinary `fraud compare` must stop with one line.

| mistake | guard | where it runs |
|---|---|---|
| 2 validation written to while training | ``check_untouched`` | ``compare_strategies``, after the last training job |
| 6 threshold chosen on test | ``check_threshold_provenance`` | ``judge``, of every candidate |
| 6 the weights that are kept chosen on test | ``check_kept_weights`` | every training job |
| 7 compared at 0.5 after weighting | ``check_same_alerts`` | ``compare_strategies`` |
| 10 class weights counted over all data | ``check_weight_counts`` | ``train_candidate`` |
| 15 spread over seeds or folds called an interval | ``Interval``, ``Sampling`` | wherever an interval is made |

Other mistakes: ``test_mistakes_in_splitting``, ``test_mistakes_in_features``.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planting import World, prepared_world, transactions

from fraud.evaluation import candidates, comparison, training_jobs
from fraud.evaluation import comparison_data as ground
from fraud.evaluation.statistics import operating_point
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.estimates import Estimate, Interval
from fraud.evaluation.training_jobs import TrainingInputs
from fraud.imbalance.losses import WeightedBCE
from fraud.imbalance.strategies import get_strategy
from fraud.imbalance.weights import ClassCounts

Compare = Callable[..., str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Finished training jobs stay in it when judging is stopped, so that each is trained once."""
    return prepared_world(tmp_path_factory.mktemp("world"), transactions())


@pytest.fixture
def stopped(world: World, capsys: pytest.CaptureFixture[str]) -> Compare:
    """Runs `fraud compare`, which must stop; the line it stops with."""

    def compare(*options: object) -> str:
        assert world.command("compare", *options) == 2
        return capsys.readouterr().err

    return compare


@pytest.fixture
def stopped_in_training(stopped: Compare) -> Compare:
    """The same with another first seed, of which no finished training jobs are left."""
    return lambda: stopped("--training.seed", 100)


def test_without_a_mistake_the_comparison_comes_to_its_end(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.workspace, tmp_path / "copy")
    assert World(tmp_path / "copy", world.config).command("compare") == 0
    assert list(tmp_path.glob("copy/reports/*/report.json"))


@pytest.mark.parametrize("window", ["validation", "test"])
def test_mistake_2_a_strategy_that_writes_into_a_window_stops_the_run(window, stopped, monkeypatch) -> None:
    train = training_jobs._train_network

    def rebalancing(job: training_jobs.TrainingJob, inputs: TrainingInputs) -> Any:
        fitted = train(job, inputs)
        y = inputs.window(window)[1]
        np.save(inputs.folder / f"{window}_y.npy", np.where(np.arange(len(y)) < 50, 1, y).astype(y.dtype))
        return fitted

    monkeypatch.setattr(training_jobs, "_train_network", rebalancing)
    seed = {"validation": 200, "test": 300}[window]  # what was written must not be found by the other tests
    assert f"{window}: its rows or labels were changed" in stopped("--training.seed", seed)


def test_mistake_6_a_threshold_chosen_on_the_test_window_stops_the_run(stopped, monkeypatch) -> None:
    """Whoever scores has no test labels at hand, so the whole window is handed over in place of validation."""
    as_candidate = comparison.as_candidate

    def on_test(trained, data, policy):
        (fold,) = data.folds
        return as_candidate(trained, replace(data, folds=(replace(fold, validation=data.test),)), policy)

    logits = training_jobs.JobResult.logits
    monkeypatch.setattr(comparison, "as_candidate", on_test)
    monkeypatch.setattr(training_jobs.JobResult, "logits", lambda result, _: logits(result, "test"))
    assert "chosen on the test window" in (said := stopped())
    assert "expected validation; choose it there, the test window only judges" in said


def test_mistake_6_a_threshold_from_days_of_the_test_window_stops_the_run(stopped, monkeypatch) -> None:
    choose = candidates.choose_threshold

    def on_later_days(*scores: Any, **rest: Any) -> Any:
        chosen = choose(*scores, **rest)
        return replace(chosen, end=chosen.end + (chosen.end - chosen.start))

    monkeypatch.setattr(candidates, "choose_threshold", on_later_days)
    assert "where the test window starts" in stopped()


def test_mistake_6_weights_kept_by_the_test_window_stop_the_run(stopped_in_training, monkeypatch) -> None:
    arenas: list[TrainingInputs] = []
    window, train = TrainingInputs.window, training_jobs.train_candidate
    monkeypatch.setattr(TrainingInputs, "window", lambda inputs, name: arenas.append(inputs) or window(inputs, name))
    monkeypatch.setattr(
        training_jobs, "train_candidate", lambda rows, _, **rest: train(rows, window(arenas[-1], "test"), **rest)
    )
    assert "kept weights: chosen on other rows" in stopped_in_training()


def test_mistake_7_comparing_at_one_half_after_weighting_stops_the_run(stopped, monkeypatch) -> None:
    monkeypatch.setattr(operating_point, "alerts_at_operating_point", lambda _, logits, **__: np.asarray(logits) >= 0.0)
    assert "comparison: alerts at the operating point differ" in stopped()


def test_mistake_10_class_weights_counted_over_all_data_stop_the_run(world, stopped_in_training, monkeypatch) -> None:
    labels = world.table.read()["is_fraud"]
    everything = ClassCounts.of(labels.to_numpy())

    def counting_all(name: str, **knobs: Any) -> Any:
        strategy = get_strategy(name, **knobs)
        return replace(strategy, loss_maker=lambda _: WeightedBCE.from_scheme("inverse", everything))

    monkeypatch.setattr(training_jobs, "get_strategy", counting_all)
    assert f"class weights: counted over {everything.positive} frauds" in stopped_in_training()


def spread_over_seeds(figure: Estimate, level: float = 0.95) -> Interval:
    by_seed = figure.seeds[0].left_out.sum(axis=0)
    mean, spread = by_seed.mean(), 2 * by_seed.std()
    return Interval(mean=mean, low=mean - spread, high=mean + spread, clusters=by_seed.size, cluster_kind="seed")


def test_mistake_15_the_spread_over_seeds_called_an_interval_stops_the_run(stopped, monkeypatch) -> None:
    monkeypatch.setattr(Estimate, "interval", spread_over_seeds)
    assert "the spread over seeds or folds is no interval, report it as such" in stopped()


def five_folds(times: np.ndarray, **_: Any) -> Clusters:
    return Clusters((np.arange(len(times)) % 5).astype(np.int32), 5, "fold")


def test_mistake_15_intervals_over_five_folds_stop_the_run(stopped, monkeypatch) -> None:
    monkeypatch.setattr(ground, "choose_clusters", five_folds)
    assert "sampling: expected at least 10 clusters" in (said := stopped())
    assert "found 5 (fold)" in said
