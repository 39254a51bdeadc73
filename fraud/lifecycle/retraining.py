"""Train a challenger and compare it with the champion on a window that neither was trained on."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit

from fraud.config import ComparisonConfig, EngineConfig, LabelsConfig, PolicyConfig, SplitConfig
from fraud.errors import ModelError, SplitError
from fraud.evaluation import (
    Candidate,
    Comparison,
    ComparisonData,
    FoldScore,
    Judgement,
    ScoredSeed,
    Threshold,
    TrainedStrategy,
    TrainingJob,
    as_candidate,
    candidate_evidence,
    check_same_alerts,
    compare,
    compare_strategies,
    count_steps,
    describe_sources,
    draw_sampling,
    encode_rows,
    judge,
    mark_above_chance,
    operating_point,
    score_rows,
    train_job,
)
from fraud.features import FeatureTable, TableRows, parse_moment, today_of, window_spans
from fraud.imbalance import get_strategy
from fraud.lifecycle.drift.detection import AsOf, DriftReport, drift_between
from fraud.model import Bundle, shift_logits

Progress = Callable[[str], None]

DAYS_OF_THE_WEEK = ("weekday_sin", "weekday_cos", "is_weekend")
"""Not checked for drift: months differ in weekdays, which is no change of the data."""


@dataclass(frozen=True, kw_only=True)
class WindowComparison:
    """Champion and challenger on one window."""

    champion: Judgement
    challenger: Judgement
    scored: ScoredSeed
    """The challenger's correction, calibration and threshold."""
    policy: PolicyConfig
    """The operating point of both."""
    comparison: Comparison
    intervals: dict[str, Any]
    """How intervals are made and what varies in them."""
    evidence: dict[str, dict[str, Any]]


def drift_since(bundle: Bundle, table: FeatureTable, *, maturity_days: float, seed: int) -> DriftReport | None:
    """Drift since the champion was trained; None without newer transactions.

    The reference is the champion's validation and test windows. Its training rows are left out: a network scores rows
    that it was trained on differently.

    Args:
        bundle: the champion.
        table: the current feature table.
        maturity_days: age at which an event without a report counts as genuine.
        seed: of the run.
    """
    split = bundle.provenance["split"]
    start, end = (datetime.fromisoformat(moment) for moment in (split["validation"]["from"], split["test"]["to"]))
    time = pl.col("event_time")
    reference, since = (table.scan().filter(rows) for rows in (time.is_between(start, end, closed="left"), time >= end))
    keys = table.scan().select("event_time", "label_time").collect()
    has_label_time = table.recipe.delay_days is not None
    if not (keys["event_time"] >= end).any():
        return None
    return drift_between(
        reference,
        since,
        numeric=[scale.name for scale in bundle.encoder.scales_ if scale.name not in DAYS_OF_THE_WEEK],
        categorical=[vocabulary.name for vocabulary in bundle.encoder.vocabularies_],
        rng=np.random.default_rng([seed, 2]),
        scores=(bundle.score(reference.collect()), bundle.score(since.collect())),
        known=AsOf(
            moment=table.as_of or today_of(keys, has_label_time=has_label_time),
            maturity_days=maturity_days,
            has_label_time=has_label_time,
        ),
    )


def check_knows(bundle: Bundle, table: FeatureTable) -> None:
    """Check that the table has the champion's features.

    Raises:
        ModelError: which features are missing.
    """
    needed = [scale.name for scale in bundle.encoder.scales_]
    needed += [vocabulary.name for vocabulary in bundle.encoder.vocabularies_]
    missing = [name for name in needed if name not in (*table.numeric, *table.categorical)]
    if missing:
        raise ModelError(
            f"retrain: the champion needs {len(missing)} features that the table does not have, as '{missing[0]}'; "
            "keep [features] and [columns] as they were, or start anew with `fraud run`"
        )


def train_challenger(
    bundle: Bundle,
    data: ComparisonData,
    *,
    comparison: ComparisonConfig | None,
    policy: PolicyConfig,
    engine: EngineConfig,
    progress: Progress,
) -> TrainedStrategy:
    """Train one model on the windows of this retraining: the champion's strategy with as many seeds.

    Args:
        bundle: the champion, whose strategy, settings and seeds the challenger has.
        data: windows of this retraining.
        comparison: where given, its strategies are compared and the challenger is the best on validation.
        policy: the configured operating point, by which that comparison chooses.
        engine: that runs the comparison.
        progress: called after every finished step; there are ``count_training`` of them.

    Raises:
        StrategyError: none of the strategies can work on these rows.
    """
    if comparison:
        outcome = compare_strategies(data, _without_dose(comparison), policy=policy, engine=engine, progress=progress)
        return outcome.champion[0]
    settings = bundle.provenance["settings"]
    knobs = tuple(sorted(settings["knobs"].items()))
    results = []
    for seed in bundle.seeds:
        job = TrainingJob(bundle.strategy, seed, settings["learning_rate"], knobs)
        results.append(train_job(job, data.latest.inputs))
        progress(f"challenger trained ({bundle.strategy}, seed {seed})")
    family = get_strategy(bundle.strategy).family
    return TrainedStrategy(name=bundle.strategy, family=family, results=tuple(results), trials=1)


def count_training(bundle: Bundle, comparison: ComparisonConfig | None) -> int:
    """Steps that ``train_challenger`` reports."""
    return count_steps(_without_dose(comparison), folds=1) if comparison else len(bundle.seeds)


def _without_dose(comparison: ComparisonConfig) -> ComparisonConfig:
    """The comparison without what only explains it, recall by correction and baselines: a retraining chooses."""
    return replace(comparison, corrections=(), baselines=())


