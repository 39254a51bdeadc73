"""The store in an object storage: an S3-compatible server on this machine, in a process of its own."""

import json
import multiprocessing
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from desk import ROWS, Desk
from dying import put, put_and_die

from fraud.cli.main import main
from fraud.config import RunConfig
from fraud.data.ingest import IngestResult, ingest_dumps
from fraud.data.staging.pseudonyms import pseudonyms_for
from fraud.data.store.storage import reason_of, storage_fault
from fraud.data.store.table import TransactionStore
from fraud.errors import ConfigError, StoreError
from fraud.features.table import FeatureTable
from fraud.features.table_writer import writing
from fraud.simulation.dumps import Simulation, write_dumps
from fraud.stages import run_folder
from fraud.workspace import Workspace

SERVER = """
import time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
time.sleep(600)
"""
SMALL_RUN = """
[dataset]
name = "small"
[columns]
transaction_id = "TRANSACTION_ID"
event_time = "TX_DATETIME"
amount = "TX_AMOUNT"
is_fraud = "TX_FRAUD"
entities = { customer = "CUSTOMER_ID" }
ignore = ["TERMINAL_ID", "TX_FRAUD_SCENARIO", "TX_TIME_SECONDS", "TX_TIME_DAYS"]
[split]
validation = 14
test = 14
[features]
windows = ["1d"]
[network]
hidden = [4]
[training]
max_steps = 6
check_every = 3
[comparison]
strategies = ["none", "weight-sqrt"]
seeds = 1
tuning_trials = 1
corrections = []
[policy]
value = 5
[engine]
jobs = 1
"""
KEY, SECRET = "KEYTHATNOBODYMAYSEE", "SECRETTHATNOBODYMAYSEE"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    pytest.importorskip("moto.server", reason="the S3 server of the tests is not installed: pip install moto flask")
    # NOTE: a process of its own, as Delta Lake keeps the interpreter to itself while it waits for an answer.
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        address = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        urllib.request.urlopen(urllib.request.Request(f"{address}/bank", method="PUT")).close()
        yield address
        server.kill()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": KEY, "SECRET_ACCESS_KEY": SECRET, "REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")


