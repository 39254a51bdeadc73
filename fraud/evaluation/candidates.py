"""Candidates: trained models with their scores on the windows, ready to be judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any, Self

import numpy as np
import polars as pl
from scipy.special import expit

from fraud.config import PolicyConfig
from fraud.errors import LeakageError
from fraud.evaluation.frozen_threshold import (
    Span,
    Threshold,
    check_threshold_provenance,
    choose_threshold,
    span_days,
)
from fraud.evaluation.policy import found_together, units_of
from fraud.features import TableRows, Window, day_coverage, local_day, local_time
from fraud.metrics import keyed_rank
from fraud.model import Calibrator, CalibratorKind, fit_calibrator, shift_logits

AGE = "_age_days"
"""Ending of the feature for how long an entity has been known, capped; null for its first transaction."""
PAIR = "_previous_days"
"""Ending of the feature for when two entities last met; null where not within the memory of the features."""
_HAS_HOURS = "hour_sin"


@dataclass(frozen=True, kw_only=True)
class WindowRows:
    """Columns of one window that judging needs, one entry a labelled transaction (N,).

    ``day`` counts days since 1970 in ``timezone``; ``tie_break`` is a rank by a keyed hash of the id; ``amount``,
    ``card``, ``second`` and ``fraud_type`` are None where the data has no such column; genuine rows have no fraud type.
    """

    window: Window
    y_true: np.ndarray
    day: np.ndarray
    tie_break: np.ndarray
    amount: np.ndarray | None
    card: np.ndarray | None
    fraud_type: np.ndarray | None
    context: pl.DataFrame | None = None
    """Columns for breakdowns and examples: event_time, ``hour`` where the data has hours,
    label_time, the entities, ``{entity}_age_days`` and the pairs' ``_previous_days``, as far as there are any."""
    entities: tuple[str, ...] = ()
    second: np.ndarray | None = None
    """The second entity, as the terminal, which has a fate of its own."""
    fold: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Number of the fold (N,), counted from 0; all 0 where it is left out."""
    timezone: str = "UTC"
    """Of days and hours."""

    def __post_init__(self) -> None:
        if not len(self.fold):
            object.__setattr__(self, "fold", np.zeros(len(self.y_true), dtype=np.int64))

    def units(self, policy: PolicyConfig) -> np.ndarray:
        """Unit (N,) of each transaction under a policy: those of one unit are one alert."""
        return units_of(policy, day=self.day, card=self.card)

    def found(self, alerts: np.ndarray, policy: PolicyConfig) -> np.ndarray:
        """Which transactions (N,) these alerts (N,) find: all those of a unit together."""
        return found_together(alerts, self.units(policy))

    @property
    def day_shares(self) -> np.ndarray:
        """Share of each distinct day (D,), ascending, that the window covers."""
        covered = self.coverage
        return np.array([covered.get(int(day), 1.0) for day in np.unique(self.day)])

    @property
    def coverage(self) -> dict[int, float]:
        """Share of each partial day that the window covers; days that are not in it are covered wholly."""
        days = np.unique(self.day)
        shares = day_coverage(days, self.window.start, self.window.end, timezone=self.timezone)
        return {int(day): float(share) for day, share in zip(days, shares, strict=True) if share < 1}

    @property
    def days(self) -> float:
        """Length of the window in days, quiet days included."""
        return span_days(self.window)

    @classmethod
    def of(
        cls,
        table: pl.LazyFrame,
        window: Window,
        *,
        entities: Sequence[str],
        judges: bool = True,
        timezone: str = "UTC",
    ) -> Self:
        """Read a window's rows from the feature table, no other columns.

        Args:
            table: the feature table.
            window: which rows.
            entities: the first one is the card.
            judges: whether people will be shown its rows; of others ``context`` holds times alone.
            timezone: of the data, whose days and hours count.
        """
        there = table.collect_schema().names()
        shown = [*_display_columns(entities), _HAS_HOURS] if judges else ["label_time"]
        wanted = dict.fromkeys(("transaction_id", "event_time", "amount", "fraud_type", *entities[:2], *shown))
        rows = TableRows(table, window.rows).read([name for name in wanted if name in there])

        def column(name: str | None) -> np.ndarray | None:
            return rows[name].to_numpy() if name and name in rows.columns else None

        return cls(
            window=window,
            y_true=window.y,
            day=rows.select(local_day(pl.col("event_time"), timezone)).to_series().to_numpy(),
            tie_break=keyed_rank(rows["transaction_id"], "examples"),
            amount=column("amount"),
            card=_codes(rows[entities[0]]) if entities else None,
            fraud_type=_of_frauds(rows["fraud_type"], window.y) if "fraud_type" in there else None,
            context=_context(rows, entities if judges else (), timezone),
            entities=tuple(entities),
            second=_codes(rows[entities[1]]) if len(entities) > 1 else None,
            timezone=timezone,
        )


@dataclass(frozen=True, kw_only=True)
class FoldScore:
    """What was fitted on one fold's validation window, before its part of the test window began."""

    logit_shift: float
    """What the strategy added to the log-odds, and is taken off again; 0 where no exact shift is known."""
    calibrator: Calibrator
    threshold: Threshold
    """On ``y_score``."""
    cost_threshold: Threshold | None
    """The one of lowest costs, whatever the policy; None without amounts."""
    test: Span
    """The part of the test window that it is used on."""


