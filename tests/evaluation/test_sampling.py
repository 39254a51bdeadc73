"""The sampling that a comparison shares: clusters of its entities, folds of its windows."""

from types import SimpleNamespace

import numpy as np
import pytest

from fraud.evaluation.comparison import draw_sampling
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.sampling import Sampling

N = 600
RNG = np.random.default_rng(0)
CARD, TERMINAL, FOLD = RNG.permutation(N) % 60, RNG.permutation(N) % 30, np.arange(N) // 200


def sampling(**test: object) -> Sampling:
    rows = {"second": TERMINAL, "entities": ("customer", "terminal"), "fold": FOLD}
    data = SimpleNamespace(
        clusters=Clusters(CARD.astype(np.int32), 60, "customer"), test=SimpleNamespace(**rows | test)
    )
    return draw_sampling(data)  # type: ignore[arg-type]


def test_customers_and_terminals_are_two_ways_and_windows_are_folds() -> None:
    found = sampling()
    assert [(way.kind, way.count) for way in found.ways] == [("customer", 60), ("terminal", 30)]
    assert found.folds == 3
    assert len(found.cell_ways) == 3


def test_one_entity_is_one_way() -> None:
    assert len(sampling(second=None, entities=("customer",)).ways) == 1


@pytest.mark.parametrize("second", [TERMINAL, None])
def test_cells_keep_every_sum(second: np.ndarray | None) -> None:
    found = sampling(second=second)
    values = RNG.normal(size=N)
    cells = found.in_cells(values)
    assert found.in_clusters(values)[0] == pytest.approx(np.bincount(found.cell_ways[0], weights=cells))
    assert np.bincount(found.cell_fold, weights=cells) == pytest.approx(np.bincount(FOLD, weights=values))
