"""How long a compromised entity stays undetected: time, transactions and money until its first alert."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fraud.evaluation.candidates import WindowRows
from fraud.metrics import alert_units, as_keys, as_numbers, as_targets, has_card, losses, unit_max

Floats = NDArray[np.float64]
_HOUR = np.timedelta64(3600, "s")


@dataclass(frozen=True, kw_only=True)
class FirstAlerts:
    """The compromised entities of a window (C,), from the first fraud of each in the window to its first alert."""

    hours: Floats
    """Until the alert; NaN where there is none in the window."""
    transactions: NDArray[np.int64]
    """Frauds before the alert, or all of them where there is none."""
    money: Floats | None
    """Lost by these frauds (``metrics.losses``); None without amounts."""

    @property
    def alerted(self) -> NDArray[np.bool_]:
        """Which entities have an alert (C,)."""
        return ~np.isnan(self.hours)

    def as_json(self) -> dict[str, Any]:
        """Counts; median and ninth decile of the days, of those with an alert; means of the rest, of all."""
        waited = self.hours[self.alerted]
        median, most = np.quantile(waited, [0.5, 0.9]) / 24 if waited.size else (None, None)
        return {
            "compromised": int(self.hours.size),
            "alerted": int(waited.size),
            "at_first_fraud": int((self.transactions[self.alerted] == 0).sum()),
            "median_days": None if median is None else float(median),
            "nine_in_ten_days": None if most is None else float(most),
            "transactions_before": float(self.transactions.mean()),
            "money_before": None if self.money is None else float(self.money.mean()),
        }


def first_alerts(
    y_true: ArrayLike,
    alerts: ArrayLike,
    *,
    y_score: ArrayLike,
    hours: ArrayLike,
    card: ArrayLike,
    unit: ArrayLike,
    amount: ArrayLike | None = None,
) -> FirstAlerts:
    """From the first fraud of each compromised card to its first alert.

    An alert is raised at the highest transaction of its unit. It counts from the first fraud on; one on the day of that
    fraud that came before it counts as raised at once. Transactions without a card are left out.

    Args:
        y_true: labels (N,).
        alerts: booleans (N,), the same for all transactions of a unit.
        y_score: scores (N,).
        hours: time of each transaction (N,), in hours since any moment.
        card: card of each transaction (N,), None where unknown.
        unit: from ``units_of``.
        amount: money moved (N,).
    """
    known = has_card(as_keys(card, np.size(y_true), "card"))
    y, raised = as_targets(y_true)[known], np.asarray(alerts, dtype=np.bool_)[known]
    time, scores = as_numbers(hours, None, "hours")[known], as_numbers(y_score, None, "y_score")[known]
    cards, count = alert_units(np.zeros(y.size, dtype=np.int8), np.asarray(card)[known])
    begun = _earliest(time[y], cards[y], count)
    moment, has_fraud = _of_units(y, scores, time, np.asarray(unit)[known])
    counts = raised & ((moment >= begun[cards]) | has_fraud)
    noticed = _earliest(np.maximum(moment, begun[cards])[counts], cards[counts], count)
    before = y & (time < noticed[cards])
    compromised = np.isfinite(begun)
    lost = None if amount is None else np.bincount(cards, losses(amount)[known] * before, minlength=count)
    waited = np.where(np.isfinite(noticed), noticed, np.nan)[compromised] - begun[compromised]
    return FirstAlerts(
        hours=waited,
        transactions=np.bincount(cards[before], minlength=count)[compromised],
        money=None if lost is None else lost[compromised].astype(np.float64),
    )


def first_alert_evidence(test: WindowRows, alerts: np.ndarray, y_score: np.ndarray, unit: np.ndarray) -> Any:
    """``first_alert`` of a candidate for ``evidence.json``; None without cards, times or compromised cards.

    Args:
        test: the window that judges, with the times of its transactions.
        alerts: expected alerts (N,); a unit that is one in at least half of the orders of tied scores counts as one.
        y_score: scores or logits (N,).
        unit: from ``units_of``.
    """
    if test.card is None or test.context is None or "event_time" not in test.context.columns:
        return None
    times = test.context["event_time"].to_numpy()
    found = first_alerts(
        test.y_true,
        np.asarray(alerts) >= 0.5,
        y_score=y_score,
        hours=(times - times.min()) / _HOUR,
        card=test.card,
        unit=unit,
        amount=test.amount,
    )
    return {"entity": test.entities[0], **found.as_json()} if found.hours.size else None


def _earliest(time: Floats, codes: NDArray[np.int64], count: int) -> Floats:
    """Earliest time of each code (count,), infinite where there is none."""
    earliest = np.full(count, np.inf)
    np.minimum.at(earliest, codes, time)
    return earliest


def _of_units(
    y: NDArray[np.bool_], scores: Floats, time: Floats, unit: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Of each row's unit (N,): when its alert would be raised, and whether it has a fraud."""
    codes = np.unique(unit, return_inverse=True)[1]
    count = int(codes.max(initial=-1)) + 1
    top = scores == unit_max(scores, codes, count)[codes]
    has_fraud = np.bincount(codes, weights=y, minlength=count) > 0
    return _earliest(time[top], codes[top], count)[codes], has_fraud[codes]
