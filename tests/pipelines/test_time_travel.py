"""`--as-of`: what could be known on a day, from a store that holds later data."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from conftest import CONFIG, command

from fraud.data.simulate import Simulation, simulate

DAY = "2018-05-28"
SMALL = {
    'is_fraud       = "TX_FRAUD"': 'is_fraud       = "TX_FRAUD"\nlabel_time     = "REPORTED_AT"',
    "hidden = [16]": "hidden = [4]",
    "max_steps = 40": "max_steps = 6",
    "check_every = 20": "check_every = 3",
    'strategies = ["none", "weight-sqrt", "over-random"]': 'strategies = ["none", "weight-sqrt"]',
    "seeds = 2": "seeds = 1",
    "tuning_trials = 2": "tuning_trials = 1",
    "validation = 12": "validation = 10",
}


def dumps(folder: Path) -> dict[str, Path]:
    """The same world as it is told today, and as it was told on the day."""
    world = Simulation(seed=5, days=80, customers=100, terminals=200, fraud_factor=3.0)
    frame = pl.concat([month for _, month in simulate(world)])
    waited = pl.duration(hours=5 + pl.col("TRANSACTION_ID") * 37 % 240)
    today = frame.with_columns(REPORTED_AT=pl.when(pl.col("TX_FRAUD") == 1).then(pl.col("TX_DATETIME") + waited))
    moment = pl.lit(DAY).str.to_datetime()
    reported = pl.col("REPORTED_AT") <= moment
    then = today.filter(pl.col("TX_DATETIME") < moment).with_columns(
        TX_FRAUD=reported.fill_null(value=False).cast(today.schema["TX_FRAUD"]),
        TX_FRAUD_SCENARIO=pl.when(reported).then("TX_FRAUD_SCENARIO").otherwise(0),
        REPORTED_AT=pl.when(reported).then("REPORTED_AT"),
    )
    paths = {name: folder / f"{name}.parquet" for name in ("today", "then")}
    for name, rows in (("today", today), ("then", then)):
        rows.with_columns(pl.col("TX_FRAUD_SCENARIO").cast(pl.Int64)).write_parquet(paths[name])
    return paths


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """`fraud compare --as-of` on both stores: their reports."""
    folder = tmp_path_factory.mktemp("travel")
    text = CONFIG
    for old, new in SMALL.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "tiny.toml").write_text(text)
    reports = {}
    for name, path in dumps(folder).items():
        options = ("--config", folder / "tiny.toml", "--workspace", folder / name)
        assert command("ingest", *options, path) == 0
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


def test_a_day_that_is_no_date_is_refused_before_the_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tiny.toml").write_text(CONFIG)
    assert command("compare", "--as-of", "someday", "--config", tmp_path / "tiny.toml") == 2
    assert "as_of must be an ISO date" in capsys.readouterr().err


def _said(report: dict[str, Any]) -> dict[str, Any]:
    """All but names, times and where it came from."""
    kept = {name: part for name, part in report.items() if name not in {"run_id", "created", "provenance"}}
    for row in (*kept["strategies"], *kept["baselines"]):
        row.pop("train_seconds", None)
    return kept
