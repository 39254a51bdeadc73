"""Every format and packing gives the same transactions, and text is read as people write it."""

import gzip
import io
from pathlib import Path

import polars as pl
import pytest
import zstandard
from polars.testing import assert_frame_equal

from fraud.config import ColumnsConfig, TimeSpec
from fraud.errors import DumpError

FRAME = pl.DataFrame(
    {
        "id": [1, 2, 3],
        "when": ["2018-04-01 00:00:31", "2018-04-01 00:02:10", "2018-04-02 10:00:00"],
        "amount": [57.16, 81.51, -146.0],
        "fraud": [0, 1, 0],
        "card": ["x", "y", None],
    }
)


def content_of(kind: str, packing: str = "") -> bytes:
    """The frame as a file."""
    buffer = io.BytesIO()
    packed = {".zst": "zstd", ".gz": "gzip", "": "uncompressed"}[packing]
    if kind == "parquet":
        FRAME.write_parquet(buffer)
        return pack(buffer.getvalue(), packing)
    if kind in ("ndjson", "jsonl"):
        FRAME.write_ndjson(buffer, compression=packed)
    else:
        FRAME.write_csv(buffer, compression=packed, separator="\t" if kind == "tsv" else ",")
    return buffer.getvalue()


def pack(content: bytes, packing: str) -> bytes:
    if packing == ".zst":
        return zstandard.compress(content)
    return gzip.compress(content) if packing == ".gz" else content


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "ndjson", "jsonl"])
def test_every_format_and_packing_gives_the_same_transactions(desk, kind, packing):
    path = desk.write(f"dump.{kind}{packing}", content_of(kind, packing))
    assert desk.ingest(path).new == 3
    expected = desk.stored("transaction_id", "amount", "is_fraud", "card")
    assert expected.rows() == [("1", 57.16, False, "x"), ("2", 81.51, True, "y"), ("3", -146.0, False, None)]


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("kind", ["csv", "parquet", "ndjson"])
def test_a_file_without_an_ending_is_recognised_by_its_first_bytes(desk, kind, packing):
    assert desk.ingest(desk.write("dump", content_of(kind, packing))).new == 3


@pytest.mark.parametrize("codec", ["gzip", "zstd", "uncompressed"])
def test_parquet_is_read_whatever_its_codec(desk, codec):
    path = desk.folder / "dump.parquet"
    FRAME.write_parquet(path, compression=codec)
    assert desk.ingest(path).new == 3


def test_two_gzip_members_in_one_file_are_one_dump(desk):
    first, second = content_of("csv").split(b"3,", 1)
    path = desk.write("dump.csv.gz", gzip.compress(first) + gzip.compress(b"3," + second))
    assert desk.ingest(path).new == 3


TEXTS = {
    "byte order mark": "\ufeffid,when,amount,fraud,card\n1,2018-04-01,5,0,x\n",
    "carriage returns": "id,when,amount,fraud,card\r\n1,2018-04-01,5,0,x\r\n",
    "blanks around names and cells": " id , when ,amount, fraud,card \n 1 , 2018-04-01 , 5 , 0 , x \n",
    "quoted header": '"id","when","amount","fraud","card"\n"1","2018-04-01","5","0","x"\n',
    "blank lines": "id,when,amount,fraud,card\n\n1,2018-04-01,5,0,x\n\n",
    "lines of separators only": "id,when,amount,fraud,card\n1,2018-04-01,5,0,x\n,,,,\n",
    "no line end at the end": "id,when,amount,fraud,card\n1,2018-04-01,5,0,x",
}


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS)
def test_text_is_read_as_people_write_it(desk, content):
    result = desk.ingest(desk.write("dump.csv", content))
    assert (result.dumps[0].rows, result.rejected) == (1, 0)
    assert desk.stored("transaction_id", "amount", "is_fraud", "card").rows() == [("1", 5.0, False, "x")]


def test_quoted_separators_and_line_breaks_stay_in_their_cell(desk):
    desk.ingest(
        desk.write("dump.csv", 'id,when,amount,fraud,card\n1,2018-04-01,5,0,"a, ""b""\nc"\n2,2018-04-01,5,0,\n')
    )
    assert desk.stored("card")["card"].to_list() == ['a, "b"\nc', None]


def test_a_blank_cell_is_an_empty_one(desk):
    desk.ingest(desk.csv('1,2018-04-01,5,  ,""', "2,2018-04-01, 5 ,0,  "))
    assert desk.stored("amount", "is_fraud", "card").rows() == [(5.0, None, None), (5.0, False, None)]


def test_an_empty_last_cell_is_no_short_line(desk):
    desk.ingest(desk.csv("1,2018-04-01,5,0,", '2,2018-04-01,5,0,"x,y"'))
    assert desk.stored("card")["card"].to_list() == [None, "x,y"]


def test_whole_numbers_are_one_identity_in_every_dump(desk):
    frame = FRAME.with_columns(card=pl.Series([1.0, 2.0, None]))
    frame.write_parquet(desk.folder / "floats.parquet")
    desk.ingest(desk.folder / "floats.parquet")
    assert desk.stored("card")["card"].to_list() == ["1", "2", None]
    again = frame.with_columns(pl.col("card").cast(pl.Int32), pl.col("id").cast(pl.Float64))
    again.write_csv(desk.folder / "again.csv")
    assert desk.ingest(desk.folder / "again.csv").unchanged == 3


