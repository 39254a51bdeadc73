"""A table built on disk, in slices of time and buckets of entities, is the table built in memory."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
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
from small_tables import DELAY_DAYS, START, Row, changes_of, recipe, table, transactions

from fraud.errors import ConfigError, StoreError
from fraud.features import out_of_core
from fraud.features.build import build_by_days, build_features
from fraud.features.out_of_core import SCRATCH, Limits
from fraud.features.prepare import prepare_features
from fraud.features.table import FeatureTable

SHAPES: dict[str, dict[str, Any]] = {
    "card and shop": {},
    "late reports": {"delay_days": DELAY_DAYS},
    "one entity": {"entities": ("shop",)},
    "three entities": {"entities": ("card", "shop", "device")},
    "no entity": {"entities": ()},
    "no amount": {"has_amount": False},
    "no calendar": {"has_calendar": False},
    "extras": {"numeric": ("V1",), "categorical": ("kind",), "windows": ("2d",)},
}
ROWS = [
    Row(
        f"t{n:02}",
        START + timedelta(hours=5 * (n // 2)),
        n / 3,
        n % 4 == 0,
        START + timedelta(hours=5 * n + 30),
        f"c{n % 5}",
        f"s{n % 3}" if n % 7 else None,
    )
    for n in range(40)
]


def shaped(rows: list[Row]) -> pl.LazyFrame:
    """With a third entity and two extras, nulls among them."""
    device = pl.when(pl.col("amount") != 9.99).then("d" + pl.col("amount").cast(pl.Int64).cast(pl.String))
    kind = pl.when("is_fraud").then(pl.lit("stolen"))
    return table(rows).with_columns(device=device, V1=pl.col("amount") / 3, kind=pl.col("shop"), fraud_type=kind).lazy()


def limits(rows: list[Row], parts: int) -> Limits:
    """So many buckets, and several times as many slices, but never the whole table at once."""
    return Limits(memory_rows=min(-(-len(rows) // parts), len(rows) - 1))


def prepare(rows: list[Row], folder: Path, *, parts: int = 3, version: int = 0, **changes: Any) -> FeatureTable:
    requested = recipe(**changes)
    return prepare_features(shaped(rows), folder, recipe=requested, store_version=version, limits=limits(rows, parts))


@examples(25)
@given(transactions(min_size=2, max_size=30), st.sampled_from(list(SHAPES)), st.integers(1, 4))
def test_any_number_of_slices_and_buckets_gives_the_table_built_in_memory(
    rows: list[Row], shape: str, parts: int
) -> None:
    with TemporaryDirectory() as folder:
        on_disk = prepare(rows, Path(folder), parts=parts, **SHAPES[shape]).read()
    assert_frame_equal(on_disk, build_features(shaped(rows), recipe(**SHAPES[shape])), check_exact=True)


@examples(15)
@given(transactions(min_size=3, max_size=20), transactions(max_size=5), st.sampled_from([None, DELAY_DAYS]), st.data())
def test_a_refreshed_table_equals_a_whole_build(
    rows: list[Row], others: list[Row], delay_days: float | None, data: st.DataObject
) -> None:
    changed = [data.draw(st.sampled_from([row, row, None, *changes_of(row)])) for row in rows[2:]]
    added = [replace(row, transaction_id=f"x{row.transaction_id}") for row in others[: data.draw(st.integers(0, 3))]]
    after = rows[:2] + [row for row in changed if row is not None] + added
    with TemporaryDirectory() as folder:
        prepare(rows, Path(folder), version=1, delay_days=delay_days)
        refreshed = prepare(after, Path(folder), version=2, delay_days=delay_days)
        expected = build_features(shaped(after), recipe(delay_days=delay_days))
        assert_frame_equal(refreshed.read(), expected, check_exact=True)
        assert refreshed.store_version == 2


@examples(15)
@given(transactions(min_size=5, max_size=25), st.sampled_from(list(SHAPES)), st.integers(0, 24 * 20), st.data())
def test_the_last_days_are_the_same_whatever_may_be_held(
    rows: list[Row], shape: str, hours: int, data: st.DataObject
) -> None:
    """In memory, with the history of the entities that occur alone, or on disk."""
    requested, since = recipe(**SHAPES[shape]), START + timedelta(hours=hours)
    held = Limits(memory_rows=data.draw(st.integers(len(rows) // 3, len(rows))))
    expected = build_features(shaped(rows), requested)
    found = build_features(shaped(rows), requested, since=since, limits=held)
    assert_frame_equal(found, expected.filter(pl.col("event_time") >= since), check_exact=True)


@pytest.mark.parametrize("memory_rows", [10, 25, 39])
def test_ranges_of_whole_days_are_the_same_whatever_may_be_held(memory_rows: int) -> None:
    whole = build_features(shaped(ROWS), recipe())
    days = sorted(whole["event_time"].dt.date().unique())
    requested = [*days[1:3], days[-1]]
    held = Limits(memory_rows=memory_rows)
    ranges = list(build_by_days(shaped(ROWS), recipe(), days=requested, rows=5, limits=held))
    assert_frame_equal(
        pl.concat(ranges), whole.filter(pl.col("event_time").dt.date().is_in(requested)), check_exact=True
    )
    assert [one["event_time"].dt.date().unique().to_list() for one in ranges] == [[day] for day in requested]


def test_a_table_on_disk_is_parts_that_follow_each_other_in_time(tmp_path: Path) -> None:
    built = prepare(ROWS, tmp_path, parts=2)
    assert [part.rows for part in built.features] == [part.rows for part in built.keys]
    assert len(built.features) > 4
    assert max(part.rows for part in built.features) <= 5
    assert built.transactions == 40
    assert_frame_equal(FeatureTable.open(tmp_path).read(), build_features(shaped(ROWS), recipe()), check_exact=True)


def test_new_rows_are_new_parts_and_old_files_stay_as_they_are(tmp_path: Path) -> None:
    before = prepare(ROWS[:30], tmp_path)
    after = prepare(ROWS, tmp_path, version=1)
    assert [part.file for part in after.features][: len(before.features)] == [part.file for part in before.features]
    assert prepare(ROWS, tmp_path, version=1) == after


def test_a_late_label_writes_identity_anew_and_no_feature_before_it(tmp_path: Path) -> None:
    known = ROWS[3].event_time + timedelta(days=3)
    late = [replace(row, is_fraud=True, label_time=known) if row is ROWS[3] else row for row in ROWS]
    hidden = [replace(row, is_fraud=None, label_time=None) if row is ROWS[3] else row for row in ROWS]
    before = prepare(hidden, tmp_path)
    after = prepare(late, tmp_path, version=1)
    assert after.features[0] == before.features[0]
    assert not {part.file for part in after.keys} & {part.file for part in before.keys}
    assert_frame_equal(after.read(), build_features(shaped(late), recipe()), check_exact=True)


def test_a_build_that_is_stopped_leaves_the_old_table_and_the_next_one_clears_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(ROWS[:30], tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(out_of_core.shutil, "rmtree", lambda *_, **__: None)  # a killed process clears nothing up
        patch.setattr(out_of_core, "gather", stopped)
        with pytest.raises(KeyboardInterrupt):
            prepare(ROWS, tmp_path, version=1)
    assert list(tmp_path.glob(f"{SCRATCH}*"))
    assert_frame_equal(FeatureTable.open(tmp_path).read(), build_features(shaped(ROWS[:30]), recipe()))
    prepare(ROWS, tmp_path, version=1)
    assert not list(tmp_path.glob(f"{SCRATCH}*"))
    assert FeatureTable.open(tmp_path).store_version == 1


def stopped(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


@contextmanager
def no_room() -> Iterator[None]:
    """No file may grow beyond 1,000 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("parts", [1, 3])
