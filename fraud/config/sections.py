"""One frozen dataclass per TOML section; meaning and unit under each key, ranges checked at construction."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from pydantic import ConfigDict

from fraud.config.checks import require

_ADDRESS = re.compile(r"(s3|gs|az)://[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+")

PolicyKind = Literal["alerts_per_day", "alert_rate", "max_fpr", "min_precision", "costs"]


@dataclass(frozen=True, kw_only=True)
class DatasetConfig:
    """What the data set is called; the store, features and models of a workspace are kept by this name."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    name: str
    """Letters, digits, - and _."""
    accept: tuple[str, ...] = ()
    """Columns that hold another unit or type in this dump than those stored, on purpose, or event_time where its events
    lie years away; best said once, as a flag."""
    store: str | None = None
    """Address of the transactions in an object storage, as s3://bucket/cards; left out: a folder of the workspace."""

    def __post_init__(self) -> None:
        require(
            bool(self.name) and self.name.replace("-", "").replace("_", "").isalnum(),
            f"[dataset]: name must be letters, digits, '-' and '_' alone, found {self.name!r}",
        )
        # NOTE: the message leaves the value out: it may hold a password.
        require(
            self.store is None or bool(_ADDRESS.fullmatch(self.store)),
            "[dataset]: store must be s3://, gs:// or az://, a bucket and a folder, of letters, digits, '.', '_' and "
            "'-' alone, as s3://bucket/cards; credentials belong into the environment",
        )


@dataclass(frozen=True, kw_only=True)
class LabelsConfig:
    """When a label may be used."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    delay_days: float = 7.0
    """Days until a label is known, where the data has no label_time."""
    maturity_days: float | None = None
    """Days after which an unreported transaction counts as genuine; left out: delay_days."""

    def __post_init__(self) -> None:
        require(self.delay_days >= 0, f"[labels]: delay_days must be 0 or more, found {self.delay_days}")
        if self.maturity_days is None:
            object.__setattr__(self, "maturity_days", self.delay_days)
        require(self.maturity >= 0, f"[labels]: maturity_days must be 0 or more, found {self.maturity}")

    @property
    def maturity(self) -> float:
        """``maturity_days``, never None."""
        return self.delay_days if self.maturity_days is None else self.maturity_days


@dataclass(frozen=True, kw_only=True)
class SplitConfig:
    """Windows by time: days, or shares of the transactions when below 1. train 0 = everything earlier."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    train: float = 0.0
    """Days, or a share; 0: everything earlier."""
    validation: float = 21.0
    """Days, or a share: where everything is chosen."""
    test: float = 30.0
    """Days, or a share: the last ones, which only judge."""
    as_of: str | None = None
    """ISO date: only what was known then is used; left out: everything stored."""

    def __post_init__(self) -> None:
        for name in ("train", "validation", "test"):
            require(getattr(self, name) >= 0, f"[split]: {name} must be 0 or more, found {getattr(self, name)}")
        require(self.validation > 0 and self.test > 0, "[split]: validation and test must be above 0")
        shares = [value for value in (self.train, self.validation, self.test) if 0 < value < 1]
        require(sum(shares) < 1 or self.train > 0, f"[split]: the shares leave nothing to train on ({shares})")


