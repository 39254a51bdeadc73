"""One frozen dataclass per TOML section; meaning and unit under each key, ranges in its type."""

from typing import Annotated, Literal

from pydantic import Field

from fraud.config.config_class import config_class
from fraud.config.values import (
    Address,
    Count,
    Days,
    Distinct,
    DistinctCorrections,
    Fraction,
    HistoryWindow,
    IsoDate,
    Length,
    Name,
    NotNegative,
    Positive,
    Whole,
)

PolicyKind = Literal["alerts_per_day", "alert_rate", "max_fpr", "min_precision", "costs"]


@config_class
class DatasetConfig:
    """What the data set is called: a workspace keeps its store, features and models under this name."""

    name: Name
    """Letters, digits, - and _."""
    accept: tuple[str, ...] = ()
    """Columns that hold another unit or type in this dump than those stored, on purpose, or event_time where its events
    lie years away; best given once, on the command line."""
    store: Address = None
    """Address of the transactions in an object storage, as s3://bucket/cards; default: a folder of the workspace."""


@config_class
class LabelsConfig:
    """When a label may be used."""

    delay_days: Days = 7.0
    """Days until a label is known, where the data has no label_time."""
    maturity_days: Days | None = None
    """Days after which an unreported transaction counts as genuine; default: delay_days."""

    def __post_init__(self) -> None:
        if self.maturity_days is None:
            object.__setattr__(self, "maturity_days", self.delay_days)

    @property
    def maturity(self) -> float:
        """``maturity_days``, never None."""
        return self.delay_days if self.maturity_days is None else self.maturity_days


@config_class
class SplitConfig:
    """Windows by time: days, or shares of the transactions when below 1. train 0 = everything earlier."""

    train: Days = 0.0
    """Days, or a share; 0: everything earlier."""
    validation: Length = 21.0
    """Days, or a share: where everything is chosen."""
    test: Length = 30.0
    """Days, or a share: the last ones, used for the final evaluation alone."""
    folds: Count = 3
    """Consecutive parts of the test window, each judged by models that know what was known at its start."""
    as_of: IsoDate | None = None
    """ISO date: only what was known then is used; default: everything stored."""

    def __post_init__(self) -> None:
        later = [share for share in (self.validation, self.test) if share < 1]
        shares = [*later, self.train] if 0 < self.train < 1 else later
        if sum(later) >= 1 or round(sum(shares), 9) > 1:
            raise ValueError(
                f"shares must leave something to train on: train {self.train:g}, validation {self.validation:g} and "
                f"test {self.test:g} take {sum(shares):g} of the transactions; make them smaller, or give days"
            )


@config_class
class FeaturesConfig:
    """Which point-in-time features are built."""

    windows: tuple[HistoryWindow, ...] = ("1d", "7d", "30d")
    """Lengths of the history windows, as 12h, 1d, 7d, 4w."""
    trusted: tuple[str, ...] = ()
    """Columns known at the moment of the transaction although one alone nearly separates fraud from genuine."""


@config_class
class NetworkConfig:
    """Shape of the network."""

    hidden: tuple[Count, ...] = (256, 256)
    """Widths of the hidden layers."""
    dropout: Fraction = 0.1
    """Share of the hidden units left out at each step; 0.5 where frauds are few."""


@config_class
class TrainingConfig:
    """How every candidate is trained: the same for all strategies."""

    batch_size: Annotated[Count, Field(ge=2)] = 4096
    """Rows a step."""
    max_steps: Count = 800
    """Optimizer steps, the same for every strategy, all of them run."""
    learning_rate: Positive = 4e-3
    """Of the optimizer."""
    weight_decay: NotNegative = 1e-4
    """Of the optimizer."""
    check_every: Count = 50
    """Steps between two checks on validation; the weights of the best one are kept."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """Of the hidden layers, the same in training and in scoring; auto: bf16 where the processor has it."""
    calibration: Literal["identity", "temperature", "platt", "isotonic"] = "platt"
    """What turns shifted logits into probabilities; fitted on validation."""
    seed: Whole = 0
    """The first seed; a comparison uses seed, seed + 1, ..."""


@config_class
class ComparisonConfig:
    """Which strategies compete, and what difference matters."""

    strategies: Annotated[Distinct, Field(min_length=1)] = (
        "none",
        "weight-inverse",
        "weight-normalized",
        "weight-sqrt",
        "over-random",
        "over-smote",
        "under-random",
        "batch-balanced",
    )
    """Names of the strategies that compete."""
    baselines: Distinct = (
        "logistic-regression",
        "gradient-boosting",
        "gradient-boosting+weight-inverse",
        "gradient-boosting+under-random",
    )
    """Models that are not networks, compared alike: logistic-regression, gradient-boosting, also with +STRATEGY."""
    seeds: Count = 2
    """Networks trained per strategy and fold, each from other initial weights."""
    tuning_trials: Whole = 4
    """Settings tried on validation per family of strategies, the same number for all; at least one a strategy."""
    corrections: DistinctCorrections = (0.5, 1.0)
    """Corrections of the imbalance, 0 to 1, at which one strategy of each family is trained; [] for none."""
    margin: Annotated[Fraction, Field(le=0.25)] = 0.02
    """Difference in recall that does not matter, as a share of the recall that the budget allows; a quarter at most."""
    row_cap: Count = 200_000
    """Training rows that samplers which search neighbours may see; random samplers see all."""


@config_class
class PolicyConfig:
    """The operating point: how many alerts can be reviewed, or what reviewing and missing cost."""

    kind: PolicyKind = "alerts_per_day"
    """alerts_per_day, alert_rate, max_fpr, min_precision or costs."""
    value: Positive = 100.0
    """Alerts a day; share of transactions; false-positive rate; precision. Not used by costs."""
    unit: Literal["card", "transaction"] = "card"
    """card: one alert is a card (the first entity, where there is one) on a day, ranked by its highest transaction.
    transaction: each transaction alone, as always under alert_rate and max_fpr."""
    review_cost: NotNegative = 5.0
    """Costs: what one reviewed alert costs."""
    loss_share: Positive = 1.0
    """Costs: share of the amount that a missed fraud loses."""

    def __post_init__(self) -> None:
        if self.kind in {"alert_rate", "max_fpr", "min_precision"} and self.value >= 1:
            raise ValueError(f"value must be below 1, as {self.kind} is a share, found {self.value:g}")


@config_class
class PromotionConfig:
    """When a challenger replaces the champion."""

    rule: Literal["better", "not-worse", "always", "never"] = "not-worse"
    """better, not-worse, always or never."""
    margin: Annotated[Fraction, Field(le=0.25)] = 0.01
    """With rule not-worse: the largest drop in recall accepted for a newer model."""


@config_class
class PrivacyConfig:
    """What is hidden before anything is stored."""

    pseudonymise: bool = False
    """Store keyed hashes instead of entity ids and card numbers, from the first ingest on; the key: see the README."""


@config_class
class EngineConfig:
    """Where independent work runs."""

    kind: Literal["local", "ray"] = "local"
    """local: this machine; ray: the cluster at RAY_ADDRESS, with the workspace on a file system that it shares."""
    jobs: Count = 2
    """Processes at the same time, one torch thread each; under ray tasks on all machines together."""
    memory_rows: Count = 5_000_000
    """Transactions whose features are made in memory, which takes about 1 GB a million; more are made on disk."""
