"""A run or a retraining that is killed at any moment: nothing is lost, and the same command finishes the job."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from drawing import IS_THOROUGH
from killing import Stream, begun, running
from small_run import Finished, World
from test_run import figures

KILLS = 12 if IS_THOROUGH else 4
"""At moments drawn at random; the steps below are the moments that matter."""
STEPS = (
    "fraud.data.store.table:TransactionStore.upsert",
    "fraud.features.prepare:write_parts",
    "fraud.stages.resuming:begin_attempt",
    "fraud.lifecycle.retraining:train_job",
    "fraud.lifecycle.registry:Registry.register",
    "fraud.stages.run_folder:_write_run",
    "mlflow.tracking:MlflowClient.set_registered_model_tag",
    "fraud.lifecycle.registry:Registry.promote",
)
"""After each of them the process dies once."""


@pytest.fixture(scope="module")
def stream(world: World, tmp_path_factory: pytest.TempPathFactory) -> Stream:
    return begun(world, tmp_path_factory.mktemp("stream"))


@pytest.fixture(scope="module")
def before(stream: Stream) -> dict[str, Any]:
    """Rows and scores that a retraining finds."""
    return {"rows": stream.rows, "scores": stream.champion_scores()}


@pytest.fixture(scope="module")
def undisturbed(stream: Stream, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], float]:
    """What a retraining leaves that nobody kills, and how long it takes."""
    copy = stream.copied_to(tmp_path_factory.mktemp("undisturbed") / "workspace")
    began = time.monotonic()
    run(copy)
    seconds = time.monotonic() - began
    after = copy.state()
    assert any("1 row broke the contract" in text for text in after["warnings"][0])
    return after, seconds


def run(stream: Stream) -> None:
    process = stream.retraining()
    process.start()
    process.join()
    assert process.exitcode == 0


def check_whole(stream: Stream, before: dict[str, Any], after: dict[str, Any]) -> None:
    """The store holds the old or the new data whole, and the champion, old or new, scores."""
    assert stream.rows in {before["rows"], len(after["store"][1])}
    assert stream.champion_scores() in (before["scores"], after["scores"])


@pytest.mark.slow
def test_a_retraining_killed_at_any_moment_is_finished_by_the_same_command(
    stream: Stream, before: dict[str, Any], undisturbed: tuple[dict[str, Any], float], tmp_path: Path
) -> None:
    after, seconds = undisturbed
    rng = random.Random(7)
    moments = [seconds * (number + rng.random()) / KILLS for number in range(KILLS)]

    def kill(number: int) -> bool:
        copy = stream.copied_to(tmp_path / str(number))
        process = copy.retraining()
        process.start()
        process.join(timeout=moments[number])
        process.kill()
        process.join()
        check_whole(copy, before, after)
        run(copy)
        assert copy.state() == after, f"killed after {moments[number]:.2f} of {seconds:.2f} s"
        return process.exitcode != 0

    with ThreadPoolExecutor(2) as side_by_side:
        died = list(side_by_side.map(kill, range(KILLS)))
    assert sum(died) > KILLS / 2


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_retraining_that_dies_after_any_step_is_finished_by_the_same_command(
    step: str, stream: Stream, before: dict[str, Any], undisturbed: tuple[dict[str, Any], float], tmp_path: Path
) -> None:
    copy = stream.copied_to(tmp_path / "workspace")
    process = copy.retraining(stop_at=step)
    process.start()
    process.join()
    assert process.exitcode == 9, "the step was never reached"
    check_whole(copy, before, undisturbed[0])
    run(copy)
    assert copy.state() == undisturbed[0]


@pytest.mark.slow
def test_a_run_killed_twice_goes_on_where_it_was(world: World, finished: Finished, tmp_path: Path) -> None:
    kept: dict[Path, float] = {}
    for jobs in (2, 3):
        job = "fraud.evaluation.training_jobs:train_job"
        process = running("run", world.config, tmp_path, *world.dumps[:2], stop_at=job, calls=jobs)
        process.start()
        process.join()
        assert process.exitcode == 9, "the run ended before so many jobs"
        now = finished_jobs(tmp_path)
        assert len(now) == len(kept) + jobs
        assert kept.items() <= now.items(), "a finished job was trained again"
        kept = now
    last = running("run", world.config, tmp_path, *world.dumps[:2])
    last.start()
    last.join()
    (path,) = tmp_path.glob("reports/*/report.json")
    assert figures(Finished(tmp_path, path.parent).report) == figures(finished.report)


def finished_jobs(workspace: Path) -> dict[Path, float]:
    """When each training job was finished."""
    return {path: path.stat().st_mtime for path in (workspace / "data" / "cells").rglob("cell.json")}


@pytest.mark.slow
def test_the_same_retraining_twice_changes_nothing(
    stream: Stream, undisturbed: tuple[dict[str, Any], float], tmp_path: Path
) -> None:
    copy = stream.copied_to(tmp_path / "workspace")
    run(copy)
    run(copy)
    assert copy.state() == undisturbed[0]