@dataclass(frozen=True, kw_only=True)
class FeaturesConfig:
    """Which point-in-time features are built."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    windows: tuple[str, ...] = ("1d", "7d", "30d")
    """Lengths of the history windows, as 12h, 1d, 7d, 4w."""
    trusted: tuple[str, ...] = ()
    """Columns known at the moment of the transaction although one alone nearly tells fraud from genuine."""

    def __post_init__(self) -> None:
        for window in self.windows:
            number, unit = window[:-1], window[-1:]
            require(
                number.isdigit() and int(number) > 0 and unit in {"m", "h", "d", "w"},
                f"[features]: a window is a number and m, h, d or w, as '7d'; found {window!r}",
            )


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Shape of the network."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    hidden: tuple[int, ...] = (256, 256)
    """Widths of the hidden layers."""
    dropout: float = 0.1
    """Share of the hidden units left out at each step; 0.5 where frauds are few."""

    def __post_init__(self) -> None:
        require(
            all(width > 0 for width in self.hidden), f"[network]: hidden widths must be above 0: {list(self.hidden)}"
        )
        require(0 <= self.dropout < 1, f"[network]: dropout must be in [0, 1), found {self.dropout}")


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How every candidate is trained: the same for all strategies."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    batch_size: int = 4096
    """Rows a step."""
    max_steps: int = 800
    """Optimizer steps at most, the same for every strategy."""
    learning_rate: float = 4e-3
    """Of the optimizer."""
    weight_decay: float = 1e-4
    """Of the optimizer."""
    check_every: int = 50
    """Steps between two looks at validation."""
    patience: int = 6
    """Looks at validation without a better average precision before training stops."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """Of the hidden layers in training and in scoring, which keeps to it; auto: bf16 where the processor has it."""
    calibration: Literal["identity", "temperature", "platt", "isotonic"] = "platt"
    """What turns shifted logits into probabilities; fitted on validation."""
    seed: int = 0
    """The first seed; a comparison uses seed, seed + 1, ..."""

    def __post_init__(self) -> None:
        for name in ("batch_size", "max_steps", "learning_rate", "check_every", "patience"):
            require(getattr(self, name) > 0, f"[training]: {name} must be above 0, found {getattr(self, name)}")
        require(self.batch_size > 1, f"[training]: batch_size must be above 1, found {self.batch_size}")


@dataclass(frozen=True, kw_only=True)
class ComparisonConfig:
    """Which strategies compete, and what difference matters."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    strategies: tuple[str, ...] = (
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
    seeds: int = 5
    """Networks trained per strategy, each from other initial weights."""
    tuning_trials: int = 4
    """Settings tried on validation per strategy, the same number for all."""
    margin: float = 0.02
    """Recall difference that does not matter."""
    resamples: int = 1000
    """Bootstrap resamples behind every interval."""
    row_cap: int = 200_000
    """Training rows that samplers which search neighbours may see; random samplers see all."""

    def __post_init__(self) -> None:
        require(len(self.strategies) > 0, "[comparison]: strategies is empty; name at least one")
        require(len(set(self.strategies)) == len(self.strategies), "[comparison]: a strategy is named twice")
        require(self.seeds >= 1, f"[comparison]: seeds must be 1 or more, found {self.seeds}")
        require(0 <= self.margin < 1, f"[comparison]: margin must be in [0, 1), found {self.margin}")
        require(self.resamples >= 100, f"[comparison]: resamples must be 100 or more, found {self.resamples}")


@dataclass(frozen=True, kw_only=True)
class PolicyConfig:
    """How many alerts can be worked, or which costs are borne: where the line is drawn."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    kind: PolicyKind = "alerts_per_day"
    """alerts_per_day, alert_rate, max_fpr, min_precision or costs."""
    value: float = 100.0
    """Alerts a day; share of transactions; false-positive rate; precision. Not used by costs."""
    review_cost: float = 5.0
    """Costs: what one reviewed alert costs."""
    loss_share: float = 1.0
    """Costs: share of the amount that a missed fraud loses."""

    def __post_init__(self) -> None:
        require(0 < self.value < math.inf, f"[policy]: value must be above 0 and finite, found {self.value}")
        cost, share = self.review_cost, self.loss_share
        require(0 <= cost < math.inf, f"[policy]: review_cost must be 0 or more and finite, found {cost}")
        require(0 < share < math.inf, f"[policy]: loss_share must be above 0 and finite, found {share}")
        if self.kind in {"alert_rate", "max_fpr", "min_precision"}:
            require(self.value < 1, f"[policy]: {self.kind} is a share below 1, found {self.value}")


@dataclass(frozen=True, kw_only=True)
class PromotionConfig:
    """When a challenger takes the champion's place."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    rule: Literal["better", "not-worse", "always", "never"] = "not-worse"
    """better, not-worse, always or never."""
    margin: float = 0.01
    """Recall that a fresher model may be worse by under the rule not-worse."""


@dataclass(frozen=True, kw_only=True)
class PrivacyConfig:
    """What is hidden before anything is stored."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    pseudonymise: bool = False
    """Store keyed hashes in place of entity ids and card numbers, from the first ingest on; the key: see the README."""


@dataclass(frozen=True, kw_only=True)
class EngineConfig:
    """Where independent work runs."""

    __pydantic_config__ = ConfigDict(extra="forbid")
    kind: Literal["local", "ray"] = "local"
    """local: this machine; ray: the cluster at RAY_ADDRESS, with the workspace on a file system that it shares."""
    jobs: int = 2
    """Processes that work side by side, one torch thread each; under ray tasks on all machines together."""
    memory_rows: int = 5_000_000
    """Transactions whose features are made in memory, which takes about 1 GB a million; more are made on disk."""

    def __post_init__(self) -> None:
        require(self.jobs >= 1, f"[engine]: jobs must be 1 or more, found {self.jobs}")
        require(self.memory_rows >= 1, f"[engine]: memory_rows must be 1 or more, found {self.memory_rows}")
