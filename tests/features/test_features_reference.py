"""Every feature against an independent definition in plain Python, on small tables full of ties and nulls."""

import math
from datetime import timedelta

import naive
import polars as pl
import pytest
from drawing import examples
from hypothesis import given
from small_tables import DELAY_DAYS, START, WINDOWS, Row, features_of, transactions

ENTITIES = ("card", "shop")


def expected(rows: list[Row], row: Row, delay_days: float | None = None) -> dict[str, float | None]:
    features: dict[str, float | None] = {}
    for entity in ENTITIES:
        own: dict[str, float | None] = {}
        for window in WINDOWS:
            own |= naive.window_features(rows, row, entity, window)
        own |= naive.level_features(rows, row, entity, WINDOWS)
        own |= naive.history_features(rows, row, entity)
        own |= naive.label_features(rows, row, entity, WINDOWS, delay_days)
        features |= dict.fromkeys(own) if getattr(row, entity) is None else own
    return features | naive.pair_features(rows, row, *ENTITIES)


def assert_equal_to_reference(rows: list[Row], delay_days: float | None) -> None:
    built = features_of(rows, delay_days=delay_days)
    by_id = {row["transaction_id"]: row for row in built.iter_rows(named=True)}
    for row in rows:
        found = by_id[row.transaction_id]
        for name, value in expected(rows, row, delay_days).items():
            assert (found[name] is None) == (value is None), (name, found[name], value, row)
            assert value is None or math.isclose(found[name], value, rel_tol=1e-5, abs_tol=2e-3), (name, value, found)


@pytest.mark.parametrize(
    ("delay", "delay_days"),
    [("none", None), ("week", None), ("any", None), ("any", DELAY_DAYS), ("reports", DELAY_DAYS), ("any", 0.0)],
)
def test_every_feature_equals_its_definition(delay: str, delay_days: float | None) -> None:
    @examples(40)
    @given(transactions(delay=delay))
    def check(rows: list[Row]) -> None:
        assert_equal_to_reference(rows, delay_days)

    check()


def test_the_reference_covers_every_entity_feature() -> None:
    rows = [Row("a", START, 1.0, None, None, "c1", "s1")]
    built = [name for name in features_of(rows).columns if name.startswith(("card_", "shop_"))]
    assert set(built) == set(expected(rows, rows[0]))


@examples(30)
@given(transactions(delay="week"))
def test_with_one_delay_windows_of_labels_are_the_handbooks(rows: list[Row]) -> None:
    """Known in (t - w, t] is then the same as happened in (t - 7d - w, t - 7d], label by label."""
    built = features_of(rows)
    for row, found in zip(sorted(rows, key=naive.order), built["shop_fraud_count_3d"], strict=True):
        end = row.event_time - timedelta(days=7)
        span = [e for e in rows if e.shop == row.shop and e.is_fraud and end - timedelta(days=3) < e.event_time <= end]
        assert found == (None if row.shop is None else len(span))


def test_nothing_grows_with_the_length_of_the_history() -> None:
    fraud = Row("a", START, 5.0, True, START + timedelta(hours=1), "c1", "s1")
    later = [Row(f"b{day}", START + timedelta(days=day), 5.0, None, None, "c1", "s1") for day in (29, 60)]
    built = features_of([fraud, *later])
    assert built["shop_last_fraud_days"].to_list() == [None, 29.0, None]
    assert built["shop_age_days"].to_list() == [None, 29.0, 30.0]
    assert built["card_shop_previous_days"].to_list() == [None, 29.0, None]


def test_a_fraud_that_was_reported_after_45_days_is_still_news() -> None:
    fraud = Row("a", START, 5.0, True, START + timedelta(days=45), None, "s1")
    later = [Row(f"b{day}", START + timedelta(days=day), 5.0, None, None, None, "s1") for day in (44, 45, 75, 76)]
    assert features_of([fraud, *later])["shop_last_fraud_days"].to_list() == [None, None, 45, 75, None]


