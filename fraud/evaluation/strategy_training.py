"""Training of all strategies of a comparison: trials, then seeds; every family alike.

Beside them the dose and its response: one strategy of each family at several corrections of the imbalance.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fraud.config import ComparisonConfig, EngineConfig
from fraud.errors import LeakageError, StrategyError
from fraud.evaluation.baselines import FAMILY
from fraud.evaluation.comparison_data import ComparisonData
from fraud.evaluation.training_jobs import FailedJob, JobResult, TrainingJob, train_jobs
from fraud.evaluation.tuning import (
    Knobs,
    by_family,
    correction_knobs,
    family_settings,
    trial_jobs,
    trials_per_family,
)
from fraud.imbalance import get_strategy

Progress = Callable[[str], None]
WEIGHTING_LINE = "weight-tuned"
"""Stands for the weighting family wherever one of its members is compared: the only one with a correction to set."""


@dataclass(frozen=True, kw_only=True)
class TrainedStrategy:
    """All seeds of one strategy or baseline on all folds, and how many settings were tried before for its family."""

    name: str
    family: str
    results: tuple[JobResult, ...]
    trials: int

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds that it was trained with, in ascending order."""
        return tuple(sorted({result.job.seed for result in self.results}))

    def of_seed(self, seed: int) -> list[JobResult]:
        """The results of one seed, fold by fold."""
        return sorted((one for one in self.results if one.job.seed == seed), key=lambda one: one.job.fold)

    def of_fold(self, fold: int) -> list[JobResult]:
        """The results on one fold, seed by seed."""
        return sorted((one for one in self.results if one.job.fold == fold), key=lambda one: one.job.seed)


@dataclass(frozen=True, kw_only=True)
class DosePoint:
    """All seeds of one strategy at one correction of the imbalance, on all folds, at the configured learning rate."""

    family: str
    strategy: str
    correction: float
    results: tuple[JobResult, ...]


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """What the trials found.

    ``settings`` are the learning rate and the knobs of each strategy; ``trials`` the settings that were tried for each
    family; ``left_out`` the reason why a strategy cannot work on these rows.
    """

    settings: Mapping[str, tuple[float, Knobs]]
    trials: Mapping[str, int]
    left_out: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """The strategies and baselines with all their seeds; the points of the dose and its response; what was left out."""

    strategies: tuple[TrainedStrategy, ...]
    dose_response: tuple[DosePoint, ...]
    left_out: Mapping[str, str]


def tune_strategies(
    data: ComparisonData, comparison: ComparisonConfig, *, engine: EngineConfig, progress: Progress
) -> Tuned:
    """Try the same number of settings for every family, on the first fold's validation window.

    Where a strategy cannot work on these rows, the other members of its family take its turns.

    Raises:
        ConfigError: more trials than there are settings.
        StrategyError: none of the strategies can work on these rows.
    """
    training = data.first.inputs.settings.training
    names, left_out = list(comparison.strategies), dict[str, str]()
    trials = trials_per_family(names, comparison.tuning_trials)
    done: dict[TrainingJob, JobResult] = {}
    while names:
        jobs = trial_jobs(names, trials=trials, learning_rate=training.learning_rate, seed=training.seed)
        waiting = [job for of_family in jobs.values() for job in of_family if job not in done]
        finished, failed = _train(waiting, data, engine, progress, "tried")
        done |= finished
        if not failed:
            break
        left_out |= failed
        names = [name for name in names if name not in failed]
    if not names:
        raise StrategyError("; ".join(left_out.values()))
    settings: dict[str, tuple[float, Knobs]] = {}
    for family, members in by_family(names).items():
        settings |= family_settings([done[job] for job in jobs[family]], members)
    counts = {family: len(set(of_family)) for family, of_family in jobs.items()}
    in_order = {name: settings[name] for name in names}
    return Tuned(settings=in_order, trials=counts, left_out=left_out)


def train_strategies(
    data: ComparisonData, comparison: ComparisonConfig, tuned: Tuned, *, engine: EngineConfig, progress: Progress
) -> Trained:
    """Every seed of every strategy at its settings, the baselines, and the points of the dose and its response.

    Raises:
        StrategyError: none of the strategies can work on these rows.
        LeakageError: families had different numbers of trials, or strategies of seeds.
    """
    training, folds = data.first.inputs.settings.training, range(len(data.folds))
    seeds = range(training.seed, training.seed + comparison.seeds)
    networks = list(itertools.product(seeds, folds))
    # NOTE: the baselines take longest and come first, so that no process waits for the last one alone.
    jobs = {name: [TrainingJob(name, training.seed, 0.0, fold=fold) for fold in folds] for name in comparison.baselines}
    for name, settings in tuned.settings.items():
        jobs[name] = [TrainingJob(name, seed, *settings, fold) for seed, fold in networks]
    done, lost = _train((job for of_name in jobs.values() for job in of_name), data, engine, progress, "trained")
    names = [name for name in tuned.settings if name not in lost]
    if not names:
        raise StrategyError("; ".join(lost.values()))
    families = {name: get_strategy(name).family for name in names} | dict.fromkeys(
        (name for name in comparison.baselines if name not in lost), FAMILY
    )
    trained = tuple(
        TrainedStrategy(
            name=name,
            family=family,
            results=tuple(done[job] for job in jobs[name]),
            trials=tuned.trials.get(family, 1),
        )
        for name, family in families.items()
    )
    check_fair([one for one in trained if one.family != FAMILY])
    points = dose_jobs(names, comparison.corrections, learning_rate=training.learning_rate, networks=networks)
    return Trained(
        strategies=trained,
        dose_response=_train_points(points, data, engine, progress),
        left_out={**tuned.left_out, **lost},
    )


