"""What stands or falls together: cards, else days, else blocks of time; never single rows where one is there."""

import numpy as np
import pytest

from fraud.errors import TargetError
from fraud.evaluation.statistics.clusters import choose_clusters, second_clusters, time_clusters


def times(hours: float, rows: int = 1000) -> np.ndarray:
    step = np.linspace(0, hours * 3_600_000_000, rows, endpoint=False).astype("timedelta64[us]")
    return np.datetime64("2018-09-01T00:00:00", "us") + step


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_transactions_of_one_card_share_a_cluster(rng):
    card = np.array([f"c{code}" for code in rng.integers(0, 80, 1000)])
    clusters = choose_clusters(times(24 * 30), entity=card, entity_name="customer")
    assert (clusters.kind, clusters.count, clusters.is_time) == ("customer", 80, False)
    assert all(len(set(clusters.codes[card == one])) == 1 for one in set(card))


def test_a_transaction_without_a_card_is_a_cluster_of_its_own():
    card = np.array([None, *(f"c{code}" for code in range(60)), None], dtype=object)
    clusters = choose_clusters(times(24, 62), entity=card)
    assert clusters.count == 62
    assert np.unique(clusters.codes).size == 62


def test_without_cards_or_with_few_of_them_days_are_clusters():
    for card in (None, np.arange(1000) % 20):
        clusters = choose_clusters(times(24 * 30), entity=card)
        assert (clusters.kind, clusters.count, clusters.is_time) == ("day", 30, True)
    assert np.array_equal(clusters.codes, np.arange(1000) * 30 // 1000)


@pytest.mark.parametrize(("hours", "count"), [(48, 24), (9 * 24, 22), (20, 20), (7, 20), (0.5, 20)])
def test_few_days_become_at_least_twenty_equal_blocks(hours, count):
    clusters = time_clusters(times(hours))
    assert (clusters.kind, clusters.count, clusters.is_time) == ("block", count, True)
    sizes = np.bincount(clusters.codes)[:-1]
    assert sizes.max() - sizes.min() <= 1 + 1000 // (20 * hours)


def test_blocks_are_of_whole_hours_where_there_are_enough():
    when = times(48)
    hour = when.astype("datetime64[h]")
    clusters = time_clusters(when)
    assert all(len(set(clusters.codes[hour == one])) == 1 for one in set(hour))


def test_a_single_moment_is_a_single_block():
    assert time_clusters(np.full(5, np.datetime64("2018-09-01", "us"))).count == 1


def test_a_second_entity_is_a_second_way_where_it_has_enough_values(rng):
    first = choose_clusters(times(24 * 30), entity=np.arange(1000) % 80)
    terminal = rng.permutation(1000) % 200
    second = second_clusters(terminal, entity_name="terminal", first=first)
    assert (second.kind, second.count) == ("terminal", 200)
    assert second_clusters(np.arange(1000) % 5, entity_name="terminal", first=first) is None
    assert second_clusters(None, entity_name="terminal", first=first) is None
    assert second_clusters(terminal, entity_name="terminal", first=choose_clusters(times(24 * 30))) is None


def test_an_empty_window_is_refused():
    with pytest.raises(TargetError, match="expected at least one transaction"):
        choose_clusters(np.array([], dtype="datetime64[us]"))
    with pytest.raises(TargetError, match=r"entity: expected shape \(1000,\), found \(3,\)"):
        choose_clusters(times(24), entity=["a", "b", "c"])


def test_where_only_months_are_known_each_transaction_stands_for_itself() -> None:
    months = np.repeat(np.array(["2024-01-01", "2024-02-01"], "datetime64[us]"), 200)
    clusters = choose_clusters(months)
    assert clusters.kind == "transaction"
    assert clusters.count == 400
    assert not clusters.is_time
