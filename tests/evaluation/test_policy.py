"""The promise is kept on validation, test only judges, and every strategy raises as many alerts."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binomtest

from fraud.config import PolicyConfig
from fraud.errors import ConfigError, TargetError
from fraud.evaluation import comparison
from fraud.evaluation.costs import bayes_alerts
from fraud.evaluation.frozen_threshold import NO_ALERT_PAYS, Threshold, choose_threshold, matched_policy
from fraud.metrics import precision, recall, total_cost

START = datetime(2018, 8, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Days:
    name: str
    start: datetime
    end: datetime


VALIDATION = Days("validation", START, START + timedelta(days=20))


@pytest.fixture
def scored():
    rng = np.random.default_rng(21)
    y = rng.random(2000) < 0.05
    scores = 1 / (1 + np.exp(3 - 2 * y - rng.normal(size=2000)))
    return y, np.round(scores, 3), rng.gamma(1.5, 40, 2000)


def choose(kind, value, scored, **costs):
    y, scores, amount = scored
    policy = PolicyConfig(kind=kind, value=value, **costs)
    return choose_threshold(policy, y, scores, window=VALIDATION, amount=amount)


def candidates(scores):
    """Every threshold that makes a difference, and one that raises nothing."""
    return [*np.unique(scores), scores.max() + 1]


def test_alerts_per_day_keeps_the_promise_and_could_not_raise_more(scored):
    _, scores, _ = scored
    threshold = choose("alerts_per_day", 5, scored)
    raised = int((scores >= threshold.value).sum())
    allowed = [int((scores >= one).sum()) for one in candidates(scores)]
    assert raised == max(count for count in allowed if count <= 5 * 20)
    assert threshold.alerts_per_day == raised / 20


def test_quiet_days_count_among_the_days(scored):
    y, scores, amount = scored
    policy = PolicyConfig(kind="alerts_per_day", value=5)
    twice_as_long = replace(VALIDATION, end=START + timedelta(days=40))
    once = choose_threshold(policy, y, scores, window=VALIDATION, amount=amount)
    spread = choose_threshold(policy, y, scores, window=twice_as_long, amount=amount)
    assert (scores >= spread.value).sum() == pytest.approx(2 * (scores >= once.value).sum(), abs=5)


def test_equal_scores_are_alerts_together_and_never_exceed_the_promise():
    y, scores = np.zeros(100, dtype=int), np.repeat([0.9, 0.5], 50)
    policy = PolicyConfig(kind="alerts_per_day", value=3)
    threshold = choose_threshold(policy, y, scores, window=VALIDATION)
    assert (scores >= threshold.value).sum() == 50
    policy = PolicyConfig(kind="alerts_per_day", value=2)
    threshold = choose_threshold(policy, y, scores, window=VALIDATION)
    assert (scores >= threshold.value).sum() == 0
    assert threshold.alerts_per_day == 0


def test_a_budget_beyond_all_transactions_alerts_every_score(scored):
    assert choose("alerts_per_day", 1e6, scored).value == 0


def test_the_threshold_lies_between_scores_so_that_rounding_decides_nothing(scored):
    _, scores, _ = scored
    threshold = choose("alerts_per_day", 5, scored)
    assert np.abs(scores - threshold.value).min() > 1e-4
    assert ((scores.astype(np.float32) >= threshold.value) == (scores >= threshold.value)).all()


def test_alert_rate_keeps_its_share(scored):
    _, scores, _ = scored
    raised = int((scores >= choose("alert_rate", 0.03, scored).value).sum())
    assert raised == max(c for c in (int((scores >= t).sum()) for t in candidates(scores)) if c <= 0.03 * 2000)


def test_max_fpr_finds_the_most_within_its_share_of_genuine_transactions(scored):
    y, scores, _ = scored
    threshold = choose("max_fpr", 0.02, scored)
    within = [t for t in candidates(scores) if (scores[~y] >= t).mean() <= 0.02]
    assert recall(y, scores >= threshold.value) == max(recall(y, scores >= t) for t in within)
    assert (scores[~y] >= threshold.value).mean() <= 0.02


def surely(y, raised):
    """One-sided 95 % lower bound of the precision (Clopper and Pearson 1934)."""
    test = binomtest(int((y & raised).sum()), int(raised.sum()), alternative="greater")
    return test.proportion_ci(confidence_level=0.95, method="exact").low


def test_min_precision_finds_the_most_among_thresholds_that_show_it(scored):
    y, scores, _ = scored
    threshold = choose("min_precision", 0.5, scored)
    enough = [t for t in candidates(scores)[:-1] if surely(y, scores >= t) >= 0.5]
    assert threshold.met
    assert precision(y, scores >= threshold.value) >= 0.5
    assert recall(y, scores >= threshold.value) == max(recall(y, scores >= t) for t in enough)


def test_a_precision_out_of_reach_raises_nothing_and_says_what_was_possible():
    y, scores = np.array([0, 1, 0, 0]), np.array([0.9, 0.8, 0.2, 0.1])
    threshold = choose_threshold(PolicyConfig(kind="min_precision", value=0.8), y, scores, window=VALIDATION)
    assert not threshold.met
    assert (scores >= threshold.value).sum() == 0
    assert threshold.note == (
        "no threshold shows a precision of 80 % on validation; the surest has 1 of 2 alerts right, at least 2.5 % with "
        "95 % confidence; no alert is raised"
    )


def test_one_lucky_alert_shows_no_precision():
    y, scores = np.array([1, 0, 0, 0]), np.array([0.9, 0.3, 0.2, 0.1])
    threshold = choose_threshold(PolicyConfig(kind="min_precision", value=0.9), y, scores, window=VALIDATION)
    assert not threshold.met
    assert (scores >= threshold.value).sum() == 0
    many = np.repeat([1, 0], 29), np.repeat([0.9, 0.1], 29)
    assert choose_threshold(PolicyConfig(kind="min_precision", value=0.9), *many, window=VALIDATION).met


def test_where_no_alert_pays_none_is_raised_and_the_note_says_so(scored):
    y, scores, _ = scored
    policy = PolicyConfig(kind="costs", review_cost=5)
    threshold = choose_threshold(policy, y, scores, window=VALIDATION, amount=np.full(y.size, 2.0))
    assert (scores >= threshold.value).sum() == 0
    assert threshold.met
    assert threshold.note == NO_ALERT_PAYS
    assert threshold.measured == 2.0 * y.sum() / 20


def by_card(y, scores, amount, card, value):
    """Alerts, right ones and costs a day when a card is an alert, by a loop over the cards."""
    raised = {one for one, score in zip(card, scores, strict=True) if score >= value}
    right = {one for one, fraud in zip(card, y, strict=True) if fraud and one in raised}
    lost = sum(money for one, fraud, money in zip(card, y, amount, strict=True) if fraud and one not in raised)
    return len(raised), len(right), (5.0 * len(raised) + lost) / 20


@pytest.mark.parametrize(("kind", "value"), [("alerts_per_day", 3), ("min_precision", 0.5), ("costs", 1)])
def test_where_an_alert_is_a_card_the_threshold_counts_cards(scored, kind, value):
    y, scores, amount = scored
    card = np.random.default_rng(3).integers(0, 500, y.size)
    policy = PolicyConfig(kind=kind, value=value, review_cost=5)
    threshold = choose_threshold(policy, y, scores, window=VALIDATION, amount=amount, unit=card)
    alerts, right, costs = by_card(y, scores, amount, card, threshold.value)
    assert threshold.alerts_per_day == pytest.approx(alerts / 20)
    possible = [by_card(y, scores, amount, card, one) for one in candidates(scores)]
    if kind == "alerts_per_day":
        assert alerts == max(one for one, _, _ in possible if one <= value * 20)
    if kind == "min_precision":
        assert threshold.measured == pytest.approx(right / alerts)
    if kind == "costs":
        assert threshold.measured == pytest.approx(costs)
        assert costs == pytest.approx(min(one for _, _, one in possible))
    found = threshold.alerts(scores, unit=card)
    assert found.sum() == np.isin(card, card[scores >= threshold.value]).sum()


def test_costs_take_the_cheapest_threshold(scored):
    y, scores, amount = scored
    threshold = choose("costs", 1, scored, review_cost=4.0, loss_share=0.2)

    def cost(value):
        return total_cost(y, scores >= value, amount=amount, review_cost=4.0, loss_share=0.2)

    assert cost(threshold.value) == pytest.approx(min(cost(one) for one in candidates(scores)))


def test_a_refund_that_is_missed_earns_nothing_so_the_cheapest_threshold_does_not_depend_on_it():
    y, scores = np.array([1, 1, 0, 0]), np.array([0.9, 0.8, 0.2, 0.1])
    threshold = choose_threshold(
        PolicyConfig(kind="costs", review_cost=5, loss_share=1),
        y,
        scores,
        window=VALIDATION,
        amount=np.array([-100.0, 60.0, 10.0, 10.0]),
    )
    assert (scores >= threshold.value).tolist() == [True, True, False, False]
    assert threshold.measured == 2 * 5 / 20


def test_costs_without_amounts_say_what_is_missing(scored):
    y, scores, _ = scored
    with pytest.raises(ConfigError, match=r"\[policy\]: kind costs needs the amount"):
        choose_threshold(PolicyConfig(kind="costs"), y, scores, window=VALIDATION)


def test_a_threshold_needs_transactions():
    with pytest.raises(TargetError, match="expected validation transactions"):
        choose_threshold(PolicyConfig(), [], [], window=VALIDATION)


def test_the_bayes_decision_is_the_cheapest_of_all_decisions():
    p, amount = np.array([0.02, 0.3, 0.9, 0.5]), np.array([900.0, 20.0, 4.0, 11.0])
    alerts = bayes_alerts(p, amount, review_cost=5.0, loss_share=1.0)

    def expected_cost(decision):
        return sum(5.0 if raised else q * money for raised, q, money in zip(decision, p, amount, strict=True))

    assert expected_cost(alerts) == pytest.approx(min(map(expected_cost, product([False, True], repeat=4))))
    assert alerts.tolist() == [True, True, False, True]


def test_the_bayes_decision_costs_no_more_than_one_threshold(scored):
    rng = np.random.default_rng(5)
    p, amount = rng.beta(0.2, 3, 20_000), rng.gamma(1.0, 100, 20_000)
    y = rng.random(20_000) < p
    threshold = choose_threshold(
        PolicyConfig(kind="costs", review_cost=5, loss_share=1), y, p, window=VALIDATION, amount=amount
    )
    decisions = (bayes_alerts(p, amount, review_cost=5, loss_share=1), p >= threshold.value)
    each, single = (total_cost(y, one, amount=amount, review_cost=5, loss_share=1) for one in decisions)
    assert each < single


def chosen(policy, alerts_per_day, *, met=True):
    return Threshold(
        value=0.5,
        policy=policy,
        window="validation",
        start=VALIDATION.start,
        end=VALIDATION.end,
        alerts_per_day=alerts_per_day,
        met=met,
    )


@pytest.mark.parametrize("kind", ["max_fpr", "min_precision", "costs"])
def test_other_policies_become_the_number_of_alerts_asked_for_on_validation(kind):
    policy = PolicyConfig(kind=kind, value=0.5)
    asked = [chosen(policy, 10.0), chosen(policy, 30.0), chosen(policy, 14.0), chosen(policy, 0.0, met=False)]
    matched = matched_policy(policy, asked)
    assert (matched.kind, matched.value) == ("alerts_per_day", 14.0)
    assert matched.unit == ("transaction" if kind == "max_fpr" else "card")
    assert matched_policy(policy, [chosen(policy, 0.0, met=False)]).value == 1


def test_thresholds_of_later_folds_do_not_set_the_point_that_judges(monkeypatch):
    policy = PolicyConfig(kind="max_fpr", value=0.5)
    folds = tuple(SimpleNamespace(threshold=chosen(policy, alerts)) for alerts in (10.0, 30.0, 50.0))
    candidate = SimpleNamespace(seeds=(SimpleNamespace(folds=folds),))
    monkeypatch.setattr(comparison, "as_candidate", lambda *_: candidate)
    trained = SimpleNamespace(family="none")
    assert comparison.operating_point([trained], None, policy).value == 10.0


def test_a_number_of_alerts_is_its_own_match():
    policy = PolicyConfig(kind="alerts_per_day", value=100)
    assert matched_policy(policy, [chosen(policy, 60.0)]) is policy


def test_a_threshold_that_raises_nothing_raises_nothing_on_later_days_either(scored):
    threshold = choose("costs", 1, scored, review_cost=1e9)
    assert threshold.alerts_per_day == 0
    assert threshold.value > 1


@pytest.mark.parametrize(
    "wrong", [{"review_cost": -5.0}, {"loss_share": 0.0}, {"loss_share": float("nan")}, {"value": float("inf")}]
)
def test_prices_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        PolicyConfig(**{"kind": "costs", **wrong})