def dose_jobs(
    strategies: Sequence[str],
    corrections: Sequence[float],
    *,
    learning_rate: float,
    networks: Sequence[tuple[int, int]],
) -> dict[tuple[str, float], list[TrainingJob]]:
    """The jobs of each (strategy, correction) of the dose and its response; none without corrections.

    One strategy stands for its family: the first with a correction to set. All lines begin in ``none``, at 0.

    Args:
        strategies: that are compared.
        corrections: of the imbalance, 0 to 1.
        learning_rate: as configured.
        networks: (seed, fold) of each network of a point.
    """
    lines = [name for family, members in by_family(strategies).items() if (name := _line_of(family, members))]
    if not (lines and corrections):
        return {}
    points = [("none", 0.0)] + [(name, correction) for name in lines for correction in corrections]
    return {
        point: [TrainingJob(point[0], seed, learning_rate, correction_knobs(*point), fold) for seed, fold in networks]
        for point in points
    }


def count_training_steps(comparison: ComparisonConfig, *, folds: int) -> int:
    """Steps that ``tune_strategies`` and ``train_strategies`` report together: one a network or baseline."""
    names = comparison.strategies
    networks = [(0, 0)] * (comparison.seeds * folds)
    points = dose_jobs(names, comparison.corrections, learning_rate=1.0, networks=networks)
    trials = trials_per_family(names, comparison.tuning_trials) * len(by_family(names))
    return trials + (len(names) + len(points)) * len(networks) + len(comparison.baselines) * folds


def check_fair(trained: Sequence[TrainedStrategy]) -> None:
    """Stop a comparison in which one family was tuned longer, or one strategy trained more often, than another.

    Raises:
        LeakageError: the numbers of trials, of seeds or of networks differ.
    """
    for who, what, counts in (
        ("families", "tuning trials", {one.family: one.trials for one in trained}),
        ("strategies", "seeds", {one.name: len(one.seeds) for one in trained}),
        ("strategies", "networks", {one.name: len(one.results) for one in trained}),
    ):
        if len(set(counts.values())) > 1:
            raise LeakageError(f"comparison: {who} had different numbers of {what}, {counts}; give all the same")


def _line_of(family: str, members: Sequence[str]) -> str | None:
    """The strategy that stands for a family, or None where no member has a correction to set."""
    if family == "weighting":
        return WEIGHTING_LINE
    return next((name for name in members if get_strategy(name).is_tunable), None)


def _train_points(
    points: Mapping[tuple[str, float], Sequence[TrainingJob]],
    data: ComparisonData,
    engine: EngineConfig,
    progress: Progress,
) -> tuple[DosePoint, ...]:
    """The points whose seeds could all be trained."""
    done, _ = _train((job for jobs in points.values() for job in jobs), data, engine, progress, "trained")
    return tuple(
        DosePoint(
            family=get_strategy(name).family,
            strategy=name,
            correction=correction,
            results=tuple(done[job] for job in jobs),
        )
        for (name, correction), jobs in points.items()
        if all(job in done for job in jobs)
    )


def _train(
    jobs: Iterable[TrainingJob], data: ComparisonData, engine: EngineConfig, progress: Progress, verb: str
) -> tuple[dict[TrainingJob, JobResult], dict[str, str]]:
    """Results by job, and for each strategy that cannot work on these rows the reason."""
    done: dict[TrainingJob, JobResult] = {}
    failed: dict[str, str] = {}
    folds, waiting = [fold.inputs for fold in data.folds], list(dict.fromkeys(jobs))
    results = train_jobs(waiting, folds, processes=engine.jobs, kind=engine.kind)
    for number, result in enumerate(results, start=1):
        if isinstance(result, FailedJob):
            failed[result.job.strategy] = result.reason
        else:
            done[result.job] = result
        fold = f", fold {result.job.fold + 1}" if len(folds) > 1 else ""
        progress(f"{number} of {len(waiting)} {verb}: {result.job.strategy}, seed {result.job.seed}{fold}")
    return done, failed
