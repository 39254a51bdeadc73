"""Signal near chance is said plainly, and a real signal is not talked down."""

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.policy import alerts_by_rank, chance_recall
from fraud.evaluation.statistics.bootstrap import Bootstrap, Resampled
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.operating_point import judge_at_operating_point
from fraud.evaluation.statistics.verdicts import any_above

DAYS, A_DAY = 20, 100
DAY = np.repeat(np.arange(DAYS), A_DAY)
RANK = np.arange(DAY.size)


@pytest.mark.parametrize(("kind", "value"), [("alerts_per_day", 7.5), ("alert_rate", 0.075)])
def test_chance_is_the_mean_recall_of_random_scores(kind: str, value: float) -> None:
    rng = np.random.default_rng(0)
    y = rng.random(DAY.size) < 0.05 + 0.1 * (DAY % 2)
    policy = PolicyConfig(kind=kind, value=value)  # type: ignore[arg-type]
    found = [alerts_by_rank(policy, rng.random(DAY.size), day=DAY, tie_break=RANK)[y].mean() for _ in range(400)]
    assert chance_recall(policy, y, day=DAY) == pytest.approx(np.mean(found), abs=0.005)


def recalls(rng: np.random.Generator, signal: float, strategies: int) -> tuple[list[Resampled], float]:
    y = rng.random(DAY.size) < 0.05
    policy = PolicyConfig(kind="alerts_per_day", value=10)
    bootstrap = Bootstrap(Clusters(RANK.astype(np.int32) // 4, DAY.size // 4, "card"), n_resamples=300, rng=rng)
    scores = [rng.normal(size=DAY.size) + signal * y for _ in range(strategies)]
    judged = [
        judge_at_operating_point(bootstrap, policy, y_true=y, y_score=one, day=DAY, tie_break=RANK) for one in scores
    ]
    return [one.recall for one in judged], chance_recall(policy, y, day=DAY)


def test_of_many_random_strategies_none_is_called_better_than_chance_and_a_real_one_is() -> None:
    rng = np.random.default_rng(1)
    fooled = [any_above(*recalls(rng, 0.0, strategies=8)) for _ in range(40)]
    assert np.mean(fooled) <= 0.1
    assert any_above(*recalls(rng, 1.0, strategies=8))
