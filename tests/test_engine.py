"""The engine that runs independent work: the same results wherever it runs, and whatever dies under it."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
import pytest

from fraud.engine import RETRIES, run_all
from fraud.errors import ConfigError, EngineError, StrategyError


def _square(x: int) -> int:
    return x * x


def _refuse(x: int) -> int:
    raise StrategyError(f"row {x}: no")


@pytest.fixture(scope="module")
def ray() -> Any:
    return pytest.importorskip("ray", reason="Ray is not installed: pip install 'fraud[cluster]'")


@pytest.fixture(scope="module")
def cluster(ray: Any) -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the nodes have the package and not its tests
    node = {"num_cpus": 1, "object_store_memory": 100 << 20, "include_dashboard": False}
    started = Cluster(initialize_head=True, head_node_args=node)
    ray.init(address=started.address, log_to_driver=False)
    yield started
    ray.shutdown()
    started.shutdown()


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_call_ends_once_on_this_machine(jobs: int) -> None:
    assert sorted(run_all([joblib.delayed(_square)(x) for x in range(5)], jobs=jobs)) == [0, 1, 4, 9, 16]


def test_without_the_package_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'fraud\[cluster\]'") as caught:
        list(run_all([joblib.delayed(_square)(1)], kind="ray", jobs=1))
    assert "\n" not in str(caught.value)


def _note_and_square(x: int, folder: Path, seconds: float) -> int:
    import ray

    (folder / f"{x}-{ray.get_runtime_context().get_node_id()}-{os.getpid()}").touch()
    time.sleep(seconds)
    return x * x


@pytest.mark.slow
@pytest.mark.cluster
def test_a_node_that_dies_in_the_middle_costs_no_result(cluster: Any, tmp_path: Path) -> None:
    doomed = cluster.add_node(num_cpus=1, object_store_memory=100 << 20)

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


@pytest.mark.slow
@pytest.mark.cluster
def test_the_error_of_a_task_is_its_own(cluster: Any) -> None:
    with pytest.raises(StrategyError, match=r"^row 7: no$"):
        list(run_all([joblib.delayed(_refuse)(7)], kind="ray", jobs=1))


def _die() -> None:
    os._exit(9)


@pytest.mark.slow
@pytest.mark.cluster
def test_a_task_that_always_dies_ends_in_one_line(cluster: Any) -> None:
    with pytest.raises(EngineError, match=f"started anew {RETRIES} times") as caught:
        list(run_all([joblib.delayed(_die)()], kind="ray", jobs=1))
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.cluster
def test_a_machine_without_the_package_is_told_of_in_one_line(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("of_one_machine")
    exec("def work(): return 1", module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(EngineError, match=r"No module named 'of_one_machine'.*every machine has this fraud package"):
        list(run_all([joblib.delayed(module.work)()], kind="ray", jobs=1))


@pytest.mark.slow
@pytest.mark.cluster
def test_results_come_as_they_end_and_variables_reach_the_tasks(cluster: Any) -> None:
    calls = [joblib.delayed(time.sleep)(0), joblib.delayed(os.getenv)("FRAUD_TEST_VARIABLE")]
    assert set(run_all(calls, kind="ray", jobs=2, environment={"FRAUD_TEST_VARIABLE": "3"})) == {None, "3"}
