"""The challenger is the champion's strategy trained anew; the champion is judged as it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from fraud.config import (
    ColumnsConfig,
    DatasetConfig,
    EngineConfig,
    FeaturesConfig,
    LabelsConfig,
    PolicyConfig,
    RunConfig,
    TimeSpec,
)
from fraud.lifecycle import retraining
from fraud.lifecycle.changes import changed_since
from fraud.lifecycle.retraining import champion_as_candidate, drift_since, train_challenger
from fraud.model.calibration import Calibrator

START = datetime(2024, 1, 1, tzinfo=UTC)
SETTINGS = RunConfig(
    dataset=DatasetConfig(name="tiny"), columns=ColumnsConfig(event_time=TimeSpec(column="when")), labels=LabelsConfig()
)


def day(number: int) -> str:
    return (START + timedelta(days=number)).isoformat()


CHAMPION: Any = SimpleNamespace(
    strategy="weight-tuned",
    family="weighting",
    seeds=(7, 8),
    logit_shift=2.0,
    calibrator=Calibrator(kind="platt", slope=0.5, intercept=-1.0),
    threshold=0.0321,
    precision="fp32",
    logits_of=None,
    encoder=SimpleNamespace(scales_=(SimpleNamespace(name="amount"),), vocabularies_=()),
    score=lambda frame: frame["amount"].to_numpy() / 100,
    provenance={
        "store_version": 3,
        "config": SETTINGS.to_toml(),
        "settings": {"learning_rate": 0.00125, "knobs": {"correction": 0.4}},
        "split": {
            "train": {"from": day(0), "to": day(20)},
            "validation": {"from": day(25), "to": day(35)},
            "test": {"from": day(40), "to": day(50)},
        },
    },
)


def test_the_challenger_has_the_champions_strategy_seeds_rate_and_knobs(monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[Any] = []
    monkeypatch.setattr(
        retraining, "train_job", lambda job, inputs: trained.append(job) or SimpleNamespace(job=job, inputs=inputs)
    )
    data: Any = SimpleNamespace(latest=SimpleNamespace(inputs=None))
    challenger = train_challenger(
        CHAMPION, data, comparison=None, policy=PolicyConfig(), engine=EngineConfig(), progress=lambda _: None
    )
    for job, seed in zip(trained, (7, 8), strict=True):
        assert (job.strategy, job.seed, job.learning_rate) == ("weight-tuned", seed, 0.00125)
        assert job.knobs == (("correction", 0.4),)
    assert challenger.seeds == (7, 8)
    assert (challenger.name, challenger.family) == ("weight-tuned", "weighting")


def test_the_champion_is_judged_with_its_own_shift_calibration_and_threshold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    logits = np.array([-3.0, 0.5, 4.0])
    monkeypatch.setattr(retraining, "encode_rows", lambda rows, encoder, path: np.save(path, np.zeros((3, 1))))
    monkeypatch.setattr(retraining, "score_rows", lambda *_: logits)
    data: Any = SimpleNamespace(
        latest=SimpleNamespace(inputs=SimpleNamespace(folder=tmp_path)),
        split=SimpleNamespace(test=SimpleNamespace(rows=np.arange(3))),
    )
    table = pl.LazyFrame({"amount": [1.0, 2.0, 3.0]})
    (seed,) = champion_as_candidate(CHAMPION, table, data, PolicyConfig()).seeds
    np.testing.assert_allclose(seed.probabilities["raw"], expit(logits))
    np.testing.assert_allclose(seed.probabilities["shifted"], expit(logits - 2.0))
    np.testing.assert_allclose(seed.probabilities["calibrated"], expit(0.5 * (logits - 2.0) - 1.0))
    threshold = seed.latest.threshold
    assert threshold.value == 0.0321
    assert (threshold.start.isoformat(), threshold.end.isoformat()) == (day(25), day(35))


def test_drift_compares_what_came_since_with_the_windows_that_chose_and_judged_the_champion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[pl.LazyFrame] = []
    monkeypatch.setattr(
        retraining, "drift_between", lambda reference, current, **_: compared.extend((reference, current))
    )
    times = pl.datetime_range(START, START + timedelta(days=60), "1d", eager=True, time_zone="UTC")
    frame = pl.DataFrame({"event_time": times, "label_time": times, "amount": np.arange(len(times), dtype=float)})
    table: Any = SimpleNamespace(scan=frame.lazy, recipe=SimpleNamespace(delay_days=None), as_of=None)
    drift_since(CHAMPION, table, maturity_days=7, seed=0)
    reference, current = (one.collect()["amount"].to_list() for one in compared)
    assert (reference[0], reference[-1]) == (25.0, 49.0)
    assert (current[0], current[-1]) == (50.0, 60.0)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (SETTINGS, False),
        (replace(SETTINGS, features=FeaturesConfig(windows=("1d",))), True),
        (replace(SETTINGS, labels=LabelsConfig(delay_days=3)), True),
        (replace(SETTINGS, policy=PolicyConfig(value=7)), True),
        (replace(SETTINGS, training=replace(SETTINGS.training, max_steps=11)), True),
        (replace(SETTINGS, network=replace(SETTINGS.network, hidden=(3,))), True),
        (replace(SETTINGS, split=replace(SETTINGS.split, test=9)), True),
        (replace(SETTINGS, training=replace(SETTINGS.training, seed=4)), False),
        (replace(SETTINGS, comparison=replace(SETTINGS.comparison, seeds=1)), False),
    ],
)
def test_a_setting_that_decides_what_a_challenger_is_counts_as_a_change(changed: RunConfig, expected: bool) -> None:
    table: Any = SimpleNamespace(store_version=3)
    assert changed_since(CHAMPION.provenance, table, changed) is expected


def test_a_later_version_of_the_store_counts_as_a_change() -> None:
    table: Any = SimpleNamespace(store_version=4)
    assert changed_since(CHAMPION.provenance, table, SETTINGS)
