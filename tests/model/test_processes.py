"""Two processes that train one model are one process with the same batches; started as a user would, by torchrun."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from trained_in_processes import STRATEGIES, TRAINING, train_all

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]
HERE = Path(__file__).parent


def torchrun(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *arguments]
    here = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(HERE.parents[1])}
    return subprocess.run(
        [str(one) for one in command], env=os.environ | here | environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("processes")
    ended = torchrun(HERE / "trained_in_processes.py", folder)
    assert ended.returncode == 0, ended.stderr
    return [json.loads((folder / f"{rank}.json").read_text(encoding="utf-8")) for rank in (0, 1)]


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    return train_all()


def test_they_agree_on_the_value_of_the_first(both: list[dict[str, Any]]) -> None:
    assert [one["seed"] for one in both] == [41, 41]
    assert [one["ranks"] for one in both] == [[0, 1], [0, 1]]


def test_none_goes_on_before_all_have_come(both: list[dict[str, Any]]) -> None:
    assert [one["arrived"] for one in both] == [2, 2]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_their_shares_are_the_batches_of_one_process_each_row_once(
    strategy: str, both: list[dict[str, Any]], alone: dict[str, Any]
) -> None:
    shares = [one["found"][strategy]["batches"] for one in both]
    for whole, first, second in zip(alone[strategy]["batches"], *shares, strict=True):
        assert len(whole) == TRAINING.batch_size
        assert (whole[0::2], whole[1::2]) == (first, second)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_they_reach_the_average_precision_of_one_process(
    strategy: str, both: list[dict[str, Any]], alone: dict[str, Any]
) -> None:
    first, second = (one["found"][strategy] for one in both)
    assert first["checks"] == second["checks"]  # of the whole validation window, in both
    assert first["weights"] == second["weights"]
    assert abs(max(first["checks"]) - max(alone[strategy]["checks"])) < 0.005
    assert max(first["checks"]) > 0.5
