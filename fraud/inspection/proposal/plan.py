"""Windows, splits, policy and training that fit the data's span, size and frauds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from fraud.config import NetworkConfig
from fraud.inspection.proposal.timeline import Course
from fraud.inspection.proposal.window_counts import Window, Windows, count_windows, days_back_to
from fraud.inspection.roles.clock import Clock

FEWEST_FRAUDS = 50
"""Frauds in a window below which any figure is mostly chance."""
FEW_ROWS = 100_000
FEW_DROPOUT = 0.5
"""With so few rows or frauds regularisation decides: chosen on validation for the small data sets in reports/LOG.md."""
FEWEST_DAYS = 15
"""With fewer days, windows are shares of the transactions."""
TEST, VALIDATION = 0.3, 0.2
"""At most so much of the days that are not spent on waiting, so that at least half of them are left to train on."""
WAITING = 0.5
"""At most so much of the days is spent on waiting for labels."""
TRIALS = 6
"""Lengths of a test window that are tried at most where it has too few frauds."""
NICE = (1, 2, 3, 5)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Sections of the config, and a comment for each key that needs one."""

    sections: dict[str, dict[str, Any]]
    why: dict[str, str]
    """``section.key`` -> comment."""
    warnings: tuple[str, ...] = ()


def plan_run(
    course: Course,
    clock: Clock,
    moments: pl.DataFrame,
    *,
    has_entities: bool,
    has_label_time: bool,
    stops: datetime | None,
    reported_within: float | None = None,
) -> Plan:
    """What fits the data.

    Args:
        course: counts by day.
        clock: where time comes from.
        moments: event_time, is_fraud and label_time of all rows.
        has_entities: whether there are histories.
        has_label_time: whether the dumps tell when labels became known.
        stops: first day from which on no label comes any more.
        reported_within: days within which nearly all frauds are reported, where the dumps tell.
    """
    end = stops or course.last
    days = (end - course.first) / timedelta(days=1) if end and course.first else 0.0
    by_days = clock.grain in {"moment", "day"} and days >= FEWEST_DAYS
    why: dict[str, str] = {}
    # NOTE: where reports are told one by one, frauds of the last days may not be reported yet: a third wait.
    waits = 3 if has_label_time and stops is None else 2
    wanted = _wait(days if by_days else 0, reported_within, has_label_time=has_label_time)
    delay = min(wanted, max(1, math.floor(days * WAITING / waits))) if wanted else 0
    warnings = [_waits_too_short(wanted, delay, days, waits)] if delay < wanted else []
    labels = {"delay_days": delay, "maturity_days": delay}
    told = {"as_of": f"{stops + timedelta(days=delay):%Y-%m-%d}"} if stops and by_days else {}

    held = _Held(moments, labels, has_label_time)
    split = _split(held, days, days - waits * delay, told) if by_days else _shares(clock, why)
    why["split.train"] = "0: everything earlier"
    if stops and by_days:
        why["split.as_of"] = (
            f"no fraud comes after {stops - timedelta(days=1):%Y-%m-%d}: what is later has no label yet"
        )
    sections = {
        "labels": labels,
        "split": split,
        "features": {"windows": _windows(days, clock, has_entities=has_entities)},
        "policy": _policy(course, by_days=by_days, why=why),
        **settings_for(labelled=course.labelled, frauds=course.frauds),
    }
    late = f", for which {days:.0f} days are too short a span" if delay < wanted else ""
    _say_delay(why, reported_within if by_days else None, late, by_days=by_days, has_label_time=has_label_time)
    return Plan(sections=sections, why=why, warnings=tuple(warnings))


