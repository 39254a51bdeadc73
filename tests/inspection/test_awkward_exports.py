"""Awkward files: each ends in a config by which every value arrives, or in one line that states what is missing."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from awkward_exports import FAULTS, FILES, ROWS, joined, table, write

from fraud.config import RunConfig, load_config
from fraud.data.ingest import ingest_dumps
from fraud.data.reading.files import find_dumps
from fraud.data.store.table import TransactionStore
from fraud.errors import DumpError
from fraud.inspection import inspect_dumps, write_config
from fraud.inspection.proposal.terminal import describe
from fraud.workspace import Workspace

OTHERWISE = {"no header", "year and month alone", "numbers and words mixed"}
"""Those of which not every value can arrive: see their own tests."""


def proposed(path: Path, folder: Path) -> RunConfig:
    config = folder / "proposed.toml"
    config.write_text(write_config(inspect_dumps(find_dumps([path]), folder / "scratch")), encoding="utf-8")
    return load_config(config)


def stored(path: Path, config: RunConfig, folder: Path, *, rejected: int = 0) -> pl.DataFrame:
    workspace, name = Workspace(folder / "workspace"), config.dataset.name
    result = ingest_dumps([path], dataset=name, columns=config.columns, labels=config.labels, workspace=workspace)
    assert result.rejected == rejected
    return TransactionStore(workspace.store(name)).scan().collect().sort("transaction_id")


@pytest.fixture
def awkward(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    name, content = FILES[request.param]
    return write(tmp_path, name, content())


@pytest.mark.parametrize("awkward", [name for name in FILES if name not in OTHERWISE], indirect=True)
def test_every_value_of_an_awkward_file_arrives(awkward: Path, tmp_path: Path) -> None:
    rows, expected = stored(awkward, proposed(awkward, tmp_path), tmp_path), table()
    assert rows["transaction_id"].to_list() == [row[0] for row in expected]
    moments = rows["event_time"].dt.strftime("%Y-%m-%d %H:%M").to_list()
    assert moments == [row[1][:16] for row in expected]
    assert rows["amount"].to_list() == pytest.approx([float(row[4]) for row in expected])
    assert rows["is_fraud"].cast(pl.Int8).to_list() == [int(row[5]) for row in expected]
    assert rows["card"].to_list() == [row[2] for row in expected]


def test_without_a_header_the_columns_have_numbers_and_the_label_is_missing(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", FILES["no header"][1]())
    found = inspect_dumps([path], tmp_path / "scratch")
    assert found.sample.columns == tuple(f"column_{number}" for number in range(1, 7))
    assert "column_6" in found.missing[0]
    assert len(stored(path, proposed(path, tmp_path), tmp_path)) == ROWS


def test_columns_of_the_same_name_are_renamed_and_their_new_names_shown(tmp_path: Path) -> None:
    rows = [[*row[:5], "web", row[5]] for row in table()]
    names = ["trans_id", "booked_at", "card_no", "shop", "value", "value", "is_fraud"]
    found = inspect_dumps([write(tmp_path, "a.csv", joined(rows, names=names))], tmp_path / "scratch")
    assert "  the header has value 2 times: in this order they are named value, value_2 here" in describe(found)
    assert found.unsure == ("which of value, value_2 is meant by value: all have this name",)


def test_a_month_stands_for_its_first_day(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", FILES["year and month alone"][1]())
    config = proposed(path, tmp_path)
    assert config.split.test < 1
    assert set(stored(path, config, tmp_path)["event_time"].dt.day()) == {1}


def test_words_for_empty_cells_are_empty_and_rows_without_an_amount_are_rejected(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", FILES["numbers and words mixed"][1]())
    config = proposed(path, tmp_path)
    assert config.columns.text.empty == ("n/a",)
    assert config.columns.numeric == ("visits",)
    rows = stored(path, config, tmp_path, rejected=ROWS // 9)
    assert len(rows) == ROWS - ROWS // 9
    assert rows["visits"].null_count() > 0


@pytest.mark.parametrize("trouble", FAULTS)
def test_what_cannot_be_run_ends_in_a_message_of_one_line(trouble: str, tmp_path: Path) -> None:
    name, content, expected = FAULTS[trouble]
    path = write(tmp_path, name, content())
    try:
        found = inspect_dumps(find_dumps([path]), tmp_path / "scratch")
    except DumpError as error:
        message = str(error)
    else:
        (message,) = found.missing
        assert any(message in line for line in describe(found))
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_cell_longer_than_the_csv_module_allows_hides_neither_separator_nor_header(
    separator: str, tmp_path: Path
) -> None:
    rows = table()
    rows[5][3] = f'"{"x" * 200_000}"'
    found = inspect_dumps([write(tmp_path, "a.csv", joined(rows, separator=separator))], tmp_path / "scratch")
    assert found.sample.dialect.text.separator == (None if separator == "," else separator)
    assert found.config.columns.transaction_id == "trans_id"


def test_a_quote_that_is_never_closed_in_the_header_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", '"' + joined(table(4_000)))
    with pytest.raises(
        DumpError, match=r"line 1: expected a header, found a cell .*; is a quote opened and never closed"
    ):
        inspect_dumps([path], tmp_path / "scratch")


def test_a_date_that_may_be_read_in_two_ways_is_read_by_the_order_of_the_rows_and_reported_as_a_guess(
    tmp_path: Path,
) -> None:
    days = [f"{day:02}/{month:02}/2024" for month in (1, 2, 3) for day in range(1, 13) for _ in range(20)]
    rows = [[str(n), day, f"K{n % 30}", "S", f"{n % 97 + 0.5}", str(int(n % 17 == 0))] for n, day in enumerate(days)]
    path = write(tmp_path, "a.csv", joined(rows))
    found = inspect_dumps([path], tmp_path / "scratch")
    assert found.clock.spec.format == "%d/%m/%Y"
    assert any("%m/%d/%Y" in guess for guess in found.unsure)


def test_a_large_file_is_read_in_pieces_which_the_statement_mentions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fraud.inspection.reading import sample

    for name, value in {"WHOLE_BYTES": 20_000, "HEAD_BYTES": 15_000, "PIECE_BYTES": 1_500, "PIECES": 10}.items():
        monkeypatch.setattr(sample, name, value)
    path = write(tmp_path, "a.csv", joined(table()))
    found = inspect_dumps([path], tmp_path / "scratch")
    assert not found.sample.is_whole
    assert 300 < found.sample.rows < ROWS
    assert "pieces" in found.sample.statement
    assert f"{found.timeline.last:%Y-%m-%d}" == table()[-1][1][:10]
    assert found.config.columns.entities["card"] == "card_no"
