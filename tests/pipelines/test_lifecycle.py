import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from small_run import Finished, World, command

from fraud.config import load_config
from fraud.data.store.table import TransactionStore
from fraud.features.splits import split_by_time
from fraud.features.table import FeatureTable
from fraud.lifecycle.registry import Registry


@pytest.fixture(scope="module")
def retrained(finished: Finished, world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the finished workspace in which a third month has arrived."""
    workspace = tmp_path_factory.mktemp("moved") / "workspace"
    shutil.copytree(finished.workspace, workspace)
    assert command("retrain", "--config", world.config, "--workspace", workspace, world.dumps[2]) == 0
    return workspace


def retraining_of(workspace: Path) -> dict[str, Any]:
    reports = [json.loads(path.read_text()) for path in workspace.glob("reports/*/report.json")]
    (report,) = [one for one in reports if one["kind"] == "retrain"]
    return report


def test_a_retraining_judges_both_models_on_one_window(retrained: Path) -> None:
    report = retraining_of(retrained)
    assert [row["name"] for row in report["strategies"]] == ["champion", "challenger"]
    (comparison,) = report["comparisons"]
    assert (comparison["a"], comparison["b"]) == ("challenger", "champion")
    found = {row["name"]: row["recall"]["mean"] for row in report["strategies"]}
    assert comparison["difference"] == pytest.approx(found["challenger"] - found["champion"])


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("rule", "champion", "text"),
    [("always", 2, "The challenger replaces champion 1"), ("never", 1, "Champion 1 stays")],
)
def test_the_model_in_use_is_the_one_that_the_rule_decides(
    finished: Finished, world: World, tmp_path: Path, *, rule: str, champion: int, text: str
) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(finished.workspace, workspace)
    options = ("--config", world.config, "--workspace", workspace, "--promotion.rule", rule)
    code = command("retrain", *options, "--require-promotion", world.dumps[2])
    assert code == (0 if champion == 2 else 3)
    report, registry = retraining_of(workspace), Registry(workspace / "data" / "registry", "tiny")
    assert report["answer"]["text"].startswith(text)
    assert report["champion"]["version"] == champion
    in_use = registry.champion()
    assert in_use is not None
    assert in_use.version == champion
    assert len(registry.versions()) == 2


def test_a_retraining_says_by_which_rule_it_decided_and_what_moved(retrained: Path) -> None:
    reports = [(path.parent, json.loads(path.read_text())) for path in retrained.glob("reports/*/report.json")]
    ((folder, report),) = [one for one in reports if one[1]["kind"] == "retrain"]
    page = (folder / "report.md").read_text()
    assert report["decision"]["rule"] == "not-worse"
    assert (report["decision"]["champion"], report["decision"]["challenger"]) == (1, 2)
    assert report["decision"]["fresher_days"] == 23  # a month, less the second fold's week
    assert "Which rule decided?" in page
    assert "The margin is 1.0 of 100." in page
    drift = json.loads((folder / "evidence.json").read_text())["drift"]
    assert drift["current_rows"] == sum(dump["rows"] for dump in report["provenance"]["dumps"][2:])
    assert "What has changed since the champion was trained?" in page


def test_every_registered_model_carries_its_card(retrained: Path) -> None:
    folder = retrained / "data" / "registry"
    cards = [json.loads(path.read_text()) for path in folder.rglob("card.json")]
    assert {card["made"]["report"] for card in cards} == {model.run_id for model in Registry(folder, "tiny").versions()}
    for card in cards:
        assert card["data"]["frauds"] > 0
        assert card["windows"]["train"]["to"] < card["windows"]["test"]["from"]
        assert 0 <= card["figures"]["recall"]["low"] <= card["figures"]["recall"]["mean"] <= 1
        assert len(card["limits"]) >= 3
    assert all("## Limitations" in path.read_text() for path in folder.rglob("card.md"))


@pytest.mark.usefixtures("undrawn")
def test_strategies_compared_anew_give_the_challenger(
    finished: Finished, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(finished.workspace, workspace)
    options = ("--config", world.config, "--workspace", workspace, "--comparison.seeds", 1, "--training.max-steps", 20)
    assert command("retrain", *options, "--strategies", "none,weight-cubic", world.dumps[2]) == 2
    assert "weight-cubic" in capsys.readouterr().err
    assert command("retrain", *options, "--strategies", "over-random, under-random", world.dumps[2]) == 0
    assert Registry(workspace / "data" / "registry", "tiny").versions()[1].strategy in {"over-random", "under-random"}


def test_a_strategy_named_twice_is_refused_before_anything_is_stored(
    finished: Finished, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--config", world.config, "--workspace", finished.workspace, "--strategies", "none,weight-sqrt,none")
    assert command("retrain", *options, world.dumps[2]) == 2
    assert "--strategies: 'none' is named twice" in capsys.readouterr().err
    assert TransactionStore(finished.workspace / "data" / "store" / "tiny").version == 0


@pytest.mark.usefixtures("undrawn")
def test_without_a_dump_other_settings_or_strategies_are_judged_and_once_only(
    finished: Finished, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(finished.workspace, workspace)
    registry = Registry(workspace / "data" / "registry", "tiny")
    options = ("--config", world.config, "--workspace", workspace, "--promotion.rule", "never")
    assert command("retrain", *options) == 0
    assert "nothing new since champion 1 was made, neither data nor settings" in capsys.readouterr().out
    assert len(registry.versions()) == 1
    for changes in (("--training.max-steps", 20), ("--strategies", "under-random", "--comparison.seeds", 1)):
        versions = len(registry.versions())
        assert command("retrain", *options, *changes) == 0
        assert len(registry.versions()) == versions + 1
        assert command("retrain", *options, *changes) == 0
        assert "nothing new: challenger" in capsys.readouterr().out
        assert len(registry.versions()) == versions + 1
    assert [model.strategy for model in registry.versions()][-1] == "under-random"


@pytest.mark.usefixtures("undrawn")
def test_without_a_dump_labels_that_were_ingested_since_are_judged(
    finished: Finished, world: World, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(finished.workspace, workspace)
    options = ("--config", world.config, "--workspace", workspace)
    rows = pl.read_parquet(world.dumps[1]).select("TRANSACTION_ID", TX_FRAUD=1 - pl.col("TX_FRAUD")).head(20)
    rows.write_csv(tmp_path / "labels.csv")
    (tmp_path / "labels.csv").write_text((tmp_path / "labels.csv").read_text() + "1000000000,1\n")
    assert command("ingest", *options, tmp_path / "labels.csv") == 0
    assert command("retrain", *options) == 0
    (report,) = [
        said
        for path in workspace.glob("reports/*/report.json")
        if (said := json.loads(path.read_text()))["kind"] == "retrain"
    ]
    assert any("1 of 21 labels are of transactions that are not stored" in text for text in report["warnings"])
    assert report["decision"]["fresher"] == "at the same moment"


def test_the_champion_never_saw_the_window_it_is_judged_on(retrained: Path) -> None:
    reports = {
        one["kind"]: one for path in retrained.glob("reports/*/report.json") if (one := json.loads(path.read_text()))
    }
    assert reports["compare"]["split"]["validation"]["to"] <= reports["retrain"]["split"]["test"]["from"]


def test_a_window_with_days_that_the_champion_knows_is_shortened_and_the_report_says_so(
    finished: Finished, world: World, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(finished.workspace, workspace)
    options = ("--config", world.config, "--workspace", workspace, "--split.test", 60, "--split.validation", 10)
    assert command("retrain", *options, world.dumps[2]) == 0
    known_until = Registry(workspace / "data" / "registry", "tiny").load(1).provenance["split"]["validation"]["to"]
    reports = [json.loads(path.read_text()) for path in workspace.glob("reports/*/report.json")]
    (report,) = [one for one in reports if one["kind"] == "retrain"]
    assert report["split"]["test"]["from"] >= known_until
    assert any(f"the champion was chosen on data up to {known_until[:10]}" in text for text in report["warnings"])


def test_retraining_on_nothing_new_keeps_the_champion_and_says_so(
    finished: Finished, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(finished.workspace.glob("reports/*"))
    options = ("--config", world.config, "--workspace", finished.workspace)
    assert command("retrain", *options, "--require-promotion", world.dumps[1]) == 3
    assert "nothing new since champion 1 was made, neither data nor settings; it stays" in capsys.readouterr().out
    assert sorted(finished.workspace.glob("reports/*")) == before


def test_promote_and_rollback_move_the_champion(
    retrained: Path, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--config", world.config, "--workspace", retrained)
    champion = Registry(retrained / "data" / "registry", "tiny").champion()
    other = 3 - champion.version
    assert command("promote", other, *options) == 0
    assert command("rollback", *options) == 0
    assert f"version {champion.version}" in capsys.readouterr().out
    assert Registry(retrained / "data" / "registry", "tiny").champion().version == champion.version
    assert command("models", *options) == 0
    assert capsys.readouterr().out.count("champion") == 1


def test_an_unknown_version_is_refused(finished: Finished, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("promote", 9, "--config", world.config, "--workspace", finished.workspace) == 2
    assert "no version 9; registered: 1" in capsys.readouterr().err


def test_scoring_a_dump_gives_the_scores_of_the_test_window(finished: Finished, world: World, tmp_path: Path) -> None:
    options = ("--config", world.config, "--workspace", finished.workspace)
    assert command("score", world.dumps[1], "--out", tmp_path / "alerts.parquet", *options) == 0
    alerts = pl.read_parquet(tmp_path / "alerts.parquet")
    config = load_config(world.config)
    features = FeatureTable.open(finished.workspace / "data" / "features" / "tiny").read()
    split = split_by_time(features, split=config.split, labels=config.labels, has_label_time=False)
    bundle = Registry(finished.workspace / "data" / "registry", "tiny").load(1)
    rows = features[split.test.rows]
    expected = pl.DataFrame({"transaction_id": rows["transaction_id"], "expected": bundle.score(rows)})
    both = expected.join(alerts, on="transaction_id", how="left")
    assert alerts["probability"].is_sorted(descending=True)
    assert alerts["rank"].to_list() == list(range(1, len(alerts) + 1))
    np.testing.assert_allclose(both["probability"], both["expected"], atol=1e-6)


def test_score_needs_a_champion(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--config", world.config, "--workspace", tmp_path)
    assert command("score", world.dumps[0], "--out", tmp_path / "a.csv", *options) == 2
    assert "'tiny' has no champion yet; make one with `fraud run`" in capsys.readouterr().err
