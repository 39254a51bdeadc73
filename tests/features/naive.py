"""Every feature again, written as plainly as possible: one Python loop per transaction over all the others.

It shares no line with the library. It asks of each transaction what its definition asks, and nothing else.
"""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from small_tables import Row

DAY = timedelta(days=1)
MEMORY_DAYS = 30
MICROSECOND = timedelta(microseconds=1)


def window_length(window: str) -> timedelta:
    return {"h": timedelta(hours=1), "d": DAY}[window[-1]] * int(window[:-1])


def log_amount(amount: float) -> float:
    return round(math.copysign(math.log1p(abs(amount)), amount) * 1e4) / 1e4


def earlier(rows: list[Row], row: Row, *keys: str) -> list[Row]:
    """The strictly earlier events with the same keys, oldest first; none where a key is null."""
    values = [getattr(row, key) for key in keys]
    if None in values:
        return []
    same = [other for other in rows if [getattr(other, key) for key in keys] == values]
    return sorted((other for other in same if other.event_time < row.event_time), key=lambda other: other.event_time)


def window_features(rows: list[Row], row: Row, entity: str, window: str) -> dict[str, float | None]:
    past = [
        other
        for other in earlier(rows, row, entity)
        if row.event_time - window_length(window) <= other.event_time < row.event_time
    ]
    amounts = [other.amount for other in past]
    total = float(sum(Decimal(str(amount)) for amount in amounts))
    mean = total / len(amounts) if amounts else None
    return {
        f"{entity}_count_{window}": len(amounts),
        f"{entity}_amount_sum_{window}": total,
        f"{entity}_amount_mean_{window}": mean,
        f"{entity}_amount_max_{window}": max(amounts, default=None),
        f"{entity}_amount_ratio_{window}": row.amount / mean if mean is not None and mean > 0 else None,
    }


def level_features(rows: list[Row], row: Row, entity: str, windows: tuple[str, ...]) -> dict[str, float | None]:
    longest = max(windows, key=window_length)
    usual = window_features(rows, row, entity, longest)[f"{entity}_amount_mean_{longest}"]
    features: dict[str, float | None] = {}
    for window in windows:
        recent = window_features(rows, row, entity, window)
        for name in (f"{entity}_amount_mean_{window}", f"{entity}_amount_max_{window}"):
            value = recent[name]
            if window != longest:
                features[f"{name}_over_{longest}"] = (
                    value / usual if value is not None and usual and usual > 0 else None
                )
    return features


def history_features(rows: list[Row], row: Row, entity: str) -> dict[str, float | None]:
    past = earlier(rows, row, entity)
    features: dict[str, float | None] = {
        f"{entity}_age_days": None,
        f"{entity}_previous_hours": None,
        f"{entity}_amount_zscore": None,
    }
    if past:
        levels = [log_amount(other.amount) for other in past]
        mean = sum(levels) / len(levels)
        spread = math.sqrt(sum((level - mean) ** 2 for level in levels) / len(levels))
        features[f"{entity}_age_days"] = min((row.event_time - past[0].event_time) / DAY, MEMORY_DAYS)
        features[f"{entity}_previous_hours"] = (row.event_time - past[-1].event_time) / timedelta(hours=1)
        features[f"{entity}_amount_zscore"] = (log_amount(row.amount) - mean) / max(spread, 0.1)
    return features


def pair_features(rows: list[Row], row: Row, entity: str, other: str) -> dict[str, float | None]:
    if getattr(row, entity) is None or getattr(row, other) is None:
        return {f"{entity}_{other}_previous_days": None}
    past = earlier(rows, row, entity, other)
    return {f"{entity}_{other}_previous_days": _remembered(_days_since_latest(row, past))}


def labels_of(row: Row, delay_days: float | None) -> list[tuple[datetime, Row]]:
    """(when it became known, the event as known from then on), the labels of one event one after the other."""
    if row.label_time is None:
        return []
    soonest = row.event_time + MICROSECOND
    reported = max(row.label_time, soonest)
    assumed = reported if delay_days is None else max(row.event_time + delay_days * DAY, soonest)
    if reported <= assumed:
        return [(reported, row)]
    assumption = (assumed, replace(row, is_fraud=False))
    return [assumption, (reported, row)] if row.is_fraud else [assumption]


def known_labels(
    rows: list[Row], moment: datetime, entity: str, value: str, delay_days: float | None
) -> list[tuple[datetime, Row]]:
    """(when it became known, event) of the labels known at a moment, in the order in which they became known."""
    known = [entry for row in rows if getattr(row, entity) == value for entry in labels_of(row, delay_days)]
    arrived = [entry for entry in known if entry[0] <= moment]
    return sorted(arrived, key=lambda entry: (entry[0], entry[1].event_time, entry[1].transaction_id))


def label_features(
    rows: list[Row], row: Row, entity: str, windows: tuple[str, ...], delay_days: float | None = None
) -> dict[str, float | None]:
    known = known_labels(rows, row.event_time, entity, getattr(row, entity), delay_days)
    features: dict[str, float | None] = {}
    for window in windows:
        recent = [event for at, event in known if at > row.event_time - window_length(window)]
        frauds = sum(bool(event.is_fraud) for event in recent)
        features[f"{entity}_known_count_{window}"] = len(recent)
        features[f"{entity}_fraud_count_{window}"] = frauds
        features[f"{entity}_fraud_rate_{window}"] = frauds / len(recent) if recent else None
    events = [event for _, event in known]
    frauds_known = [event for event in events if event.is_fraud]
    fresh = any(event.is_fraud and (row.event_time - at) / DAY <= MEMORY_DAYS for at, event in known)
    genuine_known = [event for event in events if not event.is_fraud]
    streak = _streak_start(events)
    last_3 = events[-3:]
    largest = max((event.amount for event in genuine_known), default=None)
    return features | {
        f"{entity}_last_label": float(bool(events[-1].is_fraud)) if events else None,
        f"{entity}_last_3_rate": sum(bool(e.is_fraud) for e in last_3) / len(last_3) if last_3 else None,
        f"{entity}_last_fraud_days": _days_since_latest(row, frauds_known) if fresh else None,
        f"{entity}_last_genuine_days": _days_since_latest(row, genuine_known),
        f"{entity}_streak_days": None if streak is None else (row.event_time - streak.event_time) / DAY,
        f"{entity}_amount_to_genuine_max": row.amount / largest if largest is not None and largest > 0 else None,
    }


def _days_since_latest(row: Row, events: list[Row]) -> float | None:
    return min(((row.event_time - event.event_time) / DAY for event in events), default=None)


def _remembered(days: float | None) -> float | None:
    return days if days is not None and days <= MEMORY_DAYS else None


def order(event: Row) -> tuple[datetime, str]:
    return event.event_time, event.transaction_id


def _streak_start(events: list[Row]) -> Row | None:
    """Walk through the labels as they became known; see ``ledger._with_streak`` for the definition."""
    fraud = genuine = start = None
    for event in events:
        if event.is_fraud:
            fraud = max(fraud or event, event, key=order)
        else:
            genuine = max(genuine or event, event, key=order)
        if fraud is None or (genuine is not None and order(genuine) > order(fraud)):
            start = None
        elif event.is_fraud and (genuine is None or order(event) >= order(genuine)):
            start = min(start or event, event, key=order)
    return start
