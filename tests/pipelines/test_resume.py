import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_run import Finished, World
from test_run import figures


def kill_when(process: subprocess.Popen[bytes], workspace: Path, cells: int) -> None:
    """SIGKILL a run and its workers as soon as so many cells are finished."""
    deadline = time.monotonic() + 240
    while len(list(workspace.glob("data/cells/*/*/cell.json"))) < cells:
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_a_run_killed_twice_goes_on_where_it_was(world: World, finished: Finished, tmp_path: Path) -> None:
    options = ["--config", str(world.config), "--workspace", str(tmp_path)]
    command = [sys.executable, "-m", "fraud", "run", *options, *map(str, world.dumps[:2])]
    kept: dict[Path, float] = {}
    for cells in (2, 5):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        kill_when(process, tmp_path, cells)
        now = {path: path.stat().st_mtime for path in tmp_path.glob("data/cells/*/*/cell.json")}
        assert all(now[path] == moment for path, moment in kept.items()), "a finished cell was trained again"
        kept = now
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (folder,) = [path.parent for path in tmp_path.glob("reports/*/report.json")]
    assert figures(Finished(tmp_path, folder).report) == figures(finished.report)
