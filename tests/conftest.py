"""Small dumps and a workspace to put them into."""

from collections.abc import Callable
from pathlib import Path

import pytest
from desk import ROWS, Desk
from drawing import examples
from hypothesis import settings

from fraud.config import ColumnsConfig, TimeSpec

settings.register_profile("suite", examples(100))
settings.load_profile("suite")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def small_csv(desk: Desk) -> Path:
    return desk.csv(*ROWS)


@pytest.fixture
def times_of(desk: Desk) -> Callable[..., list[str]]:
    """The event times that a CSV with these cells and this TimeSpec gives, in ISO format."""

    def read(*rows: str, header: str = "when", spec: TimeSpec) -> list[str]:
        path = desk.csv(*(f"{n},{row}" for n, row in enumerate(rows, start=1)), header=f"id,{header}")
        desk.ingest(path, columns=ColumnsConfig(transaction_id="id", event_time=spec))
        return [moment.isoformat() for moment in desk.stored("event_time")["event_time"]]

    return read
