"""The table of strategies: every name, its family and its knobs."""

from functools import partial

from fraud.errors import StrategyError
from fraud.imbalance.combined import smote_enn, smote_tomek, smote_under
from fraud.imbalance.knobs import KnobValue
from fraud.imbalance.learned import LearnedWeightBCE
from fraud.imbalance.losses import FocalLoss, WeightedBCE
from fraud.imbalance.oversampling import adasyn, borderline, smote
from fraud.imbalance.rows import balanced_batches, random_over, random_under
from fraud.imbalance.strategy import FAMILIES, LossMaker, Sampler, Strategy
from fraud.imbalance.undersampling import nearmiss, tomek
from fraud.imbalance.weights import DEFAULT_BETA, ClassCounts
from fraud.text import nearest

__all__ = ["FAMILIES", "STRATEGIES", "Strategy", "get_strategy", "strategy_names"]

BALANCE = 1.0
"""Default correction of the imbalance: what these methods are usually used with."""
NEIGHBOURS = 5


def _strategy(
    name: str,
    family: str,
    *,
    sampler: Sampler | None = None,
    loss: LossMaker | None = None,
    **defaults: KnobValue,
) -> Strategy:
    """A row of the table, with its knobs at their defaults."""
    return Strategy(name=name, family=family, sampler=sampler, loss_maker=loss, settings=defaults)


def _weighted(scheme: str) -> LossMaker:
    return partial(WeightedBCE.from_scheme, scheme)


def _focal(counts: ClassCounts, *, gamma: float, alpha: float | None) -> FocalLoss:  # noqa: ARG001  needs no counts
    return FocalLoss(gamma=gamma, alpha=alpha)


_ROWS = (
    _strategy("none", "none"),
    _strategy("weight-inverse", "weighting", loss=_weighted("inverse")),
    _strategy("weight-normalized", "weighting", loss=_weighted("normalized")),
    _strategy("weight-sqrt", "weighting", loss=_weighted("sqrt")),
    _strategy("weight-log", "weighting", loss=_weighted("log")),
    _strategy("weight-effective", "weighting", loss=_weighted("effective"), beta=DEFAULT_BETA),
    _strategy("weight-tuned", "weighting", loss=_weighted("corrected"), correction=BALANCE),
    _strategy("weight-learned", "weighting", loss=LearnedWeightBCE, temperature=1.0),
    _strategy("focal", "weighting", loss=_focal, gamma=2.0, alpha=None),
    _strategy("over-random", "oversampling", sampler=random_over, correction=BALANCE),
    _strategy("over-smote", "oversampling", sampler=smote, correction=BALANCE, neighbours=NEIGHBOURS),
    _strategy("over-borderline", "oversampling", sampler=borderline, correction=BALANCE, neighbours=NEIGHBOURS),
    _strategy("over-adasyn", "oversampling", sampler=adasyn, correction=BALANCE, neighbours=NEIGHBOURS),
    _strategy("under-random", "undersampling", sampler=random_under, correction=BALANCE),
    _strategy(
        "under-nearmiss",
        "undersampling",
        sampler=nearmiss,
        correction=BALANCE,
        neighbours=3,
        version=1,
    ),
    _strategy("under-tomek", "undersampling", sampler=tomek),
    _strategy("combined-smote-tomek", "combined", sampler=smote_tomek, correction=BALANCE, neighbours=NEIGHBOURS),
    _strategy(
        "combined-smote-enn",
        "combined",
        sampler=smote_enn,
        correction=BALANCE,
        neighbours=NEIGHBOURS,
        cleaning_neighbours=3,
    ),
    _strategy(
        "combined-smote-under",
        "combined",
        sampler=smote_under,
        correction=BALANCE,
        neighbours=NEIGHBOURS,
    ),
    _strategy("batch-balanced", "batch", sampler=balanced_batches, correction=BALANCE),
)
STRATEGIES: dict[str, Strategy] = {strategy.name: strategy for strategy in _ROWS}


def strategy_names() -> tuple[str, ...]:
    """Names of all strategies, family by family."""
    return tuple(STRATEGIES)


def get_strategy(name: str, **knobs: KnobValue) -> Strategy:
    """A strategy by its name, with knobs set or at their defaults.

    >>> get_strategy("focal", gamma=1.0).settings["gamma"]
    1.0

    Raises:
        StrategyError: no strategy of that name (lists the known), an unknown knob or a value out of range.
    """
    if name not in STRATEGIES:
        known = strategy_names()
        raise StrategyError(f"unknown strategy '{name}'; known: {', '.join(known)}{nearest(name, known)}")
    return STRATEGIES[name].with_settings(**knobs)
