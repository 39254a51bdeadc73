"""Times in every way a dump may write them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from fraud.config import ColumnsConfig, LabelSpec, TimeSpec
from fraud.data import is_monthly
from fraud.errors import ConfigError, DumpError

NOON = "2018-04-03T12:00:00+00:00"

WRITTEN = {
    "ISO": "2018-04-03 12:00:00",
    "ISO with T": "2018-04-03T12:00:00",
    "zulu": "2018-04-03T12:00:00Z",
    "an offset": "2018-04-03T14:00:00+02:00",
    "an offset without colon": "2018-04-03 14:00:00 +0200",
    "UTC in words": "2018-04-03 12:00:00 UTC",
    "fractions": "2018-04-03 12:00:00.000000",
    "no seconds": "2018-04-03 12:00",
    "slashes": "2018/04/03 12:00:00",
    "German": "03.04.2018 12:00:00",
    "an English month": "03-Apr-2018 12:00:00",
    "American words": '"Apr 3, 2018 12:00:00 PM"',
    "twelve hours": "2018-04-03 12:00:00 PM",
    "digits only": "20180403120000",
    "digits with T": "20180403T120000",
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_the_usual_ways_to_write_a_time_are_understood(times_of, written):
    assert times_of(written, spec=TimeSpec(column="when")) == [NOON]


def test_a_date_alone_is_its_midnight(times_of):
    assert times_of("2018-04-03", spec=TimeSpec(column="when")) == ["2018-04-03T00:00:00+00:00"]


def test_naive_times_are_meant_in_the_time_zone(times_of):
    spec = TimeSpec(column="when", timezone="Europe/Brussels")
    winter_and_summer = times_of("2018-01-03 12:00:00", "2018-07-03 12:00:00", spec=spec)
    assert winter_and_summer == ["2018-01-03T11:00:00+00:00", "2018-07-03T10:00:00+00:00"]


def test_of_the_hour_that_comes_twice_the_first_is_taken(times_of):
    spec = TimeSpec(column="when", timezone="Europe/Brussels")
    assert times_of("2018-10-28 02:30:00", spec=spec) == ["2018-10-28T00:30:00+00:00"]


def test_an_hour_that_the_zone_skips_is_refused(times_of):
    spec = TimeSpec(column="when", timezone="Europe/Brussels")
    with pytest.raises(
        DumpError, match=r"row 2: event_time is '2018-03-25 02:30:00', expected .* existing in Europe/Brussels"
    ):
        times_of("2018-03-25 01:30:00", "2018-03-25 02:30:00", spec=spec)


def test_an_offset_in_the_text_wins_over_the_time_zone(times_of):
    assert times_of("2018-04-03T12:00:00Z", spec=TimeSpec(column="when", timezone="Europe/Brussels")) == [NOON]


def test_fractions_may_come_and_go(times_of):
    rows = ("2018-04-03 12:00:00", "2018-04-03 12:00:00.5", "2018-04-03 12:00:01.000001")
    assert [time[17:26] for time in times_of(*rows, spec=TimeSpec(column="when"))] == [
        "00+00:00",
        "00.500000",
        "01.000001",
    ]


def test_the_whole_column_decides_between_day_and_month(times_of):
    many = ["03/04/2018 12:00:00"] * 2000
    assert times_of(*many, "25/04/2018 12:00:00", spec=TimeSpec(column="when"))[0] == NOON


def test_month_before_day_is_found_as_well(times_of):
    assert times_of("04/03/2018 12:00", "04/25/2018 12:00", spec=TimeSpec(column="when"))[0] == NOON


def test_a_date_that_may_be_read_in_two_ways_is_never_guessed(times_of):
    with pytest.raises(
        DumpError, match=r"'03/04/2018' may be read as %d/%m/%Y or as %m/%d/%Y, and so may every row; set"
    ):
        times_of("03/04/2018", "05/06/2018", spec=TimeSpec(column="when"))
    assert times_of("03/04/2018", spec=TimeSpec(column="when", format="%d/%m/%Y")) == ["2018-04-03T00:00:00+00:00"]


@pytest.mark.parametrize(
    ("unit", "number"),
    [("s", "129600"), ("h", "36"), ("d", "1.5"), ("min", "2160"), ("ms", "129600000"), ("us", "129600000000")],
)
def test_numbers_count_units_since_the_origin(times_of, unit, number):
    assert times_of(number, spec=TimeSpec(column="when", unit=unit, origin="2018-04-02")) == [NOON]


def test_an_origin_may_have_an_offset(times_of):
    assert times_of("0", spec=TimeSpec(column="when", unit="s", origin="2018-04-03T14:00:00+02:00")) == [NOON]


def test_numbers_without_a_unit_are_refused(times_of):
    with pytest.raises(DumpError, match=r"column 'when' holds numbers: expected a unit .*unit = 's', origin"):
        times_of("129600", "129700", spec=TimeSpec(column="when"))


def test_a_word_among_numbers_is_refused(times_of):
    with pytest.raises(DumpError, match="row 2: event_time is 'soon', expected a number of s since 2018-04-02"):
        times_of("129600", "soon", spec=TimeSpec(column="when", unit="s", origin="2018-04-02"))


def test_date_and_time_in_two_columns_are_joined(times_of):
    spec = TimeSpec(columns=("day", "clock"))
    assert times_of("2018-04-03,12:00:00", header="day,clock", spec=spec) == [NOON]


def test_columns_are_joined_for_a_format(times_of):
    spec = TimeSpec(columns=("year", "month", "day"), format="%Y %m %d")
    assert times_of("2018,4,3", header="year,month,day", spec=spec) == ["2018-04-03T00:00:00+00:00"]


def test_day_and_hour_numbers_count_from_the_origin(times_of):
    spec = TimeSpec(columns=("day", "hour"), origin="2018-04-01")
    assert times_of("2,12", header="day,hour", spec=spec) == [NOON]
    finer = TimeSpec(columns=("hour", "minute", "second"), unit="h", origin="2018-04-01")
    assert times_of("59,59,60", header="hour,minute,second", spec=finer) == [NOON]


def test_a_date_and_an_hour_number_are_added(times_of):
    assert times_of("2018-04-03,12", header="day,hour", spec=TimeSpec(columns=("day", "hour"))) == [NOON]


def test_half_an_answer_in_two_columns_is_no_time(desk):
    columns = ColumnsConfig(transaction_id="id", event_time=TimeSpec(columns=("day", "hour")))
    result = desk.ingest(desk.csv("1,2,12", "2,2,", "3,,5", header="id,day,hour"), columns=columns)
    assert (result.new, result.rejected_by_rule) == (1, {"event_time_present": 2})


def test_a_year_is_not_taken_for_a_number_of_days(times_of):
    with pytest.raises(DumpError, match="column 'year' seems to hold years, expected days; set format"):
        times_of("2018,4", "2019,5", header="year,month", spec=TimeSpec(columns=("year", "month")))


def test_more_columns_than_units_are_refused(times_of):
    spec = TimeSpec(columns=("a", "b", "c"), unit="ms")
    with pytest.raises(ConfigError, match="2 columns after 'a' are finer than its unit 'ms' allows"):
        times_of("1,2,3", header="a,b,c", spec=spec)


def test_row_order_counts_seconds_and_goes_on_with_the_next_dump(desk):
    columns = ColumnsConfig(
        transaction_id="id", event_time=TimeSpec(), amount="amount", is_fraud=LabelSpec(column="fraud")
    )
    first, second = (desk.csv(f"{n}1,5,0", f"{n}2,6,1", name=f"{n}.csv", header="id,amount,fraud") for n in "ab")
    desk.ingest(first, columns=columns)
    desk.ingest(second, columns=columns)
    start = datetime(2000, 1, 1, tzinfo=UTC)
    seconds = [(moment - start) / timedelta(seconds=1) for moment in desk.stored("event_time")["event_time"]]
    assert seconds == [1, 2, 3, 4]


def test_row_order_of_several_dumps_at_once_is_that_of_one_after_the_other(desk):
    columns = ColumnsConfig(transaction_id="id", event_time=TimeSpec())
    paths = [desk.csv(f"{n}1", f"{n}2", name=f"{n}.csv", header="id") for n in "ab"]
    desk.ingest(*paths, columns=columns)
    assert [moment.second for moment in desk.stored("event_time")["event_time"]] == [1, 2, 3, 4]


def test_a_row_that_comes_again_keeps_its_place_in_the_row_order(desk):
    columns = ColumnsConfig(transaction_id="id", event_time=TimeSpec(), is_fraud=LabelSpec(column="fraud"))
    desk.ingest(desk.csv("1,", "2,0", name="a.csv", header="id,fraud"), columns=columns)
    before = desk.stored()
    result = desk.ingest(desk.csv("2,0", "1,1", name="b.csv", header="id,fraud"), columns=columns)
    assert (result.new, result.updated, result.unchanged, result.corrected) == (0, 1, 1, 0)
    after = desk.stored()
    assert after["event_time"].equals(before["event_time"])
    assert after["is_fraud"].to_list() == [True, False]
    assert (after["label_time"] - after["event_time"]).unique().to_list() == [timedelta(days=7)]


def test_times_of_parquet_need_no_unit(desk):
    moments = pl.Series([datetime(2018, 4, 3, 12, tzinfo=UTC), None]).dt.convert_time_zone("Europe/Brussels")
    pl.DataFrame({"id": [1, 2], "when": moments}).write_parquet(desk.folder / "d.parquet")
    columns = ColumnsConfig(transaction_id="id", event_time=TimeSpec(column="when"))
    result = desk.ingest(desk.folder / "d.parquet", columns=columns)
    assert result.rejected_by_rule == {"event_time_present": 1}
    assert desk.stored("event_time")["event_time"][0].isoformat() == NOON
    with pytest.raises(DumpError, match="holds times already, so unit = 's' of event_time cannot apply"):
        desk.ingest(
            desk.folder / "d.parquet",
            columns=ColumnsConfig(transaction_id="id", event_time=TimeSpec(column="when", unit="s")),
        )


def test_a_wrong_unit_is_told_from_the_years_it_gives(times_of):
    milliseconds = [str(1522756800000 + n) for n in range(20)]
    with pytest.raises(
        DumpError,
        match=r"all 20 rows break one rule: .* event_time is between 1900 and 2200, found in row 1: when = '15227568",
    ):
        times_of(*milliseconds, spec=TimeSpec(column="when", unit="s"))


def test_a_date_of_the_year_1_is_put_into_quarantine(desk):
    columns = ColumnsConfig(transaction_id="id", event_time=TimeSpec(column="when"))
    result = desk.ingest(desk.csv("1,2018-04-01", "2,0001-01-01", header="id,when"), columns=columns)
    assert (result.new, result.rejected_by_rule) == (1, {"event_time_plausible": 1})


@pytest.mark.parametrize(
    ("reported", "known"),
    {
        "2018-04-05": "2018-04-05T23:59:59.999999+00:00",
        "05.04.2018": "2018-04-05T23:59:59.999999+00:00",
        "2018-04-05 00:00": "2018-04-05T00:00:00+00:00",
    }.items(),
)
def test_a_label_of_a_day_is_known_when_that_has_ended(desk, reported, known):
    desk.ingest(desk.csv(f"1,2018-04-03 12:00:00,1,{reported}", header="id,when,fraud,known"), columns=REPORTED)
    assert [moment.isoformat() for moment in desk.stored("label_time")["label_time"]] == [known]


def test_a_label_of_a_month_is_known_when_that_has_ended(desk):
    columns = replace(REPORTED, label_time=TimeSpec(column="known", format="%Y-%m"))
    desk.ingest(desk.csv("1,2018-04-03 12:00:00,1,2018-04", header="id,when,fraud,known"), columns=columns)
    assert desk.stored("label_time")["label_time"][0].isoformat() == "2018-04-30T23:59:59.999999+00:00"


def test_a_label_due_at_the_end_of_time_stays_there(desk):
    rows = ("1,2018-04-03 12:00:00,1,2018-04-05", "2,2018-04-03 12:00:00,0,9999-12-31")
    desk.ingest(desk.csv(*rows, header="id,when,fraud,known"), columns=REPORTED)
    assert desk.stored("label_time")["label_time"].max() == datetime.max.replace(tzinfo=UTC)


def test_a_label_of_a_day_of_parquet_is_known_when_that_has_ended_where_it_was_written(desk):
    columns = replace(REPORTED, label_time=TimeSpec(column="known", timezone="Europe/Brussels"))
    frame = pl.DataFrame(
        {"id": [1], "when": [datetime(2018, 4, 3, 12, tzinfo=UTC)], "fraud": [1], "known": [date(2018, 4, 3)]}
    )
    frame.write_parquet(desk.folder / "d.parquet")
    desk.ingest(desk.folder / "d.parquet", columns=columns)
    assert desk.stored("label_time")["label_time"][0].isoformat() == "2018-04-03T21:59:59.999999+00:00"


REPORTED = ColumnsConfig(
    transaction_id="id",
    event_time=TimeSpec(column="when"),
    is_fraud=LabelSpec(column="fraud"),
    label_time=TimeSpec(column="known"),
)


@pytest.mark.parametrize(
    ("spec", "monthly"),
    [
        ({"format": "%Y-%m"}, True),
        ({"format": "%b %Y"}, True),
        ({"format": "%-d %b %Y"}, False),
        ({"format": "%Y-%m-%d"}, False),
        ({"format": "%Y-%m %H"}, False),
        ({"unit": "d", "column": "month"}, True),
        ({"unit": "d"}, False),
        ({}, False),
    ],
)
def test_a_time_without_days_is_known_by_its_month_alone(spec, monthly):
    assert is_monthly(TimeSpec(**{"column": "when", **spec})) is monthly
