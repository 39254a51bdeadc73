"""Whatever is wrong with a dump is reported in one line, and the store stays as it was."""

import gzip
import io
import os
import random
import re
from dataclasses import replace

import polars as pl
import pytest
import zstandard

from fraud.config import ColumnsConfig, LabelSpec, TextSpec, TimeSpec
from fraud.data.reading.files import find_dumps
from fraud.errors import ConfigError, DumpError, StoreError

HEADER = "id,when,amount,fraud,card"
ROWS = ("a,2018-04-01 00:00:31,57.16,0,596", "b,2018-04-01 00:02:10,81.51,1,4961", "c,2018-04-02 10:00:00,146.0,0,596")

GOOD = "\n".join([HEADER, *ROWS]) + "\n"
GARBAGE = random.Random(7).randbytes(5000)


def parquet_bytes(rows: int = 1000) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(
        {"id": range(rows), "when": ["2018-04-01"] * rows, "amount": 1.0, "fraud": 0, "card": "x"}
    ).write_parquet(buffer)
    return buffer.getvalue()


def many_lines(bad: str) -> str:
    return "\n".join([HEADER, *(f"{n},2018-04-01,5,0,x" for n in range(2000)), bad]) + "\n"


BAD = {
    "missing column": (
        "d.csv",
        GOOD.replace("amount", "Amounts", 1),
        r"column 'amount' is missing: .* found id, when, Amounts, fraud, card; .*Did you mean 'Amounts'\?",
    ),
    "missing label": (
        "d.csv",
        GOOD.replace("fraud", "klass", 1),
        "column 'fraud' is missing: .*for dumps without labels leave is_fraud out",
    ),
    "missing column in parquet": ("d.parquet", "frame", "column 'fraud' is missing: .* found id, when"),
    "missing key in ndjson": (
        "d.ndjson",
        '{"id": 1, "when": "2018-04-01", "amount": 2, "fraud": 0}\n',
        "column 'card' is missing",
    ),
    "unparseable time": (
        "d.csv",
        GOOD + "d,yesterday,1,0,x\n",
        r"row 4: event_time is 'yesterday', expected a time written as %Y-%m-%d %H:%M:%S",
    ),
    "mixed times": (
        "d.csv",
        GOOD + "d,03/04/2018 10:00,1,0,x\ne,03/05/2018 10:00,1,0,x\n",
        r"row 4: event_time is '03/04/2018 10:00' \(and 1 more row\), expected",
    ),
    "nothing like a time": (
        "d.csv",
        f"{HEADER}\n1,soon,5,0,x\n2,later,5,0,x\n",
        "event_time: row 1: 'soon' cannot be read as a time",
    ),
    "mixed zones": (
        "d.csv",
        f"{HEADER}\n1,2018-04-01T10:00:00Z,5,0,x\n2,2018-04-01T10:00:00,5,0,x\n",
        r"row 2: event_time is '2018-04-01T10:00:00'",
    ),
    "label outside the mapping": (
        "d.csv",
        GOOD + "d,2018-04-03 00:00:00,1,maybe,x\n",
        "row 4: is_fraud is 'maybe', expected 1, true",
    ),
    "empty file": ("d.csv", "", "an empty file"),
    "empty gzip": ("d.csv.gz", gzip.compress(b""), "an empty file"),
    "only line breaks": ("d.csv", "\n\n", "expected a header"),
    "header only": ("d.csv", HEADER + "\n", "a header but no rows"),
    "no rows in parquet": ("d.parquet", parquet_bytes(0), "no rows"),
    "no objects in ndjson": ("d.ndjson", "\n\n", "no rows"),
    "truncated parquet": ("d.parquet", parquet_bytes()[:-200], "a truncated or damaged Parquet file"),
    "damaged inside parquet": (
        "d.parquet",
        parquet_bytes()[:1800] + b"\xff" * 1000 + parquet_bytes()[2800:],
        "damaged Parquet",
    ),
    "truncated gzip": ("d.csv.gz", gzip.compress(many_lines("").encode())[:-400], "a truncated or damaged gzip file"),
    "truncated zstd": (
        "d.csv.zst",
        zstandard.compress(many_lines("").encode())[:-400],
        "a truncated or damaged zstd file",
    ),
    "damaged gzip without an ending": ("d", b"\x1f\x8b" + GARBAGE, "a truncated or damaged gzip file"),
    "damaged gzip": ("d.csv.gz", b"\x1f\x8b" + GARBAGE, "a truncated or damaged gzip file"),
    "truncated parquet in gzip": (
        "d.parquet.gz",
        gzip.compress(parquet_bytes())[:-100],
        "a truncated or damaged gzip file",
    ),
    "garbage as csv": ("d.csv", GARBAGE, "expected csv as UTF-8 text, found binary data|binary garbage"),
    "garbage as parquet": ("d.parquet", GARBAGE, "a truncated or damaged Parquet file"),
    "garbage as ndjson": ("d.ndjson", GARBAGE, "found binary data|binary garbage"),
    "garbage behind good lines": ("d.csv", GOOD.encode() + b"\xff\xfe\xfa" * 9 + b"\n", "not UTF-8 text"),
    "a NUL byte": ("d.csv", GOOD.replace("4961", "49\0001"), "binary garbage: NUL byte in line 3; fix the file or"),
    "an identity of NUL bytes": (
        "d.tsv",
        many_lines("\0\0\0,2018-04-01,5,0,x").replace(",", "\t"),
        "binary garbage: NUL byte in line 2002",
    ),
    "a NUL byte in the header": ("d.csv", GOOD.replace("card", "card\0", 1), "binary garbage: NUL byte in line 1"),
    "NUL bytes at the end": ("d.csv", GOOD + "\0\0\0\0", "binary garbage: NUL byte in line 5"),
    "a NUL byte in gzip": (
        "d.csv.gz",
        gzip.compress(many_lines("d\0,2018-04-01,5,0,x").encode()),
        "binary garbage: NUL byte in line 2002",
    ),
    "a NUL byte in ndjson": (
        "d.ndjson",
        '{"id": 1, "when": "2018-04-01", "amount": 2, "fraud": 0, "card": "1"}\n' * 1500
        + '{"id": 1, "when": "2018-04-01", "amount": 2, "fraud": 0, "card": "\0"}\n',
        "binary garbage: NUL byte in line 1501",
    ),
    "Latin-1": (
        "d.csv",
        GOOD.replace("4961", "Liège").encode("latin-1"),
        "line 3: not UTF-8 text: expected csv in UTF-8",
    ),
    "Latin-1 in zstd": (
        "d.csv.zst",
        zstandard.compress(GOOD.replace("4961", "Liège").encode("latin-1")),
        "line 3: not UTF-8 text: expected csv in UTF-8",
    ),
    "UTF-16": ("d.csv", GOOD.encode("utf-16"), "found UTF-16 text"),
    "Excel": ("d.csv", b"PK\x03\x04" + GARBAGE, "found a zip or Excel file"),
    "parquet under another name": ("d.csv", parquet_bytes(), "found a Parquet file; convert or rename it"),
    "semicolons": (
        "d.csv",
        GOOD.replace(",", ";"),
        "wrong separator: expected commas, found one column 'id;when;amount;fraud;card' with semicolons",
    ),
    "tabs": ("d.csv", GOOD.replace(",", "\t"), "wrong separator: expected commas, .* with tabs; name it .tsv"),
    "commas in a tsv": ("d.tsv", GOOD + "\n", "wrong separator: expected tabs, .* with commas; name it .csv"),
    "carriage returns alone": (
        "d.csv",
        GOOD.replace("\n", "\r"),
        "expected lines that end in a line feed, found carriage returns in the header; save it with line feeds",
    ),
    "a name that does not end": (
        "d.csv",
        f'"{"x" * 140_000}\n{GOOD}',
        "names of at most 131,072 characters in the header, found a longer one: a quote is opened and never closed",
    ),
    "a column twice": ("d.csv", GOOD.replace("amount", "id", 1), "the header names column 'id' 2 times"),
    "a long line": (
        "d.csv",
        GOOD + "d,2018-04-03 00:00:00,1,0,x,y\n",
        "line 5: ragged: expected 5 fields as in the header, found 6",
    ),
    "a short line": (
        "d.csv",
        GOOD + "d,2018-04-03 00:00:00,1\n" + "e,2018-04-03 00:00:00,1,0,x\n",
        "line 5: ragged: expected 5 fields as in the header, found 3",
    ),
    "a short line behind line breaks": (
        "d.csv",
        GOOD + 'd,2018-04-03 00:00:00,1,0,"x\ny"\ne,2018-04-03 00:00:00\n',
        "line 7: ragged: .* found 2",
    ),
    "cut off in the middle of a line": ("d.csv", many_lines("2001,2018-0"), "line 2002: ragged: .* found 2"),
    "an open quote": ("d.csv", GOOD + 'd,2018-04-03 00:00:00,1,0,"x\n', "line 5: a quote is opened and never closed"),
    "no JSON": (
        "d.ndjson",
        '{"id": 1, "when": "2018-04-01", "amount": 2, "fraud": 0, "card": 1}\n{"id": 2,\n',
        "line 2: expected a JSON object",
    ),
    "no JSON far down": (
        "d.ndjson",
        '{"id": 1, "when": "2018-04-01", "amount": 2, "fraud": 0, "card": 1}\n' * 1500 + "[1]\n",
        r"line 1501: expected a JSON object, found '\[1\]'",
    ),
    "amounts with a decimal comma": (
        "d.csv",
        HEADER + "\n" + "".join(f'{n},2018-04-01,"5,{n}",0,x\n' for n in range(10, 30)),
        r"all 20 rows break one rule: expected that amount is a finite number, found in row 1: amount = '5,10'",
    ),
}


