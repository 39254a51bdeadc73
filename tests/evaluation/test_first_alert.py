"""Time, frauds and money from the first fraud of a card to its first alert."""

import numpy as np
import pytest

from fraud.evaluation.first_alert import FirstAlerts, first_alerts
from fraud.metrics import alert_units

CARD = np.array(["a", "a", "a", "b", "b", "c", "d", "d"])
HOURS = np.array([1.0, 30, 54, 5, 6, 10, 2, 3])
FRAUD = np.array([1, 1, 1, 1, 1, 1, 0, 0])
AMOUNT = np.array([10.0, 20, 40, -5, 8, 100, 1, 1])


def found(alerts: list[int], *, scores: list[float] | None = None, day: np.ndarray | None = None) -> FirstAlerts:
    unit = np.arange(8) if day is None else alert_units(day, CARD)[0]
    return first_alerts(
        FRAUD,
        np.array(alerts, dtype=bool),
        y_score=np.zeros(8) if scores is None else scores,
        hours=HOURS,
        card=CARD,
        unit=unit,
        amount=AMOUNT,
    )


def test_what_is_lost_until_the_first_alert_of_each_compromised_card() -> None:
    one = found([0, 0, 1, 1, 1, 0, 0, 0])
    assert one.hours.tolist() == pytest.approx([53, 0, np.nan], nan_ok=True)
    assert one.transactions.tolist() == [2, 0, 1]
    assert one.money is not None
    assert one.money.tolist() == [30, 0, 100]
    assert one.as_json() == {
        "compromised": 3,
        "alerted": 2,
        "at_first_fraud": 1,
        "median_days": 26.5 / 24,
        "nine_in_ten_days": pytest.approx(47.7 / 24),
        "transactions_before": 1.0,
        "money_before": pytest.approx(130 / 3),
    }


def test_an_alert_is_raised_at_the_highest_transaction_of_its_card_and_day() -> None:
    day = HOURS // 24
    one = found([0, 0, 0, 1, 1, 0, 0, 0], scores=[0, 0, 0, 0.1, 0.9, 0, 0, 0], day=day)
    assert one.hours[1] == 1
    assert one.transactions[1] == 1
    early = found([0, 0, 0, 1, 1, 0, 0, 0], scores=[0, 0, 0, 0.9, 0.1, 0, 0, 0], day=day)
    assert (early.hours[1], early.transactions[1]) == (0, 0)


def test_without_any_alert_nothing_is_waited_for() -> None:
    nothing = found([0] * 8).as_json()
    assert (nothing["alerted"], nothing["median_days"], nothing["transactions_before"]) == (0, None, 2.0)


def test_a_false_alarm_before_the_first_fraud_is_not_the_alert() -> None:
    fraud = np.array([0, 1, 0])
    alerts = np.array([True, False, True])
    one = first_alerts(
        fraud, alerts, y_score=np.zeros(3), hours=[0.0, 40, 90], card=np.array(["a"] * 3), unit=np.arange(3)
    )
    assert one.hours.tolist() == [50]
    assert one.money is None