def _wait(days: float, reported_within: float | None, *, has_label_time: bool) -> int:
    """Days to wait for labels, if there were days enough."""
    if not days:
        return 0
    if reported_within is not None:
        return max(1, math.ceil(reported_within))
    if has_label_time:
        return 30 if days >= 150 else max(1, round(days / 6))
    return 7 if days >= 50 else max(1, int(days // 10))


def _waits_too_short(wanted: int, delay: int, days: float, waits: int) -> str:
    """What a span costs that is too short for its reports."""
    return (
        f"labels come late for so short a span: nearly all frauds are reported within {wanted} days, and waiting so "
        f"long {waits} times would take {waits * wanted} of its {days:.0f} days; {delay} days are proposed, so frauds "
        f"reported later count as genuine in training and validation; {2 * waits * wanted} days of data would do"
    )


def _say_delay(
    why: dict[str, str], reported_within: float | None, late: str, *, by_days: bool, has_label_time: bool
) -> None:
    if reported_within is not None:
        why["labels.delay_days"] = f"95 % of the frauds are reported within {math.ceil(reported_within)} days{late}"
    elif has_label_time:
        why["labels.delay_days"] = "where nothing was reported; ask how late the last reports come"
    elif by_days:
        why["labels.delay_days"] = "a guess: ask how many days pass until a fraud is known"
    else:
        why["labels.delay_days"] = "too short a span, or no clock: a label is taken as known at once, which flatters"


@dataclass(frozen=True)
class _Held:
    """What the windows of a split hold."""

    moments: pl.DataFrame
    labels: Mapping[str, Any]
    has_label_time: bool

    def count(self, split: Mapping[str, Any]) -> Windows | None:
        """Rows and frauds of each window; None where the data are too short for them."""
        return count_windows(self.moments, {"split": split, "labels": self.labels}, has_label_time=self.has_label_time)

    def days_for_enough(self, test: Window, split: Mapping[str, Any]) -> float:
        """Days of a test window with enough frauds to judge by, infinite where there are not so many."""
        return days_back_to(self.moments, test, FEWEST_FRAUDS, today=split.get("as_of")) or math.inf


def _split(held: _Held, days: float, room: float, told: Mapping[str, str]) -> dict[str, Any]:
    """Windows in days, of which training gets at least half.

    Args:
        held: what windows hold.
        days: of the data.
        room: days that are not spent on waiting for labels.
        told: what else of the split is settled.
    """
    longest, most = max(1, int(room * TEST)), max(1, int(room * VALIDATION))
    test = min(max(round(days / 6), 3), 30, longest)
    validation = min(max(round(days / 8), 3), 21, most)
    split = {"train": 0, "validation": validation, "test": test, **told}
    windows = held.count(split)
    if windows is None or windows.test.frauds >= FEWEST_FRAUDS or not held.moments["is_fraud"].any():
        return split
    wanted = min(longest, max(test, math.ceil(min(held.days_for_enough(windows.test, split), days))))
    for length in range(wanted, test, -max(1, (wanted - test) // TRIALS)):
        longer = split | {"validation": min(max(validation, length // 2), most), "test": length}
        found = held.count(longer)
        if found and len(found.without_fraud) <= len(windows.without_fraud):
            return longer
    return split


def _shares(clock: Clock, why: dict[str, str]) -> dict[str, Any]:
    kind = "order of the rows" if clock.is_order else "order of time"
    why["split.validation"] = f"shares of the transactions, in the {kind}"
    return {"train": 0, "validation": 0.2, "test": 0.3}


def _per_day(course: Course) -> float:
    return course.frauds / max(course.span_days, 1.0)


def _windows(days: float, clock: Clock, *, has_entities: bool) -> list[str]:
    if not has_entities:
        return ["1d"]
    if clock.is_order:
        return ["10m", "1h", "6h"]
    if clock.grain == "month":
        return ["31d", "92d"] if clock.spec.format else ["1d", "3d"]
    if clock.grain == "day":
        return ["1d", "7d", "30d"] if days >= 60 else ["1d", "3d", "7d"]
    if days >= 60:
        return ["1d", "7d", "30d"]
    return ["1h", "1d", "7d"] if days >= FEWEST_DAYS else ["10m", "1h", "6h"]


def _policy(course: Course, *, by_days: bool, why: dict[str, str]) -> dict[str, Any]:
    if by_days and course.frauds:
        value = _nice(_per_day(course) * 1.2)
        each = course.transactions / max(course.span_days, 1.0)
        pace = f"of about {each:,.0f} transactions and {_per_day(course):,.3g} frauds a day"
        why["policy.value"] = f"{pace}: ask what can be worked"
        return {"kind": "alerts_per_day", "value": value}
    found = pl.col("frauds").sum() / pl.col("labelled").sum()
    recent = course.days.tail(max(1, len(course.days) * 3 // 10)).select(found)
    rate = max(course.prevalence, float(recent.item() or 0.0)) if len(course.days) else 0.0
    share = min(0.5, max(float(f"{rate * 1.2:.1g}"), 1e-4)) if rate else 0.01
    why["policy.value"] = f"share of the labelled transactions; {100 * course.prevalence:.3g} % of them are fraud"
    return {"kind": "alert_rate", "value": share}


def _nice(value: float) -> float:
    """The next round number.

    >>> _nice(96.2), _nice(7.1), _nice(0.3)
    (100.0, 10.0, 1.0)
    """
    if value <= 1:
        return 1.0
    scale = 10 ** math.floor(math.log10(value))
    return float(next(scale * step for step in (*NICE, 10) if scale * step >= value))


def settings_for(*, labelled: int, frauds: int) -> dict[str, dict[str, Any]]:
    """Network and training by the size of the data: the one rule behind every proposal and every shipped config.

    Args:
        labelled: transactions with a label.
        frauds: how many of them.
    """
    few = labelled < FEW_ROWS or frauds < 1_000
    return {
        "network": {"hidden": [256, 256], "dropout": FEW_DROPOUT if few else NetworkConfig().dropout},
        "training": {
            "batch_size": 1024 if few else 4096,
            "max_steps": 600 if few else 800,
            "learning_rate": 2e-3 if few else 4e-3,
            "check_every": 25 if few else 100,
            "patience": 8 if few else 3,
        },
        "comparison": {"seeds": 3, "tuning_trials": 2},
    }
