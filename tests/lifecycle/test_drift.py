"""Ordinary variation is no drift, however many rows; planted drift is found and described."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from scipy.stats import ks_2samp

from fraud.lifecycle.drift import baseline as drift_baseline
from fraud.lifecycle.drift.baseline import ks, psi
from fraud.lifecycle.drift.detection import AsOf, drift_between
from fraud.simulation.dumps import Shifts, Simulation, simulate

START = datetime(2018, 4, 1, tzinfo=UTC)
SHIFTED = START + timedelta(days=40)
NUMERIC, CATEGORICAL = ["AMOUNT", "hour", "weekday"], ["CATEGORY", "CHANNEL", "COUNTRY"]
NOW = AsOf(moment=START + timedelta(days=60), maturity_days=5, has_label_time=True)


def stream(seed: int, **shifts: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """40 days and the 20 after them, from whose first on the shifts hold."""
    settings = Simulation(
        preset="rich",
        seed=seed,
        days=60,
        customers=200,
        terminals=400,
        fraud_factor=3.0,
        late_pattern_day=1000,
        shifts=Shifts(from_day=40, **shifts),
    )
    time, reported = (pl.col(name).cast(pl.Datetime("us", "UTC")) for name in ("EVENT_TIME", "REPORTED_AT"))
    rows = pl.concat([frame for _, frame in simulate(settings)]).with_columns(
        event_time=time,
        hour=time.dt.hour(),
        weekday=time.dt.weekday(),
        is_fraud=pl.col("IS_FRAUD").cast(pl.Boolean),
        label_time=pl.coalesce(reported, time + timedelta(days=30)),
    )
    return rows.filter(pl.col("event_time") < SHIFTED), rows.filter(pl.col("event_time") >= SHIFTED)


def judged(seed: int, **shifts: float):
    reference, current = stream(seed, **shifts)
    rng = np.random.default_rng(seed)
    return drift_between(reference, current, numeric=NUMERIC, categorical=CATEGORICAL, rng=rng, known=NOW)


def days(count: int, *, first: int = 0, rows: int = 100, **columns: object) -> pl.DataFrame:
    """Rows spread over days; a column is given by its values."""
    moments = [START + timedelta(days=first + day, seconds=60 * row) for day in range(count) for row in range(rows)]
    return pl.DataFrame({"event_time": pl.Series(moments, dtype=pl.Datetime("us", "UTC")), **columns})


def only(report):
    (column,) = report.features
    return column


def compare(reference: pl.DataFrame, current: pl.DataFrame, *, seed: int = 0, **settings: object):
    names = [name for name in reference.columns if name not in ("event_time", "is_fraud", "label_time")]
    numeric = [name for name in names if reference.schema[name] not in (pl.String, pl.Categorical)]
    categorical = [name for name in names if name not in numeric]
    rng = np.random.default_rng(seed)
    return drift_between(reference, current, numeric=numeric, categorical=categorical, rng=rng, **settings)


def test_an_unchanged_stream_is_not_flagged():
    flagged = [seed for seed in range(8) if judged(seed).flagged]
    assert len(flagged) <= 1


@pytest.mark.parametrize(
    ("shift", "column"),
    [
        ({"category_mix": 0.2}, "CATEGORY"),
        ({"amount_inflation": 1.5}, "AMOUNT"),
        ({"hours_moved": 3.0}, "hour"),
    ],
)
def test_a_planted_shift_is_flagged_where_it_is(shift, column):
    for seed in range(2):
        report = judged(seed, **shift)
        found = {one.name for one in report.features if one.flagged}
        assert column in found
        assert any(column in sentence for sentence in report.sentences)
        assert found <= {column, "AMOUNT", "COUNTRY", "CHANNEL"}  # rare categories cost more, elsewhere


def test_three_times_the_volume_is_no_drift_of_what_is_in_it():
    assert not judged(0, volume_growth=3.0).flagged


def test_days_that_differ_ordinarily_are_no_drift_though_single_rows_prove_it():
    rng = np.random.default_rng(1)
    flagged, proven = 0, 0
    for _ in range(10):
        level = np.zeros(60)
        for day in range(1, 60):
            level[day] = 0.6 * level[day - 1] + rng.normal(0, 0.4)
        values = np.repeat(level, 400) + rng.normal(size=24_000)
        reference = days(45, rows=400, x=values[:18_000])
        current = days(15, first=45, rows=400, x=values[18_000:])
        flagged += compare(reference, current).flagged
        proven += ks_2samp(values[:18_000], values[18_000:]).pvalue < 1e-6
    assert proven >= 5
    assert flagged <= 1


def test_many_columns_are_corrected_for(monkeypatch):
    monkeypatch.setattr(drift_baseline, "FLOORS", dict.fromkeys(drift_baseline.FLOORS, 1e-6))
    rng = np.random.default_rng(2)
    flagged = 0
    for _ in range(10):
        level = rng.normal(0, 0.3, (50, 40)).repeat(50, axis=0)
        values = level + rng.normal(size=level.shape)
        tables = [{f"x{n}": part[:, n] for n in range(40)} for part in (values[:2000], values[2000:])]
        reference, current = days(40, rows=50, **tables[0]), days(10, first=40, rows=50, **tables[1])
        flagged += compare(reference, current).flagged
    assert flagged <= 1


def test_a_shift_of_one_column_among_many_is_found():
    rng = np.random.default_rng(3)
    tables = [{f"x{n}": rng.normal(size=rows) for n in range(40)} for rows in (4000, 1000)]
    tables[1]["x7"] += 0.5
    report = compare(days(40, **tables[0]), days(10, first=40, **tables[1]))
    assert [one.name for one in report.features if one.flagged] == ["x7"]
    assert "% of x7 lie below" in report.sentences[0]


def test_a_new_category_is_named_with_its_share():
    reference = days(20, kind=["shop", "fuel"] * 1000)
    current = days(10, first=20, kind=["shop", "fuel", "crypto", "shop", "fuel"] * 200)
    column = only(compare(reference, current))
    assert (column.new_share, column.new_categories) == (0.2, ("crypto",))
    assert "new category 'crypto' in kind: 20 % of rows" in column.sentences


def test_where_new_categories_are_ordinary_they_are_no_drift():
    names = [f"device {n // 20}" for n in range(3000)]
    column = only(compare(days(20, kind=names[:2000]), days(10, first=20, kind=names[2000:])))
    assert column.new_share == 1
    assert not any(sentence.startswith("new") for sentence in column.sentences)


def test_a_category_that_grew_is_named():
    reference = days(20, kind=["shop"] * 18 * 100 + ["fuel"] * 2 * 100)
    reference = reference.with_columns(pl.col("kind").shuffle(seed=1))
    current = days(10, first=20, kind=["shop", "fuel"] * 500)
    assert "category 'fuel' in kind: 50 % of rows, before 10 %" in only(compare(reference, current)).sentences[0]


def test_a_new_kind_of_fraud_is_found_among_the_frauds_though_it_is_next_to_nothing_of_all_rows():
    rng = np.random.default_rng(8)
    usual, fraud = rng.choice(["web", "shop"], 60_000), rng.random(60_000) < 0.02
    channel = np.where(fraud & (np.arange(60_000) >= 40_000) & (rng.random(60_000) < 0.2), "wallet", usual)
    rows = days(60, rows=1000, channel=channel, is_fraud=fraud).with_columns(
        label_time=pl.col("event_time") + timedelta(days=2)
    )
    known = AsOf(moment=START + timedelta(days=62), maturity_days=2, has_label_time=True)
    settings = {"numeric": [], "categorical": ["channel"], "rng": rng, "known": known}
    report = drift_between(rows[:40_000], rows[40_000:], **settings)
    assert [only(report).flagged, report.prevalence.flagged, report.frauds.flagged] == [False, False, True]
    assert report.sentences == ("among frauds, new category 'wallet' in channel: 18 % of rows",)
    assert not drift_between(rows[:20_000], rows[20_000:40_000], **settings).flagged


def test_values_that_go_missing_are_flagged():
    rng = np.random.default_rng(4)
    reference = days(20, x=rng.normal(size=2000))
    current = days(10, first=20, x=rng.normal(size=1000)).with_columns(
        pl.when(pl.int_range(pl.len()) % 4 > 0).then("x").alias("x")
    )
    column = only(compare(reference, current))
    assert (column.missing_before, column.missing_now) == (0, 0.25)
    assert column.sentences == ("x is missing in 25 % of rows, before in 0 %",)


def test_nan_is_missing_too():
    current = days(10, first=20, x=[1.0, float("nan")] * 500)
    assert only(compare(days(20, x=[1.0] * 2000), current)).missing_now == 0.5


@pytest.mark.parametrize(
    ("before", "now", "flagged"), [(0.0, 0.0, False), (0.0, 1.0, True), (1.0, 0.0, True), (5.0, 5.000001, True)]
)
def test_a_constant_is_no_drift_until_it_is_another(before, now, flagged):
    column = only(compare(days(20, x=[before] * 2000), days(10, first=20, x=[now] * 1000)))
    assert column.flagged == flagged
    assert np.isfinite([column.psi, column.psi_limit]).all()


def test_a_column_without_a_value_is_no_drift_until_it_has_one():
    empty = pl.Series([None] * 2000, dtype=pl.Float64)
    words = pl.Series([None] * 2000, dtype=pl.String)
    same = compare(days(20, x=empty, w=words), days(10, first=20, x=empty[:1000], w=words[:1000]))
    assert not same.flagged
    filled = compare(days(20, x=empty, w=words), days(10, first=20, x=[1.0] * 1000, w=["a"] * 1000))
    assert [one.missing_now for one in filled.features] == [0, 0]
    assert all(one.flagged for one in filled.features)


@pytest.mark.parametrize(("before", "now"), [(1, 1), (20, 0), (0, 20), (0, 0), (150, 1000), (2000, 10)])
def test_with_too_little_data_nothing_is_judged(before, now):
    words = [pl.Series(["a"] * before, dtype=pl.String), pl.Series(["b"] * now, dtype=pl.String)]
    reference = days(1, rows=before, x=np.zeros(before), w=words[0])
    current = days(1, first=1, rows=now, x=np.ones(now), w=words[1])
    report = compare(reference, current)
    assert (report.judged, report.flagged) == (False, False)
    assert report.notes == (f"too few rows to distinguish drift from chance: {before:,} before, {now:,} now",)


def test_the_champions_scores_are_compared_as_well():
    rng = np.random.default_rng(5)
    reference, current = days(20, x=rng.normal(size=2000)), days(10, first=20, x=rng.normal(size=1000))
    scores = rng.beta(1, 20, 2000), rng.beta(1, 10, 1000)
    report = compare(reference, current, scores=scores)
    assert report.score is not None
    assert report.score.flagged
    assert "of the champion's scores lie below" in report.sentences[0]
    assert not only(report).flagged
    assert not compare(reference, current, scores=(scores[0], scores[0][:1000])).flagged


def test_few_current_rows_differ_by_chance_alone():
    rng = np.random.default_rng(6)
    reference = days(30, rows=500, x=rng.normal(size=15_000))
    flagged = sum(
        compare(reference, days(2, first=30, rows=30, x=rng.normal(size=60)), seed=seed).flagged for seed in range(10)
    )
    assert flagged <= 1


def test_where_there_are_no_days_the_order_of_rows_is_cut_into_pieces():
    rng = np.random.default_rng(7)
    reference = days(1, rows=1400, x=rng.normal(size=1400))
    report = compare(reference, days(1, first=1, rows=500, x=rng.normal(size=500) + 1))
    assert (report.block_unit, report.blocks) == ("piece", 20)
    assert report.flagged


def test_the_draws_decide_nothing_but_the_limits_and_one_seed_gives_one_report():
    reference, current = stream(3)
    reports = [
        compare(reference.select("event_time", "AMOUNT"), current.select("event_time", "AMOUNT"), seed=seed)
        for seed in (1, 1, 2)
    ]
    assert reports[0] == reports[1]
    assert (only(reports[0]).psi, only(reports[0]).ks) == (only(reports[2]).psi, only(reports[2]).ks)


def test_lazy_frames_give_the_same_report_as_frames():
    reference, current = stream(4)
    lazy = [
        drift_between(*sides, numeric=NUMERIC, categorical=CATEGORICAL, rng=np.random.default_rng(0), known=NOW)
        for sides in ((reference, current), (reference.lazy(), current.lazy()))
    ]
    assert lazy[0] == lazy[1]


def test_the_report_is_plain_json():
    found = json.loads(json.dumps(judged(0, amount_inflation=2.0).as_json(), allow_nan=False))
    amount = next(one for one in found["features"] if one["name"] == "AMOUNT")
    assert (found["flagged"], amount["flagged"]) == (True, True)
    assert amount["psi"] > amount["psi_limit"]
    assert found["prevalence"]["share_before"] > 0


def test_psi_and_ks_follow_their_definitions():
    before, now = np.array([[50.0, 30.0, 20.0]]), np.array([[20.0, 30.0, 50.0]])
    assert psi(before, now)[0] == pytest.approx(2 * 0.3 * np.log(5 / 2))
    assert ks(before, now)[0] == pytest.approx(0.3)
    assert psi(before, 7 * before)[0] == ks(before, 7 * before)[0] == 0
