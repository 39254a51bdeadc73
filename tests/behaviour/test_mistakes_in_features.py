"""Mistakes seen in public fraud code, planted into `fraud compare`: labels before their time, clocks and chance.

Each is planted in the step of the pipeline that would make it, and an ordinary `fraud compare` must stop with one line
before anything is trained. The guards run in ``evaluation.comparison_data``, on the way of compare, train and
retrain alike.

| mistake | guard |
|---|---|
| 8 labels used before they were known: in a window | ``check_split`` |
| 8 labels used before they were known: in a feature | ``check_point_in_time``; by construction ``test_point_in_time`` |
| 9 "now", invented times and chance in features | ``check_point_in_time`` |
| 12 a column that exists only after the outcome | ``check_no_label_leak`` in ``prepare_comparison_data`` |

Other mistakes: ``test_mistakes_in_splitting``, ``test_mistakes_in_judging``.
"""

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from planting import CONFIG, World, prepared_world, stopped_before_training, transactions

from fraud.features import build, splits, transaction_columns
from fraud.features.recipe import Recipe

Frame = pl.DataFrame


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return prepared_world(tmp_path_factory.mktemp("world"), transactions())


@pytest.fixture
def stopped(world: World, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The line with which `fraud compare` stops, in this world or in another one."""
    return lambda other=world: stopped_before_training(other, capsys)


def test_mistake_8_labels_of_today_in_the_training_window_stop_the_run(stopped, monkeypatch) -> None:
    monkeypatch.setattr(splits, "labels_as_of", lambda _, **__: pl.col("is_fraud").cast(pl.Int8))
    assert "became known only after it was used" in stopped()


def test_mistake_8_windows_without_a_gap_for_the_label_delay_stop_the_run(stopped, monkeypatch) -> None:
    cut = splits.window_spans
    monkeypatch.setattr(splits, "window_spans", lambda *keys, gap_days, **rest: cut(*keys, gap_days=0, **rest))
    assert "less than the label delay of 3 days" in stopped()


def test_mistake_8_a_feature_that_counts_frauds_before_their_report_stops_the_run(
    stopped, tmp_path, monkeypatch
) -> None:
    known_labels = build.known_labels

    def at_once(known: pl.LazyFrame, *, delay_days: float | None) -> pl.LazyFrame:
        return known_labels(known.with_columns(label_time="event_time"), delay_days=delay_days)

    monkeypatch.setattr(build, "known_labels", at_once)
    assert "are not what could be known on" in stopped(prepared_world(tmp_path, transactions()))


def test_mistake_8_a_feature_that_sees_later_events_stops_the_run(stopped, tmp_path, monkeypatch) -> None:
    own = build.own_columns

    def with_the_next_amount(transactions: pl.LazyFrame, recipe: Recipe) -> Frame:
        found = own(transactions, recipe)
        return found.with_columns(next_amount=pl.col("amount").shift(-1).over("customer"))

    monkeypatch.setattr(build, "own_columns", with_the_next_amount)
    assert "features: next_amount of the" in stopped(prepared_world(tmp_path, transactions()))


def age(now: Callable[[], float]) -> Callable[[], list[pl.Expr]]:
    """The calendar, and the age of the transaction seen from the moment of the build."""
    calendar = transaction_columns.calendar_features
    return lambda timezone: [
        *calendar(timezone),
        (pl.lit(now()) - pl.col("event_time").dt.epoch("s")).cast(pl.Float32).alias("age"),
    ]


@pytest.mark.parametrize("source", ["clock", "chance"])
def test_mistake_9_a_clock_or_chance_in_a_feature_stops_the_run(
    source: str, stopped: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours, rng = itertools.count(1_700_000_000, 3600), np.random.default_rng(0)
    now = (lambda: float(next(hours))) if source == "clock" else (lambda: float(rng.integers(10**9)))
    monkeypatch.setattr(transaction_columns, "calendar_features", age(now))
    assert "features: age of the" in stopped(prepared_world(tmp_path, transactions()))


def test_mistake_9_the_same_data_give_the_same_features_whenever_and_wherever_they_are_built(
    world: World, tmp_path: Path
) -> None:
    again = prepared_world(tmp_path, transactions())
    assert again.table.read().equals(world.table.read())


def with_a_flag(frame: pl.DataFrame) -> pl.DataFrame:
    """What an investigator ticked afterwards: all frauds, and one genuine row in two hundred."""
    return frame.with_columns(FLAGGED=((pl.col("TX_FRAUD") == 1) | (pl.col("TRANSACTION_ID") % 200 == 0)).cast(pl.Int8))


def test_mistake_12_a_column_that_exists_only_after_the_outcome_stops_the_run(stopped, tmp_path) -> None:
    config = CONFIG.replace("entities       =", 'numeric = ["FLAGGED"]\nentities       =')
    said = stopped(prepared_world(tmp_path, with_a_flag(transactions()), config))
    assert "column 'FLAGGED' leaks the label" in said
    assert "[columns] ignore" in said


def test_mistake_12_a_column_that_somebody_vouches_for_is_only_spoken_of(tmp_path) -> None:
    config = CONFIG.replace("entities       =", 'numeric = ["FLAGGED"]\nentities       =')
    trusting = config.replace("[features]", '[features]\ntrusted = ["FLAGGED"]')
    world = prepared_world(tmp_path, with_a_flag(transactions()), trusting)
    assert world.command("compare") == 0
    (report,) = world.workspace.glob("reports/*/report.json")
    assert any(
        "FLAGGED alone separates fraud from genuine" in line for line in json.loads(report.read_text())["warnings"]
    )
