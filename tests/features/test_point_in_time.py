"""Nothing knows the future: what comes later, or is not known yet, changes no feature; nor does the order of rows."""

from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small_tables import DELAY_DAYS, START, Row, features_of, table, transactions

LABELS = ("is_fraud", "label_time")
MOMENTS = st.integers(0, 24 * 14).map(lambda hours: START + timedelta(hours=hours))
few = examples(25)


def until(features: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Features of the rows up to a moment, their own labels left out."""
    return features.filter(pl.col("event_time") <= moment).drop(LABELS)


@few
@given(transactions(), MOMENTS)
def test_removing_the_future_never_changes_a_feature(rows: list[Row], moment: datetime) -> None:
    past = [row for row in rows if row.event_time <= moment]
    assert_frame_equal(until(features_of(past), moment), until(features_of(rows), moment), check_exact=True)


@few
@given(transactions(), transactions(), MOMENTS)
def test_another_future_never_changes_a_feature(rows: list[Row], other: list[Row], moment: datetime) -> None:
    past = [row for row in rows if row.event_time <= moment]
    future = [replace(row, transaction_id=f"x{row.transaction_id}") for row in other if row.event_time > moment]
    assert_frame_equal(until(features_of(past + future), moment), until(features_of(rows), moment), check_exact=True)


@few
@given(transactions(), MOMENTS, st.sampled_from(["removed", "turned", "later"]))
def test_a_label_that_is_not_known_yet_never_changes_a_feature(rows: list[Row], moment: datetime, change: str) -> None:
    changed = [_with_other_label(row, change) if _is_unknown_at(row, moment) else row for row in rows]
    assert_frame_equal(until(features_of(changed), moment), until(features_of(rows), moment), check_exact=True)


def _is_unknown_at(row: Row, moment: datetime) -> bool:
    return row.label_time is not None and (row.label_time > moment or row.event_time >= moment)


def _with_other_label(row: Row, change: str) -> Row:
    if change == "removed":
        return replace(row, is_fraud=None, label_time=None)
    if change == "turned":
        return replace(row, is_fraud=not row.is_fraud)
    return replace(row, label_time=row.label_time and row.label_time + timedelta(days=100))


@examples(50)
@given(transactions(delay="reports", min_size=4), MOMENTS, st.data())
def test_a_fraud_that_is_not_reported_yet_looks_like_a_genuine_event(
    rows: list[Row], moment: datetime, data: st.DataObject
) -> None:
    """However late its report: neither its label nor the lack of one shows before."""
    changed = [_with_another_fate(row, moment, data) for row in rows]
    before, after = (features_of(version, delay_days=DELAY_DAYS) for version in (rows, changed))
    assert_frame_equal(until(after, moment), until(before, moment), check_exact=True)


def _with_another_fate(row: Row, moment: datetime, data: st.DataObject) -> Row:
    """A fraud that nobody has reported yet becomes genuine, a genuine event a fraud reported after the moment."""
    if row.label_time is None or (row.is_fraud and not _is_unknown_at(row, moment)):
        return row
    if row.is_fraud:
        return _as_genuine(row)
    waited = timedelta(hours=data.draw(st.sampled_from([1, 30, 60, 100, 500])))
    return replace(row, is_fraud=True, label_time=max(moment, row.event_time) + waited)


def _as_genuine(row: Row) -> Row:
    return replace(row, is_fraud=False, label_time=row.event_time + timedelta(days=DELAY_DAYS))


@few
@given(transactions(), MOMENTS)
def test_the_label_of_an_event_is_no_part_of_its_own_features_nor_of_those_of_its_moment(
    rows: list[Row], moment: datetime
) -> None:
    turned = [
        replace(row, is_fraud=not row.is_fraud) if row.is_fraud is not None and row.event_time == moment else row
        for row in rows
    ]
    assert_frame_equal(until(features_of(turned), moment), until(features_of(rows), moment), check_exact=True)


@few
@given(transactions(delay="none"), st.data())
def test_events_of_one_moment_do_not_see_each_other(rows: list[Row], data: st.DataObject) -> None:
    moment = data.draw(st.sampled_from([row.event_time for row in rows]))
    chosen = data.draw(st.sampled_from([row for row in rows if row.event_time == moment]))
    alone = [row for row in rows if row.event_time < moment or row is chosen]
    together = features_of(rows).filter(transaction_id=chosen.transaction_id)
    assert_frame_equal(features_of(alone).filter(transaction_id=chosen.transaction_id), together, check_exact=True)


@few
@given(transactions(), st.data())
def test_the_order_of_rows_never_matters(rows: list[Row], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows))
    assert_frame_equal(features_of(shuffled), features_of(rows), check_exact=True)


@examples(12)
@given(transactions())
def test_the_whole_build_equals_the_build_day_by_day(rows: list[Row]) -> None:
    """Each day with the table as it stood at its end: no row and no label of a later day exists yet."""
    days = sorted({row.event_time.replace(hour=0) for row in rows})
    ends = [*days[1:], days[-1] + timedelta(days=1)]
    daily = [features_of(_as_of(rows, end), since=day).drop(LABELS) for day, end in zip(days, ends, strict=True)]
    assert_frame_equal(pl.concat(daily), features_of(rows).drop(LABELS), check_exact=True)


@examples(8)
@given(transactions(delay="reports", max_size=15))
def test_the_whole_build_equals_the_build_day_by_day_of_data_where_the_unreported_count_as_genuine(
    rows: list[Row],
) -> None:
    whole = features_of(rows, delay_days=DELAY_DAYS).drop(LABELS)
    for day in sorted({row.event_time.replace(hour=0) for row in rows}):
        end = day + timedelta(days=1)
        arrived = [row for row in rows if row.event_time < end]
        known = [_as_genuine(row) if row.is_fraud and _is_unknown_at(row, end) else row for row in arrived]
        daily = features_of(known, delay_days=DELAY_DAYS, since=day).drop(LABELS)
        span = (pl.col("event_time") >= day) & (pl.col("event_time") < end)
        assert_frame_equal(daily, whole.filter(span), check_exact=True)


def _as_of(rows: list[Row], moment: datetime) -> list[Row]:
    arrived = [row for row in rows if row.event_time < moment]
    return [_with_other_label(row, "removed") if _is_unknown_at(row, moment) else row for row in arrived]


@few
@given(transactions(), MOMENTS)
def test_rows_since_a_moment_equal_those_of_the_whole_build(rows: list[Row], moment: datetime) -> None:
    whole = features_of(rows)
    assert_frame_equal(features_of(rows, since=moment), whole.filter(pl.col("event_time") >= moment), check_exact=True)


@few
@given(transactions(), st.sampled_from([1e9, -1e9, 1e-3]))
def test_amounts_of_other_entities_never_leave_a_trace(rows: list[Row], amount: float) -> None:
    """A running sum of floats would keep the rounding of everything that was ever added to it."""
    others = [
        replace(row, transaction_id=f"x{row.transaction_id}", card="c0", shop="s0", amount=amount) for row in rows
    ]
    own = features_of(rows + others).filter(~pl.col("transaction_id").str.starts_with("x"))
    assert_frame_equal(own, features_of(rows), check_exact=True)


def test_two_builds_of_the_same_data_are_equal() -> None:
    """No clock and no chance in it."""
    rows = [
        Row(f"t{n}", START + timedelta(hours=n % 7), n / 3, n % 3 == 0, START + timedelta(days=n), "c1", "s1")
        for n in range(50)
    ]
    assert_frame_equal(features_of(rows), features_of(rows), check_exact=True)
    assert table(rows).height == features_of(rows).height
