import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_run import Finished, World, command, run_into

from fraud.errors import StoreError
from fraud.reporting.schema import validate_report
from fraud.stages import training


def test_a_run_ends_with_a_valid_report_and_a_champion(finished: Finished) -> None:
    report = finished.report
    validate_report(report, "report.json")
    assert report["kind"] == "compare"
    assert [row["name"] for row in report["strategies"]] == ["none", "weight-sqrt", "over-random"]
    assert {row["name"] for row in report["baselines"]} == {"logistic-regression", "logistic-regression+under-random"}
    assert report["champion"]["version"] == 1
    assert report["champion"]["strategy"] in {"none", "weight-sqrt", "over-random"}
    assert {"report.html", "report.md", "evidence.json", "config.toml"} <= {
        one.name for one in finished.folder.iterdir()
    }
    assert (finished.workspace / "reports" / "index.html").exists()


def test_the_counts_are_those_of_the_dumps(finished: Finished, world: World) -> None:
    dumps = pl.concat([pl.read_parquet(path) for path in world.dumps[:2]])
    report = finished.report
    assert report["dataset"]["transactions"] == len(dumps)
    assert report["dataset"]["frauds"] == int(dumps["TX_FRAUD"].sum())
    assert report["dataset"]["rejected"] == 0
    assert [dump["file"] for dump in report["provenance"]["dumps"]] == [path.name for path in world.dumps[:2]]


def test_the_test_window_has_the_prevalence_of_the_dumps_on_its_days(finished: Finished, world: World) -> None:
    window = finished.report["split"]["test"]
    dumps = pl.concat([pl.read_parquet(path) for path in world.dumps[:2]])
    days = dumps.filter(
        pl.col("TX_DATETIME")
        .dt.replace_time_zone("UTC")
        .is_between(
            pl.lit(window["from"]).str.to_datetime(time_zone="UTC"),
            pl.lit(window["to"]).str.to_datetime(time_zone="UTC"),
            closed="left",
        )
    )
    assert window["transactions"] == len(days)
    assert window["prevalence"] == pytest.approx(float(days["TX_FRAUD"].mean()))


def test_every_strategy_is_held_against_the_same_ceiling(finished: Finished) -> None:
    rows = finished.report["strategies"]
    (ceiling,) = {row["ceiling"] for row in rows}
    assert all(row["recall"]["mean"] <= ceiling <= 1 for row in rows)
    assert all({"ranks_above_chance", "finds_above_chance"} <= row.keys() for row in rows)


def test_the_report_names_what_varies_in_its_intervals(finished: Finished) -> None:
    sources = finished.report["intervals"]["sources"]
    assert [source["kind"] for source in sources][-2:] == ["seeds", "folds"]
    assert all(source["included"] == (source["count"] > 1) for source in sources)


def test_finding_nothing_is_shown_with_its_fine_accuracy(finished: Finished) -> None:
    trap = finished.report["trap"]
    assert trap["recall"] == 0
    assert trap["accuracy"] == pytest.approx(1 - finished.report["split"]["test"]["prevalence"])
    assert "finding nothing" in finished.report["answer"]["text"]


@pytest.mark.usefixtures("undrawn")
def test_two_runs_with_one_seed_give_identical_figures(finished: Finished, world: World, tmp_path: Path) -> None:
    again = run_into(world, tmp_path)
    assert figures(again.report) == figures(finished.report)


def test_the_resolved_configuration_lies_beside_the_report(finished: Finished) -> None:
    from fraud.config import load_config

    assert load_config(finished.folder / "config.toml").dataset.name == "tiny"


def test_no_cells_are_left_behind_by_a_finished_run(finished: Finished) -> None:
    assert not list((finished.workspace / "data" / "cells").glob("*"))


def test_the_same_dump_twice_changes_nothing_and_says_so(
    finished: Finished, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("ingest", "--config", world.config, "--workspace", finished.workspace, *world.dumps[:2]) == 0
    assert "nothing new: these 2 dumps are already stored" in capsys.readouterr().out


def test_a_report_renders_again_to_the_same_page(finished: Finished, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(finished.folder, folder)
    (folder / "report.html").unlink()
    assert command("report", folder, "--workspace", finished.workspace) == 0
    assert (folder / "report.html").read_text() == (finished.folder / "report.html").read_text()


def test_train_says_how_one_candidate_does_on_validation(
    finished: Finished, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--config", world.config, "--workspace", finished.workspace, "--out", tmp_path / "bundle")
    assert command("train", "--strategy", "weight-inverse", "--seed", 1, *options) == 0
    assert "weight-inverse, seed 1: average precision on validation 0." in capsys.readouterr().out
    assert sorted(one.name for one in (tmp_path / "bundle").iterdir()) == ["bundle.json", "network.safetensors"]


def test_train_reads_nothing_before_it_holds_the_lock(
    finished: Finished, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[str] = []

    def looking(*_: object, **__: object) -> None:
        held.extend(path.name for path in (finished.workspace / "data" / "locks").glob("*.holder"))
        raise StoreError("seen enough")

    monkeypatch.setattr(training, "prepare", looking)
    options = ("--config", world.config, "--workspace", finished.workspace)
    assert command("train", "--strategy", "none", *options) == 2
    assert held == ["tiny.lock.holder"]


def figures(report: dict[str, Any]) -> str:
    """Everything but times, ids, what was measured with a clock, and the commit of the checkout."""
    kept = {key: value for key, value in report.items() if key not in {"run_id", "created"}}
    kept["provenance"] = kept["provenance"] | {"commit": None}
    for row in (*kept["strategies"], *kept["baselines"]):
        row.pop("train_seconds")
    return json.dumps(kept, sort_keys=True)


def figures_of_all(workspace: Path) -> list[str]:
    """The figures of every report of a workspace, in the order of their kinds."""
    reports = [json.loads(path.read_text()) for path in workspace.glob("reports/*/report.json")]
    return [figures(report) for report in sorted(reports, key=lambda report: str(report["kind"]))]
