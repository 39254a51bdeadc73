"""The simulator: reproducible, in the order of time, month by month, and as many transactions as requested."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from fraud.errors import ConfigError, DumpError
from fraud.simulation import population
from fraud.simulation.dumps import PresetName, Shifts, Simulation, simulate, write_dumps
from fraud.simulation.handbook import HandbookWorld
from fraud.simulation.rich import RichWorld
from fraud.simulation.streams import day_rng, world_rng

PRESETS: tuple[PresetName, ...] = ("handbook", "rich")
TIME = {"handbook": "TX_DATETIME", "rich": "EVENT_TIME"}

both_presets = pytest.mark.parametrize("preset", PRESETS)


def small(preset: PresetName = "handbook", **changes: Any) -> Simulation:
    settings = {"preset": preset, "days": 45, "customers": 300, "terminals": 600, "late_pattern_day": 20}
    return Simulation(**{**settings, **changes})


def whole(settings: Simulation) -> pl.DataFrame:
    return pl.concat([frame for _, frame in simulate(settings)])


@both_presets
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_the_same_seed_gives_the_same_bytes(preset: PresetName, suffix: Any, tmp_path: Path) -> None:
    first = write_dumps(tmp_path / "first", small(preset), suffix=suffix)
    second = write_dumps(tmp_path / "second", small(preset), suffix=suffix)
    assert [path.name for path in first] == [f"transactions_2018-0{month}{suffix}" for month in (4, 5)]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@both_presets
def test_another_seed_gives_other_data(preset: PresetName) -> None:
    one, other = whole(small(preset)), whole(small(preset, seed=1))
    assert one.height != other.height
    assert not one.head(1000).equals(other.head(1000))


def test_every_seed_and_every_day_has_a_stream_of_its_own() -> None:
    streams = [day_rng(seed, day) for seed in range(3) for day in range(3)] + [world_rng(0), world_rng(1)]
    assert len({stream.random() for stream in streams}) == len(streams)


@both_presets
def test_a_longer_simulation_begins_with_the_shorter_one(preset: PresetName) -> None:
    shorter, longer = whole(small(preset, days=20)), whole(small(preset, days=45))
    assert_frame_equal(shorter, longer.head(shorter.height))


@pytest.mark.parametrize("world", [HandbookWorld, RichWorld])
def test_how_many_days_are_simulated_at_once_changes_nothing(world: Any) -> None:
    settings = small("rich" if world is RichWorld else "handbook")
    single = world(settings)
    day_by_day = pl.concat([single.transactions_of(range(day, day + 1)) for day in range(30)])
    assert_frame_equal(world(settings).transactions_of(range(30)), day_by_day)


@both_presets
def test_ids_count_up_in_the_order_of_time(preset: PresetName) -> None:
    frame = whole(small(preset))
    assert frame["TRANSACTION_ID"].to_list() == list(range(frame.height))
    assert frame[TIME[preset]].is_sorted()


@both_presets
def test_each_dump_holds_its_month_and_nothing_leaves_the_span(preset: PresetName) -> None:
    months = dict(simulate(small(preset, start=date(2018, 4, 20))))
    assert list(months) == ["2018-04", "2018-05", "2018-06"]
    for month, frame in months.items():
        assert frame[TIME[preset]].dt.strftime("%Y-%m").unique().to_list() == [month]
    times = pl.concat(frame[TIME[preset]] for frame in months.values())
    assert (times.dt.date().min(), times.dt.date().max()) == (date(2018, 4, 20), date(2018, 6, 3))


@both_presets
def test_a_month_is_handed_over_before_the_next_one_is_made(preset: PresetName) -> None:
    endless = small(preset, days=2_000_000, customers=50, terminals=300)
    month, frame = next(simulate(endless))
    assert month == "2018-04"
    assert frame.height > 1000


@both_presets
def test_a_world_is_as_big_as_asked(preset: PresetName) -> None:
    frame = whole(Simulation(preset=preset, days=60).sized(120_000))
    assert frame.height == pytest.approx(120_000, rel=0.05)


def test_a_small_rich_world_has_the_merchants_that_it_needs() -> None:
    world = Simulation(preset="rich", days=20).sized(2_000)
    assert world.terminals >= 300
    assert 1_000 < len(whole(world)) < 4_000


def test_the_week_has_its_rhythm() -> None:
    rhythm = (0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.5)
    frame = whole(small(days=42, weekly_rhythm=rhythm))
    counts = frame["TX_DATETIME"].dt.weekday().value_counts().sort("TX_DATETIME")["count"].to_numpy()
    np.testing.assert_allclose(counts / counts.mean(), rhythm, rtol=0.07)


def test_customers_reach_exactly_the_terminals_within_the_radius() -> None:
    rng = np.random.default_rng(0)
    positions, terminals = rng.uniform(0, 40, (200, 2)), rng.uniform(0, 40, (500, 2))
    first, reach = population.terminals_within(positions, terminals, radius=5.0)
    distance = np.linalg.norm(positions[:, None] - terminals[None], axis=2)
    for customer in range(200):
        found = sorted(reach[first[customer] : first[customer + 1]].tolist())
        assert found == np.flatnonzero(distance[customer] < 5.0).tolist()


def test_nobody_pays_where_no_terminal_is_in_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "RADIUS", 0.5)
    people = population.make_population(500, 1_000, rng=np.random.default_rng(0))
    alone = np.diff(people.first) == 0
    assert 0.2 < alone.mean() < 0.8
    assert np.array_equal(people.daily == 0, alone)


def test_a_dump_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with pytest.raises(DumpError, match=r"transactions_2018-04.parquet: cannot be written") as caught:
        write_dumps(blocked, small())
    assert "\n" not in str(caught.value)


def test_a_dump_replaces_its_namesake_and_leaves_no_part_behind(tmp_path: Path) -> None:
    lines: list[str] = []
    (tmp_path / "transactions_2018-04.parquet").write_text("old")
    paths = write_dumps(tmp_path, small(days=10), progress=lines.append)
    assert sorted(tmp_path.iterdir()) == paths
    assert lines == [f"{paths[0].name}: {pl.read_parquet(paths[0]).height:,} transactions"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"preset": "unknown"}, "preset must be one of handbook, rich"),
        ({"days": 0}, "days must be 1 or more, found 0"),
        ({"seed": -1}, "seed must be 0 or more"),
        ({"customers": 0}, "customers must be 1 or more"),
        ({"weekly_rhythm": (1.0, 1.0)}, "weekly_rhythm must be seven factors"),
        ({"unreported_share": 1.0}, r"unreported_share must be in \[0, 1\)"),
        ({"preset": "rich", "terminals": 10}, "terminals must be 300 or more with the rich preset"),
        ({"shifts": Shifts(category_mix=0.1)}, "category_mix must be 0 with the handbook preset"),
    ],
)
def test_settings_out_of_range_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Simulation(**change)
