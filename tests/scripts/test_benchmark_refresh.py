"""scripts/benchmark_refresh.py on two small months: both builds give one table."""

import re
from pathlib import Path

import benchmark_refresh
import polars as pl
import pytest
from bench.command_line import CONFIGS
from bench.timing import Usage

from fraud.features import FeatureTable
from fraud.simulation import Simulation, write_dumps


@pytest.fixture(scope="module")
def arguments(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("refresh")
    dumps = write_dumps(folder, Simulation(days=50, customers=20, terminals=12))
    return [str(CONFIGS / "handbook.toml"), *map(str, dumps), "--repeats", "1"]


def test_the_refreshed_table_is_the_whole_one(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark_refresh.main(arguments) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = re.fullmatch(
        r"whole (\d+\.\d\d) s, new month (\d+\.\d\d) s of processor time: ratio (\d+\.\d\d); equal: True", line
    )
    assert found, line
    assert float(found[1]) > 0


def test_tables_that_differ_end_the_command_with_1(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Different:
        def __init__(self, folder: Path) -> None:
            self.name = folder.name

        def read(self) -> pl.DataFrame:
            return pl.DataFrame({"name": [self.name]})

    def build(_store: object, folder: Path, *_: object) -> tuple[FeatureTable, Usage]:
        return Different(folder), Usage(seconds=1.0, core_seconds=1.0)  # type: ignore[return-value]

    monkeypatch.setattr(benchmark_refresh, "build", build)
    assert benchmark_refresh.main(arguments) == 1
    assert "equal: False" in capsys.readouterr().out
