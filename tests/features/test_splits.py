"""Windows by time, with gaps as long as labels take, and labels as they were known then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st

from fraud.config import LabelsConfig, SplitConfig
from fraud.errors import LeakageError, SplitError
from fraud.features.splits import Split, check_split, labels_as_of, split_by_time

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SCHEMA = {
    "event_time": pl.Datetime("us", "UTC"),
    "is_fraud": pl.Boolean,
    "label_time": pl.Datetime("us", "UTC"),
}


def keys(days: int = 60, per_day: int = 4, delay: timedelta = 7 * DAY, fraud_every: int = 5) -> pl.DataFrame:
    times = [START + DAY * n / per_day for n in range(days * per_day)]
    return pl.DataFrame(
        {
            "event_time": times,
            "is_fraud": [n % fraud_every == 0 for n in range(len(times))],
            "label_time": [time + delay for time in times],
        },
        schema=SCHEMA,
    )


def cut(frame: pl.DataFrame, *, delay_days: float = 7.0, has_label_time: bool = False, **lengths) -> Split:
    maturity = lengths.pop("maturity_days", None)
    return split_by_time(
        frame,
        split=SplitConfig(**({"validation": 10, "test": 14} | lengths)),
        labels=LabelsConfig(delay_days=delay_days, maturity_days=maturity),
        has_label_time=has_label_time,
    )


def test_windows_follow_each_other_with_a_gap_as_long_as_the_label_delay() -> None:
    split = cut(keys())
    assert split.test.end == START + 60 * DAY
    assert split.test.start == START + 46 * DAY
    assert split.validation.end == split.test.start - 7 * DAY
    assert split.validation.start == START + 29 * DAY
    assert split.train.end == split.validation.start - 7 * DAY
    assert split.train.start == START
    assert [len(window.rows) for window in split.windows] == [22 * 4, 10 * 4, 14 * 4]


def test_windows_in_days_begin_and_end_at_midnight() -> None:
    frame = keys().with_columns(
        pl.col("event_time") + pl.duration(hours=5), pl.col("label_time") + pl.duration(hours=5)
    )
    split = cut(frame, train=10)
    moments = [moment for window in split.windows for moment in (window.start, window.end)]
    assert {moment.time().isoformat() for moment in moments} == {"00:00:00"}
    assert split.train.end - split.train.start == 10 * DAY


def test_train_of_length_zero_takes_everything_earlier() -> None:
    assert cut(keys(), train=0).train.start == START
    assert cut(keys(), train=5).train.start == START + 17 * DAY


def test_the_description_gives_dates_and_counts() -> None:
    described = cut(keys()).describe()
    assert described["label_delay_days"] == 7
    assert described["test"] == {
        "from": "2024-02-16T00:00:00+00:00",
        "to": "2024-03-01T00:00:00+00:00",
        "transactions": 56,
        "frauds": 11,
        "prevalence": 11 / 56,
    }


@examples(40)
@given(
    st.lists(st.integers(0, 40), min_size=12, max_size=60),
    st.sampled_from([0.1, 0.2, 0.3]),
    st.sampled_from([0.1, 0.25]),
    st.sampled_from([0.0, 0.4]),
)
def test_shares_never_part_events_of_one_moment(hours: list[int], test: float, validation: float, train: float) -> None:
    times = sorted(START + timedelta(hours=hour) for hour in hours)
    frame = pl.DataFrame({"event_time": times, "is_fraud": True, "label_time": times}, schema=SCHEMA)
    try:
        split = cut(frame, delay_days=0, train=train, validation=validation, test=test)
    except SplitError:
        return
    check_split(split, frame)
    spans = [{times[row] for row in window.rows} for window in split.windows]
    assert len(set.union(*spans)) == sum(len(span) for span in spans)
    assert len(split.test.rows) >= round(test * len(times))


def test_shares_without_a_delay_use_every_transaction() -> None:
    split = cut(keys(delay=timedelta(0)), delay_days=0, train=0.7, validation=0.1, test=0.2)
    assert [len(window.rows) for window in split.windows] == [168, 24, 48]


def test_as_of_hides_all_that_came_later() -> None:
    split = cut(keys(), as_of="2024-02-20")
    assert split.test.end == datetime(2024, 2, 13, tzinfo=UTC)
    early = keys().filter(pl.col("event_time") < datetime(2024, 2, 20, tzinfo=UTC))
    again = cut(early, as_of="2024-02-20")
    assert [w.y.tolist() for w in split.windows] == [w.y.tolist() for w in again.windows]
    assert split.describe() == again.describe()


def test_with_label_times_the_test_window_ends_where_labels_are_mature() -> None:
    frame = keys(delay=DAY)
    split = cut(frame, has_label_time=True, maturity_days=10)
    assert split.label_delay_days == 10
    assert frame["event_time"].max() == START + 59.75 * DAY
    assert split.test.end == START + 49 * DAY


def test_labels_are_those_known_at_the_moment_of_use() -> None:
    """A fraud of the training window that is reported only after validation began was genuine to those who trained."""
    frame = keys(delay=DAY)
    late = pl.col("event_time") == START + 10 * DAY
    frame = frame.with_columns(
        is_fraud=pl.when(late).then(statement=True).otherwise("is_fraud"),
        label_time=pl.when(late).then(START + 55 * DAY).otherwise("label_time"),
    )
    split = cut(frame, has_label_time=True, maturity_days=3, test=14, validation=10)
    position = int(np.flatnonzero(split.train.rows == 40)[0])
    assert split.train.y[position] == 0
    assert frame["is_fraud"][40]


@pytest.mark.parametrize(
    ("has_label_time", "expected"), [(False, [1, 0, None, None, None, None]), (True, [1, 0, None, None, 0, None])]
)
def test_labels_as_of_a_moment(has_label_time: bool, expected: list[int | None]) -> None:
    moment = START + 20 * DAY
    rows = [
        (START + 10 * DAY, True, START + 15 * DAY),  # known fraud
        (START + 10 * DAY, False, moment),  # known genuine, this very moment
        (START + 10 * DAY, None, None),  # nobody ever knew
        (START + 18 * DAY, True, START + 21 * DAY),  # not known yet and young
        (START + 1 * DAY, True, START + 21 * DAY),  # not known yet, unreported for so long
        (START + 18 * DAY, False, START + 21 * DAY),  # not known yet and young
    ]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    known = labels_as_of(moment, maturity_days=7, has_label_time=has_label_time)
    assert frame.select(y=known)["y"].to_list() == expected


def test_unlabelled_rows_are_in_no_window() -> None:
    unknown = pl.int_range(pl.len()) % 2 == 1
    frame = keys(fraud_every=4).with_columns(
        is_fraud=pl.when(~unknown).then("is_fraud"), label_time=pl.when(~unknown).then("label_time")
    )
    split = cut(frame)
    assert [window.unlabelled for window in split.windows] == [44, 20, 28]
    assert not any((window.rows % 2).any() for window in split.windows)


def message(act: Callable[[], object]) -> str:
    with pytest.raises(SplitError) as caught:
        act()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_window_without_fraud_is_named_with_its_dates() -> None:
    frame = keys().with_columns(is_fraud=pl.col("is_fraud") & (pl.col("event_time") < START + 25 * DAY))
    line = message(lambda: cut(frame))
    assert "no fraud known in the validation window, 2024-01-30 00:00 to 2024-02-09 00:00" in line
    assert "40 transactions" in line
    assert "20 frauds elsewhere" in line


def test_too_few_days_are_counted() -> None:
    line = message(lambda: cut(keys(days=38)))
    assert "the data have 38 days (2024-01-01 to 2024-02-08) but the windows need 39" in line


def test_a_training_window_longer_than_the_data_is_refused() -> None:
    assert "need 98" in message(lambda: cut(keys(), train=60))


def test_an_unlabelled_table_is_refused() -> None:
    frame = keys().with_columns(is_fraud=pl.lit(None, pl.Boolean), label_time=pl.lit(None, SCHEMA["label_time"]))
    assert "none of the 240 transactions is labelled" in message(lambda: cut(frame))


def test_a_table_of_labelled_frauds_alone_is_refused_and_says_what_to_set() -> None:
    frame = keys().with_columns(is_fraud=pl.when("is_fraud").then(pl.lit(value=True)))
    line = message(lambda: cut(frame))
    assert "nothing is labelled genuine: expected both classes, found 48 frauds and 192 transactions" in line
    assert 'genuine = [""] in [columns] is_fraud' in line


def test_an_as_of_before_the_first_label_is_refused() -> None:
    assert "labels take 7 days" in message(lambda: cut(keys(), as_of="2024-01-03"))


def no_gap(split: Split) -> Split:
    return replace(split, validation=replace(split.validation, end=split.test.start))


def windows_swapped(split: Split) -> Split:
    return replace(split, train=split.test, test=split.train)


def repeated_rows(split: Split) -> Split:
    rows = np.repeat(split.test.rows, 2)
    return replace(split, test=replace(split.test, rows=rows, y=np.repeat(split.test.y, 2)))


def rows_outside_the_table(split: Split) -> Split:
    return replace(split, test=replace(split.test, rows=split.test.rows + 100))


@pytest.mark.parametrize("plant", [no_gap, windows_swapped, repeated_rows, rows_outside_the_table])
def test_a_leaking_split_is_stopped(plant: Callable[[Split], Split]) -> None:
    frame = keys()
    split = cut(frame)
    check_split(split, frame)
    with pytest.raises(LeakageError, match="split: "):
        check_split(plant(split), frame)
