"""The windows of a proposal: their counts are those of a run, training keeps enough, late labels are warned of."""

import tomllib
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from inspect_frame import inspect_frame as as_file
from inspect_frame import unfamiliar

from fraud.config import RunConfig
from fraud.data.ingest import IngestResult, ingest_dumps
from fraud.data.store.table import TransactionStore
from fraud.errors import SplitError
from fraud.features.late_reports import late_reports
from fraud.features.splits import Split, split_by_time
from fraud.inspection import Inspection, write_config
from fraud.inspection.proposal.terminal import describe
from fraud.workspace import Workspace

ROWS, DAYS = 4_000, 100
START = datetime(2024, 1, 5, tzinfo=UTC)


def export(*, days: int = DAYS, late: tuple[int, int] | None = None, prevalence: float = 0.04) -> pl.DataFrame:
    """Payments whose frauds were charged back after so many days, at least and at most."""
    rng = np.random.default_rng(7)
    seconds = np.sort(rng.integers(0, days * 86_400, ROWS))
    fraud = rng.random(ROWS) < prevalence
    times = [START + timedelta(seconds=int(second)) for second in seconds]
    columns: dict[str, object] = {
        "ref": [f"R{index}" for index in range(ROWS)],
        "booked_at": times,
        "client": [f"c{card}" for card in rng.integers(0, 200, ROWS)],
        "sum_paid": rng.lognormal(3.5, 1, ROWS).round(2),
        "outcome_fraud": fraud.astype(int),
    }
    if late:
        waits = rng.uniform(*late, ROWS)
        columns["chargeback_at"] = [
            time + timedelta(days=float(wait)) if is_fraud else None
            for time, wait, is_fraud in zip(times, waits, fraud, strict=True)
        ]
    return pl.DataFrame(columns)


inspect_frame = partial(as_file, kind="parquet")


def run_split(found: Inspection, folder: Path) -> tuple[Split, pl.DataFrame]:
    """The windows that a run cuts by the written config."""
    config = RunConfig.from_mapping(tomllib.loads(write_config(found)))
    workspace, name = Workspace(folder / "workspace"), config.dataset.name
    dump = folder / "dump.parquet"
    ingest_dumps([dump], dataset=name, columns=config.columns, labels=config.labels, workspace=workspace)
    stored = TransactionStore(workspace.store(name)).scan().collect().sort("event_time", "transaction_id")
    has_label_time = config.columns.label_time is not None
    return split_by_time(stored, split=config.split, labels=config.labels, has_label_time=has_label_time), stored


