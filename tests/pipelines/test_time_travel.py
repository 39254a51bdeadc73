"""`--as-of`: what could be known on a day, from a store that holds later data."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_run import CONFIG, command, without_pages

from fraud.config import load_config
from fraud.lifecycle.attempts import Attempt
from fraud.simulation.dumps import Simulation, simulate
from fraud.stages.run_record import dataset_facts, provenance_of
from fraud.workspace import Workspace

DAY = "2018-05-28"
RETRAINED = ("2018-05-16", "2018-06-15")
"""Days of the champion and of its challenger."""
PLAIN = """
[dataset]
name = "small"
[columns]
transaction_id = "id"
event_time = "when"
amount = "amount"
is_fraud = "fraud"
label_time = "told"
"""
SMALL = {
    'is_fraud       = "TX_FRAUD"': 'is_fraud       = "TX_FRAUD"\nlabel_time     = "REPORTED_AT"',
    "hidden = [16]": "hidden = [4]",
    "max_steps = 40": "max_steps = 6",
    "check_every = 20": "check_every = 3",
    'strategies = ["none", "weight-sqrt", "over-random"]': 'strategies = ["none", "weight-sqrt"]',
    "seeds = 2": "seeds = 1",
    "tuning_trials = 2": "tuning_trials = 1",
    "corrections = [0.5]": "corrections = []",
    "validation = 12": "validation = 10",
}


def dumps(folder: Path) -> dict[str, Path]:
    """The same world as it is told today, and as it was told on some days."""
    world = Simulation(seed=5, days=80, customers=100, terminals=200, fraud_factor=3.0)
    frame = pl.concat([month for _, month in simulate(world)])
    waited = pl.duration(hours=5 + pl.col("TRANSACTION_ID") * 37 % 240)
    today = frame.with_columns(REPORTED_AT=pl.when(pl.col("TX_FRAUD") == 1).then(pl.col("TX_DATETIME") + waited))
    told = {"today": today, **{day: as_told_on(day, today) for day in (DAY, *RETRAINED)}}
    for name, rows in told.items():
        rows.with_columns(pl.col("TX_FRAUD_SCENARIO").cast(pl.Int64)).write_parquet(folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in told}


def as_told_on(day: str, today: pl.DataFrame) -> pl.DataFrame:
    """Nothing that happened or was reported later."""
    moment = pl.lit(day).str.to_datetime()
    reported = pl.col("REPORTED_AT") <= moment
    return today.filter(pl.col("TX_DATETIME") < moment).with_columns(
        TX_FRAUD=reported.fill_null(value=False).cast(today.schema["TX_FRAUD"]),
        TX_FRAUD_SCENARIO=pl.when(reported).then("TX_FRAUD_SCENARIO").otherwise(0),
        REPORTED_AT=pl.when(reported).then("REPORTED_AT"),
    )


def small_config(folder: Path) -> Path:
    text = CONFIG
    for old, new in SMALL.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "tiny.toml").write_text(text)
    return folder / "tiny.toml"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """`fraud compare --as-of` on both stores: their reports."""
    folder = tmp_path_factory.mktemp("travel")
    config, told, reports = small_config(folder), dumps(folder), {}
    for name, path in (("today", told["today"]), ("then", told[DAY])):
        options = ("--config", config, "--workspace", folder / name)
        assert command("ingest", *options, path) == 0
        with without_pages():
            assert command("compare", "--as-of", DAY, *options) == 0
        (report,) = (folder / name).glob("reports/*/report.json")
        reports[name] = json.loads(report.read_text())
    return reports


def test_a_comparison_as_of_a_day_finds_what_it_would_have_found_that_day(compared: dict[str, dict[str, Any]]) -> None:
    assert _said(compared["today"]) == _said(compared["then"])


def test_the_report_says_what_was_left_out_as_immature(compared: dict[str, dict[str, Any]]) -> None:
    report = compared["today"]
    assert report["split"]["immature"] > 0
    (warning,) = [text for text in report["warnings"] if "immature" in text]
    assert warning.startswith(f"{report['split']['immature']:,} transactions from 2018-05-25 on")


@pytest.mark.usefixtures("undrawn")
def test_a_retraining_as_of_a_day_is_the_one_of_that_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once on the days themselves, with a dump each, once out of a store that holds all that came later."""
    monkeypatch.setattr("fraud.evaluation.judging.ABOVE_CHANCE", 2.0)  # so few frauds show nothing
    config, told = small_config(tmp_path), dumps(tmp_path)
    came = {"then": [told[day] for day in RETRAINED], "now": [told["today"], None]}
    found = {}
    for name, paths in came.items():
        options = ("--config", config, "--workspace", tmp_path / name, "--comparison.strategies", "none")
        for stage, day, path in zip(("run", "retrain"), RETRAINED, paths, strict=True):
            assert command(stage, "--as-of", day, *options, *([path] if path else [])) == 0
        (path,) = [one for one in (tmp_path / name).glob("reports/*/report.json") if '"retrain"' in one.read_text()]
        report = json.loads(path.read_text())
        evidence = json.loads((path.parent / "evidence.json").read_text())
        assert report["split"]["immature"] > 0
        assert report["split"]["test"]["to"] <= "2018-06-12T00:00:00+00:00"
        found[name] = _said(report | {"warnings": []}), evidence["drift"]
    assert found["now"] == found["then"]
    assert found["now"][1]["prevalence"]["now"]["immature"] > 0


