"""`fraud score`: the scores of the report, ranked, with reasons, in a file that runs nothing and hides card numbers."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small_run import Finished, World, command

from fraud.config import load_config
from fraud.evaluation.candidates import ScoredSeed
from fraud.features.splits import split_by_time
from fraud.features.table import FeatureTable
from fraud.lifecycle.registry import Registry
from fraud.stages import comparison


@pytest.fixture(scope="module")
def alerts(finished: Finished, world: World, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The second month, which is stored, scored once more from its raw dump."""
    return scored(finished.workspace, world, tmp_path_factory.mktemp("alerts"), world.dumps[1])


def scored(workspace: Path, world: World, folder: Path, *arguments: object) -> pl.DataFrame:
    out = folder / "alerts.parquet"
    assert command("score", "--config", world.config, "--workspace", workspace, "--out", out, *arguments) == 0
    return pl.read_parquet(out)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_the_test_windows_raw_dump_gets_the_scores_of_the_report_row_by_row(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    kept: list[ScoredSeed] = []
    made = comparison.bundle_of

    def keep(cell: object, seed: ScoredSeed, *rest: object, **named: object) -> object:
        kept.append(seed)
        return made(cell, seed, *rest, **named)

    monkeypatch.setattr(comparison, "bundle_of", keep)
    options = ("--comparison.strategies", "weight-sqrt", "--comparison.seeds", 1, "--comparison.tuning-trials", 1)
    options += (
        "--split.folds",
        1,
        "--comparison.corrections",
        "[]",
        "--training.precision",
        precision,
        "--policy.unit",
        "transaction",
    )
    assert command("run", "--config", world.config, "--workspace", tmp_path, *options, *world.dumps[:2]) == 0
    alerts = scored(tmp_path, world, tmp_path, "--policy.unit", "transaction", world.dumps[1])
    assert Registry(tmp_path / "data" / "registry", "tiny").load(1).precision == precision
    config = load_config(world.config)
    features = FeatureTable.open(tmp_path / "data" / "features" / "tiny").read()
    split = split_by_time(features, split=config.split, labels=config.labels, has_label_time=False)
    window = features[split.test.rows]
    (seed,) = kept
    assert len(window) == len(seed.probabilities["calibrated"])
    both = window.select("transaction_id").join(alerts, on="transaction_id", how="left", maintain_order="left")
    np.testing.assert_allclose(both["probability"], seed.probabilities["calibrated"], rtol=0, atol=1e-6)
    (path,) = tmp_path.glob("reports/*/report.json")
    (row,) = json.loads(path.read_text())["strategies"]
    caught = both.with_columns(is_fraud=window["is_fraud"]).filter("is_fraud")["in_budget"].mean()
    assert caught == pytest.approx(row["recall"]["mean"], abs=1e-9)


def test_transactions_that_are_not_stored_are_scored_with_the_stores_history(
    alerts: pl.DataFrame, finished: Finished, world: World, tmp_path: Path
) -> None:
    later = scored(finished.workspace, world, tmp_path, world.dumps[2])
    workspace = tmp_path / "later"
    shutil.copytree(finished.workspace, workspace)
    assert command("ingest", "--config", world.config, "--workspace", workspace, world.dumps[2]) == 0
    known = scored(workspace, world, tmp_path, world.dumps[2])
    # Until the first label of the new month is known, three days on, storing it changes nothing.
    first = pl.col("event_time") < pl.col("event_time").min().dt.offset_by("3d")
    both = later.filter(first).join(known, on="transaction_id", how="left", suffix="_known")
    assert len(both) > 100
    np.testing.assert_allclose(both["probability"], both["probability_known"], rtol=0, atol=1e-9)


def test_another_policy_than_the_models_is_told_in_one_line(
    finished: Finished, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(finished.workspace, world, tmp_path, world.dumps[1])
    assert "[policy]" not in capsys.readouterr().err
    more = scored(finished.workspace, world, tmp_path, "--policy.value", 9, world.dumps[1])
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "[policy]" in line]
    expected = "set for [policy] alerts_per_day = 5; column in_budget follows this configuration's alerts_per_day = 9"
    assert expected in line
    by_day = more.group_by(pl.col("event_time").dt.date()).agg(pl.col("in_budget").sum())
    assert by_day["in_budget"].max() == 9


def test_alerts_are_ranked_and_say_what_they_may_cost(alerts: pl.DataFrame, finished: Finished) -> None:
    bundle = Registry(finished.workspace / "data" / "registry", "tiny").load(1)
    assert alerts.columns == [
        *("rank", "transaction_id", "event_time", "customer", "terminal", "amount", "probability", "expected_loss"),
        *("others_that_day", "alert", "in_budget", "reason_1", "reason_2", "reason_3"),
    ]
    assert alerts["probability"].is_sorted(descending=True)
    assert alerts["rank"].to_list() == list(range(1, len(alerts) + 1))
    above = alerts.filter(pl.col("probability") >= bundle.threshold)
    units = above.select("customer", pl.col("event_time").dt.date()).unique()
    assert above["alert"].sum() == alerts["alert"].sum() == len(units)
    np.testing.assert_allclose(alerts["expected_loss"], alerts["probability"] * alerts["amount"])


def test_the_daily_budget_takes_the_highest_of_each_day(alerts: pl.DataFrame) -> None:
    highest = alerts.unique(["customer", pl.col("event_time").dt.date()], keep="first", maintain_order=True)
    assert highest["in_budget"].sum() == alerts["in_budget"].sum()
    days = highest.group_by(pl.col("event_time").dt.date()).agg(
        pl.col("in_budget").sum(),
        lowest=pl.col("probability").filter("in_budget").min(),
        highest=pl.col("probability").filter(~pl.col("in_budget")).max(),
    )
    assert days["in_budget"].unique().to_list() == [5]
    assert (days["lowest"] >= days["highest"]).all()


def test_every_alert_has_reasons_and_most_transactions_need_none(alerts: pl.DataFrame) -> None:
    raised = alerts.filter(pl.col("alert") | pl.col("in_budget"))
    assert raised["reason_1"].null_count() == 0
    assert raised["reason_3"].null_count() < len(raised) / 10
    assert alerts["reason_1"].null_count() > len(alerts) / 2
    assert any(re.search(r"(?:[0-9.]+x this|this) (?:customer|terminal)'s", reason) for reason in raised["reason_1"])


def test_a_configuration_of_other_features_is_refused(
    finished: Finished, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--config", world.config, "--workspace", finished.workspace, "--features.windows", "2d")
    assert command("score", world.dumps[1], "--out", tmp_path / "a.csv", *options) == 2
    assert "the champion needs" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_dump_of_1970_is_refused_in_one_line_and_writes_nothing(
    finished: Finished, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds_read_as_ms = pl.col("TX_DATETIME").dt.epoch("s").cast(pl.Datetime("ms"))
    pl.read_parquet(world.dumps[2]).with_columns(TX_DATETIME=seconds_read_as_ms).write_parquet(tmp_path / "new.parquet")
    options = ("--config", world.config, "--workspace", finished.workspace)
    assert command("score", tmp_path / "new.parquet", "--out", tmp_path / "alerts.csv", *options) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line]
    assert "new.parquet: event_time (column 'TX_DATETIME')" in line
    assert "expected events not before those stored" in line
    assert "found 1970-01-18" in line
    assert not (tmp_path / "alerts.csv").exists()


def test_a_dump_in_cents_is_refused_where_the_store_holds_euros(
    finished: Finished, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pl.read_parquet(world.dumps[2]).with_columns(pl.col("TX_AMOUNT") * 100).write_parquet(tmp_path / "cents.parquet")
    options = ("--config", world.config, "--workspace", finished.workspace)
    assert command("score", tmp_path / "cents.parquet", "--out", tmp_path / "alerts.csv", *options) == 2
    assert (
        "column 'amount' seems to be in another unit: its values are 100 times those stored" in capsys.readouterr().err
    )
    assert not (tmp_path / "alerts.csv").exists()


def test_an_out_that_would_cost_the_dump_or_cannot_be_written_ends_before_the_scoring(
    finished: Finished, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dump = tmp_path / "new.parquet"
    shutil.copyfile(world.dumps[2], dump)
    (tmp_path / "file").write_text("")
    before = dump.read_bytes()
    store = finished.workspace / "data" / "store" / "tiny" / "alerts.parquet"
    outs = {dump: "is the dump", store: "keeps its data", tmp_path / "file" / "a.csv": "cannot be written"}
    outs |= {tmp_path / f"{'long' * 100}.csv": "File name too long"}
    for out, message in outs.items():
        options = ("--config", world.config, "--workspace", finished.workspace, "--out", out)
        assert command("score", dump, *options) == 2
        said = capsys.readouterr()
        assert message in said.err
        assert said.err.count("\n") == 1
        assert said.out == "", "it began to score"
    assert dump.read_bytes() == before
    assert not store.exists()


def test_one_transaction_is_told_in_the_singular(
    finished: Finished, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = pl.read_parquet(world.dumps[2])
    spoiled = frame.with_columns(pl.col("TRANSACTION_ID").cast(pl.String)).head(2)
    spoiled.with_columns(TRANSACTION_ID=pl.Series(["new", "nul\x00"])).write_parquet(tmp_path / "new.parquet")
    scored(finished.workspace, world, tmp_path, tmp_path / "new.parquet")
    said = capsys.readouterr()
    assert "score: 1 transaction by champion" in said.out
    assert "1 row rejected: " in said.out
    assert re.search(r"[^0-9][01] alerts?, ", said.out)
    assert not re.search(r"[^0-9]1 \w+s[, ]", said.out)