class RemoteDesk(Desk):
    """A desk whose store is in the bucket."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.address = f"s3://bank/{folder.name}/small"

    @property
    def store(self) -> TransactionStore:
        return TransactionStore(self.address)

    def put(self, *rows: str, name: str = "dump.csv") -> IngestResult:
        return put(self.csv(*rows, name=name), self.workspace, self.address, self.columns)


@pytest.fixture
def remote(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RemoteDesk:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    return RemoteDesk(tmp_path)


def test_what_is_ingested_twice_is_stored_once_and_late_labels_join_it(remote: RemoteDesk) -> None:
    first = remote.put(*ROWS)
    assert (first.new, first.updated) == (3, 0)
    assert remote.put(*ROWS).store_version == first.store_version
    unlabelled = remote.put("d,2018-04-03 00:00:00,5,,7", "e,2018-04-03 00:00:00,6,,7", name="later.csv")
    assert unlabelled.new == 2
    again = remote.put("d,2018-04-03 00:00:00,5,1,7", "a,2018-04-01 00:00:31,57.16,0,596", name="labels.csv")
    assert (again.new, again.updated, again.unchanged) == (0, 1, 1)
    rows = remote.store.scan().select("transaction_id", "is_fraud").sort("transaction_id").collect()
    assert dict(rows.iter_rows()) == {"a": False, "b": True, "c": False, "d": True, "e": None}
    assert [manifest.file for manifest in remote.store.manifests()] == ["dump.csv", "later.csv", "labels.csv"]
    assert not remote.workspace.store("small").exists(), "something was stored in the workspace"


def test_it_holds_what_a_folder_would_hold(remote: RemoteDesk) -> None:
    dumps = [(ROWS, "1.csv"), (("b,2018-04-01 00:02:10,81.51,0,4961", "x,2018-04-05 00:00:00,1,1,9"), "2.csv")]
    for rows, name in dumps:
        there, here = remote.put(*rows, name=name), remote.ingest(remote.csv(*rows, name=name))
        assert (there.new, there.updated, there.unchanged) == (here.new, here.updated, here.unchanged)
    stores = (remote.store, TransactionStore(remote.workspace.store("small")))
    there, here = (store.scan().sort("transaction_id").collect() for store in stores)
    assert there.equals(here)


def test_dumps_that_share_transactions_are_one_commit(remote: RemoteDesk) -> None:
    remote.put(*ROWS)
    remote.csv("a,2018-04-01 00:00:31,57.16,1,596", name="more/1.csv")
    remote.csv("a,2018-04-01 00:00:31,58.00,1,596", "n,2018-04-04 00:00:00,1,0,9", name="more/2.csv")
    result = put(remote.folder / "more", remote.workspace, remote.address, remote.columns)
    assert (result.new, result.store_version) == (1, 1)
    stored = remote.store.scan().filter(transaction_id="a").select("amount", "is_fraud").collect()
    assert stored.rows() == [(58.0, True)]


def test_a_killed_writer_leaves_the_table_as_it_was(remote: RemoteDesk) -> None:
    remote.put(*ROWS)
    before = remote.store.scan().sort("transaction_id").collect()
    dump = remote.csv("b,2018-04-01 00:02:10,81.51,0,4961", "x,2018-04-05 00:00:00,1,1,9", name="next.csv")
    process = multiprocessing.get_context("spawn").Process(
        target=put_and_die, args=(remote.workspace.root, dump, remote.address, remote.columns)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert remote.store.scan().sort("transaction_id").collect().equals(before)
    assert len(remote.store.manifests()) == 1
    assert put(dump, remote.workspace, remote.address, remote.columns).new == 1


def test_of_two_writers_from_two_workspaces_the_second_to_commit_is_told(
    remote: RemoteDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.put(*ROWS)
    commit = TransactionStore._commit

    def overtaken(store: TransactionStore, *arguments: object) -> int:
        monkeypatch.setattr(TransactionStore, "_commit", commit)
        other = remote.csv("other,2018-04-05 00:00:00,1,0,9", name="other.csv")
        put(other, Workspace(remote.folder / "another workspace"), remote.address, remote.columns)
        return commit(store, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(TransactionStore, "_commit", overtaken)
    with pytest.raises(StoreError, match="another ingest changed the store at the same time; run this one again"):
        remote.put("mine,2018-04-05 00:00:00,1,0,9", name="mine.csv")
    assert remote.store.scan().filter(pl.col("transaction_id").is_in(["mine", "other"])).collect().height == 1
    assert remote.put("mine,2018-04-05 00:00:00,1,0,9", name="mine.csv").new == 1


def test_a_commit_whose_answer_was_lost_keeps_its_files(remote: RemoteDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    remote.put(*ROWS)
    commit = DeltaTable.create_write_transaction

    def unheard(table: DeltaTable, *arguments: object, **settings: object) -> None:
        commit(table, *arguments, **settings)  # type: ignore[arg-type]
        raise CommitFailedError("the connection was lost")

    monkeypatch.setattr(DeltaTable, "create_write_transaction", unheard)
    with pytest.raises(StoreError, match="run this one again"):
        remote.put("x,2018-04-05 00:00:00,1,1,9", name="next.csv")
    assert remote.store.scan().select("transaction_id").collect().height == 4
    again = remote.put("x,2018-04-05 00:00:00,1,1,9", name="next.csv")
    assert (again.new, again.store_version) == (0, 1)


@pytest.mark.parametrize("address", ["s3://no-such-bucket/cards", "s3://bank/never/written"])
def test_where_nothing_is_stored_one_line_says_so(remote: RemoteDesk, address: str) -> None:
    with pytest.raises(StoreError) as caught:
        TransactionStore(address).scan()
    assert str(caught.value).startswith(f"{address}: ")
    assert "\n" not in str(caught.value)


def test_pseudonyms_and_real_ids_do_not_mix_whichever_workspace_they_come_from(
    remote: RemoteDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRAUD_PSEUDONYM_KEY", "k" * 16)
    wanted = partial(pseudonyms_for, dataset="small", address=remote.address)
    hidden = wanted(remote.workspace, wanted=True)
    settings = {"columns": remote.columns, "labels": remote.labels, "address": remote.address, "pseudonyms": hidden}
    ingest_dumps([remote.csv(*ROWS)], dataset="small", workspace=remote.workspace, **settings)
    other = Workspace(remote.folder / "another workspace")
    assert wanted(other, wanted=True) == hidden
    with pytest.raises(StoreError, match=r"holds pseudonyms, and .* pseudonymise is false"):
        wanted(other, wanted=False)
    monkeypatch.setenv("FRAUD_PSEUDONYM_KEY", "l" * 16)
    with pytest.raises(ConfigError, match="made with another key"):
        wanted(Workspace(remote.folder / "third"), wanted=True)


@pytest.mark.slow
def test_features_and_figures_do_not_depend_on_where_the_store_is(
    remote: RemoteDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "render_report", lambda folder: folder)  # takes longer than all else
    world = Simulation(seed=3, days=60, customers=60, terminals=90, fraud_factor=9)
    dumps = write_dumps(remote.folder / "dumps", world)
    config = remote.folder / "run.toml"
    config.write_text(SMALL_RUN)
    found = []
    for name, options in {"here": [], "there": ["--dataset.store", remote.address]}.items():
        place = remote.folder / name
        for stage in (["ingest", *map(str, dumps)], ["compare"]):
            with pytest.raises(SystemExit) as ended:
                main([*stage, "--config", str(config), "--workspace", str(place), *options])
            assert ended.value.code == 0
        (report,) = (json.loads(path.read_text()) for path in place.glob("reports/*/report.json"))
        rows = [row | {"train_seconds": None} for row in (*report["strategies"], *report["baselines"])]
        features = FeatureTable.open(place / "data" / "features" / "small").read()
        found.append((rows, report["dataset"], report["provenance"]["dumps"], features.hash_rows().to_list()))
    assert found[0] == found[1]
    assert not (remote.folder / "there" / "data" / "store" / "small").exists()
    assert remote.store.version == 0


def test_an_unreachable_server_is_one_line_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(StoreError, match=r"Connection refused.*check the bucket and the variables") as caught:
        TransactionStore("s3://bank/cards").scan()
    text = str(caught.value)
    assert not any(hidden in text for hidden in (KEY, SECRET, "\n", "\x1b"))


def test_a_server_that_goes_away_while_transactions_are_read_is_one_line_as_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(*_: object, **__: object) -> None:
        raise ConnectionRefusedError(
            f"object-store error: Generic S3 error: Error performing GET http://127.0.0.1:1/bank?key={SECRET}\n\n"
            "Caused by:\n    0: client error (Connect)\n    1: Connection refused (os error 111)"
        )

    monkeypatch.setattr("fraud.cli.main.app", read)
    with pytest.raises(SystemExit) as ended:
        main(["prepare"])
    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert error.startswith("fraud: object-store error")
    assert error.count("\n") == 1
    assert SECRET not in error


def test_a_bug_is_no_fault_of_the_object_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("fraud.cli.main.app", fail)
    with pytest.raises(ValueError, match="a bug"):
        main(["prepare"])


def test_a_server_named_without_its_scheme_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "127.0.0.1:9000")
    with pytest.raises(StoreError, match="AWS_ENDPOINT_URL: expected http:// or https://"):
        TransactionStore("s3://bank/cards")


def test_a_read_that_fails_is_not_said_to_be_a_write(tmp_path: Path) -> None:
    failed = pl.exceptions.ComputeError("Generic S3 error: Connection refused (os error 111)")
    with pytest.raises(pl.exceptions.ComputeError), writing(tmp_path):
        raise failed
    assert "see that the object storage can be reached" in str(storage_fault(failed))


def test_a_server_named_with_a_password_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://user:{SECRET}@127.0.0.1:1")
    with pytest.raises(StoreError, match="AWS_ENDPOINT_URL: has a user or a password in it") as caught:
        TransactionStore("s3://bank/cards")
    assert SECRET not in str(caught.value)


def test_what_a_server_answers_is_shown_by_its_code_alone() -> None:
    answer = f"<?xml version='1.0'?>\n<Error><Code>AccessDenied</Code><AWSAccessKeyId>{KEY}</AWSAccessKeyId></Error>"
    assert reason_of(OSError(f"GET failed: {answer} with {SECRET}")) == "GET failed: AccessDenied"
    assert reason_of(OSError(f"signed by {SECRET}")) == "signed by …"


@pytest.mark.parametrize(
    "address",
    [
        f"s3://user:{SECRET}@bank/cards",
        f"s3://bank/cards?sig={SECRET}",
        "s3://bank",
        "https://bank/cards",
        "s3://bank/two words",
        "/mnt/cards",
    ],
)
def test_a_config_may_hold_an_address_and_nothing_secret(address: str) -> None:
    with pytest.raises(ConfigError, match=r"\[dataset\]: store must be s3://") as caught:
        RunConfig.from_mapping({"dataset": {"name": "x", "store": address}, "columns": {"event_time": "t"}})
    assert SECRET not in str(caught.value)
