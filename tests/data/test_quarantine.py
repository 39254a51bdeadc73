"""Rows that break the contract are kept aside with their number and all the rules they broke."""

from dataclasses import replace

import polars as pl
import pytest

from fraud.config import ColumnsConfig, LabelSpec, TimeSpec
from fraud.errors import DumpError

GOOD = ("a,2018-04-01,5,0,x", "b,2018-04-01,-5,1,y")


@pytest.mark.parametrize(
    ("row", "rules"),
    [
        (",2018-04-01,5,0,x", ["transaction_id_present"]),
        ("c,,5,0,x", ["event_time_present"]),
        ("c,2018-04-01,,0,x", ["amount_present"]),
        ("c,2018-04-01,NaN,0,x", ["amount_finite"]),
        ("c,2018-04-01,-inf,0,x", ["amount_finite"]),
        ("c,2018-04-01,Infinity,0,x", ["amount_finite"]),
        ("c,2018-04-01,twelve,0,x", ["amount_finite"]),
        (",,inf,0,x", ["transaction_id_present", "event_time_present", "amount_finite"]),
    ],
)
def test_a_row_is_put_aside_with_its_number_and_every_rule_it_broke(desk, row, rules):
    result = desk.ingest(desk.csv(GOOD[0], row, GOOD[1]))
    assert (result.new, result.rejected) == (2, 1)
    assert result.rejected_by_rule == dict.fromkeys(rules, 1)
    (kept,) = desk.quarantined().to_dicts()
    assert kept["dump_row"] == 2
    assert kept["rules"] == rules
    cells = [kept[name] or "" for name in ("id", "when", "amount", "fraud", "card")]
    assert ",".join(cells) == row
    assert result.warnings == ("1 row broke the contract: see the quarantine",)


def test_numbers_of_rows_count_the_data_rows_of_the_file(desk):
    desk.ingest(desk.csv("a,2018-04-01,5,0,x", '"b",2018-04-01,5,0,"line\nbreak"', "c,2018-04-01,,0,x"))
    assert desk.quarantined()["dump_row"].to_list() == [3]


def test_refunds_and_nothing_are_amounts(desk):
    assert desk.ingest(desk.csv("a,2018-04-01,-5,0,x", "b,2018-04-01,0,0,x")).rejected == 0


def test_numeric_columns_may_be_missing_but_not_infinite(desk):
    columns = ColumnsConfig(transaction_id="id", event_time=TimeSpec(column="when"), numeric=("v1", "v2"))
    rows = ("a,2018-04-01,1,2", "b,2018-04-01,,nan", "c,2018-04-01,inf,word")
    result = desk.ingest(desk.csv(*rows, header="id,when,v1,v2"), columns=columns)
    assert result.rejected_by_rule == {"v1|finite": 1, "v2|finite": 1}
    assert desk.stored("v1", "v2").rows() == [(1, 2), (None, None)]


def test_different_rows_with_one_transaction_id_are_all_put_aside(desk):
    result = desk.ingest(desk.csv("a,2018-04-01,5,0,x", "b,2018-04-01,5,0,x", "a,2018-04-01,6,0,x"))
    assert (result.new, result.rejected_by_rule) == (1, {"transaction_id_unique": 2})
    assert desk.stored("transaction_id")["transaction_id"].to_list() == ["b"]
    assert desk.quarantined().select("dump_row", "rules").rows() == [
        (1, ["transaction_id_unique"]),
        (3, ["transaction_id_unique"]),
    ]


def test_a_shared_transaction_id_joins_the_other_rules_a_row_broke(desk):
    result = desk.ingest(desk.csv("a,2018-04-01,5,0,x", "b,2018-04-01,5,0,x", "a,2018-04-01,inf,0,x"))
    assert (result.new, result.rejected) == (1, 2)
    assert result.rejected_by_rule == {"amount_finite": 1, "transaction_id_unique": 2}
    assert desk.quarantined()["rules"].to_list() == [
        ["transaction_id_unique"],
        ["amount_finite", "transaction_id_unique"],
    ]


