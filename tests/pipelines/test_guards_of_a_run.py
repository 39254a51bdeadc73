import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from conftest import Finished, World, command

from fraud.config import load_config
from fraud.errors import LeakageError
from fraud.evaluation.field import check_windows, prepare_field
from fraud.features.splits import split_by_time
from fraud.features.table import FeatureTable


@pytest.fixture
def table(finished: Finished) -> FeatureTable:
    return FeatureTable.open(finished.workspace / "data" / "features" / "tiny")


def test_rows_repeated_in_the_test_window_stop_the_run(table: FeatureTable, world: World) -> None:
    config = load_config(world.config)
    features = table.read()
    split = split_by_time(features, split=config.split, labels=config.labels, has_label_time=False)
    frauds = split.test.rows[split.test.y == 1]
    oversampled = replace(
        split.test, rows=np.append(split.test.rows, frauds), y=np.append(split.test.y, np.ones(len(frauds), np.int8))
    )
    check_windows(features, split, config)
    with pytest.raises(LeakageError, match=r"test: .* more than once"):
        check_windows(features, replace(split, test=oversampled), config)


def test_genuine_rows_left_out_of_validation_stop_the_run(table: FeatureTable, world: World) -> None:
    config = load_config(world.config)
    features = table.read()
    split = split_by_time(features, split=config.split, labels=config.labels, has_label_time=False)
    kept = (split.validation.y == 1) | (np.arange(len(split.validation.y)) % 2 == 0)
    undersampled = replace(split.validation, rows=split.validation.rows[kept], y=split.validation.y[kept])
    with pytest.raises(LeakageError, match="validation"):
        check_windows(features, replace(split, validation=undersampled), config)


def test_a_strategy_that_writes_into_the_test_window_is_caught(
    table: FeatureTable, world: World, tmp_path: Path
) -> None:
    field = prepare_field(table, load_config(world.config), folder=tmp_path)
    field.check_untouched()
    X = np.load(tmp_path / "test_X.npy")
    np.save(tmp_path / "test_X.npy", X * 0.5)
    with pytest.raises(LeakageError, match="test: its rows or labels were changed"):
        field.check_untouched()


def test_cells_of_a_killed_run_never_serve_other_data(world: World, tmp_path: Path) -> None:
    from fraud.workspace import Workspace
    from pipelines.facts import cells_folder

    folders = []
    for number, factor in enumerate((1.0, 2.0)):
        workspace, dump = tmp_path / str(number), tmp_path / f"dump{number}" / world.dumps[0].name
        dump.parent.mkdir()
        pl.read_parquet(world.dumps[0]).with_columns(pl.col("TX_AMOUNT") * factor).write_parquet(dump)
        assert command("ingest", "--config", world.config, "--workspace", workspace, dump) == 0
        folders.append(cells_folder(Workspace(workspace), load_config(world.config), 0).name)
    assert folders[0] != folders[1]
    shutil.rmtree(tmp_path)
