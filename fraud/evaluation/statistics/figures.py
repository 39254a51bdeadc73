"""Figures of alerts and of rankings as estimates: their values, influence values, seeds and folds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from fraud.evaluation.statistics.components import SeedSpread
from fraud.evaluation.statistics.estimates import Estimate, Found, Kind
from fraud.evaluation.statistics.exact import kish
from fraud.evaluation.statistics.ranking import average_precision_influence, roc_auc_influence
from fraud.evaluation.statistics.sampling import Sampling, summed
from fraud.metrics import as_scores, as_targets

Floats = NDArray[np.float64]
Influence = Callable[[NDArray[np.bool_], Floats], tuple[float, Floats]]


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """Expected alerts of what ships, and of the same ensemble without each of its seeds."""

    shipped: Floats
    """(N,), 0 to 1."""
    without: Floats
    """(S, N); (0, N) with a single seed, which cannot be left out."""

    @classmethod
    def of(cls, shipped: ArrayLike, without: ArrayLike | None = None) -> "Alerts":
        """From booleans or numbers; ``without`` may be left out for a single seed."""
        own = np.asarray(shipped, dtype=np.float64)
        others = np.empty((0, own.size)) if without is None else np.asarray(without, dtype=np.float64)
        return cls(shipped=own, without=others if len(others) > 1 else np.empty((0, own.size)))


def without_each(seeds: ArrayLike) -> Floats:
    """Mean of all the other rows, for each row of (S, N); (0, N) with a single row, which leaves none."""
    rows = np.asarray(seeds, dtype=np.float64)
    if len(rows) < 2:
        return np.empty((0, rows.shape[1]))
    return np.asarray((rows.sum(axis=0) - rows) / (len(rows) - 1))


def share(sampling: Sampling, alerts: Alerts, values: ArrayLike, *, cost: ArrayLike | None = None) -> Estimate:
    """Share of the values that alerts find: recall, amount recall, recall of one kind of fraud.

    Args:
        sampling: shared by all strategies.
        alerts: expected alerts.
        values: what each row counts for (N,), 0 for what is not wanted: 1 on frauds, or their money.
        cost: what an alert on the row pushes out (N,), in the same unit, where alerts are limited by a budget.
    """
    worth = np.asarray(values, dtype=np.float64)
    sampling.check(worth)
    carried = np.flatnonzero(worth)
    found = Found(carried, alerts.shipped[carried], worth[carried], float(worth.sum()))
    return _ratio(
        sampling, alerts, values=worth, cost=cost, denominator=worth, kind="share", found=found, rests_on=worth
    )


def precision(
    sampling: Sampling,
    alerts: Alerts,
    y_true: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    cost: ArrayLike | None = None,
    right: ArrayLike | None = None,
) -> Estimate:
    """Share of the alerts that are right.

    Args:
        sampling: shared by all strategies.
        alerts: expected alerts.
        y_true: labels (N,).
        weight: what a row is of its alert (N,): 1 / n where the n transactions of a card on a day are one alert.
        cost: what an alert on the row pushes out (N,), where a budget fixes their number; without it the number varies
            with the rows.
        right: what each row adds to the right alerts (N,); the labels themselves where each row is an alert.
    """
    y = as_targets(y_true)
    sampling.check(y)
    worth = np.asarray(y if right is None else right, dtype=np.float64)
    of_alert = np.ones(y.size) if weight is None else np.asarray(weight, dtype=np.float64)
    raised = alerts.shipped * of_alert
    carried = np.flatnonzero(worth)
    found = Found(carried, alerts.shipped[carried], worth[carried], float(raised.sum()))
    return _ratio(
        sampling,
        alerts,
        values=worth,
        cost=cost,
        denominator=raised,
        kind="share",
        found=found,
        rests_on=raised,
        fixed=cost is not None,
        alerts_of=of_alert,
    )


def saved_share(sampling: Sampling, saved: Alerts, lost: ArrayLike) -> Estimate:
    """A sum over a sum that may be below 0 or above 1, as savings are; ``saved`` holds money instead of alerts."""
    money = np.asarray(lost, dtype=np.float64)
    sampling.check(money)
    return _ratio(
        sampling,
        saved,
        values=np.ones(money.size),
        cost=None,
        denominator=money,
        kind="sum",
        found=None,
        rests_on=money,
    )


def ranking(sampling: Sampling, y_true: ArrayLike, y_score: ArrayLike) -> tuple[Estimate, Estimate]:
    """Average precision and ROC AUC; over several folds their mean, weighted by the frauds of each.

    Scores of different folds come from different models and are not on one scale, so they are never ranked together.

    Args:
        sampling: shared by all strategies.
        y_true: labels (N,).
        y_score: logits (N,), or (S, N) with one row per seed; the mean of the rows is what ships and is judged.
    """
    y = as_targets(y_true)
    sampling.check(y)
    seeds = np.stack([as_scores(one, y.size) for one in np.atleast_2d(np.asarray(y_score))])
    shipped, others = seeds.mean(axis=0), without_each(seeds)
    average_precision, roc_auc = (
        _ranked(sampling, y, shipped, others, one) for one in (average_precision_influence, roc_auc_influence)
    )
    return average_precision, roc_auc


def _ranked(sampling: Sampling, y: NDArray[np.bool_], shipped: Floats, others: Floats, measure: Influence) -> Estimate:
    values, influence = _of_folds(sampling, y, shipped, measure)
    frauds = np.bincount(sampling.fold, weights=y, minlength=sampling.folds)
    weight = np.where(np.isnan(values), 0.0, frauds)
    weight = weight / weight.sum() if weight.sum() else weight
    value = float(np.nansum(weight * values)) if weight.sum() else float("nan")
    # A fraud that counts for more also gives its fold more weight.
    shifted = np.nan_to_num(values - value)[sampling.fold] * y / max(frauds.sum(), 1.0)
    seeds: list[tuple[Floats, Floats]] = [_of_folds(sampling, y, one, measure) for one in others]
    spreads: tuple[SeedSpread, ...] = ()
    if seeds:
        left_out = np.stack([value + weight * np.nan_to_num(of_fold - values) for of_fold, _ in seeds], axis=1)
        cells = np.stack([sampling.in_cells(weight[sampling.fold] * one) for _, one in seeds])
        spreads = (SeedSpread(left_out, sparse.csr_array(cells)),)
    return Estimate(
        value=value,
        kind="ranking",
        influence=sparse.csr_array(sampling.in_cells(weight[sampling.fold] * influence + shifted)[None]),
        seeds=spreads,
        by_fold=values,
        fold_weight=weight,
        events=float(y.sum()),
        carriers=_carriers(sampling, y.astype(np.float64)),
        found=None,
        sampling=sampling,
    )


def _of_folds(sampling: Sampling, y: NDArray[np.bool_], scores: Floats, measure: Influence) -> tuple[Floats, Floats]:
    """The figure of each fold (F,) and the influence of each row on that of its own fold (N,)."""
    values, influence = np.empty(sampling.folds), np.empty(y.size)
    for fold in range(sampling.folds):
        rows = np.flatnonzero(sampling.fold == fold)
        values[fold], influence[rows] = measure(y[rows], scores[rows])
    return values, influence


def _ratio(
    sampling: Sampling,
    alerts: Alerts,
    *,
    values: Floats,
    cost: ArrayLike | None,
    denominator: Floats,
    kind: Kind,
    found: Found | None,
    rests_on: Floats,
    fixed: bool = False,
    alerts_of: Floats | None = None,
) -> Estimate:
    """Sum of alerts times values over the sum of the denominator.

    Args:
        sampling: the clusters and folds.
        alerts: expected alerts (N,), and without each seed (S, N).
        values: (N,).
        cost: (N,) that each alert pushes out.
        denominator: (N,).
        kind: of the estimate.
        found: on the frauds.
        rests_on: rows' weights whose effective number the exact intervals may not exceed (N,).
        fixed: whether the denominator stays as it is when a cluster counts for more: a budget.
        alerts_of: where the denominator varies with the alerts, what each row is of an alert (N,).
    """
    active = np.flatnonzero((alerts.shipped != 0) | (denominator != 0) | (alerts.without != 0).any(axis=0))
    fold, cell = sampling.fold[active], sampling.cell[active]
    under, worth = denominator[active], values[active]
    pushed = np.zeros(active.size) if cost is None else np.asarray(cost, dtype=np.float64)[active]
    total = float(under.sum())
    every = np.concatenate([alerts.shipped[None], alerts.without])[:, active]
    over = np.stack([np.bincount(fold, weights=one * worth, minlength=sampling.folds) for one in every])
    of_fold = np.bincount(fold, weights=under, minlength=sampling.folds)
    with np.errstate(invalid="ignore", divide="ignore"):
        value, by_fold = float(over[0].sum() / np.float64(total)), over / np.where(of_fold > 0, of_fold, np.nan)
    # Of the ensemble without a seed the figure of each fold is its own, so that only the shape over clusters is left.
    rates = np.vstack([np.full(sampling.folds, value), np.nan_to_num(by_fold[1:])])
    moving = np.zeros(active.size) if fixed else under
    cells = np.zeros((len(every), sampling.cells))
    for row, (one, rate) in enumerate(zip(every, rates, strict=True)):
        # The number of alerts without a seed differs by row alone where it is no budget.
        base = one * alerts_of[active] if alerts_of is not None and not fixed and row else moving
        influence = one * (worth - pushed) - rate[fold] * base
        cells[row] = np.bincount(cell, weights=influence, minlength=sampling.cells)
    if total > 0:
        cells /= total
    left_out = value + (over[1:] - over[0]).T / total if total > 0 else np.zeros((sampling.folds, len(over) - 1))
    return Estimate(
        value=value,
        kind=kind,
        influence=sparse.csr_array(cells[:1]),
        seeds=(SeedSpread(left_out, sparse.csr_array(cells[1:])),) if len(cells) > 1 else (),
        by_fold=by_fold[0],
        fold_weight=of_fold / total if total > 0 else np.zeros(sampling.folds),
        events=min(kish(rests_on), float(rests_on.sum())) if kind == "share" and _counts(rests_on) else kish(rests_on),
        carriers=_carriers(sampling, rests_on),
        found=found if total > 0 else None,
        sampling=sampling,
    )


def _counts(weights: Floats) -> bool:
    """Whether rows count for 1 at most, so that their sum is a number of events; money is not."""
    return bool(weights.size) and float(weights.max()) <= 1.0


def _carriers(sampling: Sampling, weights: Floats) -> tuple[float, ...]:
    """Kish's effective number of clusters of each way, and with two ways of their intersection."""
    cells = sampling.in_cells(weights)
    return tuple(kish(summed(codes, cells)) for codes in sampling.cell_ways)
