"""Recall by amount, hour and novelty, and the examples: against counts by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.breakdowns import groups_of
from fraud.evaluation.candidates import Candidate, FoldLogits, FoldScore, WindowRows, score_seed
from fraud.evaluation.examples import SHOWN, examples_of
from fraud.evaluation.judging import judge
from fraud.evaluation.policy import alerts_at_operating_point
from fraud.evaluation.record.evidence_json import budget_curve, candidate_evidence, label_delay, tied_alerts
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.sampling import Sampling
from fraud.features.splits import Window

ROWS, CARDS, DAYS = 3000, 60, 30
POLICY = PolicyConfig(kind="alerts_per_day", value=7)


def window(name: str, start: datetime, **changes: object) -> tuple[WindowRows, np.ndarray]:
    """Rows whose labels follow their logits, evenly spaced in time."""
    rng = np.random.default_rng(5)
    logits = rng.normal(-3, 2, ROWS)
    y = (rng.random(ROWS) < 1 / (1 + np.exp(-logits))).astype(np.int8)
    end = start + timedelta(days=DAYS)
    span = Window(name=name, start=start, end=end, rows=np.arange(ROWS), y=y, unlabelled=0)
    times = pl.datetime_range(start, end, timedelta(days=DAYS) / ROWS, closed="left", eager=True)
    card = rng.integers(0, CARDS, ROWS)
    context = pl.DataFrame(
        {
            "event_time": times,
            "label_time": times + timedelta(days=2),
            "card": [f"card-{code:05}" for code in card],
            "card_age_days": pl.Series(rng.uniform(0, 60, ROWS).clip(max=30)).set(
                pl.Series(rng.random(ROWS) < 0.1), None
            ),
            "card_shop_previous_days": pl.Series(rng.uniform(0, 30, ROWS)).set(pl.Series(rng.random(ROWS) < 0.5), None),
            "hour": times.dt.hour(),
        }
    )
    made = {
        "window": span,
        "y_true": y,
        "day": times.dt.epoch("d").to_numpy(),
        "tie_break": np.arange(ROWS),
        "amount": rng.gamma(1.5, 40, ROWS),
        "card": card,
        "fraud_type": None,
        "context": context,
        "entities": ("card",),
    }
    return WindowRows(**{**made, **changes}), logits


START = datetime(2018, 8, 1, tzinfo=UTC)
VALIDATION, VALIDATION_LOGITS = window("validation", START)
TEST, LOGITS = window("test", START + timedelta(days=DAYS + 7))


@pytest.fixture(scope="module")
def candidate() -> Candidate:
    fold = FoldLogits(
        validation_logits=VALIDATION_LOGITS,
        test_logits=LOGITS,
        logit_shift=0.0,
        validation=VALIDATION,
        test=TEST.window,
    )
    seed = score_seed(0, [fold], test=TEST, policy=POLICY, calibration="identity")
    return Candidate(name="plain", family="none", seeds=(seed,), shipped=seed)


@pytest.fixture(scope="module")
def judgement(candidate: Candidate):
    clusters = Clusters(codes=TEST.card, count=CARDS, kind="card")
    return judge(candidate, TEST, policy=POLICY, sampling=Sampling.of(clusters))


def test_the_groups_of_a_kind_hold_every_fraud_once() -> None:
    kinds = {"amount": 4, "hour": 4}
    for dimension, count in kinds.items():
        rows = [group.rows for group in groups_of(TEST) if group.dimension == dimension]
        assert len(rows) == count
        assert np.array_equal(np.sum(rows, axis=0), TEST.y_true == 1)


def test_bands_of_the_amount_hold_as_many_frauds_each() -> None:
    counts = [group.frauds for group in groups_of(TEST) if group.dimension == "amount"]
    assert max(counts) - min(counts) <= 2


def test_a_group_is_where_its_label_says() -> None:
    groups = {group.label: group.rows for group in groups_of(TEST)}
    age, fraud = TEST.context["card_age_days"], TEST.y_true == 1
    assert np.array_equal(groups["card: first seen"], fraud & age.is_null().to_numpy())
    assert np.array_equal(groups["card: known longer"], fraud & (age == 30).fill_null(value=False).to_numpy())
    met = TEST.context["card_shop_previous_days"].is_not_null().to_numpy()
    assert np.array_equal(groups["card + shop: met lately"], fraud & met)
    assert np.array_equal(groups["06:00 to 12:00"], fraud & TEST.context["hour"].is_between(6, 11).to_numpy())


def test_what_the_data_does_not_have_is_left_out() -> None:
    bare, _ = window("test", START, amount=None, context=None)
    assert groups_of(bare) == ()
    timeless, _ = window("test", START, context=TEST.context.drop("hour"))
    assert {group.dimension for group in groups_of(timeless)} == {"amount", "novelty"}


def test_equal_amounts_make_no_bands() -> None:
    equal, _ = window("test", START, amount=np.full(ROWS, 10.0))
    assert {group.dimension for group in groups_of(equal)} == {"hour", "novelty"}


def test_recall_of_a_group_is_its_share_among_the_alerts(judgement) -> None:
    alerts = judgement.alerts == 1
    groups = {group.label: group.rows for group in groups_of(TEST)}
    rows = [row for found in judgement.breakdowns.values() for row in found]
    assert len(rows) == len(groups) == 13
    for row in rows:
        of_group = groups[row["group"]]
        assert row["frauds"] == of_group.sum()
        assert row["recall"]["mean"] == pytest.approx((alerts & of_group).sum() / of_group.sum())
        assert row["recall"]["low"] <= row["recall"]["mean"] <= row["recall"]["high"]


def test_examples_are_the_costliest_misses_and_the_highest_false_alarms(candidate: Candidate, judgement) -> None:
    alerts, fraud, unit = judgement.alerts == 1, TEST.y_true == 1, TEST.units(POLICY)
    found = examples_of(candidate.seeds[0], TEST, alerts, unit)
    assert [row["amount"] for row in found["missed"]] == sorted(TEST.amount[fraud & ~alerts])[: -SHOWN - 1 : -1]
    probability = candidate.seeds[0].probabilities["calibrated"]
    in_vain = np.setdiff1d(unit[alerts], unit[fraud])
    highest = sorted((max(probability[unit == one]) for one in in_vain), reverse=True)
    assert [row["probability"] for row in found["false_alarms"]] == highest[:SHOWN]
    assert all(row["rank"] > POLICY.value for row in found["missed"])
    assert all(row["rank"] <= POLICY.value < row["of"] for row in found["false_alarms"])


def test_no_entity_leaves_unmasked(candidate: Candidate, judgement) -> None:
    found = examples_of(candidate.seeds[0], TEST, judgement.alerts == 1, TEST.units(POLICY))
    shown = {row["entities"]["card"] for rows in found.values() for row in rows}
    assert shown
    assert all(len(one) == 5 and one.startswith("ca…") for one in shown)
    assert not shown & set(TEST.context["card"])


def test_the_budget_and_ten_more_are_points_of_the_curve(candidate: Candidate) -> None:
    curve = budget_curve(candidate, TEST)
    assert {7.0, 17.0} <= set(curve["alerts_per_day"])
    assert curve["alerts_per_day"] == sorted(curve["alerts_per_day"])


@pytest.mark.parametrize("unit", ["card", "transaction"])
def test_the_curve_is_the_operating_point_at_every_budget_ties_included(candidate: Candidate, unit: Any) -> None:
    policy = replace(POLICY, unit=unit)
    seed = replace(candidate.shipped, logits=np.round(LOGITS), folds=(with_policy(candidate.shipped.latest, policy),))
    curve = budget_curve(replace(candidate, shipped=seed), TEST)
    units = TEST.units(policy)
    once = 1 / np.bincount(units)[units]
    right = np.isin(units, units[TEST.y_true == 1])
    for value, recall, precision in zip(*curve.values(), strict=True):
        alerts = alerts_at_operating_point(replace(policy, value=value), seed.logits, day=TEST.day, unit=units)
        assert recall == pytest.approx(alerts[TEST.y_true == 1].mean())
        assert precision == pytest.approx((alerts * once)[right].sum() / (alerts * once).sum())


def with_policy(fold: FoldScore, policy: PolicyConfig) -> FoldScore:
    return replace(fold, threshold=replace(fold.threshold, policy=policy))


def test_alerts_that_ties_decide_are_counted() -> None:
    day = TEST.day
    one = np.flatnonzero(day == day[0])
    logits = np.linspace(0, 1, ROWS)
    unit, policy = np.arange(ROWS), replace(POLICY, value=3, unit="transaction")
    alerts = alerts_at_operating_point(policy, logits, day=day, unit=unit)
    assert tied_alerts(TEST, alerts, logits, unit) == {"alerts": 0, "of": pytest.approx(3 * np.unique(day).size)}
    logits[one] = np.where(np.arange(one.size) < 1, 9.0, 5.0)
    alerts = alerts_at_operating_point(policy, logits, day=day, unit=unit)
    assert tied_alerts(TEST, alerts, logits, unit)["alerts"] == pytest.approx(2)


def test_achieved_alerts_of_the_days_are_units(candidate: Candidate) -> None:
    sampling = Sampling.of(Clusters(codes=TEST.card, count=CARDS, kind="card"))
    evidence = candidate_evidence(candidate, TEST, sampling)
    frozen, unit = candidate.shipped.alerts, TEST.units(POLICY)
    assert sum(evidence["achieved"]["alerts"]) == pytest.approx(np.unique(unit[frozen]).size)
    assert evidence["achievement"]["test"] == pytest.approx(np.unique(unit[frozen]).size / TEST.days)


def test_labels_took_as_long_as_the_data_says() -> None:
    found = label_delay((VALIDATION, TEST), delay_days=1.5, has_label_time=True)
    frauds = int(VALIDATION.y_true.sum() + TEST.y_true.sum())
    assert found["measured"] == {
        "frauds": frauds,
        "median_days": 2.0,
        "nine_in_ten_days": 2.0,
        "longest_days": 2.0,
        "later_than_assumed": 1.0,
    }
    assert label_delay((TEST,), delay_days=7.0, has_label_time=False) == {"assumed_days": 7.0, "measured": None}


def test_scores_of_several_models_are_ordered_together_by_their_probabilities(candidate: Candidate, judgement) -> None:
    """The second model's logits are higher by a constant, which its calibration removes."""
    shifted = LOGITS + np.where(np.arange(ROWS) < ROWS // 2, 0.0, 9.0)
    middle = TEST.window.start + (TEST.window.end - TEST.window.start) / 2
    parts = (replace(TEST.window, end=middle), replace(TEST.window, start=middle))
    seed = replace(
        candidate.shipped,
        logits=shifted,
        folds=tuple(replace(candidate.shipped.latest, test=part) for part in parts),
    )
    assert np.array_equal(seed.comparable, seed.probabilities["calibrated"])
    alerts, unit = judgement.alerts == 1, TEST.units(POLICY)
    shown = [row["probability"] for row in examples_of(seed, TEST, alerts, unit)["false_alarms"]]
    assert shown == sorted(shown, reverse=True)
    sampling = Sampling.of(Clusters(codes=TEST.card, count=CARDS, kind="card"))
    one, two = (
        candidate_evidence(replace(candidate, shipped=shipped), TEST, sampling) for shipped in (candidate.shipped, seed)
    )
    for axis, points in one["precision_recall"].items():
        assert two["precision_recall"][axis] == pytest.approx(points)
