from pathlib import Path

import polars as pl
import pytest

from fraud.stages.dumps import dump_paths

FRAME = pl.DataFrame({"id": ["a", "b"], "amount": [1.5, 2.0]})


@pytest.mark.parametrize("dumps", ["one.csv", Path("one.csv"), ["one.csv"], (Path("one.csv"),)])
def test_paths_are_handed_on_as_they_are(dumps: object) -> None:
    with dump_paths(dumps) as paths:  # type: ignore[arg-type]
        assert paths == ("one.csv",)


def test_a_frame_is_a_file_while_the_with_lasts() -> None:
    with dump_paths(["months/*.csv", FRAME]) as (pattern, path):
        assert pattern == "months/*.csv"
        assert pl.read_parquet(path).equals(FRAME)
    assert not Path(path).parent.exists()


def test_the_same_frame_has_the_same_name_and_another_one_another() -> None:
    names = []
    for frame in (FRAME, FRAME.clone(), FRAME.with_columns(amount=pl.col("amount") + 1)):
        with dump_paths(frame) as (path,):
            names.append(Path(path).name)
    assert names[0] == names[1] != names[2]


def test_two_equal_frames_are_one_file() -> None:
    with dump_paths([FRAME, FRAME]) as paths:
        assert paths[0] == paths[1]
        assert Path(paths[0]).exists()
