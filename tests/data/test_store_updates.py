"""Transactions that come again: later labels, corrections, and what is never lost."""

from dataclasses import make_dataclass, replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from fraud.config import ColumnsConfig, LabelsConfig, LabelSpec, TimeSpec
from fraud.data.ingest import ingest_dumps
from fraud.data.mapping.columns import mapping_fingerprint
from fraud.data.store.row_hashes import batches_without_overlap
from fraud.data.store.table import TransactionStore
from fraud.workspace import Workspace

A, B, C = "a,2018-04-01,5,0,x", "b,2018-04-02,6,,y", "c,2018-04-03,7,1,x"


def counts(result):
    return result.new, result.updated, result.unchanged, result.corrected


def test_later_labels_update_earlier_rows(desk):
    desk.ingest(desk.csv(A, B))
    result = desk.ingest(desk.csv(A, "b,2018-04-02,6,1,y", C, name="later.csv"))
    assert counts(result) == (1, 1, 1, 0)
    assert desk.stored("transaction_id", "is_fraud").rows() == [("a", False), ("b", True), ("c", True)]
    updated = desk.store.scan().filter(transaction_id="b").collect()
    assert updated["label_time"][0] - updated["event_time"][0] == timedelta(days=7)
    assert updated["dump"][0] == result.dumps[0].sha256


def test_a_row_without_a_label_never_erases_one(desk):
    desk.ingest(desk.csv(A, C))
    before = desk.stored()
    assert counts(desk.ingest(desk.csv("a,2018-04-01,5,,x", "c,2018-04-03,7,,x", name="later.csv"))) == (0, 0, 2, 0)
    assert desk.stored().equals(before)


def test_a_correction_updates_the_row_and_is_counted_and_the_label_stays(desk):
    desk.ingest(desk.csv(A, C))
    result = desk.ingest(desk.csv("c,2018-04-04,8,,z", name="later.csv"))
    assert counts(result) == (0, 1, 0, 1)
    assert result.warnings == ("1 row stored before came again with other values than a label: corrected",)
    (row,) = desk.stored().filter(transaction_id="c").to_dicts()
    assert (row["amount"], row["card"], row["is_fraud"]) == (8.0, "z", True)
    assert row["label_time"] - row["event_time"] == timedelta(days=7)


REPORTED = ColumnsConfig(
    transaction_id="id",
    event_time=TimeSpec(column="when"),
    is_fraud=LabelSpec(column="fraud"),
    label_time=TimeSpec(column="reported"),
    fraud_type="kind",
)
REPORTED_HEADER = "id,when,fraud,reported,kind"


@pytest.mark.parametrize(
    ("stored", "again", "expected"),
    [
        ("0,2018-04-03,", "1,2018-04-09,theft", (True, 9, "theft")),
        ("1,2018-04-09,theft", "0,2018-04-03,", (True, 9, "theft")),
        ("1,2018-04-09,theft", "0,2018-04-19,", (False, 19, None)),
        ("1,2018-04-09,theft", "1,2018-04-19,", (True, 19, "theft")),
        ("1,2018-04-09,theft", ",,", (True, 9, "theft")),
        (",,", "1,2018-04-09,theft", (True, 9, "theft")),
    ],
)
def test_of_two_labels_the_one_known_later_stands(desk, stored, again, expected):
    for n, row in enumerate((stored, again)):
        desk.ingest(desk.csv(f"a,2018-04-01,{row}", name=f"{n}.csv", header=REPORTED_HEADER), columns=REPORTED)
    (row,) = desk.stored().to_dicts()
    assert (row["is_fraud"], row["label_time"].day, row["fraud_type"]) == expected


STALE, REPORT = "0,,", "1,2018-04-05,theft"
"""A genuine label whose time is only the usual one, of 30 days, and a fraud reported before that."""


def label_after(desk, *dumps):
    """Label, day of label_time and kind of fraud after the rows of these dumps, one dump after the other."""
    for n, rows in enumerate(dumps):
        path = desk.csv(*(f"a,{row}" for row in rows), name=f"{n}.csv", header=REPORTED_HEADER)
        result = desk.ingest(path, columns=REPORTED, labels=LabelsConfig(delay_days=30))
        assert result.rejected == 0
    (row,) = desk.stored().to_dicts()
    return row["is_fraud"], f"{row['label_time']:%m-%d}", row["fraud_type"]


@pytest.mark.parametrize("rows", [(STALE, REPORT), (REPORT, STALE), (STALE, REPORT, STALE), ("0,2018-04-03,", STALE)])
def test_a_usual_time_never_outranks_a_reported_label(desk, rows):
    expected = (True, "04-05", "theft") if REPORT in rows else (False, "04-03", None)
    dumps = [[f"2018-04-01,{row}"] for row in rows]
    assert label_after(desk, *dumps) == expected


@pytest.mark.parametrize("rows", [(STALE, REPORT), (REPORT, STALE)])
def test_a_usual_time_never_outranks_a_reported_fraud_inside_one_dump(desk, rows):
    assert label_after(desk, [f"2018-04-01,{row}" for row in rows]) == (True, "04-05", "theft")


def test_a_later_told_genuine_label_corrects_a_fraud_inside_one_dump_too(desk):
    rows = [f"2018-04-01,{row}" for row in (REPORT, STALE, "0,2018-04-20,")]
    assert label_after(desk, rows) == (False, "04-20", None)


