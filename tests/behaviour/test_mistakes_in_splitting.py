"""Mistakes seen in public fraud code, planted into `fraud compare`: sampling, splitting and encoding.

Each is planted in the step of the pipeline that would make it, and an ordinary `fraud compare` must stop with one line
before anything is trained. The guards run in ``evaluation.comparison_data``, on the way of compare, train and
retrain alike.

| mistake | guard |
|---|---|
| 1 rows sampled before the split | ``check_rows`` against the store; `fraud prepare` builds a changed table anew |
| 2 validation rebalanced | ``check_windows``; on the way to the network ``check_laid_out`` |
| 3 random split of dated rows | ``check_split`` |
| 4 random split of the overlapping windows of one card | ``check_split`` |
| 5 encoder fitted on everything | ``check_fitted_on``, ``check_laid_out`` |
| 11 duplicates across the split, de-duplicating one class | ``check_rows``; the store's key; the split by time |
| 13 the training file read again as test file | manifests; the store's key; ``check_split``; ``check_not_read_again`` |

Other mistakes: ``test_mistakes_in_features``, ``test_mistakes_in_judging``.
"""

import itertools
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from planting import CONFIG, World, prepared_world, stopped_before_training, transactions

from fraud.evaluation import comparison_data as ground
from fraud.features.encoding import Encoder
from fraud.features.splits import Split, Window, split_by_time
from fraud.features.table import FeatureTable
from fraud.features.table_writer import write_parts

Frame = pl.DataFrame


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> World:
    return prepared_world(tmp_path_factory.mktemp("world"), transactions())


@pytest.fixture
def world(prepared: World, tmp_path: Path) -> World:
    """A copy of the prepared world, to be spoilt."""
    shutil.copytree(prepared.workspace, tmp_path / "copy")
    return World(tmp_path / "copy", prepared.config)


@pytest.fixture
def stopped(world: World, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """The line with which `fraud compare` stops."""
    return lambda: stopped_before_training(world, capsys)


def frauds_again(features: Frame) -> Frame:
    return pl.concat([features, features.filter("is_fraud")])


def half_of_the_genuine(features: Frame) -> Frame:
    return features.filter(pl.col("is_fraud") | (pl.int_range(pl.len()) % 2 == 0))


def made_up_frauds(features: Frame) -> Frame:
    frauds = features.filter("is_fraud")
    made = frauds.with_columns(pl.col("amount").mean(), transaction_id=pl.format("made-{}", "transaction_id"))
    return pl.concat([features, made])


def made_up_in_place_of_natural(features: Frame) -> Frame:
    """As many rows and frauds as before: the counts alone would not tell."""
    last = features.filter("is_fraud")["transaction_id"][-1]
    return features.with_columns(pl.col("transaction_id").replace(last, "made"))


SAMPLERS = [frauds_again, half_of_the_genuine, made_up_frauds, made_up_in_place_of_natural]


def spoil_the_table(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Frame], Frame]) -> None:
    """Whoever reads the prepared table gets it spoilt."""
    scan = FeatureTable.scan

    def spoilt(table: FeatureTable) -> pl.LazyFrame:
        return spoil(scan(table).collect()).sort("event_time", "transaction_id", maintain_order=True).lazy()

    monkeypatch.setattr(FeatureTable, "scan", spoilt)


@pytest.mark.parametrize("sample", SAMPLERS)
def test_mistake_1_sampling_before_the_split_stops_the_run(sample, stopped, monkeypatch) -> None:
    spoil_the_table(monkeypatch, sample)
    assert "rows were sampled, repeated, added or left out before the split" in stopped()


@pytest.mark.parametrize("sample", SAMPLERS)
def test_mistake_1_a_table_that_was_sampled_on_disk_is_built_anew(sample, world: World) -> None:
    table, honest = world.table, world.table.read()
    spoilt = sample(honest).sort("event_time", "transaction_id")
    folder = table.path.parent
    write_parts([spoilt], folder, recipe=table.recipe, numeric=table.numeric, store_version=table.store_version)
    assert not world.table.read().equals(honest)
    assert world.command("prepare") == 0
    assert world.table.read().equals(honest)


def spoil_the_split(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Split, Frame], Split]) -> None:
    cut = ground.cut_windows

    def spoilt(table: FeatureTable, *args, **settings) -> Split:
        def plant(keys: Frame, **lengths) -> Split:
            return spoil(split_by_time(keys, **lengths), table.read())

        monkeypatch.setattr(ground, "split_by_time", plant)
        return cut(table, *args, **settings)

    monkeypatch.setattr(ground, "cut_windows", spoilt)


def taken(window: Window, places: np.ndarray) -> Window:
    return replace(window, rows=window.rows[places], y=window.y[places])


