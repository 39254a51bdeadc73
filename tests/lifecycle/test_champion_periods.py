"""Which version was the champion from when to when, and which one a rollback returns to."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fraud.lifecycle.champion_periods import ROLLBACK, Change, champion_periods, effective_changes, former_champion

START = datetime(2026, 1, 1, tzinfo=UTC)


def history(*changes: tuple[int, str]) -> list[Change]:
    return [Change(version=v, at=START + timedelta(days=n), how=how) for n, (v, how) in enumerate(changes)]


def test_without_a_change_there_is_no_period() -> None:
    assert champion_periods(effective_changes(history((1, "run")), champion=None)) == []


def test_each_period_lasts_until_the_next_change() -> None:
    found = champion_periods(history((1, "run"), (2, "retrain"), (1, ROLLBACK)))
    assert [(period.version, period.until) for period in found] == [
        (1, START + timedelta(days=1)),
        (2, START + timedelta(days=2)),
        (1, None),
    ]


def test_a_rollback_goes_back_through_the_promotions_one_by_one() -> None:
    changes = history((1, "run"), (2, "retrain"), (3, "promote"))
    assert former_champion(changes) == 2
    assert former_champion(changes + history((2, ROLLBACK))) == 1
    assert former_champion(changes + history((2, ROLLBACK), (1, ROLLBACK))) is None


def test_a_promotion_after_a_rollback_is_undone_to_where_it_began() -> None:
    assert former_champion(history((1, "run"), (2, "retrain"), (1, ROLLBACK), (3, "retrain"))) == 1


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8))
def test_a_change_that_took_no_effect_did_not_happen(versions: list[int]) -> None:
    changes = history(*((version, "promote") for version in versions))
    changes = [one for n, one in enumerate(changes) if n == 0 or one.version != changes[n - 1].version]
    assert effective_changes(changes, changes[-1].version) == changes
    if len(changes) > 1:
        assert effective_changes(changes, changes[-2].version) == changes[:-1]
    assert effective_changes(changes[:1], None) == []
