"""Influence values are derivatives by the weight of a row; each against numerical differentiation."""

from collections.abc import Callable

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.figures import Alerts, precision, ranking, share
from fraud.evaluation.statistics.operating_point import Competition
from fraud.evaluation.statistics.ranking import average_precision_influence, roc_auc_influence
from fraud.evaluation.statistics.sampling import Sampling
from fraud.metrics import average_precision, roc_auc

N, STEP = 200, 1e-5
RNG = np.random.default_rng(11)
Y = RNG.random(N) < 0.2
SCORES = np.round(RNG.normal(size=N) + Y, 1)
FOLD = np.repeat([0, 1], [80, 120])


def derivatives(figure: Callable[[np.ndarray], float]) -> np.ndarray:
    """By the weight of each row, at weights of 1."""
    found = np.empty(N)
    for row in range(N):
        up, down = np.ones(N), np.ones(N)
        up[row] += STEP
        down[row] -= STEP
        found[row] = (figure(up) - figure(down)) / (2 * STEP)
    return found


def single_rows(fold: np.ndarray | None = None) -> Sampling:
    """Each row a cluster and a cell of its own, in their order."""
    return Sampling.of(Clusters(np.arange(N, dtype=np.int32), N, "row"), fold=fold)


@pytest.mark.parametrize(
    ("influence", "figure"), [(average_precision_influence, average_precision), (roc_auc_influence, roc_auc)]
)
def test_influence_on_a_ranking_is_its_derivative_ties_included(influence, figure) -> None:
    value, found = influence(Y, SCORES)
    assert np.unique(SCORES).size < N / 2
    assert value == pytest.approx(figure(Y, SCORES))
    assert found == pytest.approx(derivatives(lambda weight: figure(Y, SCORES, weight)), abs=1e-8)


def in_rows(sampling: Sampling, cells: np.ndarray) -> np.ndarray:
    return cells[sampling.cell]


@pytest.mark.parametrize(("which", "figure"), [(0, average_precision), (1, roc_auc)])
def test_over_folds_a_ranking_is_the_mean_weighted_by_frauds_and_so_is_its_influence(which, figure) -> None:
    sampling = single_rows(FOLD)

    def pooled(weight: np.ndarray) -> float:
        windows = [np.arange(80), np.arange(80, 200)]
        parts = [(weight[rows] @ Y[rows], figure(Y[rows], SCORES[rows], weight[rows])) for rows in windows]
        return float(sum(w * value for w, value in parts) / sum(w for w, _ in parts))

    one = ranking(sampling, Y, SCORES)[which]
    assert one.value == pytest.approx(pooled(np.ones(N)))
    assert in_rows(sampling, one.influence.toarray()[0]) == pytest.approx(derivatives(pooled), abs=1e-8)


def test_influence_on_shares_is_that_of_a_ratio() -> None:
    sampling, alerts, money = single_rows(), SCORES > 0.8, RNG.gamma(1, 50, N)
    found = share(sampling, Alerts.of(alerts), money * Y)
    expected = derivatives(lambda w: (w * alerts * money * Y).sum() / (w * money * Y).sum())
    assert in_rows(sampling, found.influence.toarray()[0]) == pytest.approx(expected, abs=1e-8)
    right = precision(sampling, Alerts.of(alerts), Y)
    expected = derivatives(lambda w: (w * alerts * Y).sum() / (w * alerts).sum())
    assert in_rows(sampling, right.influence.toarray()[0]) == pytest.approx(expected, abs=1e-8)


def competition(policy: PolicyConfig, day: np.ndarray, unit: np.ndarray | None = None) -> Competition:
    units = np.arange(day.size) if unit is None else unit
    return Competition(policy=policy, day=day, unit=units, fold=np.zeros(day.size, dtype=np.int64))


def test_an_alert_pushes_out_what_the_alerts_at_the_cut_find_on_average() -> None:
    day = np.repeat(np.arange(4), 10)
    scores = np.tile(-np.arange(10.0), 4)
    fraud = np.zeros(40)
    fraud[[1, 2, 12, 23]] = 1  # ranks 2, 3 of day 0; 3 of day 1; 4 of day 2
    # 2 alerts a day, so ranks 2 and 3 of the four days are at the cut: 8 units, of which 3 are frauds
    pushed = competition(PolicyConfig(value=2), day).pushed_out(scores, {"fraud": fraud})["fraud"]
    assert pushed == pytest.approx(np.full(40, 3 / 8))


def test_a_day_with_room_for_all_pushes_nothing_out_and_the_rows_of_a_unit_share() -> None:
    day = np.array([0, 0, 0, 0, 1, 1])
    unit = np.array([0, 0, 1, 2, 3, 4])
    scores = np.array([9.0, 1, 8, 7, 5, 4])
    pushed = competition(PolicyConfig(value=2), day, unit).pushed_out(scores, {"one": np.array([1.0, 1, 1, 0, 1, 1])})
    # day 0 has 3 units; at the cut are ranks 2 and 3: one finds 1, the other 0
    assert pushed["one"] == pytest.approx([0.25, 0.25, 0.5, 0.5, 0, 0])