def test_equal_rows_count_once_and_are_counted(desk):
    result = desk.ingest(
        desk.csv("a,2018-04-01,5,0,x", "a,2018-04-01,5.0,0,x", "a,2018-04-01 ,5,0,x", "b,2018-04-01,5,0,x")
    )
    assert (result.new, result.rejected, result.repeated) == (2, 0, 2)
    assert desk.store.scan().filter(transaction_id="a").collect()["dump_row"].to_list() == [1]
    assert "2 repeated" in result.sentence()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_of_rows_with_one_transaction_id_the_latest_label_wins_whatever_the_order(desk, order):
    columns = ColumnsConfig(
        transaction_id="id",
        event_time=TimeSpec(column="when"),
        amount="amount",
        is_fraud=LabelSpec(column="fraud"),
        label_time=TimeSpec(column="reported"),
    )
    rows = ("a,2018-04-01,5,,", "a,2018-04-01,5,0,2018-04-03", "a,2018-04-01,6,1,2018-04-09")
    result = desk.ingest(desk.csv(*(rows[i] for i in order), header="id,when,amount,fraud,reported"), columns=columns)
    assert (result.new, result.rejected, result.repeated) == (1, 0, 2)
    assert desk.stored("is_fraud", "amount").rows() == [(True, 6.0)]


def test_two_labels_of_the_same_time_contradict_each_other(desk):
    columns = replace(desk.columns, label_time=TimeSpec(column="reported"))
    rows = ("a,2018-04-01,5,0,x,2018-04-03", "a,2018-04-01,5,1,x,2018-04-03", "b,2018-04-01,5,1,x,2018-04-03")
    result = desk.ingest(desk.csv(*rows, header="id,when,amount,fraud,card,reported"), columns=columns)
    assert (result.new, result.rejected_by_rule) == (1, {"transaction_id_unique": 2})


def test_without_label_time_a_label_wins_only_over_the_same_row_without_one(desk):
    agree = desk.ingest(desk.csv("a,2018-04-01,5,1,x", "a,2018-04-01,5,,x"))
    assert (agree.new, agree.repeated) == (1, 1)
    assert desk.stored("is_fraud")["is_fraud"].to_list() == [True]
    differ = desk.ingest(
        desk.csv("b,2018-04-01,5,1,x", "b,2018-04-01,9,,x", "c,2018-04-01,5,1,x", "c,2018-04-02,5,1,x")
    )
    assert (differ.new, differ.rejected) == (0, 4)


def test_every_row_is_accounted_for(desk):
    rows = [
        "a,2018-04-01,5,0,x",
        "a,2018-04-01,5,0,x",
        "b,2018-04-01,5,0,x",
        "b,2018-04-01,6,0,x",
        "c,,5,0,x",
        "d,2018-04-01,5,0,x",
    ]
    result = desk.ingest(desk.csv(*rows))
    (manifest,) = result.dumps
    assert manifest.rows == len(rows) == result.new + result.rejected + result.repeated
    assert manifest.accepted == result.new == 2
    assert manifest.rejected_by_rule == {"event_time_present": 1, "transaction_id_unique": 2}


def test_ten_rows_that_all_break_one_rule_were_mapped_wrongly_nine_may_be_bad(desk):
    nine = [f"{n},2018-04-01,,0,x" for n in range(9)]
    assert desk.ingest(desk.csv(*nine)).rejected == 9
    with pytest.raises(
        DumpError, match="all 10 rows break one rule: expected that amount is present, found in row 1: amount = None"
    ):
        desk.ingest(desk.csv(*nine, "9,2018-04-01,,0,x"))


def test_the_quarantine_of_parquet_keeps_the_columns_as_they_were(desk):
    frame = pl.DataFrame(
        {
            "id": [1, 2],
            "when": ["2018-04-01"] * 2,
            "amount": [1.0, float("nan")],
            "fraud": [0, 1],
            "card": [7, 8],
            "more": [[1], [2]],
        }
    )
    frame.write_parquet(desk.folder / "d.parquet")
    desk.ingest(desk.folder / "d.parquet")
    assert desk.quarantined().drop("dump_row", "rules").equals(frame[1:])


@pytest.mark.parametrize("suffix", ["parquet", "ndjson"])
@pytest.mark.parametrize("column", ["id", "card"])
def test_a_text_with_a_nul_character_in_it_is_put_aside(desk, suffix, column):
    frame = pl.DataFrame({"id": ["a", "b"], "when": "2018-04-01", "amount": 5, "fraud": 0, "card": ["x", None]})
    frame = frame.with_columns(pl.when(pl.col("id") == "a").then(pl.lit("9\0z")).otherwise(column).alias(column))
    path = desk.folder / f"d.{suffix}"
    frame.write_parquet(path) if suffix == "parquet" else frame.write_ndjson(path)
    result = desk.ingest(path)
    assert (result.new, result.rejected_by_rule) == (1, {"text_without_nul": 1})
    assert desk.stored("transaction_id")["transaction_id"].to_list() == ["b"]
    assert desk.quarantined()[column].to_list() == ["9\0z"]