def test_a_full_disk_is_reported_in_one_line_and_leaves_nothing_behind(tmp_path: Path, parts: int) -> None:
    with (
        no_room(),
        pytest.raises(StoreError, match=r"table cannot be written \(File too large .*\); check free space") as caught,
    ):
        prepare(ROWS, tmp_path, parts=parts)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_without_room_a_table_in_memory_is_not_written_either(tmp_path: Path) -> None:
    with no_room(), pytest.raises(StoreError, match=r"table cannot be written \(File too large"):
        prepare_features(shaped(ROWS), tmp_path, recipe=recipe(), store_version=0)
    assert not list(tmp_path.iterdir())


def test_a_column_with_the_name_of_a_feature_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    frame, requested = shaped(ROWS).with_columns(card_count_1d=1.0), recipe(numeric=("card_count_1d",))
    with pytest.raises(ConfigError, match="'card_count_1d' is the name of a column of the data and of a feature"):
        prepare_features(frame, tmp_path, recipe=requested, store_version=0, limits=Limits(memory_rows=10))
    assert not list(tmp_path.iterdir())


def test_every_slice_and_bucket_is_reported(tmp_path: Path) -> None:
    lines: list[str] = []
    held = Limits(memory_rows=20)
    prepare_features(shaped(ROWS), tmp_path, recipe=recipe(), store_version=0, limits=held, progress=lines.append)
    assert "40 of 40 rows sorted" in lines
    assert "card: 3 of 3 buckets" in lines
    assert lines[-1] == "40 of 40 rows written"
