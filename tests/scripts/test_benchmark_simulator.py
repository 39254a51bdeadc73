"""scripts/benchmark_simulator.py in a process of its own: it keeps to one core, which this one must not."""

import re
import subprocess
import sys

import polars as pl
import pytest
from bench.command_line import ROOT

from fraud.simulation import Simulation
from fraud.simulation.dumps import simulate


def test_both_presets_are_timed() -> None:
    words = [sys.executable, "scripts/benchmark_simulator.py", "--transactions", "20000", "--repeats", "1"]
    ended = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    handbook, rich = ended.stdout.splitlines()
    pattern = (
        r"(\w+): ([\d,]+) transactions in (\d+\.\d\d) s, \d+\.\d\d M a second "
        r"\(\d+\.\d\d M a second of the core's own time\), (\d+\.\d\d)% fraud, peak memory (\d+\.\d\d) GiB"
    )
    found = {match[1]: match for match in (re.fullmatch(pattern, line) for line in (handbook, rich)) if match}
    assert list(found) == ["handbook", "rich"]
    frame = pl.concat([month for _, month in simulate(Simulation().sized(20_000))])
    assert int(found["handbook"][2].replace(",", "")) == len(frame)
    assert float(found["handbook"][4]) == pytest.approx(100 * frame["TX_FRAUD"].mean(), abs=0.006)  # type: ignore[operator]
    assert int(found["rich"][2].replace(",", "")) == pytest.approx(20_000, rel=0.2)