@dataclass(frozen=True, kw_only=True)
class ScoredSeed:
    """One model's scores on the test window; of several folds, each part by the model that was trained before it.

    ``logits`` (N,) rank; ``probabilities`` (N,) are ``raw`` (sigmoid of the logits), ``shifted`` (after the strategy's
    exact prior correction; absent where there is none) and ``calibrated`` (``y_score``).
    """

    seed: int | None
    """None: the mean of the logits of several seeds."""
    logits: np.ndarray
    validation_logits: np.ndarray
    """Of the first fold's validation window, where everything is chosen."""
    probabilities: Mapping[str, np.ndarray]
    folds: tuple[FoldScore, ...]
    alerts: np.ndarray
    """(N,) booleans: found at the thresholds, by ``y_score`` of the row, or of another of its unit, at or above that of
    its fold."""
    cost_alerts: np.ndarray | None
    """(N,) booleans, the same at the thresholds of lowest costs; None without amounts."""

    @property
    def latest(self) -> FoldScore:
        """Of the newest fold, whose model is kept."""
        return self.folds[-1]

    @property
    def comparable(self) -> np.ndarray:
        """(N,) scores on one scale: logits, or the calibrated probabilities where several models gave the logits."""
        return self.logits if len(self.folds) == 1 else self.probabilities["calibrated"]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What competes: a strategy, a baseline, a champion or a challenger, with one entry a seed.

    ``shipped`` is the mean of the seeds' logits, which is what scores new transactions; ``cost`` is what it took:
    steps, rows, trials, seconds and notes, per seed and fold, for the fairness table.
    """

    name: str
    family: str
    seeds: tuple[ScoredSeed, ...]
    shipped: ScoredSeed
    cost: tuple[Mapping[str, Any], ...] = ()
    curve: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class FoldLogits:
    """Raw logits of one model on one fold, with the validation rows that its calibrator and threshold are fitted on."""

    validation_logits: np.ndarray
    test_logits: np.ndarray
    logit_shift: float | None
    """What the strategy added to the log-odds; None where no exact shift is known."""
    validation: WindowRows
    test: Span
    """The part of the test window that it judges."""


def score_seed(
    seed: int | None,
    folds: Sequence[FoldLogits],
    *,
    test: WindowRows,
    policy: PolicyConfig,
    calibration: CalibratorKind,
) -> ScoredSeed:
    """Correct, calibrate and choose the threshold, all on each fold's validation, for one model.

    Args:
        seed: of the model; None for the mean of several.
        folds: logits, in the order of time.
        test: the rows of all folds, which say what is found together.
        policy: what the thresholds must keep.
        calibration: temperature, platt, isotonic or identity.
    """
    scored = [_score_fold(one, policy=policy, calibration=calibration) for one in folds]
    kinds = set.intersection(*(set(probabilities) for probabilities, _ in scored))
    calibrated = [probabilities["calibrated"] for probabilities, _ in scored]
    thresholds = [fitted.threshold for _, fitted in scored]
    cheapest = [fitted.cost_threshold for _, fitted in scored if fitted.cost_threshold is not None]
    costs = replace(policy, kind="costs")
    has_costs = len(cheapest) == len(scored)
    return ScoredSeed(
        seed=seed,
        logits=np.concatenate([one.test_logits for one in folds]),
        validation_logits=folds[0].validation_logits,
        probabilities={
            kind: np.concatenate([probabilities[kind] for probabilities, _ in scored])
            for kind in ("raw", "shifted", "calibrated")
            if kind in kinds
        },
        folds=tuple(fitted for _, fitted in scored),
        alerts=test.found(_at_or_above(calibrated, thresholds), policy),
        cost_alerts=test.found(_at_or_above(calibrated, cheapest), costs) if has_costs else None,
    )


def check_seed_provenance(seed: ScoredSeed, test: WindowRows) -> None:
    """Let a model's thresholds judge the test window only if each was chosen on validation, before its part began.

    Raises:
        LeakageError: a threshold was chosen on another window or too late, or the parts are not the window.
    """
    for fold in seed.folds:
        for threshold in filter(None, (fold.threshold, fold.cost_threshold)):
            check_threshold_provenance(threshold, test=fold.test)
    parts = [(fold.test.start, fold.test.end) for fold in seed.folds]
    gaps = [end for (_, end), (start, _) in pairwise(parts) if end != start]
    if gaps or (parts[0][0], parts[-1][1]) != (test.window.start, test.window.end):
        raise LeakageError(
            f"threshold: chosen for {parts[0][0]} to {parts[-1][1]} in {len(parts)} parts; expected the test window, "
            f"{test.window.start} to {test.window.end}, without a gap"
        )


def mean_of(seeds: Sequence[Sequence[FoldLogits]]) -> list[FoldLogits]:
    """The mean of the seeds' logits on each fold.

    Args:
        seeds: of each seed its folds.
    """
    return [
        replace(
            folds[0],
            validation_logits=np.mean([one.validation_logits for one in folds], axis=0),
            test_logits=np.mean([one.test_logits for one in folds], axis=0),
            logit_shift=_mean_shift([one.logit_shift for one in folds]),
        )
        for folds in zip(*seeds, strict=True)
    ]


def _mean_shift(shifts: Sequence[float | None]) -> float | None:
    known = [shift for shift in shifts if shift is not None]
    return float(np.mean(known)) if len(known) == len(shifts) else None


def _score_fold(
    fold: FoldLogits, *, policy: PolicyConfig, calibration: CalibratorKind
) -> tuple[dict[str, np.ndarray], FoldScore]:
    """Probabilities (N,) on the fold's part of the test window, and what they were made with."""
    shift, validation = fold.logit_shift or 0.0, fold.validation
    shifted = shift_logits(fold.validation_logits, shift)
    calibrator = fit_calibrator(calibration, shifted, validation.y_true)
    span: Span = validation.window
    costs = replace(policy, kind="costs")
    draw = partial(
        choose_threshold,
        y_true=validation.y_true,
        y_score=calibrator.transform(shifted),
        window=span,
        amount=validation.amount,
    )
    probabilities = {"raw": expit(fold.test_logits)}
    if fold.logit_shift is not None:
        probabilities["shifted"] = expit(shift_logits(fold.test_logits, shift))
    probabilities["calibrated"] = calibrator.transform(shift_logits(fold.test_logits, shift))
    return probabilities, FoldScore(
        logit_shift=shift,
        calibrator=calibrator,
        threshold=draw(policy, unit=validation.units(policy)),
        cost_threshold=None if validation.amount is None else draw(costs, unit=validation.units(costs)),
        test=fold.test,
    )


