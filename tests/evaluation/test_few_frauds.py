import numpy as np
import pytest

from fraud.evaluation.judging import as_json
from fraud.evaluation.statistics.bootstrap import Bootstrap
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.verdicts import compare, rule_of_three


def all_found(frauds: int, *, each_card: int = 1, is_time: bool = False) -> Bootstrap:
    codes = np.arange(frauds, dtype=np.int32) // each_card
    clusters = Clusters(codes, int(codes.max()) + 1, "customer", is_time=is_time)
    return Bootstrap(clusters, n_resamples=200, rng=np.random.default_rng(0))


def test_finding_all_of_a_few_frauds_is_no_certainty() -> None:
    recall = all_found(22).ratio(np.ones(22), np.ones(22))
    assert as_json(recall, events=22) == {"mean": 1.0, "low": 1 - 3 / 22, "high": 1.0}


def test_finding_none_of_a_few_frauds_is_no_proof_of_blindness() -> None:
    recall = all_found(20).ratio(np.zeros(20), np.ones(20))
    assert as_json(recall, events=20) == pytest.approx({"mean": 0.0, "low": 0.0, "high": 0.15})


def test_frauds_of_one_card_count_once_and_frauds_of_one_day_each() -> None:
    by_card = all_found(40, each_card=4).ratio(np.ones(40), np.ones(40))
    by_day = all_found(40, each_card=4, is_time=True).ratio(np.ones(40), np.ones(40))
    assert rule_of_three(by_card, 40) == pytest.approx(3 / 10)
    assert rule_of_three(by_day, 40) == pytest.approx(3 / 40)


def test_bounds_of_a_share_stay_within_nothing_and_all() -> None:
    y = np.ones(30)
    bootstrap = all_found(30)
    recall = bootstrap.ratio(np.arange(30) > 0, y)
    said = as_json(recall.with_resamples(recall.resamples - np.linspace(0, 0.3, 200)), events=30)
    assert said is not None
    assert said["high"] == 1.0


def test_two_strategies_that_never_disagree_on_few_frauds_are_not_called_equivalent() -> None:
    verdicts = {}
    for frauds, each_card in ((22, 1), (200, 1), (200, 10)):
        bootstrap = all_found(frauds, each_card=each_card)
        recall = bootstrap.ratio(np.ones(frauds), np.ones(frauds))
        (row,) = compare([("a", recall, "b", recall)], metric="recall", margin=0.02, frauds=frauds)
        verdicts[frauds, each_card] = row.verdict
    assert verdicts == {(22, 1): "inconclusive", (200, 1): "equivalent", (200, 10): "inconclusive"}
