"""Drift is more than chance, more than ordinary, more than any stretch of the reference, and enough to matter."""

from dataclasses import replace

import numpy as np
import pytest

from fraud.lifecycle.drift.baseline import FLOORS, Measured, limits

CALM = Measured(
    column="amount",
    measure="psi",
    found=1.0,
    held=1e9,
    drawn=np.random.default_rng(0).normal(0.1, 0.02, 500),
    stretches=np.full(20, 0.1),
)
"""Weeks differ a little; stretches do not differ at all."""


def limit(**changes: object) -> float:
    (found,) = limits([replace(CALM, **changes)])  # type: ignore[arg-type]
    return found


def test_one_stretch_of_the_reference_that_differs_as_much_is_no_drift() -> None:
    lonely = np.append(np.full(400, 0.1), 0.9)
    assert limit(stretches=lonely) == pytest.approx(0.9)


def test_what_moves_slowly_is_held_back_by_the_spread_of_its_stretches() -> None:
    waves = np.array([0.1, 0.3] * 10)
    assert limit(stretches=waves) > waves.max() + 0.05


def test_few_stretches_widen_what_is_ordinary() -> None:
    waves = np.array([0.1, 0.3] * 10)
    assert limit(stretches=waves, held=3.0) > limit(stretches=waves) + 0.1


def test_weeks_that_differ_much_raise_the_limit() -> None:
    wild = np.random.default_rng(0).normal(0.5, 0.2, 500)
    assert limit(drawn=wild) > limit() + 0.5


def test_what_is_too_small_to_matter_is_no_drift() -> None:
    still = np.zeros(500)
    assert limit(drawn=still, stretches=np.zeros(20)) == FLOORS["psi"]
