"""The prepared table: whole or not at all, and refreshed only where something changed."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from small_tables import DELAY_DAYS, START, WINDOWS, Row, changes_of, features_of, recipe, table, transactions

from fraud.errors import StoreError
from fraud.features import prepare as preparation
from fraud.features.prepare import prepare_features
from fraud.features.refresh import first_change
from fraud.features.table import MANIFEST, FeatureTable
from fraud.features.table_writer import MOST_PARTS

ROWS = [
    Row(
        f"t{n:02}",
        START + timedelta(hours=5 * n),
        n / 3,
        n % 4 == 0,
        START + timedelta(hours=5 * n + 30),
        "c1",
        f"s{n % 2}",
    )
    for n in range(40)
]


def prepare(rows: list[Row], folder: Path, version: int = 0, **changes: Any) -> FeatureTable:
    return prepare_features(table(rows).lazy(), folder, recipe=recipe(**changes), store_version=version)


def test_a_prepared_table_opens_as_it_was_written(tmp_path: Path) -> None:
    written = prepare(ROWS, tmp_path, version=3)
    opened = FeatureTable.open(tmp_path)
    assert opened == written
    assert (opened.store_version, opened.transactions, opened.entities) == (3, 40, ("card", "shop"))
    assert_frame_equal(opened.read(), features_of(ROWS), check_exact=True)
    identity = {"transaction_id", "event_time", "is_fraud", "label_time", "card", "shop"}
    assert set(opened.numeric) == set(opened.read().columns) - identity


@examples(25)
@given(transactions(min_size=2), transactions(), st.sampled_from([None, DELAY_DAYS]), st.data())
def test_a_refreshed_table_equals_a_whole_build(
    rows: list[Row], others: list[Row], delay_days: float | None, data: st.DataObject
) -> None:
    """New rows, rows that went, rows that changed, labels that came late: whatever happened in between."""
    changed = [data.draw(st.sampled_from([row, None, *changes_of(row)])) for row in rows]
    added = [replace(row, transaction_id=f"x{row.transaction_id}") for row in others[: data.draw(st.integers(0, 3))]]
    after = [row for row in changed if row is not None] + added
    with TemporaryDirectory() as folder:
        prepare(rows, Path(folder), version=1, delay_days=delay_days)
        refreshed = prepare(after, Path(folder), version=2, delay_days=delay_days)
        assert_frame_equal(refreshed.read(), features_of(after, delay_days=delay_days), check_exact=True)
        assert refreshed.store_version == 2


@examples(25)
@given(transactions(min_size=10, max_size=60), st.integers(0, 24 * 70), st.sampled_from([(), ("6h",), WINDOWS]))
def test_rows_since_a_moment_are_those_of_the_whole_build(
    rows: list[Row], hours: int, windows: tuple[str, ...]
) -> None:
    """Also where most of an entity's history is older than every window, and is known by its sums alone."""
    since = START + timedelta(hours=hours)
    whole = features_of(rows, windows=windows)
    expected = whole.filter(pl.col("event_time") >= since)
    assert_frame_equal(features_of(rows, since, windows=windows), expected, check_exact=True)


def test_only_what_changed_is_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(ROWS[:30], tmp_path)
    moments = []
    original = preparation.compute_features
    monkeypatch.setattr(
        preparation,
        "compute_features",
        lambda *args, since: moments.append(since) or original(*args, since=since),
    )
    prepare(ROWS, tmp_path, version=1)
    assert moments == [ROWS[30].event_time]


def test_the_same_transactions_again_leave_the_table_alone(tmp_path: Path) -> None:
    first = prepare(ROWS, tmp_path)
    assert prepare(ROWS, tmp_path) == first
    assert prepare(ROWS, tmp_path, version=1).store_version == 1


def test_of_the_version_that_it_was_built_from_nothing_is_read(tmp_path: Path) -> None:
    first = prepare_features(table(ROWS).lazy(), tmp_path, recipe=recipe(), store_version=4, store_contents="a")

    def read(_: pl.DataFrame) -> pl.DataFrame:
        raise AssertionError

    unread = table(ROWS).lazy().map_batches(read)
    assert prepare_features(unread, tmp_path, recipe=recipe(), store_version=4, store_contents="a") == first


@pytest.mark.parametrize(("version", "store_contents"), [(4, "b"), (5, "a"), (4, None)])
def test_of_another_version_or_a_table_made_anew_all_is_compared(
    tmp_path: Path, version: int, store_contents: str | None
) -> None:
    prepare_features(table(ROWS).lazy(), tmp_path, recipe=recipe(), store_version=4, store_contents="a")
    other = [replace(row, amount=row.amount + 1) for row in ROWS]
    again = prepare_features(
        table(other).lazy(), tmp_path, recipe=recipe(), store_version=version, store_contents=store_contents
    )
    assert (again.store_version, again.store_contents) == (version, store_contents)
    assert_frame_equal(again.read(), features_of(other), check_exact=True)


