"""scripts/fetch_data.py against a host on this machine: whole, broken off, wrong, gone."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import fetch_data
import pytest
from fetch_data import FetchError, download, main

from fraud.data.presets import PRESETS

CONTENT = bytes(range(256)) * 2_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Host(BaseHTTPRequestHandler):
    """Serves one file, with ranges; breaks off after 100,000 bytes where the address is of a broken file."""

    ranges: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and "plain" not in self.path else 0
        if "missing" in self.path:
            self.send_error(404)
            return
        if start >= len(CONTENT):
            self.send_error(416)
            return
        rest = CONTENT[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[:100_000] if "broken" in self.path and not start else rest)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Host.ranges.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_file_arrives_whole_and_is_not_fetched_twice(host: str, tmp_path: Path) -> None:
    for _ in range(2):
        path = download(f"{host}/dump.csv", tmp_path / "dump.csv", sha256=SHA256)
    assert path.read_bytes() == CONTENT
    assert len(Host.ranges) == 1


def test_a_download_that_broke_off_goes_on_where_it_stopped(host: str, tmp_path: Path) -> None:
    target = tmp_path / "dump.csv"
    with pytest.raises(FetchError, match=r"cannot be reached .*give the same command again"):
        download(f"{host}/broken.csv", target, sha256=SHA256)
    assert not target.exists()
    assert download(f"{host}/broken.csv", target, sha256=SHA256).read_bytes() == CONTENT
    assert Host.ranges[-1] == "bytes=100000-"
    assert list(tmp_path.iterdir()) == [target]


def test_a_host_that_knows_no_ranges_begins_anew(host: str, tmp_path: Path) -> None:
    (tmp_path / "plain.csv.part").write_bytes(b"half")
    assert download(f"{host}/plain.csv", tmp_path / "plain.csv", sha256=SHA256).read_bytes() == CONTENT


def test_all_bytes_of_an_earlier_attempt_are_enough(host: str, tmp_path: Path) -> None:
    (tmp_path / "dump.csv.part").write_bytes(CONTENT)
    assert download(f"{host}/dump.csv", tmp_path / "dump.csv", sha256=SHA256).read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_nothing_behind(host: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"expected SHA-256 0000, found "):
        download(f"{host}/dump.csv", tmp_path / "dump.csv", sha256="0000")
    assert not list(tmp_path.iterdir())


def test_what_is_not_there_or_not_reachable_is_reported_in_one_line(
    host: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--url", f"{host}/missing.csv", "--out", str(tmp_path)]) == 2
    assert main(["--url", "http://127.0.0.1:9/dump.csv", "--out", str(tmp_path)]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "404" in first
    assert "cannot be reached" in second


def test_data_behind_an_account_are_named_with_their_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["paysim", "--out", str(tmp_path)]) == 2
    assert "kaggle.com/datasets/ealaxi/paysim1" in capsys.readouterr().err


def test_offline_the_credit_card_data_are_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def offline(**_: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("sklearn.datasets.fetch_openml", offline)
    assert main(["creditcard", "--out", str(tmp_path)]) == 2
    assert "openml.org: cannot be reached (no route to host)" in capsys.readouterr().err


def test_every_preset_of_public_data_has_a_source() -> None:
    assert set(fetch_data.SOURCES) == set(PRESETS) - {"rich"}
