"""Labels as they come: words that no list has, frauds alone, reports under any name; and identities without one."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from inspect_frame import inspect_frame

from fraud.config import LabelSpec, RunConfig
from fraud.data.ingest import ingest_dumps
from fraud.data.store.table import TransactionStore
from fraud.errors import DumpError
from fraud.inspection import Inspection, inspect_dumps, write_config
from fraud.inspection.joins import join_dumps
from fraud.inspection.proposal.terminal import describe
from fraud.workspace import Workspace

ROWS, DAYS, WAIT = 4_000, 200, 25
START = datetime(2024, 1, 5, tzinfo=UTC)
RNG = np.random.default_rng(3)
FRAUD = RNG.random(ROWS) < 0.06
SECONDS = np.sort(RNG.integers(0, DAYS * 86_400, ROWS))
TIMES = [START + timedelta(seconds=int(second)) for second in SECONDS]
CARDS, PAID = RNG.integers(0, 200, ROWS), RNG.lognormal(3.5, 1, ROWS).round(2)


def payments(**columns: object) -> pl.DataFrame:
    base = {"booked_at": TIMES, "client": [f"c{card}" for card in CARDS], "sum_paid": PAID}
    return pl.DataFrame(base | columns)


def labels_stored(found: Inspection, path: Path, folder: Path) -> list[bool | None]:
    """The labels that a run stores by the written config."""
    config = RunConfig.from_mapping(tomllib.loads(write_config(found)))
    workspace = Workspace(folder / "workspace")
    ingest_dumps([path], dataset="x", columns=config.columns, labels=config.labels, workspace=workspace)
    stored = TransactionStore(workspace.store("x")).scan().sort("dump_row").select("is_fraud").collect()
    return stored["is_fraud"].to_list()


def words(*, unfamiliar: str = "SUSPECTED") -> list[str | None]:
    """FRAUD and OK; one in ten under an unfamiliar word, one in ten empty."""
    usual = ["FRAUD" if fraud else "OK" for fraud in FRAUD]
    return [(unfamiliar, None, word)[min(index % 10, 2)] for index, word in enumerate(usual)]


@pytest.mark.parametrize("unfamiliar", ["SUSPECTED", "in review", "zweifelhaft", "suspected fraud"])
@pytest.mark.parametrize("name", ["IS_FRAUD", "VERDICT"])
def test_one_unfamiliar_word_does_not_hide_the_label_and_is_guessed_to_be_unknown(
    name: str, unfamiliar: str, tmp_path: Path
) -> None:
    found = inspect_frame(payments(**{name: words(unfamiliar=unfamiliar)}), tmp_path)
    label = found.config.columns.is_fraud
    assert label is not None
    assert (label.column, label.unknown) == (name, (unfamiliar,))
    assert found.missing == ()
    assert any(f"{name} = {unfamiliar} ({ROWS // 10:,} rows): taken as not known yet" in one for one in found.unsure)
    assert found.sections["policy"] == {"kind": "alerts_per_day", "value": 2.0}
    stored = labels_stored(found, tmp_path / "dump.csv", tmp_path)
    assert (stored.count(None), stored.count(True)) == (ROWS // 5, int(sum(word == "FRAUD" for word in words())))


def test_what_may_be_the_label_is_never_a_feature_and_is_named_in_a_question(tmp_path: Path) -> None:
    found = inspect_frame(payments(IS_FRAUD=["ABC"[index % 3] for index in range(ROWS)]), tmp_path)
    columns = found.config.columns
    assert columns.is_fraud is None
    assert columns.ignore == ("IS_FRAUD",)
    (message,) = found.missing
    assert "it may be IS_FRAUD" in message
    assert "inspect again: without a label no column is tested for label leaks" in message


def test_a_label_named_by_the_user_is_taken_and_tested_for_leaks(tmp_path: Path) -> None:
    state = ["B" if fraud else "AC"[index % 2] for index, fraud in enumerate(FRAUD)]
    frame = payments(state=state, closed_by=["ann" if fraud else None for fraud in FRAUD])
    assert inspect_frame(frame, tmp_path).config.columns.is_fraud is None
    found = inspect_frame(frame, tmp_path, label=LabelSpec(column="state", fraud=("B",), genuine=("A",)))
    assert found.config.columns.is_fraud == LabelSpec(column="state", fraud=("B",), genuine=("A",), unknown=("C",))
    assert "closed_by leaks the label" in found.warnings[0]
    with pytest.raises(DumpError, match="no column 'stat': expected it as the label, found booked_at"):
        inspect_frame(frame, tmp_path, label=LabelSpec(column="stat"))


ALONE = {"a one": "1", "a word": "FRAUD", "confirmed": "confirmed fraud"}


@pytest.mark.parametrize("case", ALONE)
def test_empty_cells_beside_frauds_alone_are_guessed_to_be_genuine(case: str, tmp_path: Path) -> None:
    found = inspect_frame(payments(fraud=[ALONE[case] if fraud else None for fraud in FRAUD]), tmp_path)
    label = found.config.columns.is_fraud
    assert label is not None
    assert label.genuine == ("",)
    assert found.missing == ()
    (message,) = found.unsure
    assert f"its {ROWS - FRAUD.sum():,} empty cells were taken for genuine: right if every transaction" in message
    assert f"empty: {ROWS - FRAUD.sum():,}" in "\n".join(describe(found))
    assert labels_stored(found, tmp_path / "dump.csv", tmp_path) == FRAUD.tolist()


def test_codes_beside_empty_cells_are_not_taken_for_a_list_of_frauds(tmp_path: Path) -> None:
    found = inspect_frame(payments(outcome=[(1, 2, 3, None)[index % 4] for index in range(ROWS)]), tmp_path)
    assert found.config.columns.is_fraud is None


@pytest.mark.parametrize(("file", "column"), [("confirmed_frauds.csv", "noted"), ("export2.csv", "reported_on")])
def test_a_list_of_frauds_that_is_joined_is_the_label_and_its_date_the_time_of_the_report(
    file: str, column: str, tmp_path: Path
) -> None:
    rows = payments().with_row_index("txn_id").with_columns(pl.col("txn_id") + 700_000)
    listed = rows.filter(pl.Series(FRAUD)).select("txn_id", (pl.col("booked_at") + timedelta(days=WAIT)).alias(column))
    rows.write_csv(tmp_path / "payments.csv")
    listed.sample(fraction=1.0, shuffle=True, seed=1).write_csv(tmp_path / file)
    joined = tmp_path / "joined.parquet"
    message = join_dumps([tmp_path / "payments.csv", tmp_path / file], joined, tmp_path / "join")
    assert "whose rows are marked as listed_as_fraud" in message
    found = inspect_dumps([joined], tmp_path / "read")
    columns = found.config.columns
    assert columns.is_fraud == LabelSpec(column="listed_as_fraud", genuine=("",))
    assert columns.label_time is not None
    assert columns.label_time.column == column
    assert found.config.labels.delay_days == WAIT
    assert labels_stored(found, joined, tmp_path) == FRAUD.tolist()


def test_other_joined_files_mark_no_transaction_as_fraud(tmp_path: Path) -> None:
    rows = payments(is_fraud=FRAUD.astype(int)).with_row_index("txn_id")
    rows.write_csv(tmp_path / "payments.csv")
    rows.head(900).select("txn_id", device=pl.lit("phone")).write_csv(tmp_path / "devices.csv")
    join_dumps([tmp_path / "payments.csv", tmp_path / "devices.csv"], tmp_path / "j.parquet", tmp_path / "join")
    assert pl.read_parquet(tmp_path / "j.parquet").columns == [*rows.columns, "device"]


def reports(wait: float = WAIT, *, share: float = 1.0) -> list[str | None]:
    reported = FRAUD & (np.random.default_rng(5).random(ROWS) < share)
    days = [time + timedelta(days=wait) for time in TIMES]
    return [f"{day:%Y-%m-%d}" if fraud else None for day, fraud in zip(days, reported, strict=True)]


def labelled(**columns: object) -> pl.DataFrame:
    return payments(is_fraud=FRAUD.astype(int), **columns)


@pytest.mark.parametrize("name", ["rueckbuchung_am", "disputed_on", "claim_date", "gemeldet_am", "cb_dt"])
def test_a_date_of_reports_is_recognised_by_its_values(name: str, tmp_path: Path) -> None:
    found = inspect_frame(labelled(**{name: reports()}), tmp_path)
    assert found.config.columns.label_time is not None
    assert found.config.columns.label_time.column == name
    assert WAIT <= found.config.labels.delay_days <= WAIT + 1
    assert found.unsure[0].startswith(f"{name} was taken for the time at which a fraud was reported (label_time)")


NONE = {"before the event": lambda: reports(-3), "of half of the frauds": lambda: reports(share=0.5)}


@pytest.mark.parametrize("case", NONE)
def test_other_dates_of_frauds_are_no_reports(case: str, tmp_path: Path) -> None:
    found = inspect_frame(labelled(gemeldet_am=NONE[case]()), tmp_path)
    assert found.config.columns.label_time is None
    assert found.config.columns.ignore == ("gemeldet_am",)


def test_of_two_such_dates_the_earlier_is_taken_and_the_other_named(tmp_path: Path) -> None:
    found = inspect_frame(labelled(erledigt_am=reports(40), gemeldet_am=reports(20)), tmp_path)
    assert found.config.columns.label_time is not None
    assert found.config.columns.label_time.column == "gemeldet_am"
    assert "erledigt_am would fit as well, but comes later" in found.unsure[0]


CODES = [f"B{100_000 + index}" for index in range(ROWS)]


def test_codes_that_come_once_each_are_the_identity_whatever_their_name(tmp_path: Path) -> None:
    found = inspect_frame(labelled(buchungsnr=CODES), tmp_path)
    assert found.config.columns.transaction_id == "buchungsnr"
    assert "buchungsnr was taken for transaction_id: no two rows share a value" in found.unsure[0]


OTHERS = {
    "a count of the rows": list(range(ROWS)),
    "one value twice": [CODES[1], *CODES[1:]],
    "sentences": [f"paid in shop {index}" for index in range(ROWS)],
    "amounts": (np.arange(ROWS) + 0.25).tolist(),
}


@pytest.mark.parametrize("case", OTHERS)
def test_similar_columns_are_no_identity(case: str, tmp_path: Path) -> None:
    found = inspect_frame(labelled(belegtext=OTHERS[case]), tmp_path)
    assert found.config.columns.transaction_id is None


def test_frauds_of_the_test_window_are_counted_there_and_the_window_grows_by_that(tmp_path: Path) -> None:
    many = np.random.default_rng(6).random(ROWS) < 0.12
    late = np.arange(ROWS) >= 0.8 * ROWS
    thinned = many & (~late | (np.arange(ROWS) % 2 == 0))
    assert thinned.sum() * 30 / DAYS > 60  # on average, but not in the last thirty days
    found = inspect_frame(payments(is_fraud=thinned.astype(int)), tmp_path)
    assert found.windows is not None
    assert found.windows.test.frauds >= 50
    assert found.config.split.test > 30
    assert not [one for one in found.warnings if "too few frauds" in one]
    assert f"# {found.windows.test.counts}" in write_config(found)


def test_the_warning_of_too_few_frauds_counts_those_of_the_test_window(tmp_path: Path) -> None:
    few = FRAUD & (np.arange(ROWS) < 0.6 * ROWS) | (FRAUD & (np.arange(ROWS) % 11 == 0))
    found = inspect_frame(payments(is_fraud=few.astype(int)), tmp_path)
    assert found.windows is not None
    assert found.windows.test.frauds < 50
    assert any(f" {found.windows.test.frauds:,} in the test window" in one for one in found.warnings)


def test_the_comment_of_a_shortened_wait_does_not_contradict_it(tmp_path: Path) -> None:
    found = inspect_frame(labelled(gemeldet_am=reports(90)), tmp_path)
    assert found.config.labels.delay_days == 33
    assert "reported within 91 days, but 200 days of data are too few to wait so long" in write_config(found)


def test_the_warning_of_a_leak_by_some_values_names_the_key_trusted(tmp_path: Path) -> None:
    state = ["BLOCKED" if fraud and index % 3 else "OK" for index, fraud in enumerate(FRAUD)]
    found = inspect_frame(labelled(state=state), tmp_path)
    assert "make it one and name it in [features] trusted" in found.warnings[0]


def test_estimated_numbers_of_values_are_marked_as_estimates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fraud.inspection.reading import sample

    monkeypatch.setattr(sample, "ROWS", 1_000)
    found = inspect_frame(labelled(card=[f"k{index % 900}" for index in range(ROWS)]), tmp_path)
    assert len(found.sample.frame) < ROWS
    assert found.why["card"].startswith("about ")
    assert not found.why["client"].startswith("about ")