def test_leading_zeros_of_an_identity_are_kept(desk):
    desk.ingest(desk.csv("007,2018-04-01,5,0,0042", "1.50,2018-04-01,5,0,1.0.0"))
    assert desk.stored("transaction_id", "card").rows() == [("007", "0042"), ("1.50", "1.0.0")]


def test_ndjson_takes_bare_nan_rare_keys_and_blank_lines(desk):
    lines = [
        '{"id": 1, "when": "2018-04-01", "amount": NaN, "fraud": null}',
        "",
        '{"id": 2, "when": "2018-04-01", "amount": 5}',
    ]
    lines += ['{"id": 3, "when": "2018-04-02", "amount": 7, "fraud": 1, "card": "x: NaN"}']
    result = desk.ingest(desk.write("dump.ndjson", "\n".join(lines)))
    assert result.rejected_by_rule == {"amount_finite": 1}
    assert desk.stored("transaction_id", "is_fraud").rows() == [("2", None), ("3", True)]
    assert desk.quarantined()["dump_row"].to_list() == [1]
    assert desk.stored("card")["card"].to_list() == [None, "x: NaN"]


def test_a_key_of_ndjson_may_come_up_late(desk):
    lines = [f'{{"id": {n}, "when": "2018-04-01", "amount": 1, "fraud": 0}}' for n in range(1001)]
    lines.append('{"id": 1001, "when": "2018-04-01", "amount": 1, "fraud": 0, "card": "x"}')
    desk.ingest(desk.write("dump.ndjson", "\n".join(lines)))
    assert desk.stored("card")["card"].drop_nulls().to_list() == ["x"]


def test_parquet_columns_of_many_types_find_their_roles(desk):
    frame = pl.DataFrame(
        {
            "id": pl.Series(["p", "q"], dtype=pl.Categorical),
            "when": pl.Series(["2018-04-01T10:00", "2018-04-01T11:00"]).str.to_datetime(time_unit="ns"),
            "amount": pl.Series(["1.50", "2.25"]).cast(pl.Decimal(10, 2)),
            "fraud": [True, None],
            "card": pl.Series([b"\x41", b"\x42"]).cast(pl.String),
            "score": pl.Series([float("nan"), 3], dtype=pl.Float32),
        }
    )
    frame.write_parquet(desk.folder / "dump.parquet")
    columns = ColumnsConfig(
        transaction_id="id",
        event_time=TimeSpec(column="when", timezone="Europe/Brussels"),
        amount="amount",
        is_fraud=desk.columns.is_fraud,
        entities={"card": "card"},
        numeric=("score",),
    )
    desk.ingest(desk.folder / "dump.parquet", columns=columns)
    expected = pl.DataFrame(
        {"transaction_id": ["p", "q"], "amount": [1.5, 2.25], "score": [None, 3.0], "is_fraud": [True, None]}
    )
    assert_frame_equal(desk.stored(*expected.columns), expected)
    assert desk.stored("event_time")["event_time"][0].isoformat() == "2018-04-01T08:00:00+00:00"


def test_a_column_without_role_is_named_in_a_warning(desk):
    path = desk.csv("1,2018-04-01,5,0,x,7,8", header="id,when,amount,fraud,card,extra,other")
    columns = ColumnsConfig(**{**vars(desk.columns), "ignore": ("other",)})
    (warning,) = desk.ingest(path, columns=columns).warnings
    assert "extra" in warning
    assert "other" not in warning


def test_a_column_named_as_a_method_or_as_our_own_words_does_no_harm(desk):
    header = "id,when,amount,fraud,card,filter,rules,dump_row"
    columns = ColumnsConfig(**{**vars(desk.columns), "categorical": ("filter", "rules"), "ignore": ("dump_row",)})
    result = desk.ingest(
        desk.csv("1,2018-04-01,5,0,x,f,r,9", "2,2018-04-01,,0,x,f,r,9", header=header), columns=columns
    )
    assert (result.new, result.rejected) == (1, 1)
    assert desk.stored("filter", "rules").rows() == [("f", "r")]
    assert desk.quarantined().columns[:2] == ["dump_row", "rules"]


def test_parquet_columns_of_nothing_are_empty(desk):
    frame = pl.DataFrame({"id": [1, 2], "when": ["2018-04-01"] * 2, "amount": [1.0, 2.0], "fraud": None, "card": None})
    frame.write_parquet(desk.folder / "dump.parquet")
    desk.ingest(desk.folder / "dump.parquet")
    assert desk.stored("is_fraud", "label_time", "card").rows() == [(None, None, None)] * 2


def test_a_path_with_brackets_is_a_file(desk):
    assert desk.ingest(desk.csv("1,2018-04-01,5,0,x", name="dump[1].csv")).new == 1


def test_a_dump_without_transaction_id_gets_identities_from_file_and_row(desk):
    columns = ColumnsConfig(event_time=TimeSpec(column="when"), amount="amount")
    result = desk.ingest(desk.csv("2018-04-01,5", "2018-04-01,5", header="when,amount"), columns=columns)
    digits = result.dumps[0].sha256[:16]
    assert desk.stored("transaction_id")["transaction_id"].to_list() == [f"{digits}-1", f"{digits}-2"]
    assert Path(result.dumps[0].file).name == "dump.csv"


def test_lines_that_end_in_carriage_returns_alone_are_told(desk):
    dump = desk.write("mac.csv", b"id,when,amount,fraud,card\r1,2018-04-01,5,0,x\r")
    with pytest.raises(DumpError, match=r"mac\.csv: expected lines that end in a line feed"):
        desk.ingest(dump)
