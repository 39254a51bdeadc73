"""scripts/benchmark_scale.py on a few thousand transactions, its stages in this process."""

import json
import re
from pathlib import Path

import benchmark_scale
import polars as pl
import pytest
from benchmark_scale import ALL_DAYS, FIRST_DAYS, STAGES
from tiny import watch

TRANSACTIONS = 6_000


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a benchmark of all stages."""
    folder = tmp_path_factory.mktemp("scale")
    words = [str(TRANSACTIONS), "--jobs", "1", "--steps", "10", "--folder", str(folder)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(benchmark_scale, "watch", watch)
        patched.setattr("fraud.evaluation.judging.ABOVE_CHANCE", 2.0)  # ten steps show nothing
        patched.setattr("fraud.stages.run_folder.render_report", lambda folder: folder / "report.html")
        benchmark_scale.main(words)
    return folder / str(TRANSACTIONS)


def test_every_stage_is_measured(measured: Path) -> None:
    settings = json.loads((measured / "scale.json").read_text())
    assert settings["transactions"] == TRANSACTIONS
    assert settings["strategies"] == "none"
    assert settings["machine"]["memory_gib"] > 0
    stages = {stage["stage"]: stage for stage in settings["stages"]}
    assert tuple(stages) == STAGES
    for stage in stages.values():
        assert stage["seconds"] > 0
        assert stage["seconds_per_million"] == pytest.approx(1e6 * stage["seconds"] / stage["transactions"], rel=0.1)
        assert 0 <= stage["disk_gib"] <= stage["disk_peak_gib"]
    disk = [stages[name]["disk_gib"] for name in STAGES]
    assert disk == sorted(disk)  # a stage only adds


def test_the_stages_share_out_the_dumps(measured: Path) -> None:
    *stored, last = (pl.read_parquet(path) for path in sorted((measured / "dumps").glob("*.parquet")))
    rows = sum(map(len, stored))
    assert rows / (rows + len(last)) == pytest.approx(FIRST_DAYS / ALL_DAYS, abs=0.02)
    assert rows == pytest.approx(TRANSACTIONS, rel=0.5)  # so few customers make a rough number
    scored = pl.read_parquet(measured / "alerts.parquet")
    assert sorted(scored["transaction_id"]) == sorted(last["TRANSACTION_ID"].cast(pl.String))


def test_a_stage_measured_again_replaces_its_own_figures_alone(
    measured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(benchmark_scale, "watch", watch)
    earlier = json.loads((measured / "scale.json").read_text())
    out = tmp_path / "scale.json"
    out.write_text(json.dumps(earlier))
    words = [str(TRANSACTIONS), "--stages", "prepare", "--folder", str(measured.parent), "--out", str(out)]
    benchmark_scale.main(words)
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("prepare  "))
    shape = r"prepare +0\.01 M +\d+\.\d s +\d+\.\d\d s/M +\d+\.\d core s   peak +\d+\.\d\d GiB \(own .*\)   disk .* GiB"
    assert re.match(shape, line), line
    found = json.loads(out.read_text())["stages"]
    kept = [stage for stage in found if stage["stage"] != "prepare"]
    assert kept == [stage for stage in earlier["stages"] if stage["stage"] != "prepare"]
    assert [stage["stage"] for stage in found] == list(STAGES)
