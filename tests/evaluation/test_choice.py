"""Validation chooses, test judges: settings, strategies, the families' best and the champion."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fraud.config import ComparisonConfig, EngineConfig, PolicyConfig, TrainingConfig
from fraud.evaluation import comparison
from fraud.evaluation.candidates import WindowRows
from fraud.evaluation.choice import choose
from fraud.evaluation.comparison import Outcome, compare_strategies
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.sampling import Sampling
from fraud.evaluation.strategy_training import Trained, TrainedStrategy
from fraud.evaluation.training_jobs import JobResult, TrainingJob
from fraud.features.splits import Window

DAYS, A_DAY, FRAUDS_A_DAY = 12, 40, 2
STARTS = {"validation": datetime(2024, 1, 1, tzinfo=UTC), "test": datetime(2024, 2, 1, tzinfo=UTC)}
COMPARISON = ComparisonConfig(strategies=("none", "weight-sqrt", "weight-inverse"), seeds=2)


def window(name: Any) -> WindowRows:
    """Some days with two frauds each, which are the first transactions of their day."""
    rows = np.arange(DAYS * A_DAY)
    y = (rows % A_DAY < FRAUDS_A_DAY).astype(np.int8)
    end = STARTS[name] + timedelta(days=DAYS)
    return WindowRows(
        window=Window(name=name, start=STARTS[name], end=end, rows=rows, y=y, unlabelled=0),
        y_true=y,
        day=(STARTS[name] - datetime(1970, 1, 1, tzinfo=UTC)).days + rows // A_DAY,
        tie_break=rows,
        amount=None,
        card=None,
        fraud_type=None,
    )


def logits(found: int) -> np.ndarray:
    """A ranking that finds so many of the frauds of each day at two alerts a day."""
    rank = np.arange(DAYS * A_DAY) % A_DAY
    return np.where(rank < found, 3.0, np.where(rank >= A_DAY - (FRAUDS_A_DAY - found), 2.0, -1.0 - rank / 100))


def result(
    folder: Path,
    name: str,
    seed: int,
    *,
    validation: int,
    test: int,
) -> JobResult:
    """A finished job that finds so many of the frauds of each day on each window."""
    target = folder / f"{name}-{seed}"
    target.mkdir()
    for window_name, found in (("validation", validation), ("test", test)):
        np.save(target / f"{window_name}.npy", logits(found))
    return JobResult(
        job=TrainingJob(name, seed, 1e-3),
        folder=target,
        steps=1,
        best_step=1,
        rows=1,
        seconds=0.0,
        logit_shift=0.0,
        validation_average_precision=0.5,
        notes=(),
        curve=(),
    )


@pytest.fixture
def outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """A comparison in which what is best on validation is worst on test, strategy by strategy and seed by seed."""
    found = {"none": ((1, 2), (1, 2)), "weight-sqrt": ((2, 1), (2, 0)), "weight-inverse": ((0, 2), (1, 1))}
    trained = [
        TrainedStrategy(
            name=name,
            family="none" if name == "none" else "weighting",
            results=tuple(
                result(tmp_path, name, seed, validation=validation, test=test)
                for seed, (validation, test) in enumerate(of_seeds)
            ),
            trials=1,
        )
        for name, of_seeds in found.items()
    ]
    networks = Trained(strategies=tuple(trained), dose_response=(), left_out={})
    monkeypatch.setattr(comparison, "tune_strategies", lambda *_, **__: None)
    monkeypatch.setattr(comparison, "train_strategies", lambda *_, **__: networks)
    rows = np.arange(DAYS * A_DAY)
    test = window("test")
    fold: Any = SimpleNamespace(
        validation=window("validation"),
        split=SimpleNamespace(test=test.window, train=SimpleNamespace(y=test.y_true)),
        inputs=SimpleNamespace(settings=SimpleNamespace(training=TrainingConfig())),
    )
    data: Any = SimpleNamespace(
        first=fold,
        folds=(fold,),
        test=test,
        clusters=Clusters((rows // A_DAY).astype(np.int32), DAYS, "day", is_time=True),
        check_untouched=lambda: None,
    )
    return compare_strategies(
        data, COMPARISON, policy=PolicyConfig(value=FRAUDS_A_DAY), engine=EngineConfig(), progress=lambda _: None
    )


def test_the_best_on_validation_is_chosen_though_test_would_choose_another(outcome: Outcome) -> None:
    on_test = {one.name: one.figures["recall"].value for one in outcome.strategies}
    assert max(on_test, key=lambda name: on_test[name]) == "none"
    assert outcome.choice.strategy == "weight-sqrt"
    assert outcome.choice.validation_recall == pytest.approx({"none": 0.5, "weight-sqrt": 1.0, "weight-inverse": 0.5})


def test_the_best_of_a_family_is_that_of_validation(outcome: Outcome) -> None:
    assert outcome.choice.family_best == {"none": "none", "weighting": "weight-sqrt"}
    on_test = {one.name: one.figures["recall"].value for one in outcome.strategies}
    assert on_test["weight-inverse"] > on_test["weight-sqrt"]


def test_the_champion_is_the_mean_of_all_seeds_of_the_chosen_strategy(outcome: Outcome) -> None:
    champion, scored = outcome.champion
    assert (champion.name, champion.seeds, scored.seed) == ("weight-sqrt", (0, 1), None)
    logits = [result.logits("test") for result in champion.results]
    np.testing.assert_allclose(scored.logits, np.mean(logits, axis=0))


def test_every_strategy_is_compared_with_the_chosen_one(outcome: Outcome) -> None:
    assert {(one.a, one.b) for one in outcome.comparisons} == {
        ("none", "weight-sqrt"),
        ("weight-inverse", "weight-sqrt"),
    }


def candidate(name: str, family: str, found: int, *, on_days: int = DAYS) -> Any:
    """A strategy that finds so many frauds of each of the first days of validation, and one on the others."""
    days = np.arange(DAYS * A_DAY) // A_DAY
    ranked = np.where(days < on_days, logits(found), logits(1))
    return SimpleNamespace(name=name, family=family, seeds=(SimpleNamespace(validation_logits=ranked),))


def chosen(*candidates: Any, corrections: dict[str, float | None]) -> str:
    rows = np.arange(DAYS * A_DAY)
    clusters = Clusters((rows // A_DAY).astype(np.int32), DAYS, "day", is_time=True)
    return choose(
        candidates,
        window("validation"),
        policy=PolicyConfig(value=FRAUDS_A_DAY),
        sampling=Sampling.of(clusters),
        corrections=corrections,
    ).strategy


CORRECTIONS = {"none": 0.0, "weight-sqrt": 0.5, "weight-inverse": 1.0, "over-random": 0.25, "focal": None}


def test_of_strategies_that_are_not_shown_worse_the_one_that_changes_least_is_chosen() -> None:
    plain, mild = candidate("none", "none", 1), candidate("weight-sqrt", "weighting", 1)
    strong = candidate("weight-inverse", "weighting", 2, on_days=2)
    over, focal = candidate("over-random", "oversampling", 2, on_days=3), candidate("focal", "weighting", 2, on_days=3)
    assert chosen(over, strong, mild, plain, corrections=CORRECTIONS) == "none"
    assert chosen(over, strong, mild, corrections=CORRECTIONS) == "weight-sqrt"
    assert chosen(over, focal, strong, corrections=CORRECTIONS) == "focal"
    assert chosen(strong, over, focal, corrections=CORRECTIONS) == "weight-inverse"


def test_a_strategy_that_is_shown_to_find_fewer_is_not_chosen_for_being_simple() -> None:
    plain, mild = candidate("none", "none", 1), candidate("weight-sqrt", "weighting", 1)
    over = candidate("over-random", "oversampling", 2)
    assert chosen(plain, mild, over, corrections=CORRECTIONS) == "over-random"