def dealt(split: Split, keys: Frame, places: dict[str, np.ndarray]) -> Split:
    """A split with other rows in its windows, and their labels."""
    labels = keys["is_fraud"].to_numpy().astype(np.int8)
    windows = {name: replace(getattr(split, name), rows=rows, y=labels[rows]) for name, rows in places.items()}
    return replace(split, **windows)


def undersampled_validation(split: Split, _: Frame) -> Split:
    y = split.validation.y
    kept = np.flatnonzero((y == 1) | (np.arange(len(y)) % 10 == 0))
    return replace(split, validation=taken(split.validation, kept))


def oversampled_validation(split: Split, _: Frame) -> Split:
    y = split.validation.y
    repeated = np.sort(np.append(np.arange(len(y)), np.flatnonzero(y == 1)))
    return replace(split, validation=taken(split.validation, repeated))


@pytest.mark.parametrize("rebalance", [undersampled_validation, oversampled_validation])
def test_mistake_2_a_rebalanced_validation_window_stops_the_run(rebalance, stopped, monkeypatch) -> None:
    spoil_the_split(monkeypatch, rebalance)
    assert "validation" in stopped()


@pytest.mark.parametrize("rebalance", [undersampled_validation, oversampled_validation])
def test_mistake_2_rebalancing_on_the_way_to_the_network_stops_the_run(rebalance, stopped, monkeypatch) -> None:
    lay_out = ground.lay_out
    monkeypatch.setattr(
        ground,
        "lay_out",
        lambda features, split, encoder, folder: lay_out(features, rebalance(split, features), encoder, folder),
    )
    assert "validation" in (said := stopped())
    assert "encode each window once, as it was cut" in said


