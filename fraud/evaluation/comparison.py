"""Strategies x seeds on one data set: tuned alike, trained alike, judged at one operating point."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fraud.config import ComparisonConfig, EngineConfig, PolicyConfig, TrainingConfig
from fraud.errors import LeakageError, StrategyError
from fraud.evaluation.baselines import BASELINES, FAMILY
from fraud.evaluation.candidates import Candidate, FoldLogits, ScoredSeed, WindowRows, mean_of, score_seed
from fraud.evaluation.comparison_data import ComparisonData
from fraud.evaluation.frozen_threshold import matched_policy
from fraud.evaluation.judging import Judgement, check_same_alerts, judge
from fraud.evaluation.policy import alerts_by_rank, chance_recall, check_policy
from fraud.evaluation.record.evidence_json import candidate_evidence
from fraud.evaluation.statistics.bootstrap import Bootstrap
from fraud.evaluation.statistics.verdicts import Comparison, any_above, check_resamples, compare
from fraud.evaluation.training_jobs import FailedJob, JobResult, TrainingJob, train_jobs
from fraud.evaluation.tuning import best_settings, trial_jobs
from fraud.imbalance import get_strategy
from fraud.metrics import recall

Progress = Callable[[str], None]
COUNTED = ("alerts_per_day", "alert_rate")


@dataclass(frozen=True, kw_only=True)
class TrainedStrategy:
    """All seeds of one strategy or baseline on all folds, and how many settings were tried before."""

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
class Outcome:
    """What a comparison found.

    ``policy`` is the matched operating point; ``chosen`` the strategy that validation chose, ``champion`` what it
    was trained to and the scores of the mean of its seeds; ``validation_recall`` is that mean's at the operating point,
    on the first fold's validation window; ``left_out`` the reason why a
    strategy could not work on these rows; ``chance`` is the recall of as many alerts raised at random, ``beats_chance``
    whether any strategy finds more.
    """

    policy: PolicyConfig
    strategies: tuple[Judgement, ...]
    baselines: tuple[Judgement, ...]
    comparisons: tuple[Comparison, ...]
    chosen: str
    family_best: Mapping[str, str]
    champion: tuple[TrainedStrategy, ScoredSeed]
    evidence: Mapping[str, Mapping[str, Any]]
    validation_recall: Mapping[str, float]
    left_out: Mapping[str, str]
    chance: float
    beats_chance: bool


def compare_strategies(
    data: ComparisonData,
    comparison: ComparisonConfig,
    *,
    policy: PolicyConfig,
    engine: EngineConfig,
    progress: Progress,
) -> Outcome:
    """Tune, train and judge every strategy and every baseline; name the one that validation chooses.

    Args:
        data: from ``prepare_comparison_data``.
        comparison: strategies, seeds, trials, resamples and margin.
        policy: as configured.
        engine: where, and how many at a time, networks are trained.
        progress: called after every finished step; there are ``count_steps`` of them.

    Raises:
        ConfigError: the policy or the resamples do not fit the data; raised before anything is trained.
        StrategyError: a strategy is unknown or cannot work on these rows.
        LeakageError: a guard found the comparison unfair.
    """
    check_judgeable(data, comparison, policy)
    trained, left_out = train_strategies(data, comparison, engine=engine, progress=progress)
    data.check_untouched()
    matched = operating_point(trained, data, policy)
    bootstrap = draw_bootstrap(data, resamples=comparison.resamples)
    judged, evidence, recalls, shipped = [], {}, {}, {}
    for one in trained:
        candidate = as_candidate(one, data, policy)
        shipped[one.name] = candidate.shipped
        judged.append(judge(candidate, data.test, policy=matched, bootstrap=bootstrap))
        evidence[one.name] = candidate_evidence(candidate, data.test, bootstrap, judged[-1])
        recalls[one.name] = _validation_recall(candidate.shipped, data.first.validation, matched)
        progress(f"{one.name} judged")
    check_same_alerts(judged)
    strategies = [judgement for judgement in judged if judgement.family != FAMILY]
    validation_recall = {judgement.name: recalls[judgement.name] for judgement in strategies}
    chosen, family_best = _choose(strategies, validation_recall)
    chance = chance_recall(matched, data.test.y_true, day=data.test.day)
    return Outcome(
        policy=matched,
        strategies=tuple(strategies),
        baselines=tuple(judgement for judgement in judged if judgement.family == FAMILY),
        comparisons=tuple(
            _compare(strategies, chosen, family_best, margin=comparison.margin, frauds=int(data.test.y_true.sum()))
        ),
        chosen=chosen,
        family_best=family_best,
        champion=(next(one for one in trained if one.name == chosen), shipped[chosen]),
        evidence=evidence,
        validation_recall=validation_recall,
        left_out=left_out,
        chance=chance,
        beats_chance=any_above([judgement.figures["recall"] for judgement in strategies], chance),
    )


def train_strategies(
    data: ComparisonData, comparison: ComparisonConfig, *, engine: EngineConfig, progress: Progress
) -> tuple[list[TrainedStrategy], dict[str, str]]:
    """Every strategy's trials on the first fold, then its seeds on every fold with the best settings; the baselines.

    Returns:
        What was trained; and the strategies that cannot work on these rows, with the reason.

    Raises:
        StrategyError: none of the strategies can.
    """
    training, folds = data.first.inputs.settings.training, range(len(data.folds))
    trials = {name: _trials(name, comparison, training) for name in comparison.strategies}
    baselines = {name: [TrainingJob(name, training.seed, 0.0, fold=fold) for fold in folds] for name in BASELINES}
    # NOTE: the longest first, so that no process waits for the last one alone.
    first = [job for jobs in (*baselines.values(), *trials.values()) for job in jobs]
    done, failed = _train(first, data, engine, progress, "tried")
    names = [name for name in trials if name not in failed]
    if not names:
        raise StrategyError("; ".join(failed.values()))
    best = {name: best_settings([done[job] for job in jobs]) for name, jobs in trials.items() if name in names}
    seeds = range(training.seed, training.seed + comparison.seeds)
    wanted = {name: [replace(best[name], seed=seed, fold=fold) for seed in seeds for fold in folds] for name in names}
    wanted |= baselines
    every = [job for jobs in wanted.values() for job in jobs]
    done, lost = _train(every, data, engine, progress, "trained")
    if lost:
        raise StrategyError("; ".join(lost.values()))
    families = {name: get_strategy(name).family for name in names} | dict.fromkeys(BASELINES, FAMILY)
    trained = [
        TrainedStrategy(
            name=name,
            family=families[name],
            results=tuple(done[job] for job in jobs),
            trials=len(set(trials.get(name, ()))),
        )
        for name, jobs in wanted.items()
    ]
    check_fair([one for one in trained if one.family != FAMILY])
    return trained, failed


def check_judgeable(data: ComparisonData, comparison: ComparisonConfig, policy: PolicyConfig) -> None:
    """Find out what the test window could not judge before the networks are trained.

    Raises:
        ConfigError: the policy cannot be kept on these rows, or the resamples are too few for so many strategies.
    """
    check_policy(policy, rows=len(data.test.y_true), days=data.test.days, amount=data.test.amount)
    names = comparison.strategies
    families = len({get_strategy(name).family for name in names})
    pairs = len(names) - 1 + (families - 1) * (families - 2) // 2
    check_resamples(comparison.resamples, comparisons=pairs)


def count_steps(comparison: ComparisonConfig, training: TrainingConfig, *, folds: int) -> int:
    """Steps that ``compare_strategies`` reports: trials, seeds on every fold, baselines, judgements."""
    names = comparison.strategies
    trials = sum(len(_trials(name, comparison, training)) for name in names)
    return trials + len(names) * (comparison.seeds * folds + 1) + len(BASELINES) * (2 * folds + 1)


def check_fair(trained: Sequence[TrainedStrategy]) -> None:
    """Stop a comparison in which one strategy was tuned longer or trained more often than another.

    Raises:
        LeakageError: the numbers of trials or of seeds differ.
    """
    for what, counts in (
        ("tuning trials", {one.name: one.trials for one in trained}),
        ("seeds", {one.name: len(one.seeds) for one in trained}),
        ("networks", {one.name: len(one.results) for one in trained}),
    ):
        if len(set(counts.values())) > 1:
            raise LeakageError(f"comparison: strategies had different numbers of {what}, {counts}; give all the same")


def as_candidate(trained: TrainedStrategy, data: ComparisonData, policy: PolicyConfig) -> Candidate:
    """Read a strategy's logits; correct, calibrate and choose thresholds for each seed and for their mean."""
    logits = [_fold_logits(trained.of_seed(seed), data) for seed in trained.seeds]
    settings: dict[str, Any] = {
        "policy": policy,
        "calibration": data.first.inputs.settings.training.calibration,
    }
    seeds = tuple(score_seed(seed, one, **settings) for seed, one in zip(trained.seeds, logits, strict=True))
    return Candidate(
        name=trained.name,
        family=trained.family,
        seeds=seeds,
        shipped=seeds[0] if len(seeds) == 1 else score_seed(None, mean_of(logits), **settings),
        cost=tuple(_cost(result, trials=trained.trials) for result in trained.results),
        curve=trained.results[0].curve,
    )


