"""scripts/benchmark.py on tiny inputs: every work, both sides, to the table."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import benchmark
import pytest
import torch
from bench import inputs, rounds
from bench.rounds import Run, alternate, bounded, compared, run_side
from bench.sizes import TINY, Sizes
from bench.works import WORKS, Setup
from tiny import command, side

PEERS = {
    "features": ("duckdb",),
    "pandas": ("pandas", "pyarrow"),
    "ingest": ("pandas", "pyarrow"),
    "scoring": ("lightgbm",),
}
"""What the other side of a work needs of the extra `bench`."""
ROWS = {"features": 2, "pandas": 2, "ingest": 3, "training": 2, "scoring": 2, "comparison": 2}
OUR_SIDES = (
    "bench.handbook_features:library",
    "bench.handbook_features:whole_table",
    "bench.ingestion:library",
    "bench.scoring:library",
    "bench.scoring:library_one_thread",
)
"""Ours in works whose other side needs the extra."""


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    """Tiny inputs, sides that run in this process, one round."""
    folder = tmp_path_factory.mktemp("bench")
    TINY.keep_in(folder)
    dumps = inputs.dumps_of(folder, [])
    inputs.transactions(folder, dumps)
    inputs.big_csv(folder)
    inputs.matrices(folder)()
    return Setup(folder=folder, dumps=dumps, progress=lambda _: None, rounds=1, side=side)


@pytest.fixture(autouse=True)
def this_process_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(benchmark, "keep_to", lambda _: None)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # the script removes it; monkeypatch brings back what was
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("name", sorted(WORKS.keys() - {"growth"}))  # growth runs below
def test_a_work_runs_to_its_rows(name: str, setup: Setup) -> None:
    for peer in PEERS.get(name, ()):
        pytest.importorskip(peer)
    rows = WORKS[name](replace(setup, command=command) if name == "memory" else setup)
    assert len(rows) == ROWS.get(name, 1)
    for row in rows:
        assert 0 < row.low == row.ratio == row.high  # of one round
        assert "0 M" not in row.work
        assert all(float(side.split()[0]) > 0 for side in (row.ours, row.theirs))
    shown = benchmark.table([{"at_least": None, **row.__dict__} for row in rows]).splitlines()
    assert len(shown) == len(rows) + 2


@pytest.mark.parametrize("entry", OUR_SIDES)
def test_our_side_runs_without_the_extra(entry: str, setup: Setup) -> None:
    assert run_side(entry, setup.folder).seconds > 0


def test_the_command_measures_in_processes_of_their_own_and_keeps_other_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "inputs"
    TINY.keep_in(folder)
    earlier = {"key": "memory", "work": "w", "against": "a", "ratio": 1.0, "low": 1.0, "high": 1.0}
    earlier |= {"at_least": 2.0, "unit": "x", "ours": "1 s", "theirs": "1 s", "data": "handbook"}
    (folder / "benchmarks.json").write_text(json.dumps([earlier]))
    benchmark.main(["--tiny", "--folder", str(folder), "--only", "growth", "--rounds", "1"])
    kept, *measured = json.loads((folder / "benchmarks.json").read_text())
    assert kept == earlier
    assert [row["work"].partition(" transactions")[0] for row in measured] == [
        "feature build in memory, 0.004 M",
        "feature build in memory, 0.008 M",
        "feature build on disk, 0.003 M rows in memory, 0.008 M",
    ]
    assert {(row["key"], row["data"]) for row in measured} == {("growth", "simulated like the handbook")}
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 2 + 4
    assert f"{measured[0]['ratio']:.3g} x of linear" in printed[3]


def test_an_unknown_work_names_the_known_ones(setup: Setup) -> None:
    with pytest.raises(SystemExit, match=r"unknown work 'speed'; known are features, .*, growth"):
        benchmark.main(["--tiny", "--folder", str(setup.folder), "--only", "speed"])


def test_inputs_of_other_sizes_are_not_used(setup: Setup) -> None:
    with pytest.raises(SystemExit, match="its inputs have other sizes"):
        benchmark.main(["--folder", str(setup.folder), "--only", "startup"])


def test_sizes_are_kept_beside_the_inputs(tmp_path: Path) -> None:
    assert Sizes.of(tmp_path) == Sizes()
    TINY.keep_in(tmp_path / "tiny")
    assert Sizes.of(tmp_path / "tiny") == TINY


def test_the_page_holds_the_figures_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, written = benchmark.PAGE, tmp_path / "speed.md"
    head, _, rest = page.read_text(encoding="utf-8").partition("<!-- measured:begin -->")
    written.write_text(
        f"{head}<!-- measured:begin --><!-- measured:end -->{rest.partition('<!-- measured:end -->')[2]}"
    )
    monkeypatch.setattr(benchmark, "PAGE", written)
    benchmark.main(["--write-page"])
    assert written.read_text(encoding="utf-8") == page.read_text(encoding="utf-8"), "run benchmark.py --write-page"


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

    def run(name: str) -> Run:
        order.append(name)
        return runs(1)[0]

    alternate([lambda: run("A"), lambda: run("B")], 3, lambda _: None)
    assert order == ["A", "B"] * 3


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_the_peak_of_a_command_is_that_of_its_largest_process() -> None:
    grows = "import time; held = bytearray(150 << 20); time.sleep(0.3)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grows!r}])"
    assert 0.14 < rounds.command([sys.executable, "-c", child])().peak_gib < 0.4


def test_a_command_that_fails_is_no_result() -> None:
    with pytest.raises(SystemExit, match="ended with 3"):
        rounds.command([sys.executable, "-c", "raise SystemExit(3)"])()


def test_new_figures_replace_the_old_ones_of_the_same_work(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.json"
    benchmark.keep([{"key": "a", "ratio": 1}, {"key": "b", "ratio": 2}], path)
    benchmark.keep([{"key": "a", "ratio": 3}], path)
    assert json.loads(path.read_text()) == [{"key": "b", "ratio": 2}, {"key": "a", "ratio": 3}]


def test_the_table_marks_what_is_missed() -> None:
    figures = {"low": 1.0, "high": 2.0, "unit": "x", "ours": "1 s", "theirs": "2 s", "against": "peer"}
    rows = [
        {"work": name, "ratio": 1.5, "at_least": target} | figures for name, target in (("a", 1), ("b", 9), ("c", None))
    ]
    lines = benchmark.table(rows).splitlines()
    assert " met " in lines[2]
    assert "**missed**" in lines[3]
    assert "met" not in lines[4]
    assert "missed" not in lines[4]
