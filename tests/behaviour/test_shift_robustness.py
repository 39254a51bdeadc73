"""Networks break where trees do not: planted shifts between training and test, with and without the protection.

The protection is the encoding: values clipped, long tails on a logarithmic scale, rare and unseen categories in one
bucket. Boosting sees the same matrix and needs none of it. `scripts/benchmark_shifts.py` does the same with each shift
alone, five seeds and three kinds of boosting.
"""

import numpy as np
import pytest
from bench.shifts import MARGIN, SHIFTS, boosting, encoded, network, world

from fraud.features import scaling

SEEDS = 2
TREES = "hist-gradient-boosting"
TESTED = ("amounts", "all together")


@pytest.mark.slow
@pytest.mark.parametrize("shift", TESTED)
def test_the_network_stands_where_boosting_stands(shift: str) -> None:
    encoder, (train, validation, test) = encoded(world(**SHIFTS[shift]))
    found = np.mean([network(encoder, train, validation, test, seed=seed) for seed in range(SEEDS)])
    assert found > boosting(TREES, encoder, train, test) - MARGIN


@pytest.mark.slow
def test_without_the_protection_it_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = world(amount_inflation=30.0)
    encoder, (train, validation, test) = encoded(parts)
    trees = boosting(TREES, encoder, train, test)
    assert network(encoder, train, validation, test, seed=0) > trees - MARGIN
    monkeypatch.setattr(scaling, "CLIP", 1e9)
    monkeypatch.setattr(scaling, "LONG_TAIL", 1e9)
    monkeypatch.setattr(scaling, "RARE", 1)
    encoder, (train, validation, test) = encoded(parts)
    assert network(encoder, train, validation, test, seed=0) < trees - MARGIN