def _fold_logits(results: Sequence[JobResult], data: ComparisonData) -> list[FoldLogits]:
    """Of one seed; ``data`` has a fold for each result."""
    return [
        FoldLogits(
            validation_logits=result.logits("validation"),
            test_logits=result.logits("test"),
            logit_shift=result.logit_shift,
            validation=data.folds[result.job.fold].validation,
            test=data.folds[result.job.fold].split.test,
        )
        for result in results
    ]


def _cost(result: JobResult, *, trials: int) -> dict[str, Any]:
    return {
        "seed": result.job.seed,
        "fold": result.job.fold + 1,
        "steps": result.steps,
        "rows": result.rows,
        "trials": trials,
        "seconds": result.seconds,
        "notes": list(result.notes),
        "learning_rate": result.job.learning_rate or None,
        "settings": dict(result.job.knobs),
    }


def draw_bootstrap(data: ComparisonData, *, resamples: int) -> Bootstrap:
    """The resamples that all candidates of a run share."""
    rng = np.random.default_rng([data.first.inputs.settings.training.seed, 1])
    return Bootstrap(data.clusters, n_resamples=resamples, rng=rng)


def _trials(name: str, comparison: ComparisonConfig, training: TrainingConfig) -> list[TrainingJob]:
    return trial_jobs(
        name,
        trials=comparison.tuning_trials,
        learning_rate=training.learning_rate,
        seed=training.seed,
    )


