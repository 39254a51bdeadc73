"""Rows read from disk in pieces are the rows, however long the pieces are."""

from pathlib import Path
from unittest import mock

import numpy as np
import polars as pl
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from fraud.features import table_rows
from fraud.features.table_rows import TableRows

TABLE = pl.DataFrame({"number": range(60), "name": [f"n{place}" if place % 7 else None for place in range(60)]})


@examples(60)
@given(st.sets(st.integers(0, 59)), st.integers(1, 70), st.integers(1, 100))
def test_pieces_put_together_are_the_chosen_rows(places: set[int], stretch: int, held: int) -> None:
    chosen = np.array(sorted(places), dtype=np.int64)
    with mock.patch.multiple(table_rows, BATCH_ROWS=stretch, HELD_BYTES=held * 8):
        rows = TableRows(TABLE.lazy(), chosen)
        assert_frame_equal(rows.read(), TABLE[chosen])
        assert [column.to_list() for column in rows.one_by_one(["name", "number"])] == [
            TABLE[name][chosen].to_list() for name in ("name", "number")
        ]
        for start, part in rows.batches(["number"]):
            assert len(part) <= stretch
            assert part["number"].to_list() == chosen[start : start + len(part)].tolist()


def test_a_column_comes_in_one_piece_and_some_rows_with_all_columns(tmp_path: Path) -> None:
    for half in (0, 1):
        TABLE[half * 30 : half * 30 + 30].write_parquet(tmp_path / f"{half}.parquet")
    rows = TableRows(pl.scan_parquet(tmp_path / "*.parquet"), np.arange(10, 50))
    assert rows["number"].to_list() == list(range(10, 50))
    assert rows["number"].n_chunks() == 1
    assert_frame_equal(rows[np.array([0, 25, 39])], TABLE[[10, 35, 49]])
    assert (rows.columns, len(rows)) == (["number", "name"], 40)
