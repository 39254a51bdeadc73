"""The choice of the champion and of each family's best, on the first fold's validation window alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fraud.config import PolicyConfig
from fraud.evaluation.candidates import Candidate, WindowRows
from fraud.evaluation.judging import found_in
from fraud.evaluation.statistics.estimates import Estimate
from fraud.evaluation.statistics.sampling import Sampling
from fraud.evaluation.statistics.verdicts import compare
from fraud.imbalance import FAMILIES

RULE = (
    "Of the strategies that are not shown to find fewer frauds on validation than the best there, the one that changes "
    "least is chosen: none before weighting before resampling, a mild correction before a strong one."
)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What validation chose."""

    strategy: str
    family_best: Mapping[str, str]
    """Family -> its strategy with the highest recall on validation; of equals the first named in the config."""
    validation_recall: Mapping[str, float]
    """At the matched operating point, of the mean of the seeds."""


def choose(
    candidates: Sequence[Candidate],
    validation: WindowRows,
    *,
    policy: PolicyConfig,
    sampling: Sampling,
    corrections: Mapping[str, float | None],
) -> Choice:
    """Choose by ``RULE``, so that chance alone does not change the name from one month to the next.

    Args:
        candidates: the strategies, in the order of the config; their validation logits are of the first fold.
        validation: the first fold's validation window.
        policy: the matched operating point.
        sampling: of the validation rows.
        corrections: how strongly each strategy corrects the imbalance, 0 to 1; None has no place on that line and
            counts as 1.
    """
    figures = {one.name: _recall(one, validation, policy, sampling) for one in candidates}
    found = {name: figure.value for name, figure in figures.items()}
    family_best: dict[str, str] = {}
    for one in candidates:
        best = family_best.get(one.family)
        if best is None or found[one.name] > found[best]:
            family_best[one.family] = one.name
    leader = max(found, key=lambda name: found[name])
    worse = _shown_worse(figures, leader)
    equal = [one for one in candidates if one.name not in worse]
    simplest = min(equal, key=lambda one: (FAMILIES.index(one.family), _strength(corrections.get(one.name))))
    return Choice(strategy=simplest.name, family_best=family_best, validation_recall=found)


def _recall(candidate: Candidate, validation: WindowRows, policy: PolicyConfig, sampling: Sampling) -> Estimate:
    logits = np.stack([seed.validation_logits for seed in candidate.seeds])
    return found_in(validation, logits, policy=policy, sampling=sampling).recall


def _shown_worse(figures: Mapping[str, Estimate], leader: str) -> set[str]:
    """Strategies that the leader is shown to be better than; corrected for their number."""
    others = [name for name in figures if name != leader]
    pairs = [(leader, figures[leader], name, figures[name]) for name in others]
    return {row.b for row in compare(pairs, metric="recall", margin=0.0) if row.verdict == "a"}


def _strength(correction: float | None) -> float:
    return 1.0 if correction is None else correction
