"""Dumps of labels alone."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from fraud.config import ColumnsConfig, LabelsConfig, LabelSpec, TimeSpec
from fraud.data.ingest import ingest_dumps
from fraud.data.store.table import TransactionStore
from fraud.errors import DumpError
from fraud.workspace import Workspace

A, B, C = "a,2018-04-01,5,0,x", "b,2018-04-02,6,,y", "c,2018-04-03,7,1,x"
REPORTED = ColumnsConfig(
    transaction_id="id",
    event_time=TimeSpec(column="when"),
    amount="amount",
    is_fraud=LabelSpec(column="fraud"),
    label_time=TimeSpec(column="reported"),
    fraud_type="kind",
    entities={"card": "card"},
)


def counts(result):
    return result.new, result.updated, result.unchanged, result.rejected


def test_late_labels_update_their_transactions_and_nothing_else(desk):
    desk.ingest(desk.csv(A, B))
    before = desk.stored("event_time", "amount", "card")
    result = desk.ingest(desk.csv("b,1", name="labels.csv", header="id,fraud"))
    assert counts(result) == (0, 1, 0, 0)
    assert (result.corrected, result.warnings) == (0, ())
    assert desk.stored("transaction_id", "is_fraud").rows() == [("a", False), ("b", True)]
    assert desk.stored("event_time", "amount", "card").equals(before)
    assert (desk.stored("label_time") - desk.stored("event_time"))["label_time"].dt.total_days().to_list() == [7, 7]


def test_the_same_labels_twice_change_nothing(desk):
    desk.ingest(desk.csv(A, B))
    path = desk.csv("b,1", "a,0", name="labels.csv", header="id,fraud")
    desk.ingest(path)
    before = desk.store.version, desk.store.scan().collect()
    assert counts(desk.ingest(path)) == (0, 0, 2, 0)
    assert desk.store.version == before[0]
    again = desk.csv("a,0", "b,1", name="again.csv", header="id,fraud")
    assert counts(desk.ingest(again)) == (0, 0, 2, 0)
    assert desk.store.scan().collect().sort("transaction_id").equals(before[1].sort("transaction_id"))


def test_unknown_transactions_are_counted_named_and_put_aside(desk):
    desk.ingest(desk.csv(A, B))
    path = desk.csv("b,1", *(f"n{n},1" for n in range(5)), name="labels.csv", header="id,fraud")
    result = desk.ingest(path)
    assert counts(result) == (0, 1, 0, 5)
    assert result.rejected_by_rule == {"transaction_id_known": 5}
    assert "5 of 6 labels are of transactions that are not stored ('n0', 'n1', 'n2', ...)" in " ".join(result.warnings)
    assert desk.quarantined()["id"].to_list() == [f"n{n}" for n in range(5)]
    assert (desk.store.version, desk.stored().height) == (1, 2)


def test_labels_of_unknown_transactions_count_once_those_are_stored_and_the_dump_comes_again(desk):
    desk.ingest(desk.csv(A))
    path = desk.csv("a,0", "c,0", "b,1", name="labels.csv", header="id,fraud")
    desk.ingest(path)
    version = desk.store.version
    assert "2 of 3 labels" in " ".join(desk.ingest(path).warnings)
    assert desk.store.version == version
    desk.ingest(desk.csv(B, name="later.csv"))
    result = desk.ingest(path)
    assert counts(result) == (0, 1, 1, 1)
    assert desk.stored("transaction_id", "is_fraud").rows() == [("a", False), ("b", True)]
    assert desk.quarantined()["id"].to_list() == ["c"]
    desk.ingest(desk.csv(C, name="last.csv"))
    assert counts(desk.ingest(path)) == (0, 1, 2, 0)
    assert not list(desk.workspace.quarantine("small").glob("*.parquet"))


def test_a_dump_of_unknown_transactions_alone_is_refused(desk):
    desk.ingest(desk.csv(A, B))
    with pytest.raises(DumpError, match=r"none of its 2 transactions is stored, found 'y', 'z'; ingest"):
        desk.ingest(desk.csv("y,1", "z,0", name="labels.csv", header="id,fraud"))
    assert desk.store.version == 0
    assert not desk.workspace.quarantine("small").exists()


def test_labels_before_any_transaction_are_refused(desk):
    with pytest.raises(DumpError, match="none of its 1 transactions is stored"):
        desk.ingest(desk.csv("a,1", name="labels.csv", header="id,fraud"))
    assert not desk.store.exists


def test_labels_and_their_transactions_may_come_in_one_ingest_in_any_order(desk):
    labels = desk.csv("b,1", "c,0", name="a_labels.csv", header="id,fraud")
    result = desk.ingest(labels, desk.csv(A, B, "c,2018-04-03,7,,x", name="z.csv"))
    assert (result.new, result.updated, result.rejected) == (3, 2, 0)
    assert desk.stored("is_fraud")["is_fraud"].to_list() == [False, True, False]


def test_some_other_columns_make_a_broken_dump_of_transactions(desk):
    desk.ingest(desk.csv(A, B))
    with pytest.raises(DumpError, match="column 'when' is missing"):
        desk.ingest(desk.csv("b,1,6", name="labels.csv", header="id,fraud,amount"))
    assert desk.store.version == 0


def test_a_column_without_a_role_is_ignored_and_named(desk):
    desk.ingest(desk.csv(A, B))
    result = desk.ingest(desk.csv("b,1,anna", name="labels.csv", header="id,fraud,analyst"))
    assert result.updated == 1
    assert "no role in [columns] and so ignored: analyst" in result.warnings[0]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_contradicting_labels_the_one_told_later_stands_within_a_dump_and_between_dumps(desk, order):
    rows = ("a,1,2018-04-09,theft", "a,0,2018-04-19,")
    desk.ingest(desk.csv("a,2018-04-01,5,,x,,", header="id,when,amount,fraud,card,reported,kind"), columns=REPORTED)
    within = desk.csv(*(rows[n] for n in order), name="both.csv", header="id,fraud,reported,kind")
    assert desk.ingest(within, columns=REPORTED).repeated == 1
    assert desk.stored("is_fraud", "fraud_type").rows() == [(False, None)]
    for n in order:
        path = desk.csv(rows[n], name=f"{n}.csv", header="id,fraud,reported,kind")
        desk.ingest(path, columns=REPORTED)
    assert desk.stored("is_fraud", "fraud_type").rows() == [(False, None)]


def test_contradictions_that_nothing_decides_are_put_aside(desk):
    desk.ingest(desk.csv(A, B))
    result = desk.ingest(desk.csv("b,1", "b,0", "a,0", name="labels.csv", header="id,fraud"))
    assert result.rejected_by_rule == {"transaction_id_unique": 2}
    assert desk.stored("is_fraud")["is_fraud"].to_list() == [False, None]


def test_a_report_from_before_the_event_is_put_aside(desk):
    desk.ingest(desk.csv("a,2018-04-05,5,,x,,", header="id,when,amount,fraud,card,reported,kind"), columns=REPORTED)
    path = desk.csv("a,1,2018-04-02", name="labels.csv", header="id,fraud,reported")
    assert desk.ingest(path, columns=REPORTED).rejected_by_rule == {"label_time_not_before_event_time": 1}
    assert desk.stored("is_fraud")["is_fraud"].to_list() == [None]


def test_a_label_that_cannot_be_read_is_refused(desk):
    desk.ingest(desk.csv(A, B))
    with pytest.raises(DumpError, match="row 2: is_fraud is 'perhaps', expected 1"):
        desk.ingest(desk.csv("b,1", "a,perhaps", name="labels.csv", header="id,fraud"))
    assert desk.store.version == 0


def test_labels_find_transactions_whose_time_is_the_order_of_rows(desk):
    columns = replace(desk.columns, event_time=TimeSpec())
    desk.ingest(desk.csv("a,5,,x", "b,6,,y", header="id,amount,fraud,card"), columns=columns)
    before = desk.stored("event_time")
    desk.ingest(desk.csv("b,1", name="labels.csv", header="id,fraud"), columns=columns)
    assert desk.stored("is_fraud")["is_fraud"].to_list() == [None, True]
    assert desk.stored("event_time").equals(before)


def test_where_a_transaction_has_no_other_columns_it_is_no_label(desk):
    columns = ColumnsConfig(transaction_id="id", event_time=TimeSpec(), is_fraud=LabelSpec(column="fraud"))
    assert desk.ingest(desk.csv("a,1", "b,0", header="id,fraud"), columns=columns).new == 2


@pytest.mark.parametrize("suffix", ["parquet", "ndjson"])
def test_other_formats_carry_labels_too(desk, suffix):
    desk.ingest(desk.csv(A, B))
    frame, path = pl.DataFrame({"id": ["b"], "fraud": [1]}), desk.folder / f"labels.{suffix}"
    frame.write_parquet(path) if suffix == "parquet" else frame.write_ndjson(path)
    assert desk.ingest(path).updated == 1


def test_a_default_time_is_the_usual_one_where_the_dump_tells_none(desk):
    desk.ingest(
        desk.csv("a,2018-04-01,5,,x,,", header="id,when,amount,fraud,card,reported,kind"),
        columns=REPORTED,
        labels=LabelsConfig(delay_days=3),
    )
    path = desk.csv("a,0", name="labels.csv", header="id,fraud")
    desk.ingest(path, columns=REPORTED, labels=LabelsConfig(delay_days=3))
    (row,) = desk.stored().to_dicts()
    assert (row["is_fraud"], (row["label_time"] - row["event_time"]).days) == (False, 3)


LABEL = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["a", "b", "c", "unknown"]),
        "fraud": st.sampled_from(["0", "1", ""]),
        "reported": st.sampled_from(["2018-04-05", "2018-04-09", ""]),
        "kind": st.sampled_from(["theft", ""]),
    }
)
STORED = {"a": ("2018-04-01", "", ""), "b": ("2018-04-02", "0", ""), "c": ("2018-04-03", "1", "2018-04-06")}
QUICK = examples(12)  # each of them is several ingests


def content_after(*dumps: list[dict[str, str]]) -> pl.DataFrame:
    """What is stored after three transactions and these dumps, whoever brought it."""
    transactions = [
        {"id": name, "when": when, "amount": "5", "fraud": fraud, "card": "x", "reported": reported, "kind": ""}
        for name, (when, fraud, reported) in STORED.items()
    ]
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        for number, rows in enumerate([transactions, *dumps]):
            path = Path(folder) / f"{number}.csv"
            pl.DataFrame(rows).with_row_index("of the file").write_csv(path)
            ingest_dumps([path], dataset="d", columns=REPORTED, labels=LabelsConfig(), workspace=workspace)
        stored = TransactionStore(workspace.store("d")).scan().drop("dump", "dump_row").collect()
    return stored.sort("transaction_id")


def known_first(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """With one label that is known, as a dump of unknown ones alone is refused; and that says nothing."""
    return [{"id": "a", "fraud": "", "reported": "", "kind": ""}, *rows]


@QUICK
@given(st.lists(LABEL, min_size=1, max_size=6), st.randoms())
def test_the_same_labels_again_in_any_order_change_nothing(rows, random):
    again = random.sample(rows, len(rows))
    once = content_after(known_first(rows))
    assert_frame_equal(once, content_after(known_first(rows), known_first(again)))


@QUICK
@given(st.lists(LABEL.filter(lambda label: label["id"] != "unknown"), min_size=1, max_size=4))
def test_labels_alone_do_what_whole_rows_with_these_labels_would(rows):
    whole = [{**label, "when": STORED[label["id"]][0], "amount": "5", "card": "x"} for label in rows]
    assert_frame_equal(content_after(rows), content_after(whole))


def test_a_label_time_long_after_every_event_is_named_in_one_line_and_stored_as_it_came(desk):
    settings = {"columns": REPORTED}
    header = "id,when,amount,fraud,kind,card,reported"
    rows = ("a,2018-04-01,5,1,k,x,2018-04-02", "b,2018-04-02,6,1,k,y,9999-12-31", "c,2018-04-03,7,0,,x,")
    warnings = desk.ingest(desk.csv(*rows, header=header), **settings).warnings
    assert warnings == (
        "dump.csv: label_time of 1 label is more than a year after the last event (2018-04-03), first in row 2: "
        "9999-12-31; no label is used before its label_time: correct the dump or [columns] label_time unless that is "
        "meant",
    )
    assert desk.stored("is_fraud")["is_fraud"].to_list() == [True, True, False]
    later = desk.csv("a,1,2019-05-01", "c,1,2018-06-01", name="labels.csv", header="id,fraud,reported")
    (alone,) = desk.ingest(later, **settings).warnings
    assert alone.startswith("labels.csv: label_time of 1 label is more than a year after the last event (2018-04-03)")
    usual = LabelsConfig(delay_days=500)  # a default label_time is never far
    row = desk.csv("d,2018-04-04,7,0,,x,", name="d.csv", header=header)
    assert not any("label_time" in text for text in desk.ingest(row, columns=REPORTED, labels=usual).warnings)
