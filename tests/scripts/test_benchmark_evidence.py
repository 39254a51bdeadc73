"""scripts/benchmark_evidence.py on few small worlds: worlds as described, figures of them, a table."""

import re
from pathlib import Path

import benchmark_evidence
import numpy as np
import pytest
from bench.evidence_worlds import STRATEGIES, World, simulate

SMALL = World(alerts_per_day=3, frauds=40, seeds=2, folds=3)


def test_a_window_has_about_as_many_frauds_as_its_world_and_networks_of_each_strategy() -> None:
    rng = np.random.default_rng(0)
    windows = [simulate(SMALL, rng) for _ in range(40)]
    assert np.mean([window.y.sum() for window in windows]) == pytest.approx(40, rel=0.2)
    one = windows[0]
    assert one.logits.shape == (len(STRATEGIES), 2, one.y.size)
    assert np.unique(one.sampling.fold).tolist() == [0, 1, 2]
    assert one.logits[:, :, one.y].mean() > one.logits[:, :, ~one.y].mean() + 1


def test_frauds_of_a_burst_share_a_card_or_in_worlds_of_two_entities_a_terminal() -> None:
    rng = np.random.default_rng(1)
    shared = {}
    for entities in (1, 2):
        window = simulate(World(alerts_per_day=3, frauds=400, entities=entities, heavy=True), rng)
        ways = window.sampling.ways
        assert len(ways) == entities
        shared[entities] = [np.unique(way.codes[window.y]).size / window.y.sum() for way in ways]
    assert shared[1][0] < shared[2][0] < 0.8
    assert shared[2][1] < 0.6


def test_the_better_strategy_finds_more_and_the_equal_ones_do_not() -> None:
    rng = np.random.default_rng(2)
    windows = [benchmark_evidence.judged(World(alerts_per_day=5, frauds=60), rng) for _ in range(40)]
    truth = benchmark_evidence.truths(windows)
    assert truth["difference"] > 0.02
    twins = [one.twins.value for one in windows]
    assert abs(np.mean(twins)) < 3 * np.std(twins) / np.sqrt(len(twins))
    found = benchmark_evidence.shares_of(World(alerts_per_day=5, frauds=60), windows)
    assert min(found.coverage.values()) > 0.8
    assert found.false_winners <= 0.1


def test_a_line_a_world_and_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = (SMALL, World(alerts_per_day=1, frauds=10), World(alerts_per_day=3, frauds=20, entities=2, heavy=True))
    monkeypatch.setattr(benchmark_evidence, "GRID", grid)
    page = tmp_path / "evidence.md"
    page.write_text("before\n<!-- evidence:begin -->\n<!-- evidence:end -->\nafter\n")
    benchmark_evidence.main(["--worlds", "3", "--out", str(page)])
    printed = capsys.readouterr().out
    lines = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    assert [line.split(" | ")[0] for line in lines] == ["| entities", "| ---", "| 1", "| 1", "| 2, heavy tails"]
    assert all(line in printed for line in lines)
    assert re.search(r"3 worlds a line\. Mean coverage in %: recall \d+\.\d", page.read_text())
    benchmark_evidence.main(["--worlds", "2", "--only", "2, heavy"])
    assert len([line for line in capsys.readouterr().out.splitlines() if line.startswith("| 2")]) == 1
