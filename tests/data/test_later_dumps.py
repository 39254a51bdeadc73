"""Dumps that come when something is stored already: what is merged, what is refused, which warnings are given."""

import pytest

from fraud.errors import DumpError

A, B, C = "a,2018-04-01,5,0,x", "b,2018-04-02,6,,y", "c,2018-04-03,7,1,x"


def counts(result):
    return result.new, result.updated, result.unchanged, result.rejected


def test_of_a_dump_that_overlaps_only_new_rows_are_added_and_it_is_said(desk):
    desk.ingest(desk.csv(A, B))
    result = desk.ingest(desk.csv(B, C, name="later.csv"))
    assert counts(result) == (1, 0, 1, 0)
    assert (desk.store.version, desk.stored().height) == (1, 3)
    assert result.warnings == ("1 of 2 rows were stored before; only the other 1 are added",)
    assert [finding.severity for finding in result.findings] == ["note"]


def test_a_dump_older_than_the_store_is_merged_and_it_is_said(desk):
    desk.ingest(desk.csv(C))
    result = desk.ingest(desk.csv(A, B, name="early.csv"))
    assert counts(result) == (2, 0, 0, 0)
    assert (desk.store.version, desk.stored().height) == (1, 3)
    assert result.warnings == (
        "early.csv: older than what is stored: its events end 2018-04-02 00:00, the store begins 2018-04-03 00:00",
    )


def test_a_dump_stored_already_changes_nothing(desk):
    paths = [desk.csv(A, B), desk.csv(C, name="later.csv")]
    desk.ingest(*paths)
    before = desk.store.version, desk.stored()
    assert counts(desk.ingest(*paths)) == (0, 0, 3, 0)
    assert (desk.store.version, desk.stored().equals(before[1])) == (before[0], True)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("id,when,Amount,fraud,card", r"column 'amount' is missing: .*Did you mean 'Amount'\?"),
        ("id,when,amount,fraud,holder", "column 'card' is missing"),
        ("id,amount,fraud,card,at", "column 'when' is missing"),
    ],
)
def test_a_column_that_is_gone_is_refused(desk, header, message):
    desk.ingest(desk.csv(A, B))
    with pytest.raises(DumpError, match=message):
        desk.ingest(desk.csv(C, name="later.csv", header=header))
    assert (desk.store.version, desk.stored().height) == (0, 2)


def test_a_new_column_is_named_and_ignored(desk):
    desk.ingest(desk.csv(A, B))
    result = desk.ingest(desk.csv(f"{C},web", name="later.csv", header="id,when,amount,fraud,card,channel"))
    assert result.new == 1
    assert result.warnings == ("no role in [columns] and so ignored: channel; give a role or list under ignore",)
