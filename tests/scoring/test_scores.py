"""What stands beside a score: the expected loss, the alert at the model's threshold, the budget of each day."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from fraud.config import PolicyConfig
from fraud.features.table import Recipe
from fraud.scoring import score as scoring

RECIPE = Recipe(entities=("card",), numeric=(), categorical=(), windows=("1d",), has_amount=True, delay_days=7.0)
PROBABILITY = [0.9, 0.02, 0.4, 0.4, 0.01, 0.3]
AMOUNT = [10.0, 50.0, -20.0, 100.0, 5.0, 8.0]
DAYS = [0, 0, 0, 1, 1, 1]


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    start = datetime(2024, 1, 1, 9, tzinfo=UTC)
    features = pl.DataFrame(
        {
            "transaction_id": list("abcdef"),
            "event_time": [start + timedelta(days=day, minutes=row) for row, day in enumerate(DAYS)],
            "card": ["x"] * 6,
            "amount": AMOUNT,
        }
    )
    bundle: Any = SimpleNamespace(
        threshold=0.35, score=lambda _: PROBABILITY, encoder=SimpleNamespace(scales_=(), vocabularies_=())
    )
    monkeypatch.setattr(scoring, "reasons_of", lambda _, rows, __: [("a reason",)] * len(rows))
    policy = PolicyConfig(value=1, loss_share=0.5)
    return scoring._score_piece(bundle, features, RECIPE, policy)


def test_the_expected_loss_is_probability_times_the_share_of_the_amount_that_is_lost(scored: pl.DataFrame) -> None:
    expected = [p * 0.5 * max(amount, 0.0) for p, amount in zip(PROBABILITY, AMOUNT, strict=True)]
    assert scored["expected_loss"].to_list() == pytest.approx(expected)


def test_an_alert_is_at_least_the_models_own_threshold(scored: pl.DataFrame) -> None:
    assert scored["alert"].to_list() == [True, False, True, True, False, False]


def test_the_budget_is_that_of_each_day(scored: pl.DataFrame) -> None:
    assert scored["in_budget"].to_list() == [True, False, False, True, False, False]
