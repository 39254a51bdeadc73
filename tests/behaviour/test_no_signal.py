"""Data that tells nothing, and a comparison that is not fair, from the command line to what people read."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from planting import CONFIG, World, prepared_world, transactions

from fraud.evaluation import strategy_training
from fraud.evaluation.training_jobs import TrainingJob
from fraud.evaluation.tuning import trial_jobs
from fraud.lifecycle.registry import Registry


def world_of_chance(folder: Path, *, seed: int) -> World:
    """Transactions whose labels are shuffled."""
    frame = transactions()
    labels = frame["TX_FRAUD"].sample(fraction=1, shuffle=True, seed=seed)
    shuffled = frame.with_columns(labels.alias("TX_FRAUD")).with_columns(REPORTED_AT=pl.lit(None, pl.Datetime("us")))
    return prepared_world(folder, shuffled, CONFIG.replace('label_time     = "REPORTED_AT"', ""))


def test_labels_that_hang_on_nothing_end_in_a_report_that_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = world_of_chance(tmp_path, seed=1)
    capsys.readouterr()
    assert world.command("compare") == 0
    assert "No strategy is shown to rank fraud above the rest: do not use this model. At 5 alerts a day" in " ".join(
        capsys.readouterr().out.split()
    )
    (report,) = (tmp_path / "reports").glob("*/report.json")
    assert "is better than weighting" not in json.loads(report.read_text())["answer"]["text"]


def test_a_model_that_ranks_by_chance_is_registered_and_not_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = world_of_chance(tmp_path, seed=2)
    capsys.readouterr()
    assert world.command("run", tmp_path / "dump.parquet") == 4
    assert "no new champion: version 1, none, is registered and not in use" in " ".join(capsys.readouterr().out.split())
    registry = Registry(tmp_path / "data" / "registry", "tiny")
    assert registry.champion() is None
    assert [model.version for model in registry.versions()] == [1]
    (path,) = (tmp_path / "reports").glob("*/report.json")
    assert json.loads(path.read_text())["champion"]["in_use"] is False
    assert "Registered and not in use" in path.with_name("report.md").read_text()


def test_a_family_with_a_trial_more_than_the_others_stops_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = prepared_world(tmp_path, transactions())

    def favoured(strategies: Sequence[str], *, trials: int, **settings: Any) -> dict[str, list[TrainingJob]]:
        jobs = trial_jobs(strategies, trials=trials, **settings)
        more = trial_jobs(strategies, trials=trials + 1, **settings)
        return jobs | {"weighting": more["weighting"]}

    monkeypatch.setattr(strategy_training, "trial_jobs", favoured)
    assert world.command("compare") == 2
    assert "families had different numbers of tuning trials" in capsys.readouterr().err
