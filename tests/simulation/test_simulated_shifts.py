"""Planted shifts: nothing changes before their day, and the requested change is there after it."""

from typing import Any

import polars as pl
import pytest

from fraud.errors import ConfigError
from fraud.simulation.dumps import PresetName, Shifts, Simulation, simulate

FROM_DAY = 20
TIME = {"handbook": "TX_DATETIME", "rich": "EVENT_TIME"}
AMOUNT = {"handbook": "TX_AMOUNT", "rich": "AMOUNT"}
LABEL = {"handbook": "TX_FRAUD", "rich": "IS_FRAUD"}

both_presets = pytest.mark.parametrize("preset", ["handbook", "rich"])


def before_and_after(preset: PresetName, **shifts: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    settings = Simulation(
        preset=preset,
        days=40,
        customers=1_000,
        terminals=2_000,
        late_pattern_day=1_000,
        shifts=Shifts(from_day=FROM_DAY, **shifts),
    )
    frame = pl.concat([frame for _, frame in simulate(settings)])
    after = pl.col(TIME[preset]) >= pl.lit(settings.date_of(FROM_DAY))
    return frame.filter(~after), frame.filter(after)


@pytest.mark.parametrize(
    ("preset", "shift"),
    [
        ("handbook", {"amount_inflation": 3.0}),
        ("handbook", {"volume_growth": 3.0, "hours_moved": 6.0}),
        ("rich", {"amount_inflation": 3.0}),
        ("rich", {"volume_growth": 3.0, "hours_moved": 6.0}),
        ("rich", {"category_mix": 0.5}),
    ],
)
def test_a_shift_changes_nothing_before_its_day(preset: PresetName, shift: dict[str, float]) -> None:
    (calm, later), (shifted, shifted_later) = before_and_after(preset), before_and_after(preset, **shift)
    assert calm.equals(shifted)
    assert not later.head(1000).equals(shifted_later.head(1000))


@both_presets
def test_the_volume_grows_and_the_prevalence_stays(preset: PresetName) -> None:
    _, calm = before_and_after(preset)
    _, grown = before_and_after(preset, volume_growth=3.0)
    assert grown.height / calm.height == pytest.approx(3, rel=0.1)
    assert grown[LABEL[preset]].mean() == pytest.approx(calm[LABEL[preset]].mean(), rel=0.4)


@both_presets
def test_amounts_inflate_and_the_limit_with_them(preset: PresetName) -> None:
    _, calm = before_and_after(preset)
    _, dear = before_and_after(preset, amount_inflation=2.0)
    doubled = (dear[AMOUNT[preset]] - 2 * calm[AMOUNT[preset]]).abs() < 0.06
    assert doubled.mean() > 0.999  # type: ignore[operator]
    assert dear[LABEL[preset]].sum() == pytest.approx(calm[LABEL[preset]].sum(), rel=0.02)


@both_presets
def test_hours_move_around_the_clock(preset: PresetName) -> None:
    _, calm = before_and_after(preset)
    _, moved = before_and_after(preset, hours_moved=6.0)
    assert calm[TIME[preset]].dt.hour().median() == pytest.approx(12, abs=1)
    assert moved[TIME[preset]].dt.hour().median() == pytest.approx(17, abs=1)
    assert moved.height == pytest.approx(calm.height, rel=0.02)


def test_rare_categories_become_common() -> None:
    early, late = before_and_after("rich", category_mix=0.4)
    rare = ["musical_instruments", "antiques", "pet_shops", "florists", "gaming", "donations"]
    assert early["CATEGORY"].is_in(rare).mean() < 0.04  # type: ignore[operator]
    assert late["CATEGORY"].is_in(rare).mean() == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"from_day": -1}, "from_day must be 0 or more"),
        ({"category_mix": 1.5}, r"category_mix must be in \[0, 1\]"),
        ({"amount_inflation": 0}, "amount_inflation must be above 0"),
        ({"volume_growth": 0}, "volume_growth must be in"),
        ({"hours_moved": 24}, "hours_moved must be in"),
    ],
)
def test_shifts_out_of_range_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Shifts(**change)