def _train(
    jobs: Sequence[TrainingJob], data: ComparisonData, engine: EngineConfig, progress: Progress, verb: str
) -> tuple[dict[TrainingJob, JobResult], dict[str, str]]:
    done: dict[TrainingJob, JobResult] = {}
    failed: dict[str, str] = {}
    folds = [fold.inputs for fold in data.folds]
    for result in train_jobs(jobs, folds, processes=engine.jobs, kind=engine.kind):
        if isinstance(result, FailedJob):
            failed[result.job.strategy] = result.reason
        else:
            done[result.job] = result
        fold = f", fold {result.job.fold + 1}" if len(folds) > 1 else ""
        progress(f"{result.job.strategy}, seed {result.job.seed}{fold} {verb}")
    return done, failed


def operating_point(trained: Sequence[TrainedStrategy], data: ComparisonData, policy: PolicyConfig) -> PolicyConfig:
    """The matched operating point; only policies that name no number of alerts need every threshold first."""
    if policy.kind in COUNTED:
        return policy
    candidates = (as_candidate(one, data, policy) for one in trained if one.family != FAMILY)
    return matched_policy(policy, [fold.threshold for one in candidates for seed in one.seeds for fold in seed.folds])


def _validation_recall(seed: ScoredSeed, validation: WindowRows, policy: PolicyConfig) -> float:
    alerts = alerts_by_rank(policy, seed.validation_logits, day=validation.day, tie_break=validation.tie_break)
    return recall(validation.y_true, alerts)


def _choose(strategies: Sequence[Judgement], mean_recall: Mapping[str, float]) -> tuple[str, dict[str, str]]:
    """The best on validation of all and of each family; of equals the first named in the config."""
    family_best: dict[str, str] = {}
    for judgement in strategies:
        best = family_best.get(judgement.family)
        if best is None or mean_recall[judgement.name] > mean_recall[best]:
            family_best[judgement.family] = judgement.name
    return max(mean_recall, key=lambda name: mean_recall[name]), family_best


def _compare(
    strategies: Sequence[Judgement], chosen: str, family_best: Mapping[str, str], *, margin: float, frauds: int
) -> list[Comparison]:
    """Every strategy against the chosen one, and the families' best against each other."""
    figures = {judgement.name: judgement.figures["recall"] for judgement in strategies}
    pairs = [(name, chosen) for name in figures if name != chosen]
    pairs += [pair for pair in itertools.combinations(family_best.values(), 2) if chosen not in pair]
    return compare(
        [(a, figures[a], b, figures[b]) for a, b in pairs],
        metric="recall",
        margin=margin,
        frauds=frauds,
    )
