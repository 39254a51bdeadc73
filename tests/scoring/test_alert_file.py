"""The file of alerts overwrites nothing that is needed, and where it cannot be written, one line states why."""

import os
import re
from pathlib import Path

import polars as pl
import pytest

from fraud.errors import ConfigError, StoreError
from fraud.scoring.alert_file import check_out, write_alerts

ALERTS = pl.DataFrame(
    {"rank": [1], "transaction_id": ["=1+1"], "alert": [True], "reason_1": ["by 4111.1111.1111.1111"]}
)


def unwritable(folder: Path) -> dict[str, Path]:
    """Paths at which no file can be made."""
    (folder / "file").write_text("")
    (folder / "folder.csv").mkdir()
    return {
        "Not a directory": folder / "file" / "alerts.csv",
        "File name too long": folder / f"{'long' * 100}.parquet",
        "Is a directory": folder / "folder.csv",
    }


@pytest.mark.parametrize("reason", ["Not a directory", "File name too long", "Is a directory"])
def test_a_path_that_cannot_be_written_is_one_line_before_the_work_and_after_it(tmp_path: Path, reason: str) -> None:
    path = unwritable(tmp_path)[reason]
    left = sorted(tmp_path.rglob("*"))
    with pytest.raises(
        StoreError, match=rf"^{re.escape(str(path))}: cannot be written \({reason}\); give another path$"
    ):
        check_out(path, dumps=[], kept=[])
    with pytest.raises(StoreError, match="cannot be written"):
        write_alerts(ALERTS, path)
    assert sorted(tmp_path.rglob("*")) == left


@pytest.mark.parametrize("way", ["itself", "another spelling", "symbolic link", "hard link", "linked folder"])
def test_a_dump_is_not_overwritten_however_it_is_named(tmp_path: Path, way: str) -> None:
    dump = tmp_path / "in" / "dump.parquet"
    dump.parent.mkdir()
    dump.write_bytes(b"as it was")
    out = tmp_path / "alerts.parquet"
    if way == "symbolic link":
        out.symlink_to(dump)
    elif way == "hard link":
        os.link(dump, out)
    elif way == "linked folder":
        (tmp_path / "linked").symlink_to(dump.parent)
    named = {"itself": dump, "another spelling": tmp_path / "in" / ".." / "in" / "dump.parquet"}
    named["linked folder"] = tmp_path / "linked" / "dump.parquet"
    with pytest.raises(ConfigError, match=r"is the dump .*dump\.parquet, which would be lost"):
        check_out(named.get(way, out), dumps=[dump], kept=[])
    assert dump.read_bytes() == b"as it was"


def test_nothing_is_written_among_the_data_of_the_workspace(tmp_path: Path) -> None:
    kept = tmp_path / "data" / "store"
    with pytest.raises(ConfigError, match="where the workspace keeps its data"):
        check_out(tmp_path / "data" / "x" / ".." / "store" / "t" / "alerts.parquet", dumps=[], kept=[kept])
    check_out(tmp_path / "data" / "alerts.parquet", dumps=[], kept=[kept])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["alerts.csv", "new/folder/alerts.parquet", f"{'n' * 251}.csv"])
def test_a_new_file_passes_and_is_written_whole(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    check_out(path, dumps=[], kept=[tmp_path / "data"])
    assert list(tmp_path.iterdir()) == []
    write_alerts(ALERTS, path)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path]
    read = pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
    assert read["reason_1"].item() == "by 411111…1111"


def test_an_ending_without_a_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"must end in .csv or .parquet"):
        check_out(tmp_path / "alerts.xlsx", dumps=[], kept=[])
