"""Label delay, split, feature windows, policy and training that fit the data's span, size and frauds."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fraud.config import NetworkConfig
from fraud.inspection.proposal.timeline import Timeline
from fraud.inspection.proposal.window_counts import Window, Windows, count_windows, days_back_to
from fraud.inspection.roles.clock import Clock
from fraud.text import percent

FEWEST_TEST_FRAUDS = 50
"""Frauds in the test window below which any figure is mostly chance."""
SMALL_ROWS, SMALL_FRAUDS = 100_000, 1_000
"""With fewer labelled rows or frauds than these, training is regularised more strongly."""
SMALL_STEPS = 300
BATCH_ROWS, PASSES = 4096, 4
"""All steps are run. Of 200,000 rows 4 passes gave an average precision of .808 on validation, 16 gave .805."""
FEWEST_STEPS, MOST_STEPS = 200, 800
SMALL_DROPOUT = 0.5
"""Chosen on validation for the small data sets in reports/LOG.md."""
FEWEST_DAYS = 15
"""With fewer days, windows are shares of the transactions."""
MOST_TEST, MOST_VALIDATION = 0.3, 0.2
"""Largest shares of the days not spent on waiting, so that at least half of these are left to train on."""
MOST_WAITING = 0.5
"""Largest share of the days spent on waiting for labels."""
MOST_LENGTHS = 6
"""Test windows that are tried at most where the usual one has too few frauds."""
ROUND_NUMBERS = (1, 2, 3, 5)
REACH = 0.9
"""Share of the frauds that a proposed budget lets a perfect ranking find, where a tenth of a day is enough for it."""
MOST_OF_A_DAY = 0.1
"""Share of a typical day's transactions that a proposed budget raises at most."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Sections of the config, and a comment for each key that needs one."""

    sections: dict[str, dict[str, Any]]
    why: dict[str, str]
    """``section.key`` -> comment."""
    warnings: tuple[str, ...] = ()


def plan_run(
    timeline: Timeline,
    clock: Clock,
    moments: pl.DataFrame,
    *,
    has_entities: bool,
    has_label_time: bool,
    stops: datetime | None,
    reported_within: float | None = None,
) -> Plan:
    """The sections of the config that depend on span, size and frauds.

    Args:
        timeline: counts by day.
        clock: where time comes from.
        moments: event_time, is_fraud and label_time of all rows.
        has_entities: whether there are histories.
        has_label_time: whether the dumps state when labels became known.
        stops: first day after the last label, where labels stop early.
        reported_within: days within which nearly all frauds are reported, where the dumps state it.
    """
    end = stops or timeline.last
    days = (end - timeline.first) / timedelta(days=1) if end and timeline.first else 0.0
    by_days = clock.grain in {"moment", "day"} and days >= FEWEST_DAYS
    why: dict[str, str] = {}
    # NOTE: where each report has its own time, frauds of the last days may not be reported yet: a third wait.
    waits = 3 if has_label_time and stops is None else 2
    wanted = _wait(days if by_days else 0, reported_within, has_label_time=has_label_time)
    delay = min(wanted, max(1, math.floor(days * MOST_WAITING / waits))) if wanted else 0
    warnings = [_waits_too_short(wanted, delay, days, waits)] if delay < wanted else []
    labels = {"delay_days": delay, "maturity_days": delay}
    settled = {"as_of": f"{stops + timedelta(days=delay):%Y-%m-%d}"} if stops and by_days else {}
    counter = _WindowCounter(moments, labels, has_label_time)
    split = _split(counter, days, days - waits * delay, settled) if by_days else _shares(clock, why)
    why["split.train"] = "0: everything earlier"
    if stops and by_days:
        why["split.as_of"] = (
            f"no fraud after {stops - timedelta(days=1):%Y-%m-%d}: later transactions have no label yet"
        )
    sections = {
        "labels": labels,
        "split": split,
        "features": {"windows": _windows(days, clock, has_entities=has_entities)},
        "policy": _policy(timeline, by_days=by_days, why=why),
        **settings_for(labelled=timeline.labelled, frauds=timeline.frauds),
    }
    limit = f", but {days:.0f} days of data are too few to wait so long" if delay < wanted else ""
    why |= _why_delay(reported_within if by_days else None, limit, by_days=by_days, has_label_time=has_label_time)
    return Plan(sections=sections, why=why, warnings=tuple(warnings))


