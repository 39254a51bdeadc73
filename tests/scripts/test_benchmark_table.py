"""What a benchmark says of its rounds."""

import json
import sys
from pathlib import Path

import benchmark
import pytest
from bench.rounds import Run, alternate, bounded, command, compared


def runs(*seconds: float) -> list[Run]:
    return [Run(seconds=one, peak_gib=1.0) for one in seconds]


def test_a_ratio_is_taken_within_each_round() -> None:
    row = compared("work", "peer", [runs(1, 10, 1), runs(2, 30, 4)], at_least=3)
    assert (row.low, row.ratio, row.high) == (2, 3, 4)  # the busy second round slowed both
    assert row.met


def test_a_peak_above_the_limit_misses_it() -> None:
    assert not bounded("work", 2, [Run(seconds=1, peak_gib=2.5)]).met
    assert bounded("work", 4, [Run(seconds=1, peak_gib=2.5)]).met


def test_sides_run_in_turn() -> None:
    order: list[str] = []

    def side(name: str) -> Run:
        order.append(name)
        return runs(1)[0]

    alternate([lambda: side("A"), lambda: side("B")], 3, lambda _: None)
    assert order == ["A", "B"] * 3


def test_the_peak_of_a_command_is_that_of_its_largest_process() -> None:
    grows = "import time; held = bytearray(150 << 20); time.sleep(0.3)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grows!r}])"
    assert 0.14 < command([sys.executable, "-c", child])().peak_gib < 0.4


def test_a_command_that_fails_is_no_result() -> None:
    with pytest.raises(SystemExit, match="ended with 3"):
        command([sys.executable, "-c", "raise SystemExit(3)"])()


def test_new_figures_take_the_place_of_old_ones_of_the_same_work(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.json"
    benchmark.keep([{"key": "a", "ratio": 1}, {"key": "b", "ratio": 2}], path)
    benchmark.keep([{"key": "a", "ratio": 3}], path)
    assert json.loads(path.read_text()) == [{"key": "b", "ratio": 2}, {"key": "a", "ratio": 3}]


def test_the_table_says_what_is_missed() -> None:
    figures = {"low": 1.0, "high": 2.0, "unit": "x", "ours": "1 s", "theirs": "2 s", "against": "peer"}
    rows = [
        {"work": name, "ratio": 1.5, "at_least": wanted} | figures for name, wanted in (("a", 1), ("b", 9), ("c", None))
    ]
    lines = benchmark.table(rows).splitlines()
    assert " met " in lines[2]
    assert "**missed**" in lines[3]
    assert "met" not in lines[4]
    assert "missed" not in lines[4]
