"""The registry on a server, unreachable, damaged, or created by two commands at once."""

import multiprocessing
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from fraud.cli.main import main
from fraud.errors import ModelError
from fraud.features.encoding import Encoder
from fraud.lifecycle.registry import Registry
from fraud.lifecycle.tracking import DATABASE, SERVER, open_client
from fraud.model.bundle import Bundle
from fraud.model.calibration import Calibrator
from fraud.model.network import Network

CONFIG = """
[dataset]
name = "cards"
[columns]
event_time = "when"
is_fraud = "fraud"
"""


WINDOW = {"from": "2018-04-01T00:00:00+00:00", "to": "2018-05-01T00:00:00+00:00", "transactions": 9, "frauds": 1}
CARD = {
    "model": {"strategy": "none", "seeds": [0]},
    "intended_use": "For review.",
    "data": {
        "name": "cards",
        "transactions": 9,
        "frauds": 1,
        "prevalence": 0.1,
        "first_event": "2018-04-01",
        "last_event": "2018-05-01",
        "store_version": 0,
    },
    "windows": dict.fromkeys(("train", "validation", "test"), WINDOW),
    "policy": {"kind": "alerts_per_day", "value": 1},
    "figures": {},
    "limits": [],
    "made": {"created": "2018-05-01", "report": "2018-05-01-0000"},
}


def bundle_of(strategy: str) -> Bundle:
    """An untrained network of one number."""
    torch.manual_seed(0)
    rows = pl.DataFrame({"transaction_id": [f"{n:02}" for n in range(50)], "amount": np.linspace(0, 1, 50)})
    encoder = Encoder.fit(rows, numeric=["amount"], categorical=[])
    shape = {"n_numeric": encoder.n_numeric, "cardinalities": [], "hidden": [2], "dropout": 0.0}
    return Bundle(
        strategy=strategy,
        family="none",
        seeds=(0,),
        encoder=encoder,
        networks=(Network(**shape).eval(),),
        network_shape=shape,
        logit_shift=0.0,
        calibrator=Calibrator(kind="identity"),
        threshold=0.5,
        provenance={"split": {"test": WINDOW}, "figures": {}},
    )


@pytest.fixture
def forbidding() -> Iterator[str]:
    """A server that lets nobody in."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(403)
            self.end_headers()
            self.wfile.write(b"<html>who are you?</html>")

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def error_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line of a command that fails because of its input."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def arguments_for(tmp_path: Path, *command: str) -> list[str]:
    (tmp_path / "cards.toml").write_text(CONFIG)
    return [*command, "--config", str(tmp_path / "cards.toml"), "--workspace", str(tmp_path / "workspace")]


@pytest.mark.parametrize("command", [("models",), ("retrain", "august.csv"), ("promote", "1"), ("run", "august.csv")])
def test_a_server_out_of_reach_is_one_line_before_anything_is_done(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv(SERVER, address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    line = error_line(arguments_for(tmp_path, *command), capsys)
    assert line.startswith(f"fraud: registry {address} ({SERVER}): ")
    assert "refused" in line
    assert "check that the server runs" in line
    assert not (tmp_path / "workspace" / "data" / "store").exists()


def test_a_server_that_lets_nobody_in_is_one_line(
    forbidding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SERVER, forbidding)
    assert "403" in error_line(arguments_for(tmp_path, "models"), capsys)


def test_a_damaged_database_is_one_line_that_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "workspace" / "data" / "registry"
    folder.mkdir(parents=True)
    (folder / DATABASE).write_bytes(b"this is no database" * 500)
    line = error_line(arguments_for(tmp_path, "models"), capsys)
    assert line.startswith(f"fraud: registry {folder / DATABASE}: ")
    assert "restore it from a backup" in line


@pytest.mark.slow
def test_a_registry_elsewhere_holds_models_aliases_and_bundles_and_the_workspace_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SERVER, f"sqlite:///{tmp_path}/elsewhere.db")
    registry = Registry(tmp_path / "workspace", "cards")
    assert registry.versions() == []
    for number, strategy in enumerate(("none", "weight-sqrt"), start=1):
        bundle = bundle_of(strategy)
        assert registry.register(bundle, run_id=strategy, figures={}, card=CARD) == number
        registry.promote(number)
    assert registry.champion().version == 2
    registry.challenge(1)
    registry.promote(2)
    assert [model.aliases for model in registry.versions()] == [(), ("champion",)], "a challenger of nobody is left"
    assert registry.rollback().version == 1
    again = Registry(tmp_path / "another workspace", "cards")
    assert [model.is_champion for model in again.versions()] == [True, False]
    rows = pl.DataFrame({"transaction_id": ["a", "b"], "amount": [0.1, 0.7]})
    assert again.load(2).strategy == "weight-sqrt"
    np.testing.assert_array_equal(again.load(1).score(rows), bundle_of("none").score(rows))
    with pytest.raises(ModelError, match="no version 3"):
        again.load(3)
    assert not (tmp_path / "workspace").exists()


def _make(root: Path, dataset: str, start: object) -> None:
    start.wait()
    Registry(root, dataset)._experiment(Registry(root, dataset)._client())


@pytest.mark.slow
def test_two_data_sets_that_make_the_registry_at_once_make_one(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "mlflow.tracking", "mlflow.store.model_registry.sqlalchemy_store"])
    start = context.Barrier(2)
    names = ("cards", "transfers")
    processes = [context.Process(target=_make, args=(tmp_path, name, start)) for name in names]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    found = {model.name for model in open_client(tmp_path).search_registered_models()}
    assert found == set(names)
