"""The dose and its response: what each family finds, from no correction of the imbalance to balanced classes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fraud.config import PolicyConfig
from fraud.evaluation.comparison_data import ComparisonData
from fraud.evaluation.judging import as_json, found_in
from fraud.evaluation.statistics.estimates import Estimate
from fraud.evaluation.statistics.figures import ranking
from fraud.evaluation.statistics.sampling import Sampling
from fraud.evaluation.strategy_training import DosePoint


def judge_dose_response(
    points: Sequence[DosePoint], data: ComparisonData, *, policy: PolicyConfig, sampling: Sampling
) -> list[dict[str, Any]]:
    """Recall and average precision at every correction, family by family; each line begins with plain training.

    Args:
        points: the networks of each point; ``none`` at correction 0 among them.
        data: whose test window judges.
        policy: the matched operating point.
        sampling: shared with the comparison.

    Returns:
        One entry a point: ``family``, ``strategy``, ``correction``, ``recall``, ``average_precision``, and
        ``difference`` of recall from plain training, paired; None for plain training itself.
    """
    judged = {(one.strategy, one.correction): _judge(one, data, policy, sampling) for one in points}
    plain = next((one for one in points if one.correction == 0), None)
    lines: dict[str, list[DosePoint]] = {}
    for one in points:
        if one is not plain:
            lines.setdefault(one.family, [plain] if plain else []).append(one)
    start = judged[plain.strategy, plain.correction][0] if plain else None
    return [
        {
            "family": family,
            "strategy": one.strategy,
            "correction": one.correction,
            "recall": as_json((found := judged[one.strategy, one.correction])[0]),
            "difference": None if start is None or one is plain else _difference(found[0], start),
            "average_precision": as_json(found[1]),
        }
        for family, line in lines.items()
        for one in line
    ]


def _judge(
    point: DosePoint, data: ComparisonData, policy: PolicyConfig, sampling: Sampling
) -> tuple[Estimate, Estimate]:
    """Recall at the operating point, and average precision, of the mean of the point's seeds."""
    test = data.test
    seeds = sorted({result.job.seed for result in point.results})
    by_fold = sorted(point.results, key=lambda result: result.job.fold)
    logits = np.stack(
        [np.concatenate([one.logits("test") for one in by_fold if one.job.seed == seed]) for seed in seeds]
    )
    found = found_in(test, logits, policy=policy, sampling=sampling)
    return found.recall, ranking(sampling, test.y_true, logits)[0]


def _difference(one: Estimate, other: Estimate) -> dict[str, float | None] | None:
    difference = one - other
    if np.isnan(difference.value):
        return None
    interval = difference.interval()
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}