def test_a_day_that_is_no_date_is_refused_before_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tiny.toml").write_text(CONFIG)
    assert command("compare", "--as-of", "someday", "--config", tmp_path / "tiny.toml") == 2
    assert "as_of must be an ISO date" in capsys.readouterr().err


def test_dumps_of_later_days_and_what_was_wrong_with_them_are_not_counted(tmp_path: Path) -> None:
    header = "id,when,amount,fraud,told"
    rows = {
        "april": ["a,2018-04-01,1,0,", ",2018-04-02,1,0,"],
        "may": ["b,2018-05-01,1,0,", ",2018-05-02,1,0,", ",2018-05-03,1,0,"],
        "labels": ["a,1,2018-05-20"],
    }
    for name, lines in rows.items():
        named = header if name != "labels" else "id,fraud,told"
        (tmp_path / f"{name}.csv").write_text("\n".join([named, *lines]) + "\n")
    (tmp_path / "small.toml").write_text(PLAIN)
    options = ("--config", tmp_path / "small.toml", "--workspace", tmp_path)
    assert command("ingest", *options, *(tmp_path / f"{name}.csv" for name in rows)) == 0
    found = {}
    attempt = Attempt(folder=tmp_path, run_id="run", created=datetime(2018, 6, 1, tzinfo=UTC), champion=None)
    for day in ("2018-04-20", "2018-05-10", None):
        config = load_config(tmp_path / "small.toml", {"split": {"as_of": day}} if day else None)
        facts = dataset_facts(Workspace(tmp_path), config, 0)
        made = [dump["file"] for dump in provenance_of(Workspace(tmp_path), config, 0, attempt).dumps]
        found[day] = facts.transactions, facts.frauds, facts.rejected, sorted(made)
    assert found == {
        "2018-04-20": (1, 0, 1, ["april.csv"]),
        "2018-05-10": (2, 0, 3, ["april.csv", "may.csv"]),
        None: (2, 1, 3, ["april.csv", "labels.csv", "may.csv"]),
    }


def _said(report: dict[str, Any]) -> dict[str, Any]:
    """All but names, times and where it came from."""
    kept = {name: part for name, part in report.items() if name not in {"run_id", "created", "provenance"}}
    for row in (*kept["strategies"], *kept["baselines"]):
        row.pop("train_seconds", None)
    return kept
