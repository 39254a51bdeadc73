"""The store: the same dump twice changes nothing, later labels arrive, every version stays."""

import json
import multiprocessing
import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from fraud.config import ColumnsConfig, LabelsConfig
from fraud.data.ingest import ingest_dumps
from fraud.data.store import commit as commits
from fraud.data.store import merge as merging
from fraud.data.store.manifests import manifests_from_json, manifests_to_json
from fraud.data.store.merge import merge_rows
from fraud.data.store.table import TransactionStore
from fraud.errors import StoreError
from fraud.workspace import Workspace

A, B, C = "a,2018-04-01,5,0,x", "b,2018-04-02,6,,y", "c,2018-04-03,7,1,x"
CANONICAL = ["transaction_id", "event_time", "amount", "is_fraud", "label_time", "card", "dump", "dump_row"]


def counts(result):
    return result.new, result.updated, result.unchanged, result.corrected


def test_the_stored_columns_are_the_canonical_ones(desk):
    desk.ingest(desk.csv(A, B, C))
    schema = desk.store.scan().collect_schema()
    assert schema.names() == CANONICAL
    utc = pl.Datetime("us", "UTC")
    assert schema.dtypes() == [pl.String, utc, pl.Float64, pl.Boolean, utc, pl.String, pl.String, pl.Int64]


def test_the_same_dump_twice_changes_nothing_and_says_so(desk):
    path = desk.csv(A, B, C)
    first = desk.ingest(path)
    assert (
        first.sentence() == "small: 1 dump, 3 transactions: 3 new, 0 updated, 0 unchanged, 0 rejected (store version 0)"
    )
    before = desk.store.scan().collect()
    again = desk.ingest(path)
    assert counts(again) == (0, 0, 3, 0)
    assert again.sentence() == "small: nothing new: this dump is already stored (store version 0)"
    assert desk.store.version == 0
    assert desk.store.scan().collect().equals(before)
    assert again.dumps == first.dumps


def test_a_copy_of_a_dump_in_one_ingest_counts_once(desk):
    path = desk.csv(A, B)
    copy = desk.write("copy.csv", path.read_bytes())
    result = desk.ingest(path, copy)
    assert (counts(result), len(result.dumps)) == ((2, 0, 0, 0), 1)


def test_equal_content_in_another_file_is_unchanged(desk):
    desk.ingest(desk.csv(A, B, C))
    before = desk.stored()
    assert counts(desk.ingest(desk.csv(C, A, B, name="other.csv"))) == (0, 0, 3, 0)
    assert desk.stored().equals(before)
    assert [manifest.file for manifest in desk.store.manifests()] == ["dump.csv", "other.csv"]


def test_dumps_without_common_transactions_are_one_version(desk):
    result = desk.ingest(desk.csv(A, name="1.csv"), desk.csv(B, name="2.csv"), desk.csv(C, name="3.csv"))
    assert (result.new, result.store_version) == (3, 0)
    assert [manifest.file for manifest in result.dumps] == ["1.csv", "2.csv", "3.csv"]


def test_dumps_that_share_transactions_are_one_version_too_and_the_later_has_the_later_word(desk):
    dumps = [
        desk.csv("a,2018-04-01,1,0,x", "b,2018-04-01,2,0,x", name="1.csv"),
        desk.csv("b,2018-04-01,3,1,y", "c,2018-04-02,4,0,x", name="2.csv"),
        desk.csv("c,2018-04-02,5,,z", "a,2018-04-01,1,0,x", name="3.csv"),
    ]
    result = desk.ingest(*dumps)
    assert (result.new, result.updated, result.unchanged, result.store_version) == (3, 2, 1, 0)
    assert desk.stored("transaction_id", "amount", "is_fraud", "card").rows() == [
        ("a", 1.0, False, "x"),
        ("b", 3.0, True, "y"),
        ("c", 5.0, False, "z"),
    ]
    once = desk.stored()
    desk.workspace = Workspace(desk.folder / "one by one")
    for dump in dumps:
        desk.ingest(dump)
    assert desk.stored().equals(once)


def test_an_ingest_that_dies_between_its_dumps_leaves_none_of_them(desk, monkeypatch):
    desk.ingest(desk.csv("a,2018-04-01,1,0,x", name="0.csv"))
    before = desk.stored()
    dumps = [desk.csv(f"a,2018-04-01,{n},0,x", f"n{n},2018-04-02,2,0,x", name=f"{n}.csv") for n in (2, 3)]
    merged = []

    def dying(*arguments, **settings):
        merged.append(merge_rows(*arguments, **settings))
        if len(merged) == 2:
            raise KeyboardInterrupt
        return merged[-1]

    monkeypatch.setattr(merging, "merge_rows", dying)
    with pytest.raises(KeyboardInterrupt):
        desk.ingest(*dumps)
    assert (desk.store.version, desk.stored().equals(before)) == (0, True)
    monkeypatch.undo()
    assert desk.ingest(*dumps).new == 2
    assert (desk.store.version, desk.stored()["amount"].to_list()) == (1, [3.0, 2.0, 2.0])