def test_an_earlier_fraud_counts_from_the_moment_its_label_arrives() -> None:
    fraud = Row("a", START, 5.0, True, START + timedelta(hours=30), None, "s1")
    later = [
        Row(f"b{hours}", START + timedelta(hours=hours), 5.0, None, None, None, "s1") for hours in (29, 30, 31, 53, 54)
    ]
    built = features_of([fraud, *later])
    assert built["shop_fraud_count_1d"].to_list() == [0, 0, 1, 1, 1, 0]
    assert built["shop_last_fraud_days"].to_list() == [
        None,
        None,
        1.25,
        pytest.approx(31 / 24),
        pytest.approx(53 / 24),
        2.25,
    ]


def test_an_old_genuine_label_that_arrives_late_does_not_break_a_streak() -> None:
    hour = timedelta(hours=1)
    old = Row("a", START, 5.0, False, START + 100 * hour, None, "s1")
    frauds = [Row(f"f{n}", START + n * hour, 5.0, True, START + (n + 1) * hour, None, "s1") for n in (10, 20)]
    later = [Row(f"q{n}", START + n * hour, 5.0, None, None, None, "s1") for n in (50, 101)]
    built = features_of([old, *frauds, *later])
    assert built["shop_streak_days"].to_list()[-2:] == pytest.approx([40 / 24, 91 / 24])


def test_a_fraud_before_the_last_genuine_event_is_no_part_of_the_streak_however_late_it_is_reported() -> None:
    hour = timedelta(hours=1)
    old = Row("a", START, 5.0, True, START + 100 * hour, None, "s1")
    genuine = Row("b", START + 5 * hour, 5.0, False, START + 6 * hour, None, "s1")
    fraud = Row("c", START + 10 * hour, 5.0, True, START + 11 * hour, None, "s1")
    later = [Row(f"q{n}", START + n * hour, 5.0, None, None, None, "s1") for n in (50, 101)]
    built = features_of([old, genuine, fraud, *later])
    assert built["shop_streak_days"].to_list()[-2:] == pytest.approx([40 / 24, 91 / 24])


def test_a_later_genuine_event_ends_a_streak() -> None:
    hour = timedelta(hours=1)
    fraud = Row("a", START, 5.0, True, START + hour, None, "s1")
    genuine = Row("b", START + 2 * hour, 5.0, False, START + 3 * hour, None, "s1")
    later = [Row(f"q{n}", START + n * hour, 5.0, None, None, None, "s1") for n in (2, 4)]
    built = features_of([fraud, genuine, *later]).filter(pl.col("transaction_id").str.starts_with("q"))
    assert built["shop_streak_days"].to_list() == [pytest.approx(2 / 24), None]


def test_a_fraud_counts_as_genuine_after_the_delay_and_as_fraud_from_its_report_on() -> None:
    fraud = Row("a", START, 8.0, True, START + timedelta(days=5), None, "s1")
    later = [Row(f"b{day}", START + timedelta(days=day), 4.0, None, None, None, "s1") for day in (2, 3, 4, 5, 7)]
    built = features_of([fraud, *later], delay_days=DELAY_DAYS)[1:]
    assert built["shop_last_label"].to_list() == [None, 0, 0, 1, 1]
    assert built["shop_known_count_3d"].to_list() == [0, 1, 1, 2, 1]
    assert built["shop_fraud_rate_3d"].to_list() == [None, 0, 0, 0.5, 1]
    assert built["shop_amount_to_genuine_max"].to_list() == [None, 0.5, 0.5, 0.5, 0.5]
    assert built["shop_streak_days"].to_list() == [None, None, None, 5, 7]


def test_where_one_delay_holds_for_all_nothing_is_provisional() -> None:
    @examples(10)
    @given(transactions(delay="week"))
    def check(rows: list[Row]) -> None:
        assert features_of(rows, delay_days=7.0).equals(features_of(rows))

    check()
