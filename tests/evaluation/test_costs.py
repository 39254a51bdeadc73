"""What alerts cost and save, against sums by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.errors import LeakageError
from fraud.evaluation.candidates import Candidate, FoldLogits, WindowRows, score_seed
from fraud.evaluation.costs import bayes_alerts, cost_evidence
from fraud.evaluation.record.evidence_json import achievement_of
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.sampling import Sampling
from fraud.features.splits import Window
from fraud.metrics import total_cost

ROWS, CARDS, DAYS = 6000, 60, 30
START = datetime(2018, 8, 1, tzinfo=UTC)
POLICY = PolicyConfig(unit="transaction", kind="alerts_per_day", value=10, review_cost=8.0, loss_share=0.7)


def window(name, start, seed):
    """A window whose labels follow its logits, with amounts."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-4, 2, ROWS)
    y = (rng.random(ROWS) < 1 / (1 + np.exp(-logits))).astype(np.int8)
    span = Window(
        name=name,
        start=start,
        end=start + timedelta(days=DAYS),
        rows=np.arange(ROWS, dtype=np.int64),
        y=y,
        unlabelled=0,
    )
    rows = WindowRows(
        window=span,
        y_true=y,
        day=np.repeat(np.arange(DAYS), ROWS // DAYS),
        tie_break=np.arange(ROWS),
        amount=rng.gamma(1.5, 40, ROWS),
        card=rng.integers(0, CARDS, ROWS),
        fraud_type=None,
    )
    return rows, logits


VALIDATION, VALIDATION_LOGITS = window("validation", START, 1)
TEST, TEST_LOGITS = window("test", START + timedelta(days=DAYS + 7), 2)


def candidate(policy=POLICY, *, shift=0.0, validation=VALIDATION):
    fold = FoldLogits(
        validation_logits=VALIDATION_LOGITS + shift,
        test_logits=TEST_LOGITS + shift,
        logit_shift=shift,
        validation=validation,
        test=TEST.window,
    )
    seed = score_seed(0, [fold], test=TEST, policy=policy, calibration="platt")
    return Candidate(name="plain", family="none", seeds=(seed,), shipped=seed)


@pytest.fixture(scope="module")
def sampling():
    clusters = Clusters(codes=TEST.card, count=CARDS, kind="card")
    return Sampling.of(clusters)


def test_savings_are_the_spared_share_of_the_loss_without_alerts(sampling):
    plain = candidate()
    found = cost_evidence(plain, TEST, sampling)
    prices = {"amount": TEST.amount, "review_cost": 8.0, "loss_share": 0.7}
    nothing = total_cost(TEST.y_true, np.zeros(ROWS, bool), **prices)
    p = plain.seeds[0].probabilities["calibrated"]
    alerts = {"threshold": p >= plain.shipped.latest.cost_threshold.value, "bayes": p * 0.7 * TEST.amount >= 8.0}
    for name, raised in alerts.items():
        cost = total_cost(TEST.y_true, raised, **prices)
        assert found[name]["savings"]["mean"] == pytest.approx(1 - cost / nothing, abs=1e-12)
        assert found[name]["cost_per_day"] == pytest.approx(cost / DAYS)
        assert found[name]["alerts_per_day"] == pytest.approx(raised.sum() / DAYS)
        assert found[name]["savings"]["low"] < found[name]["savings"]["mean"] < found[name]["savings"]["high"]


def test_no_interval_saves_more_than_is_lost(sampling):
    y = np.zeros(ROWS, dtype=np.int8)
    y[np.argsort(TEST_LOGITS)[[-1, -2, ROWS // 2]]] = 1
    found = cost_evidence(candidate(replace(POLICY, review_cost=0.01)), replace(TEST, y_true=y), sampling)
    highs = [found[name]["savings"]["high"] for name in ("threshold", "bayes", "bayes_raw")]
    assert max(highs) == 1.0


def test_deciding_by_amount_beats_one_threshold_where_probabilities_are_honest(sampling):
    found = cost_evidence(candidate(), TEST, sampling)
    assert found["difference"]["low"] > 0
    assert found["difference"]["mean"] == pytest.approx(
        found["bayes"]["savings"]["mean"] - found["threshold"]["savings"]["mean"]
    )


def test_raw_scores_of_a_weighted_loss_waste_reviews_that_calibration_saves(sampling):
    found = cost_evidence(candidate(shift=np.log(30)), TEST, sampling)
    assert found["bayes_raw"]["alerts_per_day"] > 2 * found["bayes"]["alerts_per_day"]
    assert found["bayes_raw"]["savings"]["mean"] < found["bayes"]["savings"]["mean"] - 0.1
    assert found["bayes"]["savings"]["mean"] == pytest.approx(
        cost_evidence(candidate(), TEST, sampling)["bayes"]["savings"]["mean"], abs=1e-6
    )


def test_without_amounts_there_is_no_word_on_costs(sampling):
    assert cost_evidence(candidate(validation=replace(VALIDATION, amount=None)), TEST, sampling) is None
    assert cost_evidence(candidate(), replace(TEST, amount=None), sampling) is None


def test_a_cost_threshold_drawn_on_test_is_refused(sampling):
    honest = candidate()
    seed = honest.seeds[0]
    late = replace(seed.latest, cost_threshold=replace(seed.latest.cost_threshold, window="test"))
    planted = replace(seed, folds=(late,))
    with pytest.raises(LeakageError, match="chosen on the test window"):
        cost_evidence(replace(honest, shipped=planted), TEST, sampling)


@pytest.mark.parametrize(
    ("kind", "value"), [("alerts_per_day", 12), ("alert_rate", 0.04), ("max_fpr", 0.02), ("min_precision", 0.4)]
)
def test_every_policy_says_what_it_promised_and_what_came_of_it(kind, value):
    said = achievement_of(candidate(replace(POLICY, kind=kind, value=value)), TEST)
    assert (said["kind"], said["promised"], said["note"]) == (kind, value, "")
    kept = said["validation"] >= value if kind == "min_precision" else said["validation"] <= value + 1e-9
    assert kept
    assert said["validation"] == pytest.approx(value, rel=0.1)
    assert said["test"] == pytest.approx(value, rel=0.35)


def test_costs_promise_the_lowest_costs_on_validation():
    plain = candidate(replace(POLICY, kind="costs"))
    said = achievement_of(plain, TEST)
    alerts = plain.seeds[0].probabilities["calibrated"] >= plain.shipped.latest.threshold.value
    cost = total_cost(TEST.y_true, alerts, amount=TEST.amount, review_cost=8.0, loss_share=0.7)
    assert said["promised"] is None
    assert said["test"] == pytest.approx(cost / DAYS)
    assert said["validation"] > 0


def test_a_precision_that_cannot_be_reached_is_said_and_raises_nothing():
    highest_are_genuine = np.where(np.quantile(VALIDATION_LOGITS, 0.9) < VALIDATION_LOGITS, 0, VALIDATION.y_true)
    said = achievement_of(
        candidate(
            replace(POLICY, kind="min_precision", value=0.95),
            validation=replace(VALIDATION, y_true=highest_are_genuine.astype(np.int8)),
        ),
        TEST,
    )
    assert (said["validation"], said["test"]) == (None, None)
    assert "no threshold shows a precision of 95 % on validation" in said["note"]


def test_where_an_alert_is_a_card_its_transactions_are_one_review_and_found_together(sampling):
    policy = replace(POLICY, unit="card")
    plain = candidate(policy)
    found = cost_evidence(plain, TEST, sampling)["bayes"]
    alone = bayes_alerts(plain.shipped.probabilities["calibrated"], TEST.amount, review_cost=8.0, loss_share=0.7)
    unit = TEST.units(policy)
    reviewed = set(unit[alone].tolist())
    missed = [row for row in range(ROWS) if TEST.y_true[row] and unit[row] not in reviewed]
    assert found["alerts_per_day"] == pytest.approx(len(reviewed) / DAYS)
    assert found["cost_per_day"] == pytest.approx((8.0 * len(reviewed) + 0.7 * TEST.amount[missed].sum()) / DAYS)


def test_a_fold_in_which_nothing_is_lost_has_no_savings():
    clusters = Clusters(codes=TEST.card, count=CARDS, kind="card")
    folds = Sampling.of(clusters, fold=np.repeat([0, 1], ROWS // 2))
    y = np.where(np.arange(ROWS) < ROWS // 2, TEST.y_true, 0).astype(np.int8)
    found = cost_evidence(candidate(), replace(TEST, y_true=y), folds)
    assert np.isfinite([*found["difference"].values(), *found["bayes"]["savings"].values()]).all()
