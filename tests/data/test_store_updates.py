"""Transactions that come again: later labels, corrections, and what is never lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from fraud.config import ColumnsConfig, LabelsConfig, LabelSpec, TimeSpec
from fraud.data.merging import batches_without_overlap

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
    label_time=TimeSpec(column="told"),
    fraud_type="kind",
)
REPORTED_HEADER = "id,when,fraud,told,kind"


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
