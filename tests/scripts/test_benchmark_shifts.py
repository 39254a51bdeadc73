"""scripts/benchmark_shifts.py on a small world: one row a shift, and when the network holds."""

import json
from pathlib import Path

import benchmark_shifts
import pytest
from bench.shifts import MARGIN

MODEL = "hist-gradient-boosting"


def test_a_row_a_shift(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "shifts.json"
    shifts = ["no shift", "amounts"]
    words = ["--shifts", *shifts, "--seeds", "1", "--models", MODEL, "--customers", "60", "--out", str(out)]
    benchmark_shifts.main(words)
    heading, rule, *lines = capsys.readouterr().out.splitlines()
    assert heading == f"| shift | network | {MODEL} | network less best |  |"
    assert set(rule) == set("| -")
    rows = json.loads(out.read_text())
    assert [row["shift"] for row in rows] == shifts
    assert lines == [f"| {' | '.join(benchmark_shifts.cells(row))} |" for row in rows]
    for row in rows:
        assert 0 < row["network"] < 1
        assert 0 < row[MODEL] < 1
        assert row["difference"] == pytest.approx(row["network"] - row[MODEL])


@pytest.mark.parametrize(("difference", "verdict"), [(-MARGIN - 0.001, "falls"), (-MARGIN + 0.001, "holds")])
def test_the_network_holds_within_the_margin(difference: float, verdict: str) -> None:
    row = {"shift": "hours", "network": 0.5, MODEL: 0.5 - difference, "difference": difference}
    assert list(benchmark_shifts.cells(row)) == [
        "hours",
        "0.500",
        f"{0.5 - difference:.3f}",
        f"{difference:+.3f}",
        verdict,
    ]
