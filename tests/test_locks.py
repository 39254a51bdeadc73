"""One writer at a time, and none that is dead."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fraud.errors import StoreError
from fraud.locks import exclusive
from fraud.workspace import Workspace

HOLD = """
import sys, time
from pathlib import Path
from fraud.workspace import Workspace
with Workspace(Path(sys.argv[1])).lock("cards", "fraud retrain"):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_process_holds(root: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(root)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_second_process_gets_one_line_with_who_holds_the_lock_and_since_when(tmp_path):
    with another_process_holds(tmp_path) as process:
        with (
            pytest.raises(StoreError) as caught,
            Workspace(tmp_path).lock("cards", "fraud ingest"),
        ):
            pytest.fail("held twice")
        where = rf"process {process.pid} on {re.escape(socket.gethostname())}"
        pattern = rf"held by `fraud retrain` \({where}\) since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
        assert re.search(pattern, str(caught.value))
        assert "\n" not in str(caught.value)


def test_data_sets_do_not_wait_for_each_other(tmp_path):
    with another_process_holds(tmp_path), Workspace(tmp_path).lock("other", "fraud ingest"):
        assert (tmp_path / "data" / "locks" / "other.lock").exists()


def test_the_lock_of_a_killed_process_is_no_lock(tmp_path):
    with another_process_holds(tmp_path) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert "fraud retrain" in (tmp_path / "data" / "locks" / "cards.lock.holder").read_text()
        with Workspace(tmp_path).lock("cards", "fraud ingest"):
            assert "fraud ingest" in (tmp_path / "data" / "locks" / "cards.lock.holder").read_text()


def test_whoever_has_patience_waits_until_the_holder_has_ended(tmp_path):
    with another_process_holds(tmp_path) as process:
        threading.Timer(0.3, process.kill).start()
        with exclusive(tmp_path / "data" / "locks" / "cards.lock", "fraud ingest", patience_seconds=60):
            assert process.poll() is not None or process.wait() is not None


def test_a_program_started_meanwhile_does_not_inherit_the_lock(tmp_path):
    workspace = Workspace(tmp_path)
    with workspace.lock("cards", "fraud run"):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        with another_process_holds(tmp_path) as process:
            assert process.poll() is None
    finally:
        child.kill()
        child.wait()


def test_a_command_that_calls_another_goes_on_under_its_own_lock(tmp_path):
    workspace, path = Workspace(tmp_path), tmp_path / "data" / "locks" / "cards.lock.holder"
    with workspace.lock("cards", "fraud run"):
        with workspace.lock("cards", "fraud ingest"):
            assert "fraud run" in path.read_text()
        assert "fraud run" in path.read_text()
    assert not path.exists()


def test_the_lock_is_given_back_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), Workspace(tmp_path).lock("cards", "fraud ingest"):
        raise ZeroDivisionError
    with another_process_holds(tmp_path) as process:
        assert process.poll() is None


def test_a_workspace_that_cannot_be_written_gets_one_line(tmp_path):
    (tmp_path / "data").write_text("a file where a folder is expected")
    with pytest.raises(StoreError, match=r"cards\.lock: cannot be written: .*; check the folder and its permissions"):
        Workspace(tmp_path).lock("cards", "fraud ingest").__enter__()


def test_a_command_that_finds_the_lock_taken_ends_with_one_line_and_exit_code_2(tmp_path):
    config = tmp_path / "cards.toml"
    config.write_text('[dataset]\nname = "cards"\n\n[columns]\nevent_time = "when"\n')
    command = [sys.executable, "-m", "fraud", "ingest", "dump.csv", "--config", config, "--workspace", tmp_path]
    with another_process_holds(tmp_path):
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert re.search(r"held by `fraud retrain` \(process \d+ on .+\) since", ended.stderr)
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "data" / "store").exists()
