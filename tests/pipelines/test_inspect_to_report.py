"""From look-alike rows to a report: what `fraud inspect` writes, `fraud run` takes unchanged."""

import json
import sys
from pathlib import Path

import polars as pl
import pytest
from conftest import command

from fraud.config import load_config
from fraud.data.presets import preset_columns

sys.path.append(str(Path(__file__).parents[1] / "data"))
from awkward import FILES, write
from lookalikes import LOOKALIKES, ieee_cis_identity, ieee_cis_transaction

CHEAP = (
    *("--comparison.strategies", "none,weight-sqrt", "--comparison.seeds", "1", "--comparison.tuning-trials", "1"),
    *("--comparison.resamples", "100", "--training.max-steps", "20", "--training.check-every", "10"),
    *("--training.precision", "fp32", "--network.hidden", "[8]", "--engine.jobs", "1"),
)
"""Less work, and nothing else: every column, window and policy stays as proposed."""
QUICK = ("creditcard", "s_ffsd", "baf")


def inspected(path: Path, folder: Path) -> Path:
    config = folder / "proposed.toml"
    assert command("inspect", path, "--write", config) == 0
    return config


def report_of(path: Path, config: Path, folder: Path) -> dict:
    assert command("run", path, "--config", config, "--workspace", folder / "w", *CHEAP) == 0
    (report,) = (folder / "w").glob("reports/*/report.json")
    return json.loads(report.read_text())


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in LOOKALIKES]
)
def test_a_preset_goes_from_its_look_alike_to_a_report(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.csv"
    rows = LOOKALIKES[name]()
    rows.write_csv(path)
    config = inspected(path, tmp_path)
    told, known = load_config(config).columns, preset_columns(name)
    assert (told.event_time, told.is_fraud, told.entities) == (known.event_time, known.is_fraud, known.entities)
    report = report_of(path, config, tmp_path)
    assert report["dataset"]["transactions"] == len(rows)
    assert report["dataset"]["rejected"] == 0


@pytest.mark.parametrize("name", ["handbook", "creditcard", "paysim", "sparkov", "banksim"])
def test_the_same_rows_under_other_names_get_the_same_time_label_and_amount(name: str, tmp_path: Path) -> None:
    rows, known = LOOKALIKES[name](), preset_columns(name)
    path = tmp_path / "unknown.csv"
    rows.rename({column: f"{column}_x" for column in rows.columns}).write_csv(path)
    told = load_config(inspected(path, tmp_path)).columns
    assert told.is_fraud is not None
    assert known.is_fraud is not None
    assert told.is_fraud.column == f"{known.is_fraud.column}_x"
    assert told.event_time.sources == tuple(f"{one}_x" for one in known.event_time.sources)
    assert told.event_time.unit == known.event_time.unit
    assert told.amount == f"{known.amount}_x"


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


def test_labels_in_another_file_are_joined(tmp_path: Path) -> None:
    rows = LOOKALIKES["handbook"]().drop("TX_FRAUD_SCENARIO")
    rows.drop("TX_FRAUD").write_csv(tmp_path / "transactions.csv")
    rows.select("TRANSACTION_ID", "TX_FRAUD").sample(fraction=1.0, shuffle=True, seed=1).write_csv(
        tmp_path / "labels.csv"
    )
    options = ("--join", tmp_path / "joined.parquet", "--write", tmp_path / "c.toml")
    assert command("inspect", tmp_path / "transactions.csv", tmp_path / "labels.csv", *options) == 0
    joined = pl.read_parquet(tmp_path / "joined.parquet")
    assert joined["TX_FRAUD"].cast(pl.Int64).to_list() == rows["TX_FRAUD"].to_list()
    label = load_config(tmp_path / "c.toml").columns.is_fraud
    assert label is not None
    assert label.column == "TX_FRAUD"


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.csv"
    LOOKALIKES["s_ffsd"]().head(300).write_csv(path)
    config = inspected(path, tmp_path)
    before = config.read_text()
    assert command("inspect", path, "--write", config) == 2
    assert "--force" in capsys.readouterr().err
    assert config.read_text() == before
