"""Candidates: trained models with their scores on the windows, ready to be judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import numpy as np
import polars as pl
from scipy.special import expit

from fraud.config import PolicyConfig
from fraud.evaluation.frozen_threshold import Span, Threshold, choose_threshold, span_days
from fraud.features import TableRows, Window
from fraud.model import Calibrator, CalibratorKind, fit_calibrator, shift_logits

AGE = "_age_days"
"""Ending of the feature for how long an entity has been known, capped; null for its first transaction."""
PAIR = "_previous_days"
"""Ending of the feature for when two entities last met; null where not within the memory of the features."""
_HAS_HOURS = "hour_sin"


@dataclass(frozen=True, kw_only=True)
class WindowRows:
    """Columns of one window that judging needs, one entry a labelled transaction (N,).

    ``day`` counts days since 1970; ``tie_break`` is the rank by transaction id; ``amount``, ``card`` and ``fraud_type``
    are None where the data has no such column; genuine rows have no fraud type.
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

    @property
    def days(self) -> float:
        """Length of the window in days, quiet days included."""
        return span_days(self.window)

    @classmethod
    def of(cls, table: pl.LazyFrame, window: Window, *, entities: Sequence[str], judges: bool = True) -> Self:
        """Read a window's rows from the feature table, no other columns.

        Args:
            table: the feature table.
            window: which rows.
            entities: the first one is the card.
            judges: whether people will be shown its rows; of others ``context`` holds times alone.
        """
        there = table.collect_schema().names()
        shown = [*_display_columns(entities), _HAS_HOURS] if judges else ["label_time"]
        wanted = dict.fromkeys(("transaction_id", "event_time", "amount", "fraud_type", *entities[:1], *shown))
        rows = TableRows(table, window.rows).read([name for name in wanted if name in there])

        def column(name: str | None) -> np.ndarray | None:
            return rows[name].to_numpy() if name and name in rows.columns else None

        return cls(
            window=window,
            y_true=window.y,
            day=rows["event_time"].dt.epoch("d").to_numpy(),
            tie_break=rows["transaction_id"].rank("ordinal").to_numpy(),
            amount=column("amount"),
            card=_codes(rows[entities[0]]) if entities else None,
            fraud_type=_of_frauds(rows["fraud_type"], window.y) if "fraud_type" in there else None,
            context=_context(rows, entities if judges else ()),
            entities=tuple(entities),
        )


@dataclass(frozen=True, kw_only=True)
class ScoredSeed:
    """One trained model's scores on the test window.

    ``logits`` rank; ``probabilities`` are ``raw`` (sigmoid of the logits), ``shifted`` (after the strategy's exact
    prior correction; absent where there is none) and ``calibrated`` (``y_score``); ``threshold`` is on ``y_score``.
    """

    seed: int
    logits: np.ndarray
    validation_logits: np.ndarray
    probabilities: Mapping[str, np.ndarray]
    logit_shift: float
    calibrator: Calibrator
    threshold: Threshold
    cost_threshold: Threshold | None = None
    """The one of lowest costs on validation, whatever the policy; None without amounts."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What competes: a strategy, a baseline, a champion or a challenger, with one entry a seed.

    ``cost`` is what it took: steps, rows, trials, seconds and notes, per seed, for the fairness table.
    """

    name: str
    family: str
    seeds: tuple[ScoredSeed, ...]
    cost: tuple[Mapping[str, Any], ...] = ()
    curve: tuple[Mapping[str, float], ...] = ()


def score_seed(
    seed: int,
    *,
    validation_logits: np.ndarray,
    test_logits: np.ndarray,
    logit_shift: float | None,
    validation: WindowRows,
    policy: PolicyConfig,
    calibration: CalibratorKind,
) -> ScoredSeed:
    """Correct, calibrate and choose the threshold, all on validation, for one trained model.

    Args:
        seed: of the model.
        validation_logits: raw logits on validation.
        test_logits: raw logits on test; only carried along.
        logit_shift: what the strategy added to the log-odds; None where no exact shift is known.
        validation: the rows that the calibrator and the threshold are fitted on.
        policy: what the threshold must keep.
        calibration: temperature, platt, isotonic or identity.
    """
    shift = logit_shift or 0.0
    shifted = shift_logits(validation_logits, shift)
    calibrator = fit_calibrator(calibration, shifted, validation.y_true)
    span: Span = validation.window
    draw = partial(
        choose_threshold,
        y_true=validation.y_true,
        y_score=calibrator.transform(shifted),
        window=span,
        amount=validation.amount,
    )
    probabilities = {"raw": expit(test_logits)}
    if logit_shift is not None:
        probabilities["shifted"] = expit(shift_logits(test_logits, shift))
    probabilities["calibrated"] = calibrator.transform(shift_logits(test_logits, shift))
    return ScoredSeed(
        seed=seed,
        logits=test_logits,
        validation_logits=validation_logits,
        probabilities=probabilities,
        logit_shift=shift,
        calibrator=calibrator,
        threshold=draw(policy),
        cost_threshold=None if validation.amount is None else draw(replace(policy, kind="costs")),
    )


def _display_columns(entities: Sequence[str]) -> list[str]:
    wanted = ["event_time", "label_time", *entities, *(f"{entity}{AGE}" for entity in entities)]
    return wanted + [f"{entities[0]}_{other}{PAIR}" for other in entities[1:]]


def _context(rows: pl.DataFrame, entities: Sequence[str]) -> pl.DataFrame:
    # NOTE: data whose time is only the order of its rows has no calendar features, and its hours mean nothing.
    hour = [pl.col("event_time").dt.hour().alias("hour")] if _HAS_HOURS in rows.columns else []
    return rows.select(*(name for name in _display_columns(entities) if name in rows.columns), *hour)


def _of_frauds(kinds: pl.Series, y: np.ndarray) -> np.ndarray:
    """Kinds as objects, which take room: those of the frauds alone."""
    found = np.full(len(y), None, dtype=object)
    found[y == 1] = kinds.filter(pl.Series(y == 1)).to_numpy()
    return found


def _codes(names: pl.Series) -> np.ndarray:
    """Names as numbers in the order of the names, which compare and sort faster; None stays None."""
    return names.rank("dense").cast(pl.Int64).to_numpy() if not names.null_count() else names.to_numpy()
