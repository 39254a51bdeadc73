"""Warnings that a reader needs beside the figures, in plain words."""

from collections.abc import Callable

import numpy as np

from fraud.config import PolicyConfig
from fraud.evaluation.comparison import COUNTED
from fraud.evaluation.comparison_data import ComparisonData
from fraud.evaluation.record.findings import Findings
from fraud.evaluation.record.provenance import DatasetFacts
from fraud.evaluation.statistics.clusters import Clusters
from fraud.text import counted, percent, rounded

FEW_FRAUDS = 50
"""Fewer frauds than this in a window are warned about."""
FEW_CLUSTERS = 20
"""Fewer cards, days or blocks than this make the intervals themselves uncertain."""
TOLERATED = 0.25
"""Share by which a frozen threshold may miss its target without a warning."""
ACHIEVED: dict[str, Callable[[float], str]] = {
    "alerts_per_day": rounded,
    "alert_rate": percent,
    "max_fpr": percent,
    "min_precision": percent,
    "costs": lambda money: f"{rounded(money)} a day",
}
"""How each policy's figure is written."""
TARGET = {
    "alerts_per_day": "{:g} alerts a day",
    "alert_rate": "alerts on {:.2%} of the transactions",
    "max_fpr": "alerts on at most {:.2%} of the genuine transactions",
    "min_precision": "at least {:.0%} of the alerts right",
    "costs": "costs of {:,.0f} a day",
}


def data_warnings(data: ComparisonData, dataset: DatasetFacts, *, matched: PolicyConfig) -> list[str]:
    """Limits of the data, of the windows and of the budget."""
    warnings = [*data.suspicions, *_few_frauds(data), *_few_clusters(data.clusters)]
    warnings += [*_whole_days(data, matched), *_refunds(data.test.amount)]
    if not dataset.has_time:
        warnings.append("The data has no time: the order of its rows stands for it, and every date here is only that.")
    clusters = data.clusters
    if clusters.kind == "block":
        warnings.append(
            f"The test window is shorter than ten days: intervals compare {clusters.count} blocks of time within it, "
            "and cannot show how another week would differ."
        )
    hidden = {window.name: window.unlabelled for window in data.split.windows if window.unlabelled}
    if hidden:
        counts = ", ".join(f"{count:,} in {name}" for name, count in hidden.items())
        warnings.append(
            f"Transactions without a known label were left out: {counts}. Frauds among them are not counted."
        )
    return warnings


def unmatched_policy(findings: Findings, configured: PolicyConfig) -> list[str]:
    """A policy that names no number of alerts is compared at one all the same; the answer says where it raises none."""
    if configured.kind == findings.policy.kind or no_alert_at_all(findings, configured):
        return []
    return [
        f"The policy {configured.kind} names no number of alerts: recall and precision are compared at "
        f"{rounded(findings.policy.value)} alerts a day for all, the median that it came to on validation. Its "
        "target and what was achieved are listed with the frozen thresholds."
    ]


def no_alert_at_all(findings: Findings, configured: PolicyConfig) -> str:
    """That under the policy no strategy raises any alert, and that the operating point is nobody's; else empty."""
    notes = [one["achievement"]["note"] for one in findings.evidence.values()]
    if configured.kind == findings.policy.kind or findings.policy.value != 1 or not all(notes):
        return ""
    reason = "No threshold of any strategy shows the configured precision on validation"
    if configured.kind == "costs":
        reason = (
            f"No alert pays at these prices: on validation, every threshold costs more in reviews (review_cost "
            f"{configured.review_cost:g} each) than it saves"
        )
    return (
        f"{reason}. Recall and precision are compared at {counted(findings.policy.value, 'alert')} a day, which nobody "
        f"configured; the threshold of {findings.champion['strategy']} raises no alert."
    )


def decided_by_ties(findings: Findings) -> list[str]:
    """Alerts of the model in use that the order of tied scores decides."""
    tied = findings.evidence[_in_use(findings)].get("tied")
    if not tied or tied["alerts"] < 1:
        return []
    return [
        f"{rounded(tied['alerts'])} of the {rounded(tied['of'])} alerts on the test window are decided among tied "
        "scores: they count with their expected value over all orders; lists of alerts order them by a hash of the id."
    ]


def _in_use(findings: Findings) -> str:
    """Name of the candidate whose model scores new transactions."""
    if findings.decision:
        return "challenger" if findings.decision["promote"] else "champion"
    return str(findings.champion["strategy"])


def missed_target(findings: Findings) -> list[str]:
    """A frozen threshold that kept its policy on validation and missed it by far on test."""
    name = _in_use(findings)
    called = f"the {name}" if findings.decision else name
    policy = findings.evidence[name]["achievement"]
    if policy["note"] and policy["kind"] == "costs":
        return []
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
        f"{ACHIEVED[kind](test)} on test: scores or volumes have moved since. The headline recall does not "
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


def _refunds(amount: np.ndarray | None) -> list[str]:
    """Negative amounts, which count as nothing."""
    refunds = 0 if amount is None else int((amount < 0).sum())
    if not refunds:
        return []
    return [
        f"{counted(refunds, 'transaction')} of the test window with a negative amount (refunds): in every figure of "
        "money they count as 0, since a missed refund is no income."
    ]
