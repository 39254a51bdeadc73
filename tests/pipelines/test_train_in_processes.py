"""`fraud train` in two processes, as docs/scale.md starts them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]


def train(*arguments: object) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [str(one) for one in (*start, "-m", "fraud", "train", *arguments)]
    return subprocess.run(
        command, cwd=root, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False
    )


def test_two_processes_train_one_model_and_one_of_them_prints_and_writes(finished, world, tmp_path: Path) -> None:
    options = ("--config", world.config, "--workspace", finished.workspace, "--out", tmp_path / "bundle")
    ended = train("--strategy", "weight-inverse", "--seed", 1, *options)
    assert ended.returncode == 0, ended.stderr
    assert len(re.findall("average precision on validation 0", ended.stdout)) == 1
    assert sorted(one.name for one in (tmp_path / "bundle").iterdir()) == ["bundle.json", "network.safetensors"]
    assert not list((finished.workspace / "data").rglob("*.part"))


def test_what_stops_one_process_stops_all(finished, world) -> None:
    options = ("--config", world.config, "--workspace", finished.workspace)
    ended = train("--strategy", "none", "--split.test", "900", *options)
    assert ended.returncode != 0
    assert ended.stderr.count("fraud: [split]: ") == 1
