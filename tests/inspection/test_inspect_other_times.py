"""No time besides that of the transaction becomes a feature, however it is written; which was taken is a guess."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from inspect_frame import inspect_frame
from sample_dumps import handbook

from fraud.data.ingest import ingest_dumps
from fraud.inspection import write_config
from fraud.workspace import Workspace

RNG = np.random.default_rng(8)
ROWS = 3_000
START = datetime(2024, 2, 3, tzinfo=UTC)
SECONDS = np.sort(RNG.integers(0, 120 * 86_400, ROWS))
MOMENTS = [START + timedelta(seconds=int(second)) for second in SECONDS]
FRAUD = RNG.random(ROWS) < 0.05
LATER = [moment + timedelta(days=10 if fraud else 1) for moment, fraud in zip(MOMENTS, FRAUD, strict=True)]
Made = Callable[[], list[str] | list[int] | list[float]]


def base(**more: list[str] | list[int] | list[float] | pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "tx_id": [f"T{n}" for n in range(ROWS)],
            "booked": [f"{moment:%Y-%m-%d %H:%M}" for moment in MOMENTS],
            "card_no": [f"A{n * 7 % 200}" for n in range(ROWS)],
            "amount": RNG.lognormal(3, 1, ROWS).round(2),
            **more,
            "is_fraud": FRAUD.astype(int),
        }
    )


OTHERS: dict[str, tuple[str, Made]] = {
    "the month first": ("Posting Date", lambda: [f"{moment:%m/%d/%Y}" for moment in LATER]),
    "the day first": ("updated", lambda: [f"{moment:%d.%m.%Y}" for moment in LATER]),
    "in ISO": ("last_change", lambda: [f"{moment:%Y-%m-%dT%H:%M:%S}" for moment in LATER]),
    "a compact date": ("value_date", lambda: [int(f"{moment:%Y%m%d}") for moment in LATER]),
    "a month": ("settled", lambda: [f"{moment:%m/%Y}" for moment in LATER]),
    "seconds since 1970": ("settle_epoch", lambda: [int(moment.timestamp()) for moment in LATER]),
    "milliseconds without a name": ("f7", lambda: [int(moment.timestamp() * 1000) for moment in LATER]),
    "days since the start": ("TX_DAYS", lambda: [(moment - START).days for moment in MOMENTS]),
    "seconds left": ("f8", lambda: [-(moment - START).total_seconds() for moment in MOMENTS]),
    "weeks since the start": ("f9", lambda: [(moment - START).days // 7 for moment in MOMENTS]),
}


@pytest.mark.parametrize("written", OTHERS)
def test_another_time_is_ignored_and_the_config_states_why(written: str, tmp_path: Path) -> None:
    name, made = OTHERS[written]
    found = inspect_frame(base(**{name: made()}), tmp_path)
    assert found.clock.spec.column == "booked"
    assert found.config.columns.ignore == (name,)
    (line,) = [line for line in write_config(found).splitlines() if line.strip().startswith(f'"{name}"')]
    assert "another time" in line or "grows with the time" in line


def test_which_of_two_times_was_taken_is_a_guess(tmp_path: Path) -> None:
    more = {name: made() for name, made in (OTHERS["the day first"], OTHERS["seconds since 1970"])}
    found = inspect_frame(base(**more), tmp_path)
    assert found.unsure == (
        "which column is the time of the transaction: booked was taken, not updated or settle_epoch",
    )


def test_the_same_time_written_twice_leaves_no_choice(tmp_path: Path) -> None:
    again = [int(moment.timestamp()) for moment in MOMENTS]
    found = inspect_frame(base(day=[f"{moment:%d.%m.%Y}" for moment in MOMENTS], epoch=again), tmp_path)
    assert found.unsure == ()
    assert found.config.columns.ignore == ("day", "epoch")


def test_hours_ages_and_long_numbers_stay_features(tmp_path: Path) -> None:
    hours = [moment.hour for moment in MOMENTS]
    ages = RNG.integers(0, 3_000, ROWS).tolist()
    found = inspect_frame(base(hour=hours, age_days=ages, reading=RNG.integers(10**9, 2 * 10**9, ROWS)), tmp_path)
    assert found.config.columns.numeric == ("hour", "age_days", "reading")


def test_an_identity_that_grows_stays_the_identity(tmp_path: Path) -> None:
    numbers = pl.Series(np.cumsum(RNG.integers(1, 4, ROWS)))
    assert inspect_frame(base().with_columns(tx_id=numbers), tmp_path).config.columns.transaction_id == "tx_id"


def test_the_files_of_the_handbook_itself_are_known_and_their_counters_are_no_features(tmp_path: Path) -> None:
    since = pl.col("TX_DATETIME") - datetime(2018, 4, 1, tzinfo=UTC)
    frame = handbook(rows=ROWS).with_columns(
        TX_TIME_SECONDS=since.dt.total_seconds(), TX_TIME_DAYS=since.dt.total_days()
    )
    found = inspect_frame(frame, tmp_path)
    assert found.preset == "handbook"
    assert found.config.columns.ignore == ("TX_TIME_SECONDS", "TX_TIME_DAYS")
    bare = inspect_frame(frame.drop("TX_TIME_SECONDS", "TX_TIME_DAYS"), tmp_path)
    assert bare.config.columns.ignore == ()


TIMES_OF_DAY = {
    "hours, minutes and seconds": ("%H%M%S", "TRN_TM"),
    "hours and minutes": ("%H%M", "time"),
}


@pytest.mark.parametrize("written", TIMES_OF_DAY)
@pytest.mark.parametrize("date", ["%Y%m%d", "%d/%m/%y"])
def test_a_time_of_day_without_its_zeros_in_front_is_read(written: str, date: str, tmp_path: Path) -> None:
    pattern, name = TIMES_OF_DAY[written]
    days = [moment.strftime(date) for moment in MOMENTS]
    frame = base(TRN_DT=days, **{name: [int(moment.strftime(pattern)) for moment in MOMENTS]}).drop("booked")
    found = inspect_frame(frame, tmp_path)
    columns = found.config.columns
    assert columns.event_time.columns == ("TRN_DT", name)
    assert (columns.numeric, columns.categorical) == ((), ())
    workspace = Workspace(tmp_path / "workspace")
    config = found.config
    result = ingest_dumps(
        [tmp_path / "dump.csv"], dataset="d", columns=columns, labels=config.labels, workspace=workspace
    )
    assert result.rejected == 0
    stored = pl.read_parquet(workspace.store("d") / "**" / "*.parquet")["event_time"].sort()
    expected = [moment.replace(second=0) if pattern == "%H%M" else moment for moment in MOMENTS]
    assert stored.to_list() == expected


@pytest.mark.parametrize("name", ["hour", "time", "day"])
def test_hours_steps_and_days_are_no_times_of_day_without_zeros(name: str, tmp_path: Path) -> None:
    most = {"hour": 24, "time": 60, "day": 28}[name]
    found = inspect_frame(base(**{name: RNG.integers(0, most, ROWS).tolist()}), tmp_path)
    assert found.clock.spec.column == "booked"


def test_codes_of_a_merch_column_are_a_party(tmp_path: Path) -> None:
    found = inspect_frame(base(MERCH=RNG.integers(100, 220, ROWS).tolist()), tmp_path)
    assert "MERCH" in found.config.columns.entities.values()