def _at_or_above(y_score: Sequence[np.ndarray], thresholds: Sequence[Threshold]) -> np.ndarray:
    return np.concatenate([score >= one.value for score, one in zip(y_score, thresholds, strict=True)])


def _display_columns(entities: Sequence[str]) -> list[str]:
    wanted = ["event_time", "label_time", *entities, *(f"{entity}{AGE}" for entity in entities)]
    return wanted + [f"{entities[0]}_{other}{PAIR}" for other in entities[1:]]


def _context(rows: pl.DataFrame, entities: Sequence[str], timezone: str) -> pl.DataFrame:
    # NOTE: data whose time is only the order of its rows has no calendar features, and its hours mean nothing.
    hour = [local_time(pl.col("event_time"), timezone).dt.hour().alias("hour")] if _HAS_HOURS in rows.columns else []
    return rows.select(*(name for name in _display_columns(entities) if name in rows.columns), *hour)


def _of_frauds(kinds: pl.Series, y: np.ndarray) -> np.ndarray:
    """Kinds as objects, which take room: those of the frauds alone."""
    found = np.full(len(y), None, dtype=object)
    found[y == 1] = kinds.filter(pl.Series(y == 1)).to_numpy()
    return found


def _codes(names: pl.Series) -> np.ndarray:
    """Names as numbers in the order of the names, which compare and sort faster; None stays None."""
    return names.rank("dense").cast(pl.Int64).to_numpy() if not names.null_count() else names.to_numpy()
