"""Exact intervals and tests of few events, against SciPy's at whole counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from fraud.evaluation.statistics.exact import clopper_pearson, kish, mcnemar


@pytest.mark.parametrize(("found", "events"), [(0, 10), (1, 40), (3, 10), (10, 10), (17, 300)])
def test_the_interval_of_a_share_is_clopper_and_pearsons(found: int, events: int) -> None:
    exact = binomtest(found, events).proportion_ci(0.95, method="exact")
    assert clopper_pearson(found, events) == pytest.approx((exact.low, exact.high))


@pytest.mark.parametrize(("more", "fewer"), [(1, 0), (5, 0), (7, 2), (4, 4), (30, 12)])
def test_the_p_value_of_discordant_frauds_is_mcnemars(more: int, fewer: int) -> None:
    assert mcnemar(more, fewer) == pytest.approx(binomtest(more, more + fewer).pvalue)
    assert mcnemar(more, fewer) == mcnemar(fewer, more)


@given(st.floats(0, 1), st.floats(0.5, 1000), st.floats(1, 3))
def test_more_effective_events_never_make_a_wider_interval(share: float, events: float, factor: float) -> None:
    few, many = clopper_pearson(share * events, events), clopper_pearson(share * events * factor, events * factor)
    assert few[0] <= many[0] + 1e-9 <= share + 2e-9
    assert many[1] - 1e-9 <= few[1]


def test_no_events_allow_everything() -> None:
    assert clopper_pearson(0, 0) == (0, 1)
    assert mcnemar(0, 0) == 1


def test_clusters_of_equal_weight_count_each_and_one_heavy_one_alone() -> None:
    assert kish(np.full(50, 3.0)) == pytest.approx(50)
    assert kish(np.array([1000.0, 1.0])) == pytest.approx(1, abs=0.01)
    assert kish(np.array([2.0, -2.0])) == pytest.approx(2)
    assert kish(np.zeros(4)) == 0