def test_what_was_said_of_a_dump_is_kept_with_it_in_one_commit(desk):
    first = desk.ingest(desk.csv("a,2018-04-01,1,0,x", ",2018-04-01,1,0,x", name="1.csv"))
    assert first.warnings == ("1 row broke the contract: see the quarantine",)
    second = desk.ingest(desk.csv("a,2018-04-01,9,0,x", "b,2018-04-02,2,0,x", name="2.csv"))
    assert len(second.warnings) == 2
    assert desk.store.warnings() == (*first.warnings, *second.warnings)
    assert desk.store.warnings(after=0) == second.warnings
    again = desk.ingest(desk.folder / "2.csv")
    assert (again.warnings, again.earlier) == ((), second.warnings)
    assert first.earlier == second.earlier == ()


def test_an_earlier_version_stays_readable(desk):
    desk.ingest(desk.csv(A, B))
    version, before = desk.store.version, desk.store.scan().collect().sort("transaction_id")
    desk.ingest(desk.csv("b,2018-04-02,6,1,y", C, name="later.csv"))
    assert desk.store.version == version + 1
    assert desk.store.scan(version).collect().sort("transaction_id").equals(before)
    assert [len(desk.store.manifests(v)) for v in (version, version + 1)] == [1, 2]


def test_only_files_with_changed_rows_are_written_anew(desk):
    for n, row in enumerate((A, B, C)):
        desk.ingest(desk.csv(row, name=f"{n}.csv"))
    before = set(desk.folder_of_table.glob("*.parquet"))
    desk.ingest(desk.csv("b,2018-04-02,6,1,y", name="later.csv"))
    added = set(desk.folder_of_table.glob("*.parquet")) - before
    assert [pl.read_parquet(path)["transaction_id"].to_list() for path in added] == [["b"]]
    assert desk.store.scan().select(pl.len()).collect().item() == 3


def test_manifests_tell_what_was_in_the_dumps(desk):
    desk.ingest(desk.csv(A, B, C, "d,,1,0,x"))
    (manifest,) = desk.store.manifests()
    assert (manifest.file, manifest.rows, manifest.rejected, manifest.labelled, manifest.frauds) == (
        "dump.csv",
        4,
        1,
        2,
        1,
    )
    assert (manifest.first_event, manifest.last_event) == (
        datetime(2018, 4, 1, tzinfo=UTC),
        datetime(2018, 4, 3, tzinfo=UTC),
    )
    assert manifest.rejected_by_rule == {"event_time_present": 1}
    assert len(manifest.sha256) == 64


def test_other_columns_than_the_stored_ones_are_refused(desk):
    path = desk.csv(A)
    desk.ingest(path)
    columns = replace(desk.columns, amount=None, ignore=("amount",))
    with pytest.raises(
        StoreError, match=r"stored with the columns transaction_id, .*amount.*, but \[columns\] now gives"
    ):
        desk.ingest(path, columns=columns)


def test_another_type_of_a_stored_column_is_refused(desk):
    desk.ingest(desk.csv(A))
    columns = replace(desk.columns, entities={}, numeric=("card",))
    with pytest.raises(StoreError, match="other in card; use the mapping it was made with"):
        desk.ingest(desk.csv("d,2018-04-01,5,0,7", name="d.csv"), columns=columns)


def test_a_dump_all_in_quarantine_makes_an_empty_store_of_the_right_columns(desk):
    result = desk.ingest(desk.csv("a,,5,0,x"))
    assert (counts(result), result.rejected) == ((0, 0, 0, 0), 1)
    assert desk.store.scan().collect_schema().names() == CANONICAL
    assert desk.store.last_event() is None
    assert desk.ingest(desk.csv(A, name="good.csv")).new == 1


def test_an_unknown_dataset_has_nothing_to_scan(tmp_path):
    store = TransactionStore(Workspace(tmp_path).store("none"))
    assert not store.exists
    assert store.manifests() == []
    with pytest.raises(StoreError, match="no transactions are stored here; ingest a dump first"):
        store.scan()


def test_a_version_that_is_not_there_is_refused_in_one_line(desk):
    desk.ingest(desk.csv(A))
    with pytest.raises(StoreError) as caught:
        desk.store.scan(7)
    assert "\n" not in str(caught.value)


def test_a_damaged_log_is_refused_in_one_line(desk):
    desk.ingest(desk.csv(A))
    next((desk.folder_of_table / "_delta_log").glob("*.json")).write_text("garbage")
    with pytest.raises(StoreError, match="the store cannot be read or written") as caught:
        desk.ingest(desk.csv(B, name="b.csv"))
    assert "\n" not in str(caught.value)


