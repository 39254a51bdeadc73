"""scripts/benchmark_scoring.py on a small world of each preset, its command in this process."""

import re
from pathlib import Path

import benchmark_scoring
import polars as pl
import pytest
from benchmark_scoring import ALERTS_A_DAY
from tiny import watch


@pytest.fixture(autouse=True)
def this_process_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark_scoring, "keep_to", lambda _: None)
    monkeypatch.setattr(benchmark_scoring, "watch", watch)


@pytest.mark.parametrize("preset", ["handbook", "rich"])
def test_a_line_a_repeat_of_the_same_dump(preset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--transactions", "3000", "--history", "5000", "--keep", str(tmp_path)]
    benchmark_scoring.main([*sizes, "--preset", preset, "--repeats", "2"])
    shape = (
        rf"{preset}: 3,000 transactions after 5,000 stored ones: \d+\.\d s on the clock, \d+\.\d s of the processor, "
        r"peak memory \d+\.\d\d GiB"
    )
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(preset)]
    assert len(lines) == 2
    assert all(re.fullmatch(shape, line) for line in lines), lines
    history, dump = (pl.read_parquet(tmp_path / name) for name in ("history.parquet", "new.parquet"))
    assert len(dump) == 3_000
    time = "TX_DATETIME" if preset == "handbook" else "EVENT_TIME"
    assert history[time].max() <= dump[time].min()  # type: ignore[operator]
    alerts = pl.read_csv(tmp_path / "alerts.csv")
    a_day = alerts.group_by(pl.col("event_time").str.slice(0, 10)).len()["len"]
    assert 0 < a_day.max() <= ALERTS_A_DAY  # type: ignore[operator]
