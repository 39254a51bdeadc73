"""Two nodes of a Ray cluster on this machine: the same figures as without it, and whatever dies costs none of them."""

import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import polars as pl
import pytest
from killing import SMALL
from small_run import CONFIG, World, command
from test_run import figures

from fraud.engine import RETRIES, run_all
from fraud.errors import EngineError, StrategyError
from fraud.features.table import FeatureTable
from fraud.stages import run_folder

pytestmark = [pytest.mark.slow, pytest.mark.cluster]
NODE = {"num_cpus": 1, "object_store_memory": 100 << 20}
KEPT = ("strategies", "seeds", "tuning_trials", "corrections")
"""Settings of which the comparison here has more than the smallest one."""


@pytest.fixture(scope="module")
def ray() -> Any:
    return pytest.importorskip("ray", reason="Ray is not installed: pip install 'fraud[cluster]'")


@pytest.fixture(scope="module")
def cluster(ray: Any) -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the nodes have the package and not its tests
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_AUTH_MODE", "disabled")  # read as Ray is imported: too late for a token here
        started = Cluster(initialize_head=True, head_node_args=NODE | {"include_dashboard": False})
        ray.init(address=started.address, log_to_driver=False)
        yield started
        ray.shutdown()
        started.shutdown()


def _square(x: int) -> int:
    return x * x


def _refuse(x: int) -> int:
    raise StrategyError(f"row {x}: no")


def _note_and_square(x: int, folder: Path, seconds: float) -> int:
    import ray

    (folder / f"{x}-{ray.get_runtime_context().get_node_id()}-{os.getpid()}").touch()
    time.sleep(seconds)
    return x * x


def test_a_node_that_dies_in_the_middle_costs_no_result(cluster: Any, tmp_path: Path) -> None:
    doomed = cluster.add_node(**NODE)

    def kill_at_work() -> None:
        while not list(tmp_path.glob(f"*-{doomed.node_id}-*")):
            time.sleep(0.05)
        cluster.remove_node(doomed, allow_graceful=False)

    killer = threading.Thread(target=kill_at_work, daemon=True)
    killer.start()
    calls = [joblib.delayed(_note_and_square)(x, tmp_path, 2.0) for x in range(4)]
    assert sorted(run_all(calls, kind="ray", jobs=2)) == [0, 1, 4, 9]
    killer.join()
    starts = [path.name.split("-")[0] for path in tmp_path.iterdir()]
    assert len(starts) == len(calls) + 1, "the task that died was not started again"


def test_the_error_of_a_task_is_its_own(cluster: Any) -> None:
    with pytest.raises(StrategyError, match=r"^row 7: no$"):
        list(run_all([joblib.delayed(_refuse)(7)], kind="ray", jobs=1))


def _die() -> None:
    os._exit(9)


def test_a_task_that_always_dies_ends_in_one_line(cluster: Any) -> None:
    with pytest.raises(EngineError, match=f"started anew {RETRIES} times") as caught:
        list(run_all([joblib.delayed(_die)()], kind="ray", jobs=1))
    assert "\n" not in str(caught.value)


def test_a_machine_without_the_package_is_told_of_in_one_line(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("of_one_machine")
    exec("def work(): return 1", module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(EngineError, match=r"No module named 'of_one_machine'.*every machine has this fraud package"):
        list(run_all([joblib.delayed(module.work)()], kind="ray", jobs=1))


def test_results_come_as_they_end_and_variables_reach_the_tasks(cluster: Any) -> None:
    calls = [joblib.delayed(time.sleep)(0), joblib.delayed(os.getenv)("FRAUD_TEST_VARIABLE")]
    assert set(run_all(calls, kind="ray", jobs=2, environment={"FRAUD_TEST_VARIABLE": "3"})) == {None, "3"}


@pytest.fixture(scope="module")
def small(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a configuration whose features are made in buckets, and a workspace of two months."""
    folder, text = tmp_path_factory.mktemp("small"), CONFIG + "memory_rows = 10000\n"
    for old, new in SMALL.items():
        text = text if old.startswith(KEPT) else text.replace(old, new)
    (folder / "small.toml").write_text(text)
    assert command("ingest", "--config", folder / "small.toml", "--workspace", folder / "one", *world.dumps[:2]) == 0
    return folder


def _compare(folder: Path, workspace: str, *options: object) -> tuple[str, pl.DataFrame]:
    """Figures of `fraud compare` in a workspace, and the features they were made from."""
    place = folder / workspace
    assert command("compare", "--config", folder / "small.toml", "--workspace", place, *options) == 0
    (path,) = place.glob("reports/*/report.json")
    report = json.loads(path.read_text())
    del report["provenance"]["config_sha256"]  # of another engine
    features = FeatureTable.open(place / "data" / "features" / "tiny").read()
    return figures(report), features


def test_a_comparison_that_loses_a_node_has_the_figures_of_one_machine(
    cluster: Any, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "render_report", lambda folder: folder)
    shutil.copytree(small / "one", small / "two")
    doomed, done = cluster.add_node(**NODE), []

    def kill_amid() -> None:
        while not (finished := list((small / "two" / "data" / "cells").rglob("cell.json"))):
            time.sleep(0.05)
        cluster.remove_node(doomed, allow_graceful=False)
        done.extend(finished)

    killer = threading.Thread(target=kill_amid, daemon=True)
    killer.start()
    there = _compare(small, "two", "--engine.kind", "ray", "--engine.jobs", 2)
    killer.join(10)
    assert 0 < len(done) < 10, "the node did not die in the middle"
    here = _compare(small, "one")
    assert there[0] == here[0]
    assert there[1].equals(here[1])
