"""Which features a table has, and that data of every shape can be built."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from small_tables import START, Row, features_of, recipe, table

from fraud.errors import ConfigError
from fraud.features.build import build_features
from fraud.features.recipe import KEYS

ROWS = [
    Row(
        f"t{n}",
        START + timedelta(hours=5 * n),
        n / 3,
        n % 4 == 0,
        START + timedelta(hours=5 * n + 9),
        "c1",
        f"s{n % 2}",
    )
    for n in range(40)
]


def test_the_table_has_its_keys_first_and_float32_features() -> None:
    built = features_of(ROWS)
    names = built.columns
    assert names[:7] == ["transaction_id", "event_time", "amount", "is_fraud", "label_time", "card", "shop"]
    assert {built.schema[name] for name in names[7:]} == {pl.Float32}
    assert built.schema["amount"] == pl.Float64
    assert not any(built[name].is_nan().any() for name in names[7:])


def test_the_table_is_sorted_by_time_then_id() -> None:
    twins = [replace(row, transaction_id=f"a{row.transaction_id}") for row in ROWS]
    built = features_of([*reversed(ROWS), *twins])
    assert built.select("event_time", "transaction_id").equals(
        built.select("event_time", "transaction_id").sort("event_time", "transaction_id")
    )


def test_the_fraud_type_is_kept_but_is_no_feature() -> None:
    frame = table(ROWS).with_columns(fraud_type=pl.lit("stolen"))
    with_type = build_features(frame.lazy(), recipe(entities=("card",)))
    assert "fraud_type" in with_type.columns
    assert "fraud_type" in KEYS
    assert with_type.drop("fraud_type").equals(features_of(ROWS, entities=("card",)).drop([], strict=False))


def test_data_without_entities_keep_amount_calendar_and_extras() -> None:
    frame = table(ROWS).select(
        "transaction_id", "event_time", "amount", "is_fraud", "label_time", V1="amount", kind="shop"
    )
    built = build_features(frame.lazy(), recipe(entities=(), numeric=("V1",), categorical=("kind",), windows=("1d",)))
    assert built.columns[5:] == [
        *("amount_log", "hour_sin", "hour_cos", "weekday_sin", "weekday_cos", "is_night", "is_weekend"),
        *("V1", "kind"),
    ]
    assert built.schema["V1"] == pl.Float32
    assert built.schema["kind"] == pl.String


def test_data_without_amounts_have_counts_recency_and_labels() -> None:
    frame = table(ROWS).drop("amount")
    built = build_features(frame.lazy(), recipe(windows=("1d",), has_amount=False))
    whole = features_of(ROWS, windows=("1d",))
    assert not any("amount" in name for name in built.columns)
    assert built.equals(whole.select(built.columns))
    assert set(whole.columns) - set(built.columns) == {name for name in whole.columns if "amount" in name}


def test_time_that_is_only_the_order_of_rows_has_no_calendar() -> None:
    built = features_of(ROWS, has_calendar=False)
    assert not {"hour_sin", "weekday_cos", "is_night", "is_weekend"} & set(built.columns)
    assert built.equals(features_of(ROWS).select(built.columns))


def test_data_without_any_label_have_no_known_labels() -> None:
    unlabelled = [replace(row, is_fraud=None, label_time=None) for row in ROWS]
    built = features_of(unlabelled)
    counts = [name for name in built.columns if name.startswith("shop_known_count_")]
    assert counts
    assert all(built[name].to_list() == [0] * len(ROWS) for name in counts)
    assert built["shop_last_label"].null_count() == len(ROWS)


def test_an_empty_table_is_built() -> None:
    assert features_of([]).columns == features_of(ROWS).columns


def test_nothing_since_the_end_is_an_empty_table_of_the_same_columns() -> None:
    assert features_of(ROWS, since=START + timedelta(days=99)).schema == features_of(ROWS).schema


@pytest.mark.parametrize("entity", ["row", "key", "start", "known_at", "count", "earlier", "units"])
def test_an_entity_may_have_any_name(entity: str) -> None:
    frame = table(ROWS).rename({"shop": entity})
    built = build_features(frame.lazy(), recipe(entities=(entity,), windows=("1d",)))
    expected = features_of(ROWS, entities=("shop",), windows=("1d",))
    assert built.rename(lambda name: name.replace(entity, "shop", 1) if name.startswith(entity) else name).equals(
        expected
    )


def test_a_column_with_the_name_of_a_feature_is_refused_by_name() -> None:
    frame = table(ROWS).with_columns(card_count_1d=1.0)
    with pytest.raises(ConfigError, match="'card_count_1d' is the name of a column of the data and of a feature"):
        build_features(frame.lazy(), recipe(entities=("card",), numeric=("card_count_1d",), windows=("1d",)))