def rows_at_random(split: Split, keys: Frame) -> Split:
    rows = np.random.default_rng(0).permutation(len(keys))
    third = len(keys) // 3
    parts = {"train": rows[third:], "validation": rows[: third // 2], "test": rows[third // 2 : third]}
    return dealt(split, keys, {name: np.sort(part) for name, part in parts.items()})


def test_mistake_3_a_random_split_of_dated_rows_stops_the_run(stopped, monkeypatch) -> None:
    spoil_the_split(monkeypatch, rows_at_random)
    assert "cut windows by time, not at random" in stopped()


def cards_at_random(split: Split, keys: Frame) -> Split:
    """Each card in one window with all its days: what a terminal saw on one day is on all sides."""
    card = keys["customer"].hash().to_numpy() % 10
    chosen = {"train": card < 6, "validation": (card == 6) | (card == 7), "test": card > 7}
    return dealt(split, keys, {name: np.flatnonzero(mask) for name, mask in chosen.items()})


def overlapping_days(split: Split, keys: Frame) -> Split:
    """The test window begins within validation, as sliding windows of one card do."""
    days = (split.validation.start <= keys["event_time"]) & (keys["event_time"] < split.test.end)
    again = replace(split, test=replace(split.test, start=split.validation.start))
    return dealt(again, keys, {"test": np.flatnonzero(days.to_numpy())})


@pytest.mark.parametrize(
    ("plant", "line"),
    [
        (cards_at_random, "cut windows by time, not at random"),
        (overlapping_days, "less than the label delay of 3 days"),
    ],
)
def test_mistake_4_the_same_events_on_both_sides_stop_the_run(plant, line, stopped, monkeypatch) -> None:
    spoil_the_split(monkeypatch, plant)
    assert line in stopped()


def test_mistake_4_no_window_shares_an_event_or_its_moment_with_another(prepared: World) -> None:
    table = prepared.table.read()
    split = honest_split(prepared, table)
    for one, other in itertools.combinations(split.windows, 2):
        shared = set(table["transaction_id"].gather(one.rows)) & set(table["transaction_id"].gather(other.rows))
        assert not shared
        assert table["event_time"].gather(one.rows).max() < table["event_time"].gather(other.rows).min()


def honest_split(world: World, table: Frame) -> Split:
    return split_by_time(table, split=world.settings.split, labels=world.settings.labels, has_label_time=True)


def test_mistake_5_an_encoder_fitted_on_everything_stops_the_run(world, stopped, monkeypatch) -> None:
    everything, fit = world.table.read(), Encoder.fit
    monkeypatch.setattr(Encoder, "fit", lambda _, **columns: fit(everything, **columns))
    assert "training rows; fit it on the training rows alone" in stopped()


def test_mistake_5_scaling_each_window_by_itself_stops_the_run(world, stopped, monkeypatch) -> None:
    lay_out, table = ground.lay_out, world.table

    def by_itself(features: pl.LazyFrame, split: Split, _: Encoder, folder: Path) -> None:
        own = Encoder.fit(features.collect()[split.test.rows], numeric=table.numeric, categorical=table.categorical)
        lay_out(features, split, own, folder)

    monkeypatch.setattr(ground, "lay_out", by_itself)
    assert "under the encoder of the training rows" in stopped()


def training_rows_in_test(features: Frame) -> Frame:
    """Old frauds once more, under their own ids, on the last day."""
    copies = features.filter("is_fraud").head(20).with_columns(event_time=pl.lit(features["event_time"].max()))
    return pl.concat([features, copies])


def genuine_rows_once(features: Frame) -> Frame:
    """De-duplicated by what a customer pays on a day, but only where it is genuine."""
    again = pl.struct("customer", pl.col("event_time").dt.date()).is_duplicated()
    return features.filter(pl.col("is_fraud") | ~again)


@pytest.mark.parametrize("spoil", [training_rows_in_test, genuine_rows_once])
def test_mistake_11_duplicates_across_the_split_and_deduplicating_one_class_stop_the_run(
    spoil, stopped, monkeypatch
) -> None:
    spoil_the_table(monkeypatch, spoil)
    assert "rows were sampled, repeated, added or left out before the split" in stopped()


def test_mistake_11_equal_rows_under_two_ids_fall_into_one_window(tmp_path: Path) -> None:
    """Equal rows have equal times, and a moment is in one window only."""
    frame = transactions()
    copies = frame.gather_every(5).with_columns(pl.col("TRANSACTION_ID") + 10**6)
    world = prepared_world(tmp_path, pl.concat([frame, copies]))
    table = world.table.read()
    inputs = ["event_time", *world.table.recipe.inputs]
    sides = [table[window.rows].select(inputs).unique() for window in honest_split(world, table).windows]
    assert sum(len(side) for side in sides) < sum(len(w.rows) for w in honest_split(world, table).windows) * 0.9
    assert not any(len(one.join(other, on=inputs)) for one, other in itertools.combinations(sides, 2))


def training_rows_as_test(split: Split, _: Frame) -> Split:
    return replace(split, test=replace(split.test, rows=split.train.rows, y=split.train.y))


def training_window_as_test(split: Split, _: Frame) -> Split:
    return replace(split, test=replace(split.train, name="test"))


@pytest.mark.parametrize("plant", [training_rows_as_test, training_window_as_test])
def test_mistake_13_the_training_rows_as_test_rows_stop_the_run(plant, stopped, monkeypatch) -> None:
    spoil_the_split(monkeypatch, plant)
    assert "split: " in stopped()


def test_mistake_13_a_file_ingested_again_under_another_name_or_as_another_file_changes_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    before = world.table.read()
    dump = world.workspace / "dump.parquet"
    shutil.copy(dump, world.workspace / "test.parquet")
    pl.read_parquet(dump).write_csv(world.workspace / "test.csv")
    for name in ("test.parquet", "test.csv"):
        assert world.command("ingest", world.workspace / name) == 0
    assert "nothing new" in capsys.readouterr().out
    assert world.command("prepare") == 0
    assert world.table.read().equals(before)


def test_mistake_13_the_training_file_under_later_dates_and_other_ids_stops_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = transactions()
    first = frame.filter(pl.col("TX_DATETIME") < frame["TX_DATETIME"].min() + timedelta(days=28))
    later = [pl.col(name) + timedelta(days=28) for name in ("TX_DATETIME", "REPORTED_AT")]
    world = prepared_world(tmp_path, pl.concat([first, first.with_columns(pl.col("TRANSACTION_ID") + 10**6, *later)]))
    assert world.command("compare", "--split.test", 10, "--split.validation", 10) == 2
    assert "are in the training window as well; a file was read again" in capsys.readouterr().err


def test_mistake_13_a_file_that_goes_on_in_row_order_after_itself_stops_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without ids and times nothing but its content tells that the same file came twice."""
    config = CONFIG.replace('"TX_DATETIME"', '"row order"').replace('label_time     = "REPORTED_AT"', "")
    config = config.replace('transaction_id = "TRANSACTION_ID"', "").replace("delay_days = 3", "delay_days = 0")
    config = config.replace("validation = 12", "validation = 0.2").replace("test = 14", "test = 0.4")
    config = config.replace("value = 5", 'kind = "alert_rate"\nvalue = 0.05')
    world = prepared_world(tmp_path, transactions(), config)
    pl.read_parquet(tmp_path / "dump.parquet").write_csv(tmp_path / "test.csv")
    assert world.command("ingest", tmp_path / "test.csv") == 0
    assert world.command("compare") == 2
    assert "are in the training window as well; a file was read again" in capsys.readouterr().err
