"""Strategies x seeds on one data set: tuned alike, trained alike, judged at one operating point."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fraud.config import ComparisonConfig, EngineConfig, PolicyConfig
from fraud.evaluation.baselines import FAMILY, check_baseline
from fraud.evaluation.budgets import BudgetLimits, budget_limits
from fraud.evaluation.candidates import Candidate, FoldLogits, ScoredSeed, WindowRows, mean_of, score_seed
from fraud.evaluation.comparison_data import ComparisonData
from fraud.evaluation.frozen_threshold import matched_policy
from fraud.evaluation.judging import Judgement, check_same_alerts, judge, mark_above_chance
from fraud.evaluation.policy import alerts_at_operating_point, chance_recall, check_policy
from fraud.evaluation.record.evidence_json import candidate_evidence
from fraud.evaluation.statistics.clusters import second_clusters
from fraud.evaluation.statistics.sampling import Sampling
from fraud.evaluation.statistics.verdicts import Comparison, Kind, check_margin, compare
from fraud.evaluation.strategy_training import (
    DosePoint,
    TrainedStrategy,
    count_training_steps,
    train_strategies,
    tune_strategies,
)
from fraud.evaluation.training_jobs import JobResult

Progress = Callable[[str], None]
COUNTED = ("alerts_per_day", "alert_rate")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a comparison found.

    ``policy`` is the matched operating point; ``chosen`` the strategy that validation chose, ``champion`` what it
    was trained to and the scores of the mean of its seeds; ``validation_recall`` is that mean's at the operating point,
    on the first fold's validation window; ``left_out`` the reason why a strategy could not work on these rows;
    ``chance`` is the recall of as many alerts raised at random, ``budget`` what the operating point allows;
    ``dose_response`` are the networks of each family at several corrections of the imbalance.
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
    budget: BudgetLimits
    sampling: Sampling
    dose_response: tuple[DosePoint, ...] = ()


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
    judged, evidence, recalls, shipped = [], {}, {}, {}
    for one in trained:
        candidate = as_candidate(one, data, policy)
        shipped[one.name] = candidate.shipped
        judged.append(judge(candidate, data.test, policy=matched, sampling=sampling))
        evidence[one.name] = candidate_evidence(candidate, data.test, sampling, judged[-1])
        recalls[one.name] = _validation_recall(candidate.shipped, data.first.validation, matched)
        progress(f"{one.name} judged")
    check_same_alerts(judged)
    strategies = mark_above_chance([judgement for judgement in judged if judgement.family != FAMILY])
    validation_recall = {judgement.name: recalls[judgement.name] for judgement in strategies}
    chosen, family_best = _choose(strategies, validation_recall)
    budget = budget_limits(matched, data.test)
    return Outcome(
        policy=matched,
        strategies=tuple(strategies),
        baselines=tuple(mark_above_chance([judgement for judgement in judged if judgement.family == FAMILY])),
        comparisons=tuple(_compare(strategies, chosen, family_best, margin=comparison.margin, ceiling=budget.ceiling)),
        chosen=chosen,
        family_best=family_best,
        champion=(next(one for one in trained if one.name == chosen), shipped[chosen]),
        evidence=evidence,
        validation_recall=validation_recall,
        left_out=networks.left_out,
        dose_response=networks.dose_response,
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
    test = data.test
    name = test.entities[1] if len(test.entities) > 1 else "second entity"
    second = second_clusters(test.second, entity_name=name, first=data.clusters)
    ways = (data.clusters,) if second is None else (data.clusters, second)
    return Sampling.of(*ways, fold=test.fold)


def operating_point(trained: Sequence[TrainedStrategy], data: ComparisonData, policy: PolicyConfig) -> PolicyConfig:
    """The matched operating point; only policies that name no number of alerts need every threshold first."""
    if policy.kind in COUNTED:
        return policy
    candidates = (as_candidate(one, data, policy) for one in trained if one.family != FAMILY)
    return matched_policy(policy, [fold.threshold for one in candidates for seed in one.seeds for fold in seed.folds])


def _chance(policy: PolicyConfig, test: WindowRows) -> float:
    """Recall of as many alerts raised at random."""
    return chance_recall(policy, test.y_true, day=test.day, unit=test.units(policy), coverage=test.day_shares)


def _validation_recall(seed: ScoredSeed, validation: WindowRows, policy: PolicyConfig) -> float:
    alerts = alerts_at_operating_point(
        policy,
        seed.validation_logits,
        day=validation.day,
        unit=validation.units(policy),
        coverage=validation.day_shares,
    )
    fraud = validation.y_true == 1
    return float(alerts[fraud].mean()) if fraud.any() else float("nan")


def _choose(strategies: Sequence[Judgement], mean_recall: Mapping[str, float]) -> tuple[str, dict[str, str]]:
    """The best on validation of all and of each family; of equals the first named in the config."""
    family_best: dict[str, str] = {}
    for judgement in strategies:
        best = family_best.get(judgement.family)
        if best is None or mean_recall[judgement.name] > mean_recall[best]:
            family_best[judgement.family] = judgement.name
    return max(mean_recall, key=lambda name: mean_recall[name]), family_best


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