@pytest.mark.parametrize(("name", "content", "message"), BAD.values(), ids=BAD)
def test_a_bad_dump_is_refused_in_one_line_and_the_store_stays(desk, small_csv, name, content, message):
    desk.ingest(small_csv)
    before = desk.store.version, desk.stored()
    if content == "frame":
        content = parquet_bytes().replace(b"fraud", b"klass")
    bad = desk.write(f"incoming/{name}", content)
    with pytest.raises(DumpError, match=message) as caught:
        desk.ingest(small_csv, bad)
    assert str(caught.value).startswith(str(bad))
    assert "\n" not in str(caught.value)
    assert (desk.store.version, desk.stored().rows()) == (before[0], before[1].rows())
    assert not desk.workspace.quarantine("small").exists()
    assert not list(desk.workspace.store("small").parent.glob(".ingest-*"))


def test_one_bad_dump_among_good_ones_stores_none(desk, small_csv):
    bad = desk.csv("d,never,1,0,x", name="z.csv")
    with pytest.raises(DumpError):
        desk.ingest(small_csv, bad)
    assert not desk.store.exists


def test_a_missing_file_is_named_with_its_nearest(desk, small_csv):
    with pytest.raises(DumpError, match=r"dumps\.csv: no such file; check the path\. Did you mean 'dump\.csv'\?"):
        desk.ingest(desk.folder / "dumps.csv")