def test_statistics_in_the_log_never_hide_a_row(desk):
    moments = ["2018-04-01 00:00:00.000001", "2018-04-01 23:59:59.999999"]
    desk.ingest(desk.csv(*(f"{n},{moment},1,0,x" for n, moment in enumerate(moments))))
    first, last = desk.stored("event_time")["event_time"]
    for hit in (pl.col("event_time") == first, pl.col("event_time") == last, pl.col("event_time") >= last):
        assert desk.store.scan().filter(hit).collect().height == 1
    assert desk.store.scan().filter(pl.col("event_time") > last).collect().height == 0


def test_of_two_ingests_at_the_same_time_one_wins_and_nothing_comes_twice(desk):
    desk.ingest(desk.csv("z,2018-04-01,5,0,x", name="first.csv"))
    paths = [desk.csv(A, B, f"n{n},2018-04-01,5,0,x", name=f"{n}.csv") for n in range(4)]

    def attempt(path: Path) -> int | StoreError:
        try:
            return desk.ingest(path).new
        except StoreError as error:
            return error

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, paths))
    errors = [outcome for outcome in outcomes if isinstance(outcome, StoreError)]
    assert all(
        "another ingest changed the store at the same time; run this one again" in str(error) for error in errors
    )
    ids = desk.stored("transaction_id")["transaction_id"]
    assert ids.is_unique().all()
    assert len(ids) == 1 + sum(outcome for outcome in outcomes if isinstance(outcome, int))
    assert len(list(desk.folder_of_table.glob("*.parquet"))) >= 1


def test_a_failed_commit_leaves_no_file_behind(desk, monkeypatch):
    desk.ingest(desk.csv(A))
    before = set(desk.folder_of_table.rglob("*"))
    monkeypatch.setattr(
        commits, "_add_action", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(StoreError, match="No space left on device"):
        desk.ingest(desk.csv(B, name="b.csv"))
    assert set(desk.folder_of_table.rglob("*")) == before


def _ingest_and_die(folder: Path, path: Path, columns: ColumnsConfig) -> None:
    commits._add_action = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    ingest_dumps([path], dataset="small", columns=columns, labels=LabelsConfig(), workspace=Workspace(folder))


def test_an_ingest_killed_before_its_commit_has_not_happened(desk):
    desk.ingest(desk.csv(A))
    before = desk.stored()
    path = desk.csv("a,2018-04-01,5,1,x", B, name="b.csv")
    process = multiprocessing.get_context("spawn").Process(
        target=_ingest_and_die, args=(desk.workspace.root, path, desk.columns)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert desk.stored().equals(before)
    assert len(desk.store.manifests()) == 1
    assert counts(desk.ingest(path)) == (1, 1, 0, 0)


def test_what_a_killed_ingest_left_is_cleared_away_after_a_day(desk):
    desk.ingest(desk.csv(A))
    fresh, stale = (desk.folder_of_table.parent / f".ingest-{name}" for name in ("fresh", "stale"))
    for folder in (fresh, stale):
        folder.mkdir()
    os.utime(stale, (0, 0))
    desk.ingest(desk.csv(B, name="b.csv"))
    assert fresh.exists()
    assert not stale.exists()


def test_progress_is_told_in_short_sentences_and_the_result_is_left_to_the_caller(desk):
    lines: list[str] = []
    path = desk.csv(A, B)
    ingest_dumps(
        [path],
        dataset="small",
        columns=desk.columns,
        labels=desk.labels,
        workspace=desk.workspace,
        progress=lines.append,
    )
    assert lines[0] == "reading dump.csv (1 of 1)"
    assert lines[1] == "dump.csv: 2 rows, 0 rejected"
    assert lines[2:] == ["storing 2 rows"]


def test_the_manifests_are_plain_json_in_the_commit(desk):
    desk.ingest(desk.csv(A))
    lines = (desk.folder_of_table / "_delta_log" / f"{0:020}.json").read_text().splitlines()
    commit = next(json.loads(line)["commitInfo"] for line in lines if "commitInfo" in line)
    assert json.loads(commit["fraud.manifests"])[0]["file"] == "dump.csv"


def test_a_version_that_was_reached_another_way_has_other_contents(desk):
    """A copy brought back that then took another dump has the same number of versions."""
    desk.ingest(desk.csv(A))
    first, folder = desk.store.contents(0), desk.workspace.store("small")
    shutil.copytree(folder, desk.folder / "copy")
    desk.ingest(desk.csv(B, name="b.csv"))
    second = desk.store.contents(1)
    shutil.rmtree(folder)
    (desk.folder / "copy").rename(folder)
    assert desk.store.contents(0) == first
    desk.ingest(desk.csv(C, name="c.csv"))
    assert desk.store.version == 1
    assert len({first, second, desk.store.contents(1)}) == 3


def test_manifests_of_an_older_store_are_read(desk, small_csv):
    (manifest,) = desk.ingest(small_csv).dumps
    written = manifests_to_json([manifest]).replace('"first_known"', '"first_told"')
    assert manifests_from_json(written) == [manifest]
