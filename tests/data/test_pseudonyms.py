"""With `[privacy] pseudonymise` no real entity id is stored anywhere, and the same id stays the same everywhere."""

import re
import stat
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from desk import Desk

from fraud.data.staging.pseudonyms import VARIABLE, Pseudonyms, pseudonyms_for
from fraud.errors import ConfigError, StoreError

CARD = "4111111111111111"
ROWS = (
    "a,2018-04-01 00:00:31,57.16,0,secret-596,Ada Lovelace",
    f"{CARD},2018-04-01 00:02:10,81.51,1,secret-4961,Ada Lovelace",
    "c,2018-04-02 10:00:00,inf,0,secret-596,Ada Lovelace",
)
HEADER = "id,when,amount,fraud,card,name"


def wanted(desk: Desk, dataset: str = "small") -> Pseudonyms:
    found = pseudonyms_for(desk.workspace, dataset, wanted=True)
    assert found is not None
    return found


def everything_below(folder: Path) -> bytes:
    """Every file of the workspace, Parquet read as text."""
    read = []
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            read.append(pl.read_parquet(path).write_ndjson().encode())
        elif path.is_file():
            read.append(path.read_bytes())
    return b"\n".join(read)


def test_no_real_id_is_stored_and_neither_is_the_key(desk: Desk) -> None:
    pseudonyms = wanted(desk)
    result = desk.ingest(desk.csv(*ROWS, header=HEADER), pseudonyms=pseudonyms)
    assert (result.new, result.rejected) == (2, 1)
    stored = everything_below(desk.workspace.root / "data" / "store") + everything_below(
        desk.workspace.quarantine("small")
    )
    assert stored.count(pseudonyms.of("secret-596").encode()) >= 2  # a row in the store, one in the quarantine
    for secret in (b"secret-", CARD.encode(), b"Lovelace", pseudonyms.key):
        assert secret not in stored
    assert desk.stored("transaction_id")["transaction_id"].to_list() == ["a", pseudonyms.of(CARD)]


def test_the_same_id_is_the_same_pseudonym_in_later_dumps_of_any_format(desk: Desk) -> None:
    desk.ingest(desk.csv("a,2018-04-01,5,0,596"), pseudonyms=wanted(desk))
    later = pl.DataFrame({"id": ["b"], "when": ["2018-04-02"], "amount": [5.0], "fraud": [0], "card": [596.0]})
    later.write_parquet(desk.folder / "later.parquet")
    desk.ingest(desk.folder / "later.parquet", pseudonyms=wanted(desk))
    assert desk.stored("card")["card"].unique().to_list() == [wanted(desk).of("596")]


def test_a_late_label_finds_the_transaction_whose_id_is_a_card_number(desk: Desk) -> None:
    desk.ingest(desk.csv(f"{CARD},2018-04-01,5,,596"), pseudonyms=wanted(desk))
    result = desk.ingest(desk.csv(f"{CARD},1", header="id,fraud", name="labels.csv"), pseudonyms=wanted(desk))
    assert (result.updated, desk.stored("is_fraud").item()) == (1, True)


def test_an_empty_cell_stays_empty(desk: Desk) -> None:
    desk.ingest(desk.csv("a,2018-04-01,5,0,", "b,2018-04-01,5,0,7"), pseudonyms=wanted(desk))
    assert desk.stored("card")["card"].to_list() == [None, wanted(desk).of("7")]


def test_a_pseudonym_is_a_keyed_hash_that_no_spreadsheet_takes_for_a_number() -> None:
    one, other = Pseudonyms(b"k" * 16), Pseudonyms(b"l" * 16)
    assert re.fullmatch("p[0-9a-f]{32}", one.of("4711"))
    assert one.of("4711") != other.of("4711") != one.of("4712")
    assert "kkkk" not in repr(one)


def test_the_key_is_made_once_and_only_its_owner_can_read_it(desk: Desk) -> None:
    first = wanted(desk)
    path = desk.workspace.pseudonyms / "key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert wanted(desk) == first == wanted(desk, "another")
    path.chmod(0o640)
    with pytest.raises(ConfigError, match=r"mode 640.*chmod 600"):
        wanted(desk)


def test_a_key_in_the_environment_writes_no_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "a key of the environment")
    assert wanted(desk).key == b"a key of the environment"
    assert not (desk.workspace.pseudonyms / "key").exists()
    monkeypatch.setenv(VARIABLE, "short")
    with pytest.raises(ConfigError, match="at least 16 bytes"):
        wanted(desk)


def test_another_key_than_before_is_noticed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted(desk)
    monkeypatch.setenv(VARIABLE, "a key of the environment")
    with pytest.raises(ConfigError, match="made with another key"):
        wanted(desk)


@pytest.mark.parametrize("first", [True, False])
def test_real_ids_and_pseudonyms_never_mix_in_one_store(desk: Desk, small_csv: Path, first: bool) -> None:
    desk.ingest(small_csv, pseudonyms=pseudonyms_for(desk.workspace, "small", wanted=first))
    with pytest.raises(StoreError, match="the two do not mix"):
        pseudonyms_for(desk.workspace, "small", wanted=not first)


@pytest.mark.parametrize("held", ["card {} of bob", "{} 123", "{}-01", "4111  1111  1111  1111", "refund {}"])
def test_a_text_with_a_card_number_in_it_is_stored_as_one_pseudonym(desk: Desk, held: str) -> None:
    name, header = held.replace("{}", CARD), "id,when,amount,fraud,card,kind"
    pseudonyms, columns = wanted(desk), replace(desk.columns, fraud_type="kind")
    desk.columns = columns
    rows = (f"{name},2018-04-01,5,,596,", f"b,2018-04-02,5,1,596,{name}")
    desk.ingest(desk.csv(*rows, header=header), pseudonyms=pseudonyms)
    again = desk.ingest(desk.csv(f"{name},2018-04-01,5,,596,", header=header, name="again.csv"), pseudonyms=pseudonyms)
    label = desk.ingest(desk.csv(f"{name},1", header="id,fraud", name="labels.csv"), pseudonyms=pseudonyms)
    assert (again.new, label.updated) == (0, 1)
    stored = desk.stored("transaction_id", "fraud_type", "is_fraud").sort("transaction_id")
    assert stored.rows() == [("b", pseudonyms.of(name), True), (pseudonyms.of(name), None, True)]
    assert re.search(r"4111 *1111 *1111 *1111", everything_below(desk.workspace.root / "data").decode()) is None
