"""A dump whose times were read in a wrong unit is refused, and history that is filled in is not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fraud.config import ColumnsConfig, LabelsConfig, TimeSpec
from fraud.data.checks.event_range import EventRange
from fraud.errors import ConfigError, DumpError
from fraud.scoring.request import ScoringRequest
from fraud.scoring.score import Unlabelled, late_note, read_unlabelled

DAY = 86_400
START = int(datetime(2018, 4, 1, tzinfo=UTC).timestamp())
STORED = EventRange(datetime(2018, 4, 1, tzinfo=UTC), datetime(2018, 4, 30, tzinfo=UTC))


def columns_in(unit):
    return ColumnsConfig(transaction_id="id", event_time=TimeSpec(column="when", unit=unit))


def dump_at(desk, *seconds, factor=1, name="new.csv"):
    """A dump of events at these seconds since 2018-04-01, written in a unit of so many a second."""
    rows = (f"{name[0]}{place},{int((START + second) * factor)}" for place, second in enumerate(seconds))
    return desk.csv(*rows, name=name, header="id,when")


def read(desk, dump, unit, *, stored=STORED) -> Unlabelled:
    scratch = Path(desk.folder / "scratch")
    scratch.mkdir()
    return read_unlabelled([str(dump)], scratch, columns=columns_in(unit), labels=LabelsConfig(), stored=stored)


@pytest.mark.parametrize(
    ("written", "factor", "read_as", "found"),
    [("s", 1, "ms", "1970-01-18"), ("ms", 1e3, "us", "1970-01-18"), ("min", 1 / 60, "s", "1970-10-22")],
)
def test_a_dump_that_is_read_in_too_small_a_unit_is_not_scored_as_1970(desk, written, factor, read_as, found):
    dump = dump_at(desk, 31 * DAY, 32 * DAY, factor=factor)
    with pytest.raises(
        DumpError, match=rf"new.csv: event_time \(column 'when'\) of all 2 rows .*found {found}"
    ) as caught:
        read(desk, dump, read_as)
    assert "expected events not before those stored (2018-04-01 00:00 to 2018-04-30 00:00)" in str(caught.value)
    assert f"it seems to be in {written}, [columns] event_time has unit = '{read_as}'" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_dump_that_is_read_in_too_large_a_unit_is_not_scored_as_the_far_future(desk):
    dump = dump_at(desk, *range(31 * DAY, 31 * DAY + 12), factor=1000)
    with pytest.raises(
        DumpError, match="all 12 rows break one rule: expected that event_time is between 1900 and 2200"
    ):
        read(desk, dump, "s")


def test_few_rows_of_the_far_future_are_no_empty_file_of_alerts(desk):
    with pytest.raises(DumpError, match=r"score: expected transactions, found none: 1 row.* event_time_plausible 1"):
        read(desk, dump_at(desk, 31 * DAY, factor=1000), "s")


def test_a_dump_decades_after_the_store_is_not_scored(desk):
    dump = dump_at(desk, 31 * DAY)
    stored = EventRange(datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 6, 1, tzinfo=UTC))
    with pytest.raises(
        DumpError, match="of its row is out of range: expected events at most 5 years after those stored"
    ):
        read(desk, dump, "s", stored=stored)


def test_the_next_month_is_scored_without_a_word(desk):
    assert read(desk, dump_at(desk, 31 * DAY, 60 * DAY), "s").warnings == ()


def test_events_before_the_first_one_stored_are_counted(desk):
    warnings = read(desk, dump_at(desk, -2, -1, 31 * DAY), "s").warnings
    assert warnings == (
        "new.csv: 2 events lie before the store's first, 2018-04-01 00:00: they are scored without any history",
    )


def test_a_gap_behind_the_store_is_told(desk):
    (warning,) = read(desk, dump_at(desk, 129 * DAY), "s").warnings
    assert "its events begin 2018-08-08 00:00, 100 days after the last one stored" in warning


def test_transactions_that_are_late_are_counted_and_those_that_are_stored_are_not(desk):
    stored = dump_at(desk, 0, 10, 20, name="stored.csv")
    desk.ingest(stored, columns=columns_in("s"))
    last = desk.store.last_event()
    again = read(desk, dump_at(desk, 0, 5, 30, name="stored.csv"), "s").rows  # ids of the store
    assert late_note(ScoringRequest.among(again, desk.store.scan(), desk.folder / "again"), last) is None
    desk.folder.joinpath("scratch").rename(desk.folder / "first")
    late = read(desk, dump_at(desk, 5, 15, 30, name="late.csv"), "s").rows
    request = ScoringRequest.among(late, desk.store.scan(), desk.folder / "late")
    assert late_note(request, last).startswith("2 transactions before the last stored event (")


def test_a_later_dump_of_1970_is_not_stored_unless_it_is_meant(desk):
    desk.ingest(dump_at(desk, 0, DAY, factor=1000, name="first.csv"), columns=columns_in("ms"))
    later = dump_at(desk, 31 * DAY, 32 * DAY)
    with pytest.raises(DumpError, match=r"it seems to be in s, .*If they are meant: --dataset.accept event_time"):
        desk.ingest(later, columns=columns_in("ms"))
    assert (desk.store.version, desk.stored().height) == (0, 2)
    assert desk.ingest(later, columns=columns_in("ms"), accept=("event_time",)).new == 2


def test_of_dumps_that_come_together_the_first_says_when_it_is(desk):
    first = dump_at(desk, 0, DAY, factor=1000, name="a.csv")
    with pytest.raises(DumpError, match=r"b\.csv: event_time"):
        desk.ingest(first, dump_at(desk, 31 * DAY, name="b.csv"), columns=columns_in("ms"))
    assert not desk.store.exists


def test_events_of_1970_among_others_are_counted(desk):
    desk.ingest(dump_at(desk, 0, DAY, name="first.csv"), columns=columns_in("s"))
    (warning,) = desk.ingest(dump_at(desk, 31 * DAY, -START), columns=columns_in("s")).warnings
    assert warning == (
        "new.csv: 1 event lies more than 5 years from what is stored (2018-04-01 00:00 to 2018-04-02 00:00), "
        "first in row 2: 1970-01-01 00:00; fix the dump unless they are meant"
    )


def test_history_that_is_filled_in_is_stored(desk):
    desk.ingest(dump_at(desk, 0, DAY, name="first.csv"), columns=columns_in("s"))
    (warning,) = desk.ingest(dump_at(desk, -3 * 365 * DAY), columns=columns_in("s")).warnings
    assert warning.startswith("new.csv: older than what is stored")


def test_only_columns_and_the_time_can_be_accepted(desk):
    with pytest.raises(ConfigError, match="expected any of event_time"):
        desk.ingest(dump_at(desk, 0), columns=columns_in("s"), accept=("event_tim",))
