"""Scores + labels -> evidence."""

from fraud.evaluation.candidates import Candidate, FoldScore, ScoredSeed
from fraud.evaluation.champion_bundle import BundleOrigin, bundle_of, trained_bundle
from fraud.evaluation.comparison import (
    as_candidate,
    compare_strategies,
    count_steps,
    draw_sampling,
    operating_point,
)
from fraud.evaluation.comparison_data import ComparisonData, prepare_comparison_data
from fraud.evaluation.frozen_threshold import Threshold
from fraud.evaluation.judging import Judgement, check_same_alerts, judge, mark_above_chance
from fraud.evaluation.policy import units_of
from fraud.evaluation.record.evidence_json import candidate_evidence, prevalence_by_day
from fraud.evaluation.record.findings import Findings, champion_as_json, findings_of
from fraud.evaluation.record.phrases import verdict_text
from fraud.evaluation.record.provenance import DatasetFacts, Provenance
from fraud.evaluation.record.report_json import evidence_of, report_of
from fraud.evaluation.record.strategy_facts import strategy_facts
from fraud.evaluation.statistics.sampling import Sampling, describe_sources
from fraud.evaluation.statistics.verdicts import Comparison, compare
from fraud.evaluation.strategy_training import DosePoint, TrainedStrategy
from fraud.evaluation.training_jobs import (
    TrainingInputs,
    TrainingJob,
    TrainingSettings,
    encode_rows,
    fingerprint,
    score_rows,
    take_part,
    train_job,
)

__all__ = [
    "BundleOrigin",
    "Candidate",
    "Comparison",
    "ComparisonData",
    "DatasetFacts",
    "DosePoint",
    "Findings",
    "FoldScore",
    "Judgement",
    "Provenance",
    "Sampling",
    "ScoredSeed",
    "Threshold",
    "TrainedStrategy",
    "TrainingInputs",
    "TrainingJob",
    "TrainingSettings",
    "as_candidate",
    "bundle_of",
    "candidate_evidence",
    "champion_as_json",
    "check_same_alerts",
    "compare",
    "compare_strategies",
    "count_steps",
    "describe_sources",
    "draw_sampling",
    "encode_rows",
    "evidence_of",
    "findings_of",
    "fingerprint",
    "judge",
    "mark_above_chance",
    "operating_point",
    "prepare_comparison_data",
    "prevalence_by_day",
    "report_of",
    "score_rows",
    "strategy_facts",
    "take_part",
    "train_job",
    "trained_bundle",
    "units_of",
    "verdict_text",
]
