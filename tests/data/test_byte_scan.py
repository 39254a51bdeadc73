"""What the bytes of a dump tell of its cells must be what the cells themselves say."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from fraud.data.mapping.values import number, text
from fraud.data.reading.byte_scan import BLOCK, Look, look_at
from fraud.data.reading.files import recognise
from fraud.data.reading.source import Source, open_source
from fraud.errors import DumpError

QUICK = settings(max_examples=150, deadline=None)
NEAT = ("", "a", "é", "Åà", "7", "7.0", "-12.0", "x.0", ".0", "1.5", "nan", "7 7")
BLANKS = (" 7", "7 ", "\t7", " ", "\u00a07", "7\u2003", "7\x1f")
QUOTED = ('""', '" 7"', '"7.0"', '"a,b"')
ROWS = st.sampled_from([NEAT, NEAT + BLANKS, NEAT + BLANKS + QUOTED]).flatmap(
    lambda cells: st.lists(st.tuples(*[st.sampled_from(cells)] * 3), min_size=1, max_size=6)
)
LINE_ENDS = st.sampled_from(["\n", "\r\n"])


def read(path: Path, *, closely: bool) -> Source:
    return open_source(recognise(path), needed=(), scratch=path.parent, closely=closely)


def cells_of(source: Source) -> pl.DataFrame:
    return source.frame.select(
        *(text(source, name).alias(name) for name in source.columns),
        *(number(source, name).alias(f"{name} as number") for name in source.columns),
    ).collect()


@QUICK
@given(rows=ROWS, end=LINE_ENDS, last=st.booleans())
@example(rows=[("é", "1", "é")], end="\n", last=False)
@example(rows=[("7.0", "1", "2"), ("7", "1.0", "2")], end="\r\n", last=True)
def test_cells_are_the_same_whether_the_bytes_were_looked_at_or_not(rows, end, last):
    lines = ["x,y,z", *(",".join(row) for row in rows)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "dump.csv"
        path.write_bytes((end.join(lines) + end * last).encode())
        assert_frame_equal(cells_of(read(path, closely=True)), cells_of(read(path, closely=False)))


@pytest.mark.parametrize(
    "white", [chr(code) for code in range(0x3001) if chr(code).isspace() and chr(code) not in "\r\n"]
)
@pytest.mark.parametrize("cell", ["{}x", "x{}", "{}"])
@pytest.mark.parametrize("place", [0, 1])
def test_white_space_of_every_kind_around_a_cell_is_seen(white, cell, place):
    cells = ["é", "ö"]
    cells[place] = cell.format(white)
    assert not look_at([f"a,b\n{','.join(cells)}\n".encode()], ",").trimmed


@pytest.mark.parametrize(("start", "trimmed"), [("", True), (" ", False)])
def test_a_byte_order_mark_is_no_part_of_the_first_cell(start, trimmed):
    assert look_at([f"\ufeff{start}a,b\nx,y\n".encode()], ",") == Look(
        even=True, trimmed=trimmed, with_zero=frozenset()
    )


def test_letters_beyond_ascii_around_a_cell_are_none():
    assert look_at(["é,ß\nÅsa,Malmö\nŁódź,à\nĀx,Āx\n".encode()], ",").trimmed


@QUICK
@given(rows=ROWS, end=LINE_ENDS, size=st.integers(1, 7))
def test_where_the_chunks_are_cut_never_matters(rows, end, size):
    head = f"x,y,z{end}".encode()
    body = end.join(",".join(row) for row in rows).encode()
    chunks = [head, *(body[start : start + size] for start in range(0, len(body), size))]
    assert look_at(chunks, ",") == look_at([head + body], ",")


@QUICK
@given(st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_lines_that_are_called_even_have_no_short_one_among_them(separators):
    """One that is too long stops the reading before anybody asks."""
    look = look_at(["".join(f"{',' * count}\n" for count in separators).encode()], ",")
    fewest, most = min(separators), max(separators)
    assert look.even == (sum(separators) == separators[0] * len(separators))
    assert not look.even or fewest == most or most > separators[0]


@pytest.mark.parametrize("places", [(0,), (0, BLOCK // 8 - 1), (BLOCK // 8, BLOCK // 4), (12_345, 30_000)])
def test_the_columns_of_whole_numbers_with_a_point_are_found_wherever_they_stand(places):
    columns = np.random.default_rng(0).integers(1, 3, len(places))
    lines = [["1", "2.5", "3", "4"] for _ in range(BLOCK)]
    for place, column in zip(places, columns, strict=True):
        lines[place][column] = "7.0"
    whole = "".join(f"{','.join(line)}\n" for line in lines).encode()
    assert look_at([whole], ",") == Look(even=True, trimmed=True, with_zero=frozenset(columns.tolist()))


@pytest.mark.parametrize("chunks", [[b'a,b\n"x",y\n'], [b"a,", b"b\nx,y\n"]], ids=["quotes", "first line cut"])
def test_nothing_is_claimed_where_it_is_not_plain_to_see(chunks):
    assert look_at(chunks, ",") == Look(even=False, trimmed=False, with_zero=None)


def test_a_blank_line_leaves_open_which_column_is_meant():
    assert look_at([b"a,b\n\n7.0,x\n"], ",") == Look(even=False, trimmed=True, with_zero=None)


@pytest.mark.parametrize("cut", [1, 4, 9, 12])
def test_a_last_line_without_an_end_counts_its_own_separators(cut):
    """Polars lets one empty field too many pass there, which would hide that another line is short."""
    whole = b"a,b\nlong enough\n2,3,"
    assert not look_at([b"a,b\n", whole[4 : 4 + cut], whole[4 + cut :]], ",").even
    assert look_at([b"a,b\n", b"1,2\n3,", b"4"], ",").even


def test_a_short_line_is_found_though_the_last_one_is_too_long(desk):
    dump = desk.write("short.csv", b"id,when,amount,fraud,card\n1,2018-04-01,5,0\n2,2018-04-02,6,0,y,")
    with pytest.raises(DumpError, match="line 2: ragged: expected 5 fields as in the header, found 4"):
        desk.ingest(dump)
