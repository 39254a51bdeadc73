"""From sample dumps to a report: `fraud run` takes what `fraud inspect` writes, unchanged."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from awkward_exports import FILES, write
from sample_dumps import SAMPLE_DUMPS, handbook, ieee_cis_identity, ieee_cis_transaction
from small_run import command

from fraud.cli.run import NOT_IN_USE
from fraud.config import load_config
from fraud.data.presets import preset_columns
from fraud.evaluation import importance

CHEAP = (
    *("--comparison.strategies", "none,weight-sqrt", "--comparison.seeds", "1", "--comparison.tuning-trials", "1"),
    *(
        "--comparison.corrections",
        "[]",
        "--training.max-steps",
        "20",
        "--training.check-every",
        "10",
    ),
    *("--training.precision", "fp32", "--network.hidden", "[8]", "--engine.jobs", "1"),
)
"""Less work, and nothing else: every column, window and policy stays as proposed."""
QUICK = ("creditcard", "s_ffsd", "baf")


@pytest.fixture
def shuffled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importance of features by one shuffle of each; a data set has up to 468."""
    monkeypatch.setattr(importance, "SHUFFLES", 1)


def inspected(path: Path, folder: Path) -> Path:
    config = folder / "proposed.toml"
    assert command("inspect", path, "--write", config) == 0
    return config


def report_of(path: Path, config: Path, folder: Path) -> dict:
    assert command("run", path, "--config", config, "--workspace", folder / "w", *CHEAP) in (0, NOT_IN_USE)
    (report,) = (folder / "w").glob("reports/*/report.json")
    return json.loads(report.read_text())


