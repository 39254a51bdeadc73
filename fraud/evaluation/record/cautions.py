"""Warnings that a reader needs beside the figures, in plain words."""

import numpy as np

from fraud.config import PolicyConfig
from fraud.evaluation.comparison import COUNTED
from fraud.evaluation.comparison_data import ComparisonData
from fraud.evaluation.record.findings import Findings
from fraud.evaluation.record.provenance import DatasetFacts
from fraud.evaluation.statistics.clusters import Clusters
from fraud.text import counted

FEW_FRAUDS = 50
"""Fewer frauds than this in a window are warned about."""
FEW_CLUSTERS = 20
"""Fewer resampled cards, days or blocks than this make the intervals themselves uncertain."""
TOLERATED = 0.25
"""Share by which a frozen threshold may miss its target without a warning."""
ACHIEVED = {
    "alerts_per_day": "{:.0f}",
    "alert_rate": "{:.2%}",
    "max_fpr": "{:.2%}",
    "min_precision": "{:.0%}",
    "costs": "{:,.0f} a day",
}
"""How each policy's figure is written."""
TARGET = {
    "alerts_per_day": "{:g} alerts a day",
    "alert_rate": "alerts on {:.2%} of the transactions",
    "max_fpr": "alerts on at most {:.2%} of the genuine transactions",
    "min_precision": "at least {:.0%} of the alerts right",
    "costs": "costs of {:,.0f} a day",
}


def data_warnings(
    data: ComparisonData, dataset: DatasetFacts, *, configured: PolicyConfig, matched: PolicyConfig
) -> list[str]:
    """Limits of the data, of the windows and of the budget."""
    warnings = [*data.suspicions, *_few_frauds(data), *_few_clusters(data.clusters)]
    warnings += [*_whole_days(data, matched), *_matched(configured, matched)]
    if not dataset.has_time:
        warnings.append("The data has no time: the order of its rows stands for it, and every date here is only that.")
    clusters = data.clusters
    if clusters.kind == "block":
        warnings.append(
            f"The test window is shorter than ten days: intervals resample {clusters.count} blocks of time within it, "
            "and cannot show how another week would differ."
        )
    hidden = {window.name: window.unlabelled for window in data.split.windows if window.unlabelled}
    if hidden:
        counts = ", ".join(f"{count:,} in {name}" for name, count in hidden.items())
        warnings.append(
            f"Transactions without a known label were left out: {counts}. Frauds among them are not counted."
        )
    return warnings


def missed_target(findings: Findings) -> list[str]:
    """A frozen threshold that kept its policy on validation and missed it by far on test."""
    name = called = findings.champion["strategy"]
    if findings.decision:
        name = "challenger" if findings.decision["promote"] else "champion"
        called = f"the {name}"
    policy = findings.evidence[name]["achievement"]
    if policy["note"]:
        return [f"The policy could not be met with {called}: {policy['note']}."]
    kind, test = policy["kind"], policy["test"]
    target = policy["validation"] if kind == "costs" else policy["promised"]
    if not target or test is None:
        return []
    off = test / target - 1
    missed = -off if kind == "min_precision" else abs(off) if kind in COUNTED else off
    if missed <= TOLERATED:
        return []
    return [
        f"The threshold of {called} was chosen on validation for {TARGET[kind].format(target)} and came to "
        f"{ACHIEVED[kind].format(test)} on test: scores or volumes have moved since. The headline recall does not "
        "depend on it."
    ]


def _few_frauds(data: ComparisonData) -> list[str]:
    """Windows with so few frauds that what depends on them is uncertain."""
    rests_on = {
        "train": "the networks have little to learn from",
        "validation": "the tuning, the choice of the champion, the calibration and the threshold rest on them",
        "test": "every interval is wide, and small differences show nothing",
    }
    return [
        f"The {window.name} window has only {counted(window.frauds, 'fraud')}: {rests_on[window.name]}."
        for window in data.split.windows
        if window.frauds < FEW_FRAUDS
    ]


def _few_clusters(clusters: Clusters) -> list[str]:
    """Intervals that rest on few clusters."""
    if clusters.count >= FEW_CLUSTERS:
        return []
    return [f"The intervals rest on only {counted(clusters.count, clusters.kind)}: they are wide and uncertain."]


def _whole_days(data: ComparisonData, policy: PolicyConfig) -> list[str]:
    """A budget that takes whole days in: every ranking then finds the same."""
    typical = float(np.median(np.unique(data.test.day, return_counts=True)[1]))
    if policy.kind != "alerts_per_day" or policy.value < typical / 2:
        return []
    return [
        f"A typical test day has {typical:.0f} transactions and the budget is {policy.value:g} alerts a day: "
        "so large a budget cannot distinguish strategies. Give a smaller [policy] value."
    ]


def _matched(configured: PolicyConfig, matched: PolicyConfig) -> list[str]:
    """A policy that names no number of alerts is compared at one all the same."""
    if configured.kind == matched.kind:
        return []
    return [
        f"The policy {configured.kind} names no number of alerts: recall and precision are compared at "
        f"{matched.value:.3g} alerts a day for all, the median that it came to on validation. Its target and what was "
        "achieved are listed with the frozen thresholds."
    ]
