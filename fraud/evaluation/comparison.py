"""Strategies x seeds on one data set: tuned alike, trained alike, judged at one operating point."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fraud.config import ComparisonConfig, EngineConfig, PolicyConfig
from fraud.evaluation.baselines import FAMILY, JOIN, check_baseline
from fraud.evaluation.budgets import BudgetLimits, budget_limits
from fraud.evaluation.candidates import Candidate, FoldLogits, ScoredSeed, WindowRows, mean_of, score_seed
from fraud.evaluation.choice import Choice, choose
from fraud.evaluation.comparison_data import ComparisonData, clusters_of
from fraud.evaluation.dose_response import judge_dose_response
from fraud.evaluation.frozen_threshold import matched_policy
from fraud.evaluation.judging import Judgement, check_same_alerts, judge, mark_above_chance
from fraud.evaluation.policy import chance_recall, check_policy
from fraud.evaluation.record.evidence_json import candidate_evidence
from fraud.evaluation.statistics.clusters import Clusters, second_clusters
from fraud.evaluation.statistics.sampling import Sampling
from fraud.evaluation.statistics.verdicts import Comparison, Kind, check_margin, compare
from fraud.evaluation.strategy_training import (
    TrainedStrategy,
    count_training_steps,
    train_strategies,
    tune_strategies,
)
from fraud.evaluation.training_jobs import JobResult
from fraud.imbalance import ClassCounts, get_strategy

Progress = Callable[[str], None]
COUNTED = ("alerts_per_day", "alert_rate")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a comparison found.

    ``policy`` is the matched operating point; ``choice`` what validation chose, ``champion`` what the chosen strategy
    was trained to and the scores of the mean of its seeds; ``left_out`` the reason why a strategy could not work on
    these rows; ``chance`` is the recall of as many alerts raised at random, ``budget`` what the operating point allows;
    ``dose_response`` is what each family finds at several corrections of the imbalance.
    """

    policy: PolicyConfig
    strategies: tuple[Judgement, ...]
    baselines: tuple[Judgement, ...]
    comparisons: tuple[Comparison, ...]
    choice: Choice
    champion: tuple[TrainedStrategy, ScoredSeed]
    evidence: Mapping[str, Mapping[str, Any]]
    left_out: Mapping[str, str]
    chance: float
    budget: BudgetLimits
    sampling: Sampling
    dose_response: list[dict[str, Any]] = field(default_factory=list)


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
        comparison: strategies, seeds, trials and margin.
        policy: as configured.
        engine: where, and how many at a time, networks are trained.
        progress: called after every finished step; there are ``count_steps`` of them.

    Raises:
        ConfigError: the policy or the margin do not fit the data; raised before anything is trained.
        StrategyError: a strategy is unknown or cannot work on these rows.
        LeakageError: a guard found the comparison unfair.
    """
    check_judgeable(data, comparison, policy)
    tuned = tune_strategies(data, comparison, engine=engine, progress=progress)
    networks = train_strategies(data, comparison, tuned, engine=engine, progress=progress)
    trained = networks.strategies
    data.check_untouched()
    matched = operating_point(trained, data, policy)
    sampling = draw_sampling(data)
    judged, evidence, candidates = [], {}, {}
    for one in trained:
        candidates[one.name] = candidate = as_candidate(one, data, policy)
        judged.append(judge(candidate, data.test, policy=matched, sampling=sampling))
        evidence[one.name] = candidate_evidence(candidate, data.test, sampling, judged[-1])
        progress(f"{one.name} judged")
    check_same_alerts(judged)
    corrections = {one.name: _correction(one, data) for one in trained if one.family != FAMILY}
    choice = choose(
        [candidate for candidate in candidates.values() if candidate.family != FAMILY],
        data.first.validation,
        policy=matched,
        sampling=sampling_of(data.first.validation, clusters_of(data.first.validation)),
        corrections=corrections,
    )
    strategies = [
        replace(one, row={**one.row, "correction": corrections[one.name]})
        for one in mark_above_chance([judgement for judgement in judged if judgement.family != FAMILY])
    ]
    baselines = mark_above_chance([judgement for judgement in judged if judgement.family == FAMILY])
    budget = budget_limits(matched, data.test)
    margins = {"margin": comparison.margin, "ceiling": budget.ceiling}
    return Outcome(
        policy=matched,
        strategies=tuple(strategies),
        baselines=tuple(baselines),
        comparisons=(
            *_compare(strategies, choice.strategy, choice.family_best, **margins),
            *_compare_baselines(baselines, strategies, choice.strategy, **margins),
        ),
        choice=choice,
        champion=(next(one for one in trained if one.name == choice.strategy), candidates[choice.strategy].shipped),
        evidence=evidence,
        left_out=networks.left_out,
        dose_response=judge_dose_response(networks.dose_response, data, policy=matched, sampling=sampling),
        chance=_chance(matched, data.test),
        budget=budget,
        sampling=sampling,
    )


def check_judgeable(data: ComparisonData, comparison: ComparisonConfig, policy: PolicyConfig) -> None:
    """Find out what the test window could not judge before the networks are trained.

    Raises:
        ConfigError: the policy cannot be kept on these rows, or the margin makes any two strategies equal.
        StrategyError: no baseline of that name.
    """
    for baseline in comparison.baselines:
        check_baseline(baseline)
    check_policy(policy, rows=len(data.test.y_true), days=data.test.days, amount=data.test.amount)
    check_margin(comparison.margin)


def count_steps(comparison: ComparisonConfig, *, folds: int) -> int:
    """Steps that ``compare_strategies`` reports: networks and baselines trained, strategies and baselines judged."""
    return count_training_steps(comparison, folds=folds) + len(comparison.strategies) + len(comparison.baselines)


def as_candidate(trained: TrainedStrategy, data: ComparisonData, policy: PolicyConfig) -> Candidate:
    """Read a strategy's logits; correct, calibrate and choose thresholds for each seed and for their mean."""
    logits = [_fold_logits(trained.of_seed(seed), data) for seed in trained.seeds]
    settings: dict[str, Any] = {
        "test": data.test,
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


def draw_sampling(data: ComparisonData) -> Sampling:
    """The clusters, one or two ways, and the folds that all candidates of a run share."""
    return sampling_of(data.test, data.clusters)


def sampling_of(rows: WindowRows, clusters: Clusters) -> Sampling:
    """The clusters of a window's rows with those of its second entity, where there is one, and its folds."""
    name = rows.entities[1] if len(rows.entities) > 1 else "second entity"
    second = second_clusters(rows.second, entity_name=name, first=clusters)
    ways = (clusters,) if second is None else (clusters, second)
    return Sampling.of(*ways, fold=rows.fold)


def _correction(trained: TrainedStrategy, data: ComparisonData) -> float | None:
    """How strongly a strategy as tuned corrects the imbalance of the first fold's training rows, 0 to 1."""
    strategy = get_strategy(trained.name, **dict(trained.results[0].job.knobs))
    return strategy.correction(ClassCounts.of(data.first.split.train.y))


def operating_point(trained: Sequence[TrainedStrategy], data: ComparisonData, policy: PolicyConfig) -> PolicyConfig:
    """The matched operating point; policies that name no number of alerts need the thresholds of the first fold first.

    Those of later folds are chosen on labels of the test window, and would set the point that judges it.
    """
    if policy.kind in COUNTED:
        return policy
    candidates = (as_candidate(one, data, policy) for one in trained if one.family != FAMILY)
    return matched_policy(policy, [seed.folds[0].threshold for one in candidates for seed in one.seeds])


def _chance(policy: PolicyConfig, test: WindowRows) -> float:
    """Recall of as many alerts raised at random."""
    return chance_recall(policy, test.y_true, day=test.day, unit=test.units(policy), coverage=test.day_shares)


def _compare(
    strategies: Sequence[Judgement], chosen: str, family_best: Mapping[str, str], *, margin: float, ceiling: float
) -> list[Comparison]:
    """Every strategy against the chosen one, and the families' best against each other."""
    figures = {judgement.name: judgement.figures["recall"] for judgement in strategies}
    against_chosen = [(name, chosen) for name in figures if name != chosen]
    families = [pair for pair in itertools.combinations(family_best.values(), 2) if chosen not in pair]
    of_strategies: Kind = "strategy"
    of_families: Kind = "family"
    kinds = [of_strategies] * len(against_chosen) + [of_families] * len(families)
    pairs = against_chosen + families
    return compare(
        [(a, figures[a], b, figures[b]) for a, b in pairs],
        metric="recall",
        margin=margin,
        ceiling=ceiling,
        kinds=kinds,
    )


def _compare_baselines(
    baselines: Sequence[Judgement], strategies: Sequence[Judgement], chosen: str, *, margin: float, ceiling: float
) -> list[Comparison]:
    """Every baseline against the chosen strategy, and each with a strategy against the same model without one.

    They are corrected among themselves: how many baselines there are does not change what is found of the strategies.
    """
    figures = {one.name: one.figures["recall"] for one in baselines}
    network = next(one.figures["recall"] for one in strategies if one.name == chosen)
    pairs = [(name, figure, chosen, network) for name, figure in figures.items()]
    for name, figure in figures.items():
        plain, join, _ = name.partition(JOIN)
        if join and plain in figures:
            pairs.append((name, figure, plain, figures[plain]))
    kind: Kind = "baseline"
    return compare(pairs, metric="recall", margin=margin, ceiling=ceiling, kinds=[kind] * len(pairs))
