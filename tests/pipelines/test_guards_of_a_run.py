import shutil
from pathlib import Path

import polars as pl
from small_run import World, command

from fraud.config import load_config


def test_jobs_of_a_killed_run_never_serve_other_data(world: World, tmp_path: Path) -> None:
    from fraud.stages.run_record import jobs_folder
    from fraud.workspace import Workspace

    folders = []
    for number, factor in enumerate((1.0, 2.0)):
        workspace, dump = tmp_path / str(number), tmp_path / f"dump{number}" / world.dumps[0].name
        dump.parent.mkdir()
        pl.read_parquet(world.dumps[0]).with_columns(pl.col("TX_AMOUNT") * factor).write_parquet(dump)
        assert command("ingest", "--config", world.config, "--workspace", workspace, dump) == 0
        folders.append(jobs_folder(Workspace(workspace), load_config(world.config), 0).name)
    assert folders[0] != folders[1]
    elsewhere = load_config(world.config, {"engine": {"kind": "ray", "jobs": "64"}})
    assert jobs_folder(Workspace(workspace), elsewhere, 0).name == folders[1]
    shutil.rmtree(tmp_path)