@pytest.mark.usefixtures("undrawn", "shuffled_once")
@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in SAMPLE_DUMPS]
)
def test_a_known_data_set_goes_from_its_sample_to_a_report(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.csv"
    rows = SAMPLE_DUMPS[name]()
    rows.write_csv(path)
    config = inspected(path, tmp_path)
    proposed, known = load_config(config).columns, preset_columns(name)
    assert (proposed.event_time, proposed.is_fraud, proposed.entities) == (
        known.event_time,
        known.is_fraud,
        known.entities,
    )
    report = report_of(path, config, tmp_path)
    assert report["dataset"]["transactions"] == len(rows)
    assert report["dataset"]["rejected"] == 0


@pytest.mark.parametrize("name", ["handbook", "creditcard", "paysim", "sparkov", "banksim"])
def test_the_same_rows_under_other_names_get_the_same_time_label_and_amount(name: str, tmp_path: Path) -> None:
    rows, known = SAMPLE_DUMPS[name](), preset_columns(name)
    path = tmp_path / "unknown.csv"
    rows.rename({column: f"{column}_x" for column in rows.columns}).write_csv(path)
    proposed = load_config(inspected(path, tmp_path)).columns
    assert proposed.is_fraud is not None
    assert known.is_fraud is not None
    assert proposed.is_fraud.column == f"{known.is_fraud.column}_x"
    assert proposed.event_time.sources == tuple(f"{one}_x" for one in known.event_time.sources)
    assert proposed.event_time.unit == known.event_time.unit
    assert proposed.amount == f"{known.amount}_x"


def _handbook(rows: int, labels: Callable[[np.random.Generator, int], np.ndarray]) -> pl.DataFrame:
    """Rows of no known data set, with other labels."""
    rng = np.random.default_rng(5)
    frame = handbook(rows=rows).drop("TX_FRAUD_SCENARIO", "TX_FRAUD").rename({"TX_DATETIME": "when"})
    return frame.with_columns(fraud=pl.Series(labels(rng, rows)).cast(pl.Float64).fill_nan(None).cast(pl.Int8))


def _mostly_unknown(rng: np.random.Generator, rows: int) -> np.ndarray:
    return np.where(rng.random(rows) < 0.95, np.nan, rng.random(rows) < 0.2)


def _eight(rng: np.random.Generator, rows: int) -> np.ndarray:
    return np.isin(np.arange(rows), np.linspace(rows // 10, rows - 300, 8).astype(int))


def _without_time() -> pl.DataFrame:
    return _handbook(3_000, lambda rng, rows: rng.random(rows) < 0.05).drop("when")


ODD: dict[str, tuple[Callable[[], pl.DataFrame], str]] = {
    "no time": (_without_time, "The data has no time: the order of its rows stands for it"),
    "months by number": (
        lambda: SAMPLE_DUMPS["baf"]().head(4_000),
        "The data contain only months: each counts as one day",
    ),
    "95 % unlabelled": (
        lambda: _handbook(6_000, _mostly_unknown),
        r"Transactions without a known label were left out: [0-9,]+ in train.* Frauds among them are not counted",
    ),
    "15 % fraud": (
        lambda: _handbook(4_000, lambda rng, rows: rng.random(rows) < 0.15),
        r"No strategy is shown to rank fraud above the rest: do not use this model\..* An accuracy of 8[3-7]\.[0-9] % ",
    ),
    "0.01 % fraud": (lambda: _handbook(60_000, _eight), "The test window has only [1-9] frauds?: every interval is"),
}
"""Data that are not as usual, and the warning of it in the report. Their labels are chance."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ODD)
def test_odd_data_go_to_a_report_that_warns_of_it(kind: str, tmp_path: Path) -> None:
    rows, warning = ODD[kind]
    path = tmp_path / "odd.csv"
    rows().write_csv(path)
    report = report_of(path, inspected(path, tmp_path), tmp_path)
    assert re.search(warning, " ".join([report["answer"]["text"], *report["warnings"]])), report["warnings"]
    (page,) = (tmp_path / "w").glob("reports/*/report.html")
    assert all(warning[:40] in page.read_text(encoding="utf-8") for warning in report["warnings"])


@pytest.mark.usefixtures("undrawn")
@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["Excel's sep=", "year and month alone"])
def test_an_awkward_file_goes_to_a_report(trouble: str, tmp_path: Path) -> None:
    name, content = FILES[trouble]
    path = write(tmp_path, name, content())
    assert report_of(path, inspected(path, tmp_path), tmp_path)["dataset"]["transactions"] > 1_000


def test_identities_in_another_file_are_joined_and_then_known(tmp_path: Path) -> None:
    first, second = tmp_path / "train_transaction.csv", tmp_path / "train_identity.csv"
    ieee_cis_transaction(rows=500).write_csv(first)
    ieee_cis_identity(rows=500).write_csv(second)
    assert command("inspect", first, second) == 2
    joined = tmp_path / "train.parquet"
    assert command("inspect", first, second, "--join", joined, "--write", tmp_path / "c.toml") == 0
    assert load_config(tmp_path / "c.toml").dataset.name == "ieee-cis"
    assert len(pl.read_parquet(joined)) == 500


@pytest.mark.slow
def test_labels_in_another_file_are_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = SAMPLE_DUMPS["handbook"]().drop("TX_FRAUD_SCENARIO")
    rows.drop("TX_FRAUD").write_csv(tmp_path / "transactions.csv")
    rows.select("TRANSACTION_ID", "TX_FRAUD").sample(fraction=1.0, shuffle=True, seed=1).write_csv(
        tmp_path / "labels.csv"
    )
    frauds = int(rows["TX_FRAUD"].sum())
    options = ("--join", tmp_path / "joined.parquet", "--write", tmp_path / "c.toml")
    assert command("inspect", tmp_path / "transactions.csv", tmp_path / "labels.csv", *options) == 0
    shown, known = capsys.readouterr().out, f"{rows.height:,} rows in {tmp_path / 'joined.parquet'}"
    assert f"joined labels.csv on TRANSACTION_ID to transactions.csv: {known}" in shown
    assert f"is_fraud        TX_FRAUD (0: {rows.height - frauds:,}, 1: {frauds:,})" in shown
    assert f"next: fraud run --config {tmp_path / 'c.toml'} {tmp_path / 'joined.parquet'}" in shown
    joined = pl.read_parquet(tmp_path / "joined.parquet")
    assert joined["TX_FRAUD"].cast(pl.Int64).to_list() == rows["TX_FRAUD"].to_list()
    label = load_config(tmp_path / "c.toml").columns.is_fraud
    assert label is not None
    assert label.column == "TX_FRAUD"
    report = report_of(tmp_path / "joined.parquet", tmp_path / "c.toml", tmp_path)
    assert report["dataset"]["frauds"] == frauds
    assert report["dataset"]["unlabelled"] == 0
    shown = capsys.readouterr().out
    assert f"1 dump, {rows.height:,} transactions: {rows.height:,} new, 0 updated" in shown
    assert report["answer"]["text"] in shown
    assert not [warning for warning in report["warnings"] if "label" in warning]
    (page,) = (tmp_path / "w").glob("reports/*/report.md")
    assert f"| joined.parquet | {rows.height:,} |" in page.read_text(encoding="utf-8")


def test_the_command_line_names_the_label(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, config = tmp_path / "a.csv", tmp_path / "c.toml"
    label = pl.Series("state", ["XYZ"[min(index % 10, 2)] for index in range(600)])
    handbook(rows=600).drop("TX_FRAUD", "TX_FRAUD_SCENARIO").with_columns(label).write_csv(path)
    assert command("inspect", path, "--label", "state", "--fraud", "X", "--genuine", "Z,", "--write", config) == 0
    found = load_config(config).columns.is_fraud
    assert found is not None
    assert (found.fraud, found.genuine, found.unknown) == (("X",), ("Z", ""), ("Y",))
    assert command("inspect", path, "--fraud", "X") == 2
    assert "expected --label COLUMN as well" in capsys.readouterr().err


def test_a_wrong_name_is_an_error_before_anything_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    SAMPLE_DUMPS["s_ffsd"]().head(300).write_csv(path)
    assert command("inspect", path, "--name", "ü/..") == 2
    shown = capsys.readouterr()
    assert "name must be letters" in shown.err
    assert shown.out == ""


def test_a_run_without_a_label_stores_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, config = tmp_path / "a.csv", tmp_path / "c.toml"
    handbook(rows=600).drop("TX_FRAUD", "TX_FRAUD_SCENARIO").write_csv(path)
    assert command("inspect", path, "--write", config) == 0
    assert command("run", path, "--config", config, "--workspace", tmp_path / "w") == 2
    assert "no is_fraud, and nothing is stored" in capsys.readouterr().err
    assert not list((tmp_path / "w").rglob("*.parquet"))


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    SAMPLE_DUMPS["s_ffsd"]().head(300).write_csv(path)
    config = inspected(path, tmp_path)
    before = config.read_text()
    assert command("inspect", path, "--write", config) == 2
    assert "--force" in capsys.readouterr().err
    assert config.read_text() == before