def test_a_folder_or_glob_without_dumps_is_refused(desk):
    desk.write("folder/notes.md", "none here")
    desk.write("folder/.hidden.csv", GOOD)
    with pytest.raises(DumpError, match="a folder without dumps: expected csv, tsv"):
        find_dumps([desk.folder / "folder"])
    with pytest.raises(DumpError, match=r"no dump matches"):
        find_dumps([str(desk.folder / "folder" / "*")])
    with pytest.raises(DumpError, match="no dump given"):
        find_dumps([])


def test_a_separator_that_the_config_names_is_corrected_there_and_not_by_another_name(desk):
    columns = replace(desk.columns, text=TextSpec(separator=";"))
    with pytest.raises(
        DumpError, match=r"expected semicolons, .* with commas; set \[columns\] text = .separator = ','"
    ):
        desk.ingest(desk.csv("a,2018-04-01,5,0,x"), columns=columns)


@pytest.mark.parametrize("name", ["dump.xlsx", "dump.gz", "dump.csv.bz2"])
def test_an_unknown_format_is_refused(desk, name):
    with pytest.raises(DumpError, match=r"unknown format .* expected csv, tsv, parquet, ndjson"):
        find_dumps([desk.write(name, GOOD)])


def test_dumps_are_found_once_in_files_folders_and_globs_in_the_order_of_their_numbers(desk):
    names = ["year/day_10.csv", "year/day_2.csv", "year/more/day_3.jsonl.zst", "year/_tmp/day_4.csv", "year/README.md"]
    for name in names:
        desk.write(name, GOOD)
    year = desk.folder / "year"
    found = find_dumps([year, str(year / "*.csv"), year / "day_2.csv"])
    assert [path.relative_to(year).as_posix() for path in found] == ["day_2.csv", "day_10.csv", "more/day_3.jsonl.zst"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_a_dump_that_may_not_be_read_is_refused(desk, small_csv):
    small_csv.chmod(0)
    with pytest.raises(DumpError, match="cannot be read: Permission denied"):
        desk.ingest(small_csv)


def test_a_workspace_that_cannot_be_written_is_refused_in_one_line(desk, small_csv):
    desk.write("workspace", "a file where a folder is expected")
    with pytest.raises(
        StoreError, match=r"store: cannot be written: .*; check the folder and its permissions"
    ) as caught:
        desk.ingest(small_csv)
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_no_fault_of_the_dump(desk, small_csv, monkeypatch):
    def fill(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("polars.collect_all", fill)
    with pytest.raises(StoreError, match="No space left on device; free some room"):
        desk.ingest(small_csv)
    assert not desk.store.exists


def test_mixed_times_in_a_later_dump_name_that_dump(desk, small_csv):
    other = desk.csv("d,01/02/2018,1,0,x", "e,2018-02-01,1,0,x", name="later.csv")
    with pytest.raises(DumpError, match=re.escape(str(other))):
        desk.ingest(small_csv, other)


def test_a_format_that_cannot_be_is_a_config_error(desk, small_csv):
    spec = TimeSpec(column="when", format="%Y-%m-%d %H")
    columns = ColumnsConfig(transaction_id="id", event_time=spec, is_fraud=LabelSpec(column="fraud"))
    with pytest.raises(ConfigError, match="format '%Y-%m-%d %H' cannot be used"):
        desk.ingest(small_csv, columns=columns)


def test_label_time_without_event_time_is_a_config_error(desk, small_csv):
    columns = ColumnsConfig(event_time=TimeSpec(), label_time=TimeSpec(column="when"))
    with pytest.raises(ConfigError, match="label_time needs an event_time"):
        desk.ingest(small_csv, columns=columns)


def test_a_nested_column_cannot_have_a_role(desk):
    frame = pl.DataFrame({"id": [1], "when": ["2018-04-01"], "amount": [1.0], "fraud": [0], "card": [[1, 2]]})
    frame.write_parquet(desk.folder / "d.parquet")
    with pytest.raises(DumpError, match=r"column 'card' holds List.*flatten it first"):
        desk.ingest(desk.folder / "d.parquet")


def test_a_short_line_is_found_though_the_last_one_is_too_long(desk):
    """Polars lets one empty field too many pass in a last line that does not end."""
    dump = desk.write("short.csv", b"id,when,amount,fraud,card\n1,2018-04-01,5,0\n2,2018-04-02,6,0,y,")
    with pytest.raises(DumpError, match="line 2: ragged: expected 5 fields as in the header, found 4"):
        desk.ingest(dump)