def test_other_windows_build_the_table_anew(tmp_path: Path) -> None:
    prepare(ROWS, tmp_path)
    again = prepare(ROWS, tmp_path, windows=("2d",))
    assert_frame_equal(again.read(), features_of(ROWS, windows=("2d",)), check_exact=True)


def test_another_delay_builds_the_table_anew(tmp_path: Path) -> None:
    prepare(ROWS, tmp_path, delay_days=1.0)
    again = prepare(ROWS, tmp_path, delay_days=0.5)
    assert not features_of(ROWS, delay_days=0.5).equals(features_of(ROWS, delay_days=1.0))
    assert_frame_equal(again.read(), features_of(ROWS, delay_days=0.5), check_exact=True)


def test_a_late_label_makes_old_features_stale_from_the_moment_it_is_known() -> None:
    keys = ["event_time", "transaction_id", "is_fraud", "label_time", "card"]
    old, known = table(ROWS).select(keys), ROWS[2].event_time + timedelta(days=6)
    late = [replace(row, is_fraud=True, label_time=known) if row is ROWS[2] else row for row in ROWS]
    hidden = [replace(row, is_fraud=None, label_time=None) if row is ROWS[2] else row for row in ROWS]
    without, new = table(hidden).select(keys), table(late).select(keys)
    assert first_change(old, old, inputs=["card"], delay_days=None) is None
    assert first_change(old, new, inputs=["card"], delay_days=None) == ROWS[2].label_time
    assert first_change(without, new, inputs=["card"], delay_days=None) == known
    assumed = ROWS[2].event_time + timedelta(days=4)
    assert first_change(without, new, inputs=["card"], delay_days=4) == assumed


def test_a_writer_that_is_stopped_leaves_the_old_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(ROWS[:30], tmp_path)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fraud.features.table_writer.write_atomically", stop)
    with pytest.raises(KeyboardInterrupt):
        prepare(ROWS, tmp_path, version=1)
    assert FeatureTable.open(tmp_path).store_version == 0
    assert_frame_equal(FeatureTable.open(tmp_path).read(), features_of(ROWS[:30]), check_exact=True)


def files_of(table: FeatureTable) -> set[str]:
    return {part.file for part in (*table.keys, *table.features)}


def test_the_folder_holds_one_table(tmp_path: Path) -> None:
    prepare(ROWS[:30], tmp_path)
    table = prepare(ROWS, tmp_path, version=1, windows=("2d",))
    assert {path.name for path in tmp_path.glob("*.parquet")} == files_of(table)
    assert not list(tmp_path.glob(".*part*"))


def test_new_days_are_new_parts_and_old_files_stay_as_they_are(tmp_path: Path) -> None:
    before = prepare(ROWS[:30], tmp_path)
    after = prepare(ROWS, tmp_path, version=1)
    assert files_of(before) < files_of(after)
    assert [part.rows for part in after.features] == [30, 10]


def test_a_late_label_writes_no_feature_before_it_anew(tmp_path: Path) -> None:
    hidden = [replace(row, is_fraud=None, label_time=None) if row is ROWS[3] else row for row in ROWS]
    before = prepare(hidden, tmp_path)
    known = ROWS[3].label_time
    after = prepare(ROWS, tmp_path, version=1)
    assert after.features[0].file == before.features[0].file
    assert after.features[0].rows == sum(row.event_time < known for row in ROWS)
    assert after.keys[0].file != before.keys[0].file
    assert_frame_equal(after.read(), features_of(ROWS), check_exact=True)


def test_many_parts_become_one(tmp_path: Path) -> None:
    for number in range(8, 40):
        prepared = prepare(ROWS[:number], tmp_path, version=number)
    assert len(prepared.features) < MOST_PARTS
    assert_frame_equal(prepared.read(), features_of(ROWS[:39]), check_exact=True)


def test_a_folder_without_a_table_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="make one with `fraud prepare`"):
        FeatureTable.open(tmp_path)
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(StoreError, match="cannot be read"):
        FeatureTable.open(tmp_path)


def test_a_table_of_another_version_of_the_features_is_built_anew(tmp_path: Path) -> None:
    prepare(ROWS, tmp_path)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    (tmp_path / MANIFEST).write_text(json.dumps(manifest | {"format": 0}))
    with pytest.raises(StoreError, match="of this version"):
        FeatureTable.open(tmp_path)
    assert prepare(ROWS, tmp_path).read().equals(features_of(ROWS))


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be"):
        prepare(ROWS, tmp_path / "file" / "features")


def test_statistics_of_the_parquet_file_serve_the_reader(tmp_path: Path) -> None:
    written = prepare(ROWS, tmp_path)
    late = written.scan().filter(pl.col("event_time") >= ROWS[35].event_time).collect()
    assert late.height == 5
