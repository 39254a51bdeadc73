"""The proposed alerts a day let a perfect ranking find nine of ten frauds, and take at most a tenth of a day."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.config import PolicyConfig
from fraud.evaluation.policy import ceiling
from fraud.inspection.proposal.plan import MOST_OF_A_DAY, REACH, daily_alerts


@given(st.lists(st.integers(0, 40), min_size=1, max_size=40).filter(any), st.integers(20, 2_000))
def test_the_budget_reaches_nine_in_ten_or_takes_a_tenth_of_a_day(frauds: list[int], a_day: int) -> None:
    transactions, of_days = np.full(len(frauds), a_day), np.minimum(frauds, a_day)
    alerts, reach = daily_alerts(transactions, of_days)
    tenth = max(1, int(MOST_OF_A_DAY * a_day))
    assert 1 <= alerts <= tenth
    assert reach >= REACH or alerts == tenth


@pytest.mark.parametrize("frauds", [[3, 0, 9, 1], [1, 1, 1, 40]])
def test_what_a_perfect_ranking_finds_is_the_ceiling_of_evaluation(frauds: list[int]) -> None:
    day = np.repeat(np.arange(len(frauds)), 500)
    y = np.concatenate([np.arange(500) < one for one in frauds])
    alerts, reach = daily_alerts(np.full(len(frauds), 500), np.array(frauds))
    assert ceiling(PolicyConfig(value=alerts), y, day=day).recall == pytest.approx(reach)


def test_a_few_bad_days_do_not_set_the_budget_of_all() -> None:
    alerts, reach = daily_alerts(np.full(100, 10_000), np.array([5] * 99 + [60]))
    assert (alerts, reach) == (10.0, pytest.approx((99 * 5 + 10) / 555))