def test_a_usual_time_moves_with_a_corrected_event_and_still_gives_way_to_a_report(desk):
    moved = ["2018-04-02,,,"]
    assert label_after(desk, [f"2018-04-01,{STALE}"], moved) == (False, "05-02", None)
    assert label_after(desk, [f"2018-04-01,{STALE}"], moved, [f"2018-04-02,{REPORT}"]) == (True, "04-05", "theft")


def test_rows_of_one_dump_that_differ_in_nothing_but_usual_times_contradict_each_other(desk):
    paths = [
        desk.csv(f"a,2018-04-01,{STALE}", f"a,2018-04-02,{STALE}", f"b,2018-04-02,{STALE}", header=REPORTED_HEADER)
    ]
    result = desk.ingest(*paths, columns=REPORTED, labels=LabelsConfig(delay_days=30))
    assert (result.new, result.rejected_by_rule) == (1, {"transaction_id_unique": 2})


def test_a_label_is_never_known_before_a_corrected_event(desk):
    for n, row in enumerate(("a,2018-04-01,1,2018-04-03,", "a,2018-04-08,,,")):
        desk.ingest(desk.csv(row, name=f"{n}.csv", header=REPORTED_HEADER), columns=REPORTED)
    (row,) = desk.stored().to_dicts()
    assert row["is_fraud"] is True
    assert row["label_time"] == row["event_time"] == datetime(2018, 4, 8, tzinfo=UTC)


def test_dumps_of_one_ingest_that_share_transactions_follow_each_other(desk):
    paths = [desk.csv(f"a,2018-04-01,{n},,x", f"n{n},2018-04-01,1,0,x", name=f"{n}.csv") for n in range(4)]
    result = desk.ingest(*paths)
    assert counts(result) == (5, 3, 0, 3)
    assert desk.stored().filter(transaction_id="a")["amount"].to_list() == [3.0]


def test_batches_are_as_few_as_the_order_allows(tmp_path):
    contents = ["ab", "cd", "bx", "ef", "xg", "a"]
    paths = []
    for n, content in enumerate(contents):
        paths.append(tmp_path / f"{n}.parquet")
        pl.DataFrame({"transaction_id": list(content)}).write_parquet(paths[-1])
    assert batches_without_overlap(paths) == [[0, 1], [2, 3], [4, 5]]


def test_another_mapping_reads_the_same_dump_anew(desk):
    path = desk.csv("a,2018-04-01,5,2,x", "b,2018-04-01,5,1,x")
    first = replace(desk.columns, is_fraud=LabelSpec(column="fraud", fraud=(1,), genuine=(2,)))
    second = replace(desk.columns, is_fraud=LabelSpec(column="fraud", fraud=(1,), unknown=(2,)))
    desk.ingest(path, columns=first)
    assert counts(desk.ingest(path, columns=second)) == (0, 0, 2, 0)  # a known label is not erased
    assert counts(desk.ingest(path, columns=second, labels=LabelsConfig(delay_days=9))) == (0, 1, 1, 0)
    assert len(desk.store.manifests()) == 1


def test_a_new_key_of_the_configuration_reads_no_dump_anew():
    older = make_dataclass("Older", ["column", ("unit", str, "s")])
    newer = make_dataclass("Newer", ["column", ("unit", str, "s"), ("quote", str, '"')])
    settings = [older("t"), newer("t"), older("t", unit="ms"), newer("t", quote="'"), older("u")]
    same, *fingerprints = [mapping_fingerprint(columns, LabelsConfig()) for columns in settings]
    assert [fingerprint == same for fingerprint in fingerprints] == [True, False, False, False]
    assert mapping_fingerprint(older("t"), LabelsConfig(delay_days=9)) != same


def test_what_does_not_fit_into_memory_is_merged_in_parts_with_the_same_result(desk, monkeypatch):
    old = [f"{n},2018-04-01,{n},,x" for n in range(40)]
    new = [*(f"{n},2018-04-01,{n},1,x" for n in range(10, 30)), *(f"{n},2018-04-01,{n},,x" for n in range(30, 50))]
    new += ["7,2018-04-01,7,,x", "7,2018-04-01,7,,x", "8,2018-04-01,1,,x", "8,2018-04-01,2,,x"]
    outcomes = []
    for name, hashes, identities in (("whole", 10**6, 10**6), ("parts", 7, 2)):
        monkeypatch.setattr("fraud.data.store.row_hashes.HASHES_AT_ONCE", hashes)
        for module in ("store.merge", "staging.duplicates"):
            monkeypatch.setattr(f"fraud.data.{module}.IDS_AT_ONCE", identities)
        workspace = Workspace(desk.folder / name)
        ingest_dumps(
            [desk.csv(*old, name="1.csv")], dataset="d", columns=desk.columns, labels=desk.labels, workspace=workspace
        )
        result = ingest_dumps(
            [desk.csv(*new, name="2.csv")], dataset="d", columns=desk.columns, labels=desk.labels, workspace=workspace
        )
        outcomes.append((result, TransactionStore(workspace.store("d")).scan().collect().sort("transaction_id")))
    (whole, rows), (parts, same_rows) = outcomes
    assert whole == parts
    assert (*counts(parts), parts.repeated, parts.rejected) == (10, 20, 11, 0, 1, 2)
    assert same_rows.equals(rows)
