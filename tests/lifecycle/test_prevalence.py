"""Young transactions seem safer than they are; the prevalence leaves them out and states the naive share."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st

from fraud.lifecycle.drift.detection import AsOf, drift_between
from fraud.lifecycle.prevalence import mature_labels, prevalence_of

START = datetime(2018, 4, 1, tzinfo=UTC)
USUAL_DAYS = 60


def reported_stream(*, days: int = 120, share: float = 0.05, seed: int = 0, rows: int = 200) -> pl.DataFrame:
    """A constant share of fraud, each reported after hours to 60 days; genuine rows are labelled after 60 days."""
    rng = np.random.default_rng(seed)
    count = days * rows
    event = (np.repeat(np.arange(days), rows) * 86_400 + np.tile(np.arange(rows) * 86_400 // rows, days)) * 10**6
    fraud = rng.random(count) < share
    delay = np.where(fraud, np.minimum(rng.lognormal(np.log(6), 1.2, count), 60), USUAL_DAYS) * 86_400 * 10**6
    start = int(START.timestamp() * 10**6)
    return pl.DataFrame(
        {"event_time": start + event, "is_fraud": fraud, "label_time": start + event + delay.astype(int)}
    ).with_columns(pl.col("event_time", "label_time").cast(pl.Datetime("us", "UTC")))


def as_of(day: float, *, maturity_days: float = 60, has_label_time: bool = True) -> AsOf:
    return AsOf(moment=START + timedelta(days=day), maturity_days=maturity_days, has_label_time=has_label_time)


@pytest.mark.parametrize("seed", range(5))
def test_ignoring_immaturity_lowers_the_prevalence_and_the_guard_says_so(seed):
    found = prevalence_of(reported_stream(seed=seed), as_of(90))
    assert found.share == pytest.approx(0.05, rel=0.15)
    assert found.naive_share < 0.95 * found.share
    assert found.immature == 60 * 200
    assert f"{found.immature:,} transactions younger than 60 days are left out" in found.sentence()
    assert f"would be {100 * found.naive_share:.3g} % instead of {100 * found.share:.3g} %" in found.sentence()


@pytest.mark.parametrize("seed", range(5))
def test_counting_young_reports_without_their_genuine_neighbours_would_exaggerate(seed):
    rows = reported_stream(seed=seed).filter(pl.col("event_time") <= as_of(90).moment)
    known = rows.filter(pl.col("label_time") <= as_of(90).moment)["is_fraud"]
    assert known.mean() > 1.1 * prevalence_of(rows, as_of(90)).share


def test_a_report_after_maturity_counts_as_genuine_at_any_age_so_that_months_can_be_compared():
    rows = reported_stream(days=90)
    late = rows.filter(pl.col("is_fraud") & (pl.col("label_time") > pl.col("event_time") + timedelta(days=10))).height
    assert late > 0
    found = prevalence_of(rows, as_of(200, maturity_days=10))
    assert found.frauds == rows["is_fraud"].sum() - late
    assert found.transactions == rows.height


def test_where_everything_is_mature_nothing_is_left_out():
    found = prevalence_of(reported_stream(days=30), as_of(120))
    assert (found.immature, found.sentence(), found.naive_share) == (0, "", found.share)


def test_nobody_knows_is_no_label():
    rows = reported_stream(days=30).with_columns(
        pl.when(pl.int_range(pl.len()) % 3 > 0).then("is_fraud").alias("is_fraud")
    )
    found = prevalence_of(rows, as_of(120))
    assert (found.unlabelled, found.transactions) == (2000, 4000)


def test_before_anything_is_mature_there_is_no_prevalence():
    found = prevalence_of(reported_stream(days=30), as_of(30))
    assert found.share is None
    assert "no older transaction is labelled" in found.sentence()


def test_a_constant_delay_counts_what_is_known():
    rows = reported_stream(days=30).with_columns(label_time=pl.col("event_time") + timedelta(days=7))
    found = prevalence_of(rows, as_of(30, maturity_days=7, has_label_time=False))
    assert found.transactions + found.immature == 6000
    assert found.immature == pytest.approx(7 * 200, abs=1)


ROWS = st.lists(
    st.tuples(st.integers(0, 90), st.sampled_from([True, False, None]), st.integers(0, 60)), min_size=1, max_size=40
)


@examples(60)
@given(ROWS, st.integers(0, 150), st.sampled_from([0.0, 7.0, 30.0, 60.0]), st.booleans())
def test_a_later_label_changes_no_label_of_an_earlier_day(rows, day, maturity_days, has_label_time):
    known = as_of(day, maturity_days=maturity_days, has_label_time=has_label_time)
    keys = pl.DataFrame(
        {
            "event_time": [START + timedelta(days=event) for event, _, _ in rows],
            "is_fraud": [label for _, label, _ in rows],
            "label_time": [
                START + timedelta(days=event + delay) if label is not None else None for event, label, delay in rows
            ],
        },
        schema={"event_time": pl.Datetime("us", "UTC"), "is_fraud": pl.Boolean, "label_time": pl.Datetime("us", "UTC")},
    )
    labels = keys.select(mature_labels(known)).to_series()
    later = (keys["label_time"] > known.moment).fill_null(value=False)
    assert not (labels.filter(later) == 1).any()
    assert labels.filter(keys["event_time"] > known.moment - timedelta(days=maturity_days)).null_count() == int(
        (keys["event_time"] > known.moment - timedelta(days=maturity_days)).sum()
    )
    turned = keys.with_columns(is_fraud=pl.when(later).then(~pl.col("is_fraud")).otherwise("is_fraud"))
    assert turned.select(mature_labels(known)).to_series().equals(labels)


def test_a_prevalence_that_moved_is_drift_and_young_rows_do_not_hide_it():
    early, late = reported_stream(days=90), reported_stream(days=90, share=0.1, seed=1)
    late = late.with_columns(pl.col("event_time", "label_time") + timedelta(days=90))
    rng = np.random.default_rng(0)
    report = drift_between(early, late, numeric=[], rng=rng, known=as_of(180))
    assert report.prevalence is not None
    assert report.prevalence.flagged
    assert report.prevalence.now.share == pytest.approx(0.1, rel=0.15)
    assert report.sentences[0].startswith("10 % of the mature labelled transactions are fraud, before 5")
    assert report.notes == (report.prevalence.now.sentence(),)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_prevalence_is_no_drift_though_its_young_reports_are_missing(seed):
    early, late = reported_stream(days=90, seed=seed), reported_stream(days=90, seed=seed + 10)
    late = late.with_columns(pl.col("event_time", "label_time") + timedelta(days=90))
    report = drift_between(early, late, numeric=[], rng=np.random.default_rng(0), known=as_of(180))
    assert not report.flagged


def test_one_or_two_new_mature_days_behind_weeks_too_young_to_count_are_no_drift():
    flagged = 0
    for seed in range(40):
        rows = reported_stream(days=65 + seed % 2, rows=150, share=0.02, seed=seed)
        known = AsOf(moment=rows["event_time"].max(), maturity_days=21, has_label_time=True)
        since = pl.col("event_time") >= START + timedelta(days=43)
        rng = np.random.default_rng(seed)
        report = drift_between(rows.filter(~since), rows.filter(since), numeric=[], rng=rng, known=known)
        assert report.prevalence.now.transactions <= 2 * 150
        flagged += report.prevalence.flagged
    assert flagged <= 1


def test_two_days_of_five_times_the_frauds_are_drift_all_the_same():
    early, late = reported_stream(days=44), reported_stream(days=22, share=0.25, seed=1)
    late = late.with_columns(pl.col("event_time", "label_time") + timedelta(days=44))
    known = AsOf(moment=late["event_time"].max(), maturity_days=20, has_label_time=True)
    report = drift_between(early, late, numeric=[], rng=np.random.default_rng(0), known=known)
    assert report.prevalence.now.transactions <= 2 * 200
    assert report.prevalence.flagged
