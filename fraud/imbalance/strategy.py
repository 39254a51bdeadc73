"""The one interface of all strategies.

A strategy may change the training rows or the loss; never the loop, the validation set or the test set. It sees the
training rows alone, so nothing that it learns can come from the future.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from torch import nn

from fraud.errors import StrategyError
from fraud.imbalance.knobs import KnobValue, checked_settings
from fraud.imbalance.losses import WeightedBCE
from fraud.imbalance.rows import Labels, Matrix, NaturalRows, TrainingRows, natural_rows
from fraud.imbalance.weights import ClassCounts

FAMILIES = ("none", "weighting", "oversampling", "undersampling", "combined", "batch")
DEFAULT_ROW_CAP = 200_000


Sampler = Callable[..., TrainingRows]
"""``sampler(natural: NaturalRows, **knobs)``: the rows to train on."""
LossMaker = Callable[..., nn.Module]
"""``loss_maker(counts: ClassCounts, **knobs)``: a loss on logits; counts are of the natural training rows."""


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How the imbalance is treated: by other training rows, by another loss, or by neither.

    Attributes:
        name: as in the config.
        family: one of ``FAMILIES``.
        sampler: makes the rows; None trains on the natural rows. Takes the knobs where there is one.
        loss_maker: makes the loss; None is plain BCE. Takes the knobs where there is one.
        settings: the value of each knob. One knob alone is ever tuned, ``correction`` in [0, 1]: how strongly the
            imbalance is corrected, the same measure for weights, samplers and batches. The log-odds of fraud that
            the network sees move by ``correction * log(N_neg / N_pos)``: 0 is nature, 1 is balance.

    Raises:
        StrategyError: an unknown knob or a value out of range.
    """

    name: str
    family: str
    sampler: Sampler | None = None
    loss_maker: LossMaker | None = None
    settings: Mapping[str, KnobValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_settings(self.name, self.settings, known=self.settings)
        if self.sampler and self.loss_maker:
            raise StrategyError(f"strategy '{self.name}': changes rows and loss; a strategy changes one of them")

    @property
    def is_tunable(self) -> bool:
        """Whether it has the knob ``correction``."""
        return "correction" in self.settings

    def correction(self, natural: ClassCounts) -> float | None:
        """How strongly the imbalance is corrected: the strategy's knob, or what its weights come to on these counts.

        None where there is no place between 0 and 1: focal loss and trained weights, which have no exact logit shift,
        and ``under-tomek``, whose data decide what is removed.

        Args:
            natural: counts of the natural training rows; as many frauds as genuine rows need no correction: 0.
        """
        if self.is_tunable:
            return float(self.settings["correction"] or 0)
        loss = self.loss(natural)
        if self.sampler is not None or not isinstance(loss, WeightedBCE):
            return None
        return loss.weights.logit_shift / -natural.log_odds if natural.log_odds else 0.0

    def rows(
        self,
        X: Matrix,
        y: Labels,
        *,
        categorical: Sequence[int] = (),
        rng: np.random.Generator,
        row_cap: int = DEFAULT_ROW_CAP,
    ) -> TrainingRows:
        """The rows to train on; ``X`` and ``y`` are never written to.

        Args:
            X: ``(N, F)`` float32, the natural training rows, encoded.
            y: ``(N,)`` labels 0 and 1.
            categorical: columns of ``X`` that hold category codes.
            rng: source of all randomness: the same state gives the same rows.
            row_cap: rows that a neighbour search may see, and distinct synthetic rows that it may make.

        Raises:
            StrategyError: ``X`` and ``y`` do not fit, a class is empty, or these rows are too few for this strategy.
        """
        _check_training_rows(self.name, X, y, categorical=categorical, row_cap=row_cap)
        if self.sampler is None:
            return natural_rows(y)
        natural = NaturalRows(X=X, y=y, categorical=categorical, rng=rng, row_cap=row_cap)
        return self.sampler(natural, **self.settings)

    def loss(self, counts: ClassCounts) -> nn.Module:
        """The loss on logits, given the counts of the natural training rows."""
        return WeightedBCE.plain() if self.loss_maker is None else self.loss_maker(counts, **self.settings)

    def logit_shift(self, natural: ClassCounts, rows: TrainingRows) -> float | None:
        """Log-odds of fraud that the strategy adds: model logit - shift = corrected logit.

        Weights add ``log(w_pos / w_neg)``; sampling adds the change in the log-odds of the prevalence, from the natural
        one to that of the training rows. None for losses without an exact shift: calibrate on validation.

        NOTE: exact where rows are drawn at random within a class (``over-random``, ``under-random``,
        ``batch-balanced``). Samplers that choose by neighbourhood or add synthetic rows change the distribution
        within a class as well; for them the shift corrects the prevalence alone.

        Args:
            natural: counts of the natural training rows.
            rows: what ``rows`` returned for them.
        """
        loss = self.loss(natural)
        if not isinstance(loss, WeightedBCE):
            return None
        share = rows.positive_share
        effective_log_odds = math.log(share / (1 - share)) if rows.balanced_batches else rows.counts.log_odds
        return loss.weights.logit_shift + effective_log_odds - natural.log_odds

    def starting_logit(self, natural: ClassCounts, rows: TrainingRows) -> float:
        """Initial output bias of a network: the best constant logit under this strategy.

        The log-odds of the natural prevalence, moved by the logit shift. NOTE: started at the natural log-odds, a
        network under ``weight-inverse`` spends its first steps learning the shift instead of the features: a
        handicap for every strategy but ``none``. Without an exact shift: the natural log-odds.
        """
        return natural.log_odds + (self.logit_shift(natural, rows) or 0.0)

    def with_settings(self, **settings: KnobValue) -> "Strategy":
        """The same strategy with other knob values.

        Raises:
            StrategyError: an unknown knob or a value out of range.
        """
        checked = checked_settings(self.name, settings, known=self.settings)
        return dataclasses.replace(self, settings={**self.settings, **checked})


def _check_training_rows(name: str, X: Matrix, y: Labels, *, categorical: Sequence[int], row_cap: int) -> None:
    if X.ndim != 2 or y.shape != (len(X),):
        raise StrategyError(f"{name}: expected X (N, F) and y (N,), found {X.shape} and {y.shape}")
    if X.dtype != np.float32:
        raise StrategyError(f"{name}: expected X in float32, found {X.dtype}; use the encoder's output")
    if not np.isin(y, (0, 1)).all():
        raise StrategyError(
            f"{name}: expected labels 0 and 1, found {np.unique(y)[:5].tolist()}; leave unlabelled rows out"
        )
    if not all(0 <= column < X.shape[1] for column in categorical):
        raise StrategyError(
            f"{name}: categorical columns {list(categorical)} lie outside the {X.shape[1]} columns of X"
        )
    if row_cap < 20:
        raise StrategyError(f"{name}: row_cap must be 20 or more, found {row_cap}")
    ClassCounts.of(y)
