"""The frozen threshold: chosen on validation so that it keeps the policy, and only judged on test."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from fraud.config import PolicyConfig
from fraud.errors import ConfigError, LeakageError, TargetError
from fraud.evaluation.policy import NO_AMOUNTS, OF_TRANSACTIONS, policy_measure
from fraud.metrics import as_numbers, as_scores, as_targets, losses, unit_max
from fraud.text import counted, percent

CONFIDENCE = 0.95
"""Of the one-sided lower bound that ``min_precision`` asks of validation."""
NO_ALERT_PAYS = "no alert pays at these prices: on validation every threshold costs more in reviews than it saves"


class Span(Protocol):
    """What a threshold needs of a window: its name and its dates, the end exclusive."""

    @property
    def name(self) -> str:
        """One of train, validation and test."""

    @property
    def start(self) -> datetime:
        """First moment of the window."""

    @property
    def end(self) -> datetime:
        """First moment after the window."""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """An alert is ``y_score >= value``; and the window that the threshold was chosen on."""

    value: float
    policy: PolicyConfig
    window: str
    """Name of the window it was chosen on; anything but "validation" is refused where it is used."""
    start: datetime
    end: datetime
    alerts_per_day: float
    """Alerts a day that it raises on the window it was chosen on, quiet days included."""
    measured: float = float("nan")
    """What the policy limits, from ``policy_measure``, as it came out on the window it was chosen on."""
    met: bool = True
    note: str = ""
    """Why the policy could not be met, or that its best decision is no alert at all; else empty."""

    def alerts(self, y_score: ArrayLike, *, unit: ArrayLike | None = None) -> NDArray[np.bool_]:
        """Which transactions (N,) are found: all those of a unit with a score at the threshold or above.

        Args:
            y_score: scores (N,).
            unit: from ``units_of``; None: each transaction is one.
        """
        scores = as_scores(y_score)
        if unit is None:
            return np.asarray(scores >= self.value)
        codes = np.unique(np.asarray(unit), return_inverse=True)[1]
        highest = unit_max(scores, codes, int(codes.max(initial=-1)) + 1)
        return np.asarray((highest >= self.value)[codes])


def choose_threshold(
    policy: PolicyConfig,
    y_true: ArrayLike,
    y_score: ArrayLike,
    *,
    window: Span,
    amount: ArrayLike | None = None,
    unit: ArrayLike | None = None,
) -> Threshold:
    """The threshold that keeps the policy on validation, with the highest recall that the policy allows.

    ``alerts_per_day``: at most ``value`` alerts a day on average over all days of the window, days without any
    transaction or alert included; a partial day counts as its share. ``alert_rate``: at most that share of the
    transactions. ``max_fpr``: at most that share of the genuine ones. ``min_precision``: at least that precision with
    confidence: the one-sided 95 % lower bound of Clopper and Pearson (1934) reaches it; where no threshold's does, no
    alert is raised, ``met`` is False and ``note`` gives what was possible. ``costs``: the lowest sum of reviews and
    lost money; where that is no alert at all, ``note`` says so. Equal scores are alerts together, so a policy can be
    undercut but never exceeded.

    Args:
        policy: kind and value.
        y_true: labels of validation (N,), as known at the moment of choosing.
        y_score: scores of validation (N,).
        window: where these rows come from; kept with the threshold.
        amount: money moved (N,), of which ``metrics.losses`` count; needed by ``costs``.
        unit: from ``units_of``: transactions that are one alert, found together; None: each transaction is one.

    Raises:
        ConfigError: ``costs`` without amounts.
        TargetError: labels and scores do not fit, or there are none.
    """
    steps = _Steps(y_true, y_score, amount=amount, unit=unit)
    days = span_days(window)
    chosen, note = _choose(policy, steps, days)
    threshold = Threshold(
        value=steps.threshold(chosen),
        policy=policy,
        window=window.name,
        start=window.start,
        end=window.end,
        alerts_per_day=float(steps.alerts[chosen]) / days,
        met=not note or policy.kind == "costs",
        note=note,
    )
    raised = threshold.alerts(y_score, unit=unit)
    measured = policy_measure(policy, y_true, raised, days=days, amount=amount, unit=unit)
    return replace(threshold, measured=measured)


def span_days(window: Span) -> float:
    """Length of a window in days, days without any transaction included."""
    return float(max((window.end - window.start).total_seconds() / 86400, 1e-9))


def check_threshold_provenance(threshold: Threshold, *, test: Span) -> None:
    """Let a threshold judge the test window only if it was chosen on validation, before the test began.

    Raises:
        LeakageError: it was chosen on another window, or on days that the test window reaches into.
    """
    origin = (
        f"threshold {threshold.value:g}: chosen on the {threshold.window} window, {threshold.start} to {threshold.end}"
    )
    if threshold.window != "validation":
        raise LeakageError(f"{origin}; expected validation; choose it there, the test window only judges")
    if threshold.end > test.start:
        raise LeakageError(f"{origin}; expected an end no later than {test.start}, where the test window starts")


def matched_policy(policy: PolicyConfig, thresholds: Sequence[Threshold]) -> PolicyConfig:
    """The policy as a number of alerts that is the same for every strategy.

    ``alerts_per_day`` and ``alert_rate`` are that already. For ``max_fpr``, ``min_precision`` and ``costs`` it is the
    median, over the strategies, of the alerts a day that the policy came to on validation. So every strategy raises
    the same number of alerts, no label of the test window is used, and none of them sets the number alone.

    Args:
        policy: as configured.
        thresholds: the thresholds of all strategies and seeds, chosen on validation.

    NOTE: where no strategy raises any alert under the policy, because it cannot be met or no alert pays, the operating
        point is one alert a day, which nobody configured (``record/cautions.py`` says so).
    """
    if policy.kind in {"alerts_per_day", "alert_rate"}:
        return policy
    daily = [one.alerts_per_day for one in thresholds if one.alerts_per_day > 0]
    unit: Literal["card", "transaction"] = "transaction" if policy.kind in OF_TRANSACTIONS else policy.unit
    return replace(policy, kind="alerts_per_day", value=float(np.median(daily)) if daily else 1.0, unit=unit)


class _Steps:
    """What each possible threshold raises and finds; step 0 raises nothing, step i alerts the i highest scores.

    ``alerts``, ``right``: units, and those of them with a fraud; ``caught``: frauds found, ``saved``: their money.
    """

    def __init__(
        self, y_true: ArrayLike, y_score: ArrayLike, *, amount: ArrayLike | None, unit: ArrayLike | None
    ) -> None:
        of_rows = as_targets(y_true)
        if not of_rows.size:
            raise TargetError("threshold: expected validation transactions to choose it on, found none")
        codes = np.arange(of_rows.size) if unit is None else np.unique(np.asarray(unit), return_inverse=True)[1]
        count = int(codes.max()) + 1
        scores = unit_max(as_scores(y_score, of_rows.size), codes, count)
        frauds = np.bincount(codes, weights=of_rows, minlength=count)
        order = np.argsort(-scores, kind="stable")
        ranked = scores[order]
        ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), count - 1)
        self.scores = ranked[ends]
        self.alerts = np.append(0, ends + 1)
        self.right = np.append(0, np.cumsum(frauds[order] > 0)[ends])
        self.caught = np.append(0, np.cumsum(frauds[order])[ends])
        self.genuine = int((frauds == 0).sum())
        self.saved: NDArray[np.float64] | None = None
        if amount is not None:
            money = as_numbers(losses(amount), of_rows.size, "amount")
            stolen = np.bincount(codes, weights=np.where(of_rows, money, 0.0), minlength=count)
            self.saved = np.append(0.0, np.cumsum(stolen[order])[ends])

    def threshold(self, step: int) -> float:
        """Score that makes exactly this step: half-way to the next score below, so that rounding decides nothing.

        Step 0 raises nothing on later days either: it lies above every probability.
        """
        if step == 0:
            return float(np.nextafter(max(self.scores[0], 1.0), np.inf))
        lowest = float(self.scores[step - 1])
        if step == self.scores.size:
            return min(lowest, 0.0)
        middle = (lowest + float(self.scores[step])) / 2
        return middle if middle > self.scores[step] else lowest


def _choose(policy: PolicyConfig, steps: _Steps, days: float) -> tuple[int, str]:
    """Number of the step, and why the policy could not be met (empty where it was)."""
    if policy.kind == "alerts_per_day":
        return _last(steps.alerts <= math.floor(policy.value * days + 1e-9)), ""
    if policy.kind == "alert_rate":
        return _last(steps.alerts <= math.floor(policy.value * steps.alerts[-1] + 1e-9)), ""
    if policy.kind == "max_fpr":
        return _last(steps.alerts - steps.right <= policy.value * steps.genuine + 1e-9), ""
    if policy.kind == "min_precision":
        return _most_precise(policy.value, steps)
    return _cheapest(policy, steps)


def _last(allowed: NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(allowed)[-1])


def _most_precise(wanted: float, steps: _Steps) -> tuple[int, str]:
    right, alerts = steps.right[1:], steps.alerts[1:]
    surely = lower_bound(right, alerts)
    allowed = np.flatnonzero(surely >= wanted)
    if allowed.size:
        return int(allowed[steps.caught[1:][allowed].argmax()]) + 1, ""
    best = int(surely.argmax())
    return 0, (
        f"no threshold shows a precision of {percent(wanted)} on validation; the surest has {right[best]} of "
        f"{counted(int(alerts[best]), 'alert')} right, at least {percent(surely[best])} with 95 % confidence; "
        "no alert is raised"
    )


def lower_bound(right: ArrayLike, alerts: ArrayLike) -> NDArray[np.float64]:
    """One-sided 95 % lower bound of a precision, exact (Clopper and Pearson 1934); 0 where no alert is right.

    Args:
        right: alerts that were right (N,).
        alerts: all of them (N,), at least 1 each.

    >>> lower_bound([8, 29], [8, 29]).round(2).tolist()
    [0.69, 0.9]
    """
    found, raised = np.asarray(right, dtype=np.float64), np.asarray(alerts, dtype=np.float64)
    bound = betaincinv(np.maximum(found, 1.0), raised - found + 1, 1 - CONFIDENCE)
    return np.where(found > 0, bound, 0.0)


def _cheapest(policy: PolicyConfig, steps: _Steps) -> tuple[int, str]:
    if steps.saved is None:
        raise ConfigError(NO_AMOUNTS)
    chosen = int(np.argmin(policy.review_cost * steps.alerts - policy.loss_share * steps.saved))
    return chosen, "" if chosen else NO_ALERT_PAYS