def _wait(days: float, reported_within: float | None, *, has_label_time: bool) -> int:
    """Days to wait for labels if the data had enough days; 0 where windows are shares."""
    if not days:
        return 0
    if reported_within is not None:
        return max(1, math.ceil(reported_within))
    if has_label_time:
        return 30 if days >= 150 else max(1, round(days / 6))
    return 7 if days >= 50 else max(1, int(days // 10))


def _waits_too_short(wanted: int, delay: int, days: float, waits: int) -> str:
    """The warning that the data have too few days to wait for nearly all reports, and what that costs."""
    return (
        f"labels come late for so few days: nearly all frauds are reported within {wanted} days, and waiting so long "
        f"{waits} times would take {waits * wanted} of {days:.0f} days; {delay} days are proposed, so frauds reported "
        f"later count as genuine in training and validation; {2 * waits * wanted} days of data would be enough"
    )


def _why_delay(reported_within: float | None, limit: str, *, by_days: bool, has_label_time: bool) -> dict[str, str]:
    """The comment of the label delay."""
    if reported_within is not None:
        text = f"95 % of the frauds are reported within {math.ceil(reported_within)} days{limit}"
    elif has_label_time:
        text = "for transactions without a report; find out how late the last reports come"
    elif by_days:
        text = "a guess: find out how many days pass until a fraud is known"
    else:
        text = "too few days, or no time: labels count as known at once, which flatters the results"
    return {"labels.delay_days": text}


@dataclass(frozen=True)
class _WindowCounter:
    """Counts the rows and frauds in the windows of a split."""

    moments: pl.DataFrame
    """event_time, is_fraud and label_time of all rows."""
    labels: Mapping[str, Any]
    has_label_time: bool

    def count(self, split: Mapping[str, Any]) -> Windows | None:
        """Rows and frauds of each window; None where the data are too short for them."""
        return count_windows(self.moments, {"split": split, "labels": self.labels}, has_label_time=self.has_label_time)

    def days_for_enough(self, test: Window, split: Mapping[str, Any]) -> float:
        """Days that a test window needs to have enough frauds to judge by; infinite where there are too few."""
        return days_back_to(self.moments, test, FEWEST_TEST_FRAUDS, today=split.get("as_of")) or math.inf


def _split(counter: _WindowCounter, days: float, room: float, settled: Mapping[str, str]) -> dict[str, Any]:
    """Windows in days, of which training gets at least half; a longer test window where the usual has few frauds.

    Args:
        counter: of rows and frauds in windows.
        days: of the data.
        room: days that are not spent on waiting for labels.
        settled: other keys of the split.
    """
    longest, most = max(1, int(room * MOST_TEST)), max(1, int(room * MOST_VALIDATION))
    test = min(max(round(days / 6), 3), 30, longest)
    validation = min(max(round(days / 8), 3), 21, most)
    split = {"train": 0, "validation": validation, "test": test, **settled}
    windows = counter.count(split)
    if windows is None or windows.test.frauds >= FEWEST_TEST_FRAUDS or not counter.moments["is_fraud"].any():
        return split
    wanted = min(longest, max(test, math.ceil(min(counter.days_for_enough(windows.test, split), days))))
    for length in range(wanted, test, -max(1, (wanted - test) // MOST_LENGTHS)):
        longer = split | {"validation": min(max(validation, length // 2), most), "test": length}
        found = counter.count(longer)
        if found and len(found.without_fraud) <= len(windows.without_fraud):
            return longer
    return split


def _shares(clock: Clock, why: dict[str, str]) -> dict[str, Any]:
    kind = "order of the rows" if clock.is_order else "order of time"
    why["split.validation"] = f"shares of the transactions, in the {kind}"
    return {"train": 0, "validation": 0.2, "test": 0.3}


def _per_day(timeline: Timeline) -> float:
    return timeline.frauds / max(timeline.span_days, 1.0)


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


def _policy(timeline: Timeline, *, by_days: bool, why: dict[str, str]) -> dict[str, Any]:
    if by_days and timeline.frauds:
        value, reach = daily_alerts(timeline.days["transactions"].to_numpy(), timeline.days["frauds"].to_numpy())
        each = timeline.transactions / max(timeline.span_days, 1.0)
        pace = f"of about {each:,.0f} transactions and {_per_day(timeline):,.3g} frauds a day"
        perfect = f"a perfect ranking finds {percent(reach)} of the frauds with them"
        why["policy.value"] = f"{pace}; {perfect}: find out how many alerts can be worked"
        return {"kind": "alerts_per_day", "value": value}
    found = pl.col("frauds").sum() / pl.col("labelled").sum()
    recent = timeline.days.tail(max(1, len(timeline.days) * 3 // 10)).select(found)
    rate = max(timeline.prevalence, float(recent.item() or 0.0)) if len(timeline.days) else 0.0
    wanted = float(f"{rate * 1.2:.1g}")
    if wanted < REACH * rate:
        wanted = float(f"{rate * 1.2:.2g}")
    share = min(0.5, max(wanted, 1e-4)) if rate else 0.01
    why["policy.value"] = f"share of the labelled transactions; {100 * timeline.prevalence:.3g} % of them are fraud"
    return {"kind": "alert_rate", "value": share}


def daily_alerts(transactions: NDArray[np.int64], frauds: NDArray[np.int64]) -> tuple[float, float]:
    """Alerts a day, and the share of the frauds that a perfect ranking finds with them.

    A round number above the frauds of a mean day, and enough for that share to be ``REACH``; but at most
    ``MOST_OF_A_DAY`` of a typical day: with more, poor rankings find nearly as much as good ones.

    Args:
        transactions: of each day (D,).
        frauds: of each day (D,), with at least one in all.

    >>> daily_alerts(np.array([900, 1100]), np.array([6, 8]))
    (10.0, 1.0)
    """
    most = max(1.0, float(np.floor(MOST_OF_A_DAY * np.median(transactions))))

    def reach(alerts: float) -> float:
        return float(np.minimum(frauds, alerts).sum() / frauds.sum())

    alerts = _rounded_up(1.2 * float(frauds.mean()))
    while reach(alerts) < REACH and alerts < most:
        alerts = _rounded_up(alerts + 1)
    alerts = min(alerts, most)
    return alerts, reach(alerts)


def _rounded_up(value: float) -> float:
    """The next round number.

    >>> _rounded_up(96.2), _rounded_up(7.1), _rounded_up(0.3)
    (100.0, 10.0, 1.0)
    """
    if value <= 1:
        return 1.0
    scale = 10 ** math.floor(math.log10(value))
    return float(next(scale * step for step in (*ROUND_NUMBERS, 10) if scale * step >= value))


def settings_for(*, labelled: int, frauds: int) -> dict[str, dict[str, Any]]:
    """Network and training by the size of the data: the one rule behind every proposal and every shipped config.

    Args:
        labelled: transactions with a label.
        frauds: how many of them.
    """
    small = labelled < SMALL_ROWS or frauds < SMALL_FRAUDS
    steps = SMALL_STEPS if small else _steps(labelled)
    return {
        "network": {"hidden": [256, 256], "dropout": SMALL_DROPOUT if small else NetworkConfig().dropout},
        "training": {
            "batch_size": 1024 if small else BATCH_ROWS,
            "max_steps": steps,
            "learning_rate": 2e-3 if small else 4e-3,
            "check_every": 25 if small else steps // 8,
        },
        "comparison": {"seeds": 2, "tuning_trials": 4},
    }


def _steps(labelled: int) -> int:
    """Optimizer steps for about ``PASSES`` passes over the training rows, half of the labelled ones, in fifties.

    >>> _steps(200_000), _steps(1_000_000), _steps(10_000_000)
    (200, 500, 800)
    """
    wanted = PASSES * labelled / 2 / BATCH_ROWS
    return min(max(50 * round(wanted / 50), FEWEST_STEPS), MOST_STEPS)