def fresher_days(bundle: Bundle, data: ComparisonData) -> float:
    """By how many days the training rows of this retraining end later than the champion's."""
    known = datetime.fromisoformat(bundle.provenance["split"]["train"]["to"])
    return (data.split.train.end - known).total_seconds() / 86_400


def unseen_windows(bundle: Bundle, table: FeatureTable, split: SplitConfig, labels: LabelsConfig) -> SplitConfig:
    """The windows of a retraining: one test window, which begins after the data that the champion was chosen on.

    A champion of several folds was chosen on newer data than the test window of a short dump begins with: the window is
    then shortened.

    Args:
        bundle: the champion.
        table: the current feature table.
        split: as configured.
        labels: when labels count as final.

    Raises:
        SplitError: nothing is left to judge on.
    """
    keys = table.scan().select("event_time", "label_time").collect()
    has_label_time = table.recipe.delay_days is not None
    gap_days = labels.maturity if has_label_time else labels.delay_days
    as_of = parse_moment(split.as_of)
    spans = window_spans(keys, split, gap_days=gap_days, as_of=as_of, has_label_time=has_label_time)
    start, end = spans[2]
    known_until, judged_from = (
        datetime.fromisoformat(bundle.provenance["split"][window][edge])
        for window, edge in (("validation", "to"), ("test", "from"))
    )
    if known_until <= start:
        return replace(split, folds=1)
    if split.test >= 1:
        test: float = (end - judged_from) // timedelta(days=1)
    else:
        before = keys["event_time"].filter(keys["event_time"] < end)
        test = 1 - int(before.search_sorted(judged_from, side="left")) / len(before)
    if test <= 0:
        raise SplitError(
            f"[split]: the test window ends {end:%Y-%m-%d}, but the champion was chosen on data up to "
            f"{known_until:%Y-%m-%d}; wait for newer dumps"
        )
    return replace(split, test=test, folds=1)


def check_unseen(bundle: Bundle, data: ComparisonData) -> None:
    """Check that the champion was not trained or calibrated on the test window.

    Raises:
        SplitError: the test window begins before the champion's own validation window ended.
    """
    known_until = datetime.fromisoformat(bundle.provenance["split"]["validation"]["to"])
    if known_until > data.split.test.start:
        raise SplitError(
            f"[split]: the test window starts {data.split.test.start:%Y-%m-%d}, but the champion was chosen on data "
            f"up to {known_until:%Y-%m-%d}; wait for newer dumps, or make [split] test shorter"
        )


def compare_on_window(
    bundle: Bundle,
    trained: TrainedStrategy,
    *,
    table: pl.LazyFrame,
    data: ComparisonData,
    policy: PolicyConfig,
    margin: float,
) -> WindowComparison:
    """Evaluate both on the same window, at the same number of alerts, paired.

    Args:
        bundle: the champion.
        trained: the challenger, on the windows of ``data``.
        table: the feature table that ``data`` was cut from.
        data: windows of this retraining.
        policy: the configured operating point.
        margin: of the promotion rule, a share of recall.

    Raises:
        SplitError: the champion was chosen on part of the test window.
    """
    check_unseen(bundle, data)
    matched = operating_point([trained], data, policy)
    sampling = draw_sampling(data)
    candidate = as_candidate(trained, data, policy)
    contenders = {
        "champion": champion_as_candidate(bundle, table, data, policy),
        "challenger": replace(candidate, name="challenger"),
    }
    judged = {name: judge(one, data.test, policy=matched, sampling=sampling) for name, one in contenders.items()}
    judged = {one.name: one for one in mark_above_chance(list(judged.values()))}
    check_same_alerts(list(judged.values()))
    figures = [judged[name].figures["recall"] for name in ("challenger", "champion")]
    pairs = [("challenger", figures[0], "champion", figures[1])]
    return WindowComparison(
        champion=judged["champion"],
        challenger=judged["challenger"],
        scored=candidate.shipped,
        policy=matched,
        intervals=describe_sources(sampling, [len(one.seeds) for one in contenders.values()]),
        comparison=compare(pairs, metric="recall", margin=margin)[0],
        evidence={name: candidate_evidence(one, data.test, sampling, judged[name]) for name, one in contenders.items()},
    )


def champion_as_candidate(bundle: Bundle, table: pl.LazyFrame, data: ComparisonData, policy: PolicyConfig) -> Candidate:
    """The champion unchanged: its own encoder, calibration and threshold."""
    encoded = data.latest.inputs.folder / "champion_X.npy"
    encode_rows(TableRows(table, data.split.test.rows), bundle.encoder, encoded)
    logits = score_rows(bundle.logits_of, np.load(encoded, mmap_mode="c")).astype(np.float64)
    shifted = shift_logits(logits, bundle.logit_shift)
    window = bundle.provenance["split"]["validation"]
    calibrated = bundle.calibrator.transform(shifted)
    threshold = Threshold(
        value=bundle.threshold,
        policy=policy,
        window="validation",
        start=datetime.fromisoformat(window["from"]),
        end=datetime.fromisoformat(window["to"]),
        alerts_per_day=float("nan"),
    )
    fold = FoldScore(
        logit_shift=bundle.logit_shift,
        calibrator=bundle.calibrator,
        threshold=threshold,
        cost_threshold=None,
        test=data.split.test,
    )
    scored = ScoredSeed(
        seed=None,
        logits=logits,
        validation_logits=np.empty(0),
        probabilities={
            "raw": expit(logits),
            "shifted": expit(shifted),
            "calibrated": calibrated,
        },
        folds=(fold,),
        alerts=calibrated >= bundle.threshold,
        cost_alerts=None,
    )
    return Candidate(name="champion", family=bundle.family, seeds=(scored,), shipped=scored)
