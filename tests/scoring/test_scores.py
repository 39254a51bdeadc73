"""What stands beside a score: the expected loss, the alert at the model's threshold, the budget of each day."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from fraud.config import PolicyConfig
from fraud.features.table import Recipe
from fraud.scoring import score as scoring
from fraud.scoring.budget import DailyAlerts

RECIPE = Recipe(entities=("card",), numeric=(), categorical=(), windows=("1d",), has_amount=True, delay_days=7.0)
PROBABILITY = [0.9, 0.02, 0.4, 0.4, 0.01, 0.3]
AMOUNT = [10.0, 50.0, -20.0, 100.0, 5.0, 8.0]
DAYS = [0, 0, 0, 1, 1, 1]
START = datetime(2024, 1, 1, 9, tzinfo=UTC)


def transactions(days: list[int], **columns: list[Any]) -> pl.DataFrame:
    times = [START + timedelta(days=day, minutes=row) for row, day in enumerate(days)]
    return pl.DataFrame({"transaction_id": [f"t{row}" for row in range(len(days))], "event_time": times, **columns})


def alerts_of(scored: pl.DataFrame, policy: PolicyConfig, *, timezone: str = "UTC") -> DailyAlerts:
    return DailyAlerts(scored, policy, threshold=0.35, entities=("card",), timezone=timezone)


@pytest.fixture(params=["card", "transaction"])
def scored(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[str, pl.DataFrame]:
    features = transactions(DAYS, card=["x"] * 6, amount=AMOUNT)
    bundle: Any = SimpleNamespace(
        threshold=0.35, score=lambda _: PROBABILITY, encoder=SimpleNamespace(scales_=(), vocabularies_=())
    )
    monkeypatch.setattr(scoring, "reasons_of", lambda _, rows, __: [("a reason",)] * len(rows))
    policy = PolicyConfig(value=2, loss_share=0.5, unit=request.param)
    return request.param, scoring._score_piece(bundle, features, RECIPE, policy)


def test_the_expected_loss_is_probability_times_the_share_of_the_amount_that_is_lost(
    scored: tuple[str, pl.DataFrame],
) -> None:
    expected = [p * 0.5 * max(amount, 0.0) for p, amount in zip(PROBABILITY, AMOUNT, strict=True)]
    assert scored[1]["expected_loss"].to_list() == pytest.approx(expected)


def test_an_alert_is_at_least_the_models_own_threshold_once_for_a_card_and_day(
    scored: tuple[str, pl.DataFrame],
) -> None:
    unit, frame = scored
    by_row = [True, False, True, True, False, False]
    once = [True, False, False, True, False, False]
    assert frame["alert"].to_list() == (once if unit == "card" else by_row)


def test_the_budget_is_that_of_each_day_and_one_card_cannot_spend_it(scored: tuple[str, pl.DataFrame]) -> None:
    unit, frame = scored
    by_row = [True, False, True, True, False, True]
    once = [True, False, False, True, False, False]
    assert frame["in_budget"].to_list() == (once if unit == "card" else by_row)
    assert frame.get_column("others_that_day", default=None) is None or frame["others_that_day"].to_list() == [2] * 6
    assert ("others_that_day" in frame.columns) == (unit == "card")


def test_a_transaction_without_a_card_is_an_alert_of_its_own() -> None:
    frame = transactions([0] * 4, card=[None, None, "x", "x"], probability=[0.9, 0.8, 0.7, 0.6])
    found = alerts_of(frame, PolicyConfig(value=3))
    assert found.in_budget is not None
    assert found.in_budget.tolist() == [True, True, True, False]


@pytest.mark.parametrize(("value", "raised"), [(0.5, 2), (2.5, 10)])
def test_a_fractional_budget_is_the_same_however_the_days_are_cut_into_files(value: float, raised: int) -> None:
    days = [day for day in range(4) for _ in range(6)]
    whole = transactions(days, card=list(range(24)), probability=[row / 24 for row in range(24)])
    policy = PolicyConfig(value=value)

    def in_budget(frame: pl.DataFrame) -> set[str]:
        inside = pl.Series(alerts_of(frame, policy).in_budget)
        return set(frame.filter(inside)["transaction_id"])

    daily = [in_budget(part) for part in (whole[start : start + 6] for start in range(0, 24, 6))]
    assert in_budget(whole) == set.union(*daily)
    assert len(in_budget(whole)) == raised


def test_tied_scores_go_by_a_hash_of_the_id_and_not_by_the_order_of_rows_or_ids() -> None:
    frame = transactions([0] * 300, card=list(range(300)), probability=[0.5] * 300)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=1)
    chosen = [
        set(one.filter(pl.Series(alerts_of(one, PolicyConfig(value=30)).in_budget))["transaction_id"])
        for one in (frame, shuffled)
    ]
    assert chosen[0] == chosen[1]
    assert len(chosen[0]) == 30
    assert chosen[0] != set(frame["transaction_id"].sort().head(30))


def test_days_are_those_of_the_datas_time_zone() -> None:
    frame = pl.DataFrame(
        {
            "transaction_id": ["late", "later"],
            "event_time": [datetime(2024, 1, 1, 22, 30, tzinfo=UTC), datetime(2024, 1, 1, 23, 30, tzinfo=UTC)],
            "card": ["x", "x"],
            "probability": [0.9, 0.8],
        }
    )
    inside = {
        zone: alerts_of(frame, PolicyConfig(value=1), timezone=zone).in_budget for zone in ("UTC", "Europe/Paris")
    }
    assert inside["UTC"].tolist() == [True, False]
    assert inside["Europe/Paris"].tolist() == [True, True]


def test_alerts_and_a_few_below_them_are_explained() -> None:
    frame = transactions([0] * 40, card=list(range(40)), probability=[0.3 - row / 1000 for row in range(40)])
    explained = alerts_of(frame, PolicyConfig(value=3)).explained()
    assert explained.tolist() == [True] * 8 + [False] * 32
    assert frame["event_time"][0].date() == date(2024, 1, 1)


def test_a_threshold_set_by_costs_has_no_value() -> None:
    bundle: Any = SimpleNamespace(provenance={"config": '[policy]\nkind = "costs"\nvalue = 3.0'})
    note = scoring.policy_note(bundle, PolicyConfig(value=3))
    assert note is not None
    assert "set for [policy] costs; column in_budget follows this configuration's alerts_per_day = 3;" in note
