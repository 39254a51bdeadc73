"""Networks break where trees do not: planted shifts between training and test, with and without the protection.

The protection is the encoding: values clipped, long tails on a logarithmic scale, rare and unseen categories in one
bucket. Boosting sees the same matrix and needs none of it. `scripts/benchmark_shifts.py` does the same with each shift
alone, five seeds and three kinds of boosting.
"""

import numpy as np
import pytest
from bench.inputs import Rows
from bench.shifts import MARGIN, SHIFTS, boosting, encoded, network, world

from fraud.features import Encoder, scaling

SEEDS = 2
CUSTOMERS = 400
TREES = "hist-gradient-boosting"


def mean_of_networks(encoder: Encoder, rows: list[Rows], *, seeds: int = SEEDS) -> float:
    """Average precision on test."""
    return float(np.mean([network(encoder, *rows, seed=seed) for seed in range(seeds)]))


@pytest.mark.slow
def test_the_network_holds_where_boosting_holds_under_all_shifts_together() -> None:
    encoder, rows = encoded(world(customers=CUSTOMERS, **SHIFTS["all together"]))
    assert mean_of_networks(encoder, rows) > boosting(TREES, encoder, rows[0], rows[2]) - MARGIN


@pytest.mark.slow
def test_without_the_protection_it_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = world(customers=CUSTOMERS, amount_inflation=30.0)
    encoder, rows = encoded(parts)
    trees = boosting(TREES, encoder, rows[0], rows[2])
    protected = mean_of_networks(encoder, rows, seeds=1)
    monkeypatch.setattr(scaling, "CLIP", 1e9)
    monkeypatch.setattr(scaling, "LONG_TAIL", 1e9)
    monkeypatch.setattr(scaling, "RARE", 1)
    unprotected = mean_of_networks(*encoded(parts), seeds=1)
    assert unprotected < trees - MARGIN
    assert unprotected < protected - MARGIN