CASES = {
    "no time of reports": export,
    "reports within four days": lambda: export(late=(0, 4)),
    "reports within a month": lambda: export(late=(3, 29)),
    "few days, so shares": lambda: export(days=9),
    "reports within months": lambda: export(late=(20, 90), prevalence=0.15),
    "a label that stops": lambda: export().with_columns(
        outcome_fraud=pl.when(pl.col("booked_at") > START + timedelta(days=88)).then(0).otherwise("outcome_fraud")
    ),
    "no time at all": lambda: export().select("sum_paid", "outcome_fraud"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_proposed_windows_are_those_that_a_run_cuts(case: str, tmp_path: Path) -> None:
    found = inspect_frame(CASES[case](), tmp_path)
    split, stored = run_split(found, tmp_path)
    assert found.windows is not None
    late = {one.window: one.late for one in late_reports(split.windows, stored)}
    for proposed, cut in zip(found.windows.all, split.windows, strict=True):
        assert (proposed.name, proposed.start, proposed.end) == (cut.name, cut.start, cut.end)
        assert (proposed.rows, proposed.frauds) == (len(cut.rows), cut.frauds)
        assert proposed.late == late.get(proposed.name, proposed.late)
    assert found.windows.waiting_rows == split.in_gaps + split.immature


@pytest.mark.parametrize("case", ["no time of reports", "reports within four days", "few days, so shares"])
def test_at_least_half_of_what_is_used_is_left_to_train_on(case: str, tmp_path: Path) -> None:
    windows = inspect_frame(CASES[case](), tmp_path).windows
    assert windows is not None
    assert windows.train.rows >= 0.45 * windows.rows


def test_every_window_is_shown_with_its_rows_and_frauds(tmp_path: Path) -> None:
    found = inspect_frame(export(late=(3, 29)), tmp_path)
    shown = "\n".join(describe(found))
    assert found.windows is not None
    for window in found.windows.all:
        assert f"{window.rows:,} rows, {window.frauds:,} frauds" in shown
        assert f"{window.start:%Y-%m-%d} to " in shown
    assert f"and {found.windows.train.late:,} reported too late" in shown
    assert f"{found.windows.waiting_rows:,} rows, {found.windows.waiting_frauds:,} frauds: labels not known" in shown


def test_a_wait_that_the_data_have_days_for_is_long_enough_for_the_run_as_well(tmp_path: Path) -> None:
    found = inspect_frame(export(late=(1, 9)), tmp_path)
    assert found.config.labels.maturity == 9
    assert not [one for one in found.warnings if "labels come late" in one]
    split, stored = run_split(found, tmp_path)
    assert late_reports(split.windows, stored) == []


def test_reports_too_late_for_the_span_are_warned_of_and_half_of_the_days_are_left(tmp_path: Path) -> None:
    found = inspect_frame(export(late=(3, 29)), tmp_path)
    (warning,) = [one for one in found.warnings if "labels come late" in one]
    assert "would take 84 of 100 days; 16 days are proposed" in warning
    assert "168 days of data would be enough" in warning
    assert 3 * found.config.labels.maturity <= DAYS / 2
    split, stored = run_split(found, tmp_path)
    assert {one.window for one in late_reports(split.windows, stored)} >= {"validation"}


def test_too_little_to_train_on_is_warned_of(tmp_path: Path) -> None:
    found = inspect_frame(export(prevalence=0.008), tmp_path)
    assert found.windows is not None
    assert f"little to train on: {found.windows.train.counts}: bring more days" in " ".join(found.warnings)


def test_windows_without_a_known_fraud_are_not_ready_to_run(tmp_path: Path) -> None:
    few = inspect_frame(export(prevalence=0.001), tmp_path)
    assert few.missing[0].startswith("known frauds in the ")
    assert "in all; bring more days" in few.missing[0]
    (tmp_path / "late").mkdir()
    late = inspect_frame(export(days=60, late=(40, 80)), tmp_path / "late")
    assert "window: its frauds are reported only after 9 days of waiting for labels" in late.missing[0]
    with pytest.raises(SplitError, match="no fraud known in the train window"):
        run_split(late, tmp_path / "late")


def test_frauds_reported_before_they_happened_are_counted_as_they_will_be_rejected(tmp_path: Path) -> None:
    frame = export(late=(0, 5)).with_columns(pl.col("chargeback_at").dt.offset_by("-1d"))
    before = frame.filter(pl.col("chargeback_at") < pl.col("booked_at")).height
    assert before > 5
    found = inspect_frame(frame, tmp_path)
    assert any(one.startswith(f"{before} frauds are reported before they happened") for one in found.warnings)
    assert ingested(found, tmp_path).rejected == before


def test_a_fraud_reported_on_the_day_it_happened_is_known_when_that_day_has_ended(tmp_path: Path) -> None:
    frame = export(late=(0, 5)).with_columns(pl.col("chargeback_at").dt.date())
    assert frame.filter(pl.col("chargeback_at") == pl.col("booked_at").dt.date()).height > 5
    found = inspect_frame(frame, tmp_path)
    assert not any("before they happened" in one for one in found.warnings)
    assert ingested(found, tmp_path).rejected == 0


def ingested(found: Inspection, folder: Path) -> IngestResult:
    config = found.config
    assert config.columns.label_time is not None
    workspace, dump = Workspace(folder / "workspace"), folder / "dump.parquet"
    return ingest_dumps([dump], dataset="a", columns=config.columns, labels=config.labels, workspace=workspace)


def test_plenty_of_rows_get_windows_without_a_warning(tmp_path: Path) -> None:
    assert inspect_frame(unfamiliar(6_000), tmp_path).warnings == ()
