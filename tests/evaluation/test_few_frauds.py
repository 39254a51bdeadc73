import numpy as np
import pytest

from fraud.evaluation.bootstrap import Bootstrap, Interval
from fraud.evaluation.clusters import Clusters
from fraud.evaluation.judging import as_json
from fraud.evaluation.statistics import compare


def all_found(frauds: int) -> Bootstrap:
    clusters = Clusters(np.arange(frauds, dtype=np.int32), frauds, "customer")
    return Bootstrap(clusters, n_resamples=200, rng=np.random.default_rng(0))


def test_finding_all_of_a_few_frauds_is_no_certainty() -> None:
    recall = all_found(22).ratio(np.ones(22), np.ones(22))
    assert as_json(recall.interval(), events=22) == {"mean": 1.0, "low": 1 - 3 / 22, "high": 1.0}


@pytest.mark.parametrize(
    ("found", "low", "high"),
    [((1.0, 0.97, 1.0), 0.85, 1.0), ((0.0, 0.0, 0.02), 0.0, 0.15), ((0.5, 0.4, 0.6), 0.4, 0.6)],
)
def test_resamples_that_hardly_differ_make_no_surer_than_the_rule_of_three(
    found: tuple[float, float, float], low: float, high: float
) -> None:
    mean, lowest, highest = found
    interval = Interval(mean=mean, low=lowest, high=highest, clusters=20, cluster_kind="customer", resamples=200)
    assert as_json(interval, events=20) == pytest.approx({"mean": mean, "low": low, "high": high})


def test_two_strategies_that_never_disagree_on_few_frauds_are_not_called_equivalent() -> None:
    verdicts = {}
    for frauds in (22, 200):
        recall = all_found(frauds).ratio(np.ones(frauds), np.ones(frauds))
        (row,) = compare([("a", recall, "b", recall)], metric="recall", margin=0.02, frauds=frauds)
        verdicts[frauds] = row.verdict
    assert verdicts == {22: "inconclusive", 200: "equivalent"}
