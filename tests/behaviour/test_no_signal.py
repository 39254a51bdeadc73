"""Data that tells nothing, and a comparison that is not fair, from the command line to what people read."""

import json
from pathlib import Path

import polars as pl
import pytest
from planting import CONFIG, prepared_world, transactions

from fraud.evaluation import comparison
from fraud.evaluation.tuning import trial_jobs


def test_labels_that_hang_on_nothing_end_in_a_report_that_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = transactions()
    labels = frame["TX_FRAUD"].sample(fraction=1, shuffle=True, seed=1)
    shuffled = frame.with_columns(labels.alias("TX_FRAUD")).with_columns(REPORTED_AT=pl.lit(None, pl.Datetime("us")))
    world = prepared_world(tmp_path, shuffled, CONFIG.replace('label_time     = "REPORTED_AT"', ""))
    capsys.readouterr()
    assert world.command("compare") == 0
    assert "No strategy is shown to rank fraud above the rest: do not use this model. At 5 alerts a day" in " ".join(
        capsys.readouterr().out.split()
    )
    (report,) = (tmp_path / "reports").glob("*/report.json")
    assert "is better than weighting" not in json.loads(report.read_text())["answer"]["text"]


def test_a_strategy_with_a_trial_more_than_the_others_stops_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = prepared_world(tmp_path, transactions())

    def favoured(strategy: str, *, trials: int, learning_rate: float, seed: int) -> list[comparison.TrainingJob]:
        more = trials + (strategy == "weight-inverse")
        return trial_jobs(strategy, trials=more, learning_rate=learning_rate, seed=seed)

    monkeypatch.setattr(comparison, "trial_jobs", favoured)
    assert world.command("compare") == 2
    assert "strategies had different numbers of tuning trials" in capsys.readouterr().err
