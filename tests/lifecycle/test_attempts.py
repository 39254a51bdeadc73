"""An attempt goes on under its name until it ends, and none is kept that nobody can go on with."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fraud.errors import ModelError
from fraud.lifecycle.attempts import RECORD, Attempt, begin_attempt, unfinished_attempt

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def begun(folder: Path, *, dataset: str = "cards", store_version: int = 3) -> Attempt:
    return begin_attempt(folder, now=NOW, dataset=dataset, store_version=store_version, champion=1)


def test_an_attempt_goes_on_under_its_name_until_it_ends(tmp_path: Path) -> None:
    first = begun(tmp_path / "cells")
    assert begun(tmp_path / "cells") == unfinished_attempt(tmp_path / "cells") == first
    first.end()
    assert unfinished_attempt(tmp_path / "cells") is None
    assert begun(tmp_path / "cells").run_id != first.run_id


def test_runs_of_one_day_have_names_of_their_own(tmp_path: Path) -> None:
    names = {begun(tmp_path / str(number) / "cells").run_id for number in range(500)}
    assert len(names) == 500
    assert all(len(name.removeprefix("2026-03-01-")) == 8 for name in names)


def test_an_attempt_on_older_data_of_the_same_data_set_is_cleared_away_and_no_other(tmp_path: Path) -> None:
    begun(tmp_path / "abandoned", store_version=2)
    begun(tmp_path / "another setting", store_version=3)
    begun(tmp_path / "another data set", dataset="transfers", store_version=0)
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / RECORD).write_text("{")
    begun(tmp_path / "new", store_version=3)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["another data set", "another setting", "new", "torn"]


def test_a_record_that_is_none_is_named(tmp_path: Path) -> None:
    begun(tmp_path)
    (tmp_path / RECORD).write_text(json.dumps({"run_id": "x"}))
    with pytest.raises(ModelError, match="is not a record of an attempt"):
        unfinished_attempt(tmp_path)
