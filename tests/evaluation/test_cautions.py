"""Small samples are warned about, whatever else there is to warn about."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fraud.config import PolicyConfig
from fraud.evaluation.record.cautions import FEW_CLUSTERS, FEW_FRAUDS, data_warnings
from fraud.evaluation.record.provenance import DatasetFacts
from fraud.evaluation.statistics.clusters import Clusters

FACTS = DatasetFacts(
    name="tiny",
    transactions=300,
    frauds=3,
    unlabelled=0,
    rejected=0,
    rejected_by_rule={},
    first_event=datetime(2026, 1, 1, tzinfo=UTC),
    last_event=datetime(2026, 1, 30, tzinfo=UTC),
    has_time=True,
    has_label_time=False,
    label_delay_days=7.0,
)


def warnings_of(
    *, frauds: int = 60, clusters: int = 100, kind: str = "customer", suspicions: Any = (), amount: Any = None
) -> str:
    windows = [SimpleNamespace(name=name, frauds=frauds, unlabelled=0) for name in ("train", "validation", "test")]
    data: Any = SimpleNamespace(
        suspicions=suspicions,
        split=SimpleNamespace(windows=windows),
        test=SimpleNamespace(day=np.repeat(np.arange(10), 100), amount=amount),
        clusters=Clusters(np.zeros(1, np.int32), clusters, kind),
    )
    policy = PolicyConfig(kind="alerts_per_day", value=5)
    return "\n".join(data_warnings(data, FACTS, matched=policy))


@pytest.mark.parametrize(("frauds", "clusters"), [(0, 0), (-1, 0), (0, -1)])
def test_below_the_limits_and_only_there_is_a_warning(frauds: int, clusters: int) -> None:
    found = warnings_of(frauds=FEW_FRAUDS + frauds, clusters=FEW_CLUSTERS + clusters)
    assert ("has only" in found, "rest on only" in found) == (frauds < 0, clusters < 0)


@pytest.mark.parametrize("suspicions", [(), ("New category 'x' in interval_type: 12 % of the rows.",)])
def test_few_frauds_and_few_clusters_are_warned_about_beside_any_other_warning(suspicions: tuple[str, ...]) -> None:
    found = warnings_of(frauds=11, clusters=12, kind="day", suspicions=suspicions)
    assert "The test window has only 11 frauds: every interval is wide" in found
    assert "The intervals rest on only 12 days: they are wide and uncertain." in found
    assert all(one in found for one in suspicions)


def test_blocks_of_time_are_warned_about_even_where_they_are_many() -> None:
    assert "intervals compare 24 blocks of time" in warnings_of(clusters=24, kind="block")


def test_negative_amounts_are_said_to_count_as_nothing() -> None:
    assert "3 transactions of the test window with a negative amount" in warnings_of(amount=np.array([5.0, -1, -2, -3]))
    assert "negative amount" not in warnings_of(amount=np.array([5.0, np.nan]))
