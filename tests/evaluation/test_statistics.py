"""Four words, and what it takes to say them."""

import numpy as np
import pytest

from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.figures import Alerts, share
from fraud.evaluation.statistics.sampling import Sampling
from fraud.evaluation.statistics.verdicts import compare, holm, verdict


@pytest.mark.parametrize(
    ("low", "high", "p_value", "word"),
    [
        (0.03, 0.09, 0.001, "a"),
        (-0.09, -0.03, 0.001, "b"),
        (0.03, 0.09, 0.06, "inconclusive"),
        (-0.01, 0.09, 0.001, "inconclusive"),
        (-0.01, 0.015, 0.4, "equivalent"),
        (0.001, 0.015, 0.001, "equivalent"),
        (0.001, 0.025, 0.001, "a"),
        (0.0, 0.0, 1.0, "equivalent"),
        (np.nan, np.nan, 1.0, "inconclusive"),
    ],
)
def test_the_verdict_follows_the_interval_the_margin_and_the_corrected_p_value(low, high, p_value, word):
    assert verdict(low, high, margin=0.02, p_value=p_value) == word


def test_holm_multiplies_the_smallest_most_and_keeps_the_order():
    # By hand: 0.01 x 4, 0.02 x 3, 0.03 x 2 (kept at the step before), 0.9.
    assert holm([0.02, 0.9, 0.01, 0.03]) == pytest.approx([0.06, 0.9, 0.04, 0.06])
    assert holm([0.6, 0.7]) == pytest.approx([1.0, 1.0])
    assert holm([]).size == 0


@pytest.fixture
def family():
    """Figures of three strategies: the third finds far less, the second is the first under another name."""
    rng = np.random.default_rng(4)
    card = np.repeat(np.arange(100, dtype=np.int32), 5)
    sampling = Sampling.of(Clusters(card, 100, "card"))
    y = np.ones(500, dtype=bool)
    caught = rng.random(500) < 0.7
    return [share(sampling, Alerts.of(alerts), y) for alerts in (caught, caught.copy(), rng.random(500) < 0.3)]


def test_a_family_is_compared_with_one_correction_for_all(family):
    first, same, worse = family
    rows = compare(
        [("x", first, "x again", same), ("x", first, "y", worse)],
        metric="recall",
        margin=0.05,
        kinds=["strategy", "family"],
    )
    assert [row.verdict for row in rows] == ["equivalent", "a"]
    assert [(row.a, row.b, row.kind) for row in rows] == [("x", "x again", "strategy"), ("x", "y", "family")]
    assert rows[1].p_value == pytest.approx(2 * (first - worse).p_value())
    assert rows[1].low < rows[1].difference == first.value - worse.value < rows[1].high
    assert compare([("y", worse, "x", first)], metric="recall", margin=0.05)[0].verdict == "b"


def test_a_strategy_against_itself_under_another_name_never_wins(family):
    first, same, _ = family
    row = compare([("x", first, "x again", same)], metric="recall", margin=0.02)[0]
    assert (row.difference, row.p_value, row.verdict) == (0, 1, "inconclusive")
    assert row.low == -row.high < -0.03


def test_the_margin_is_a_share_of_what_the_budget_allows(family):
    first, same, _ = family
    words = [
        compare([("x", first, "x again", same)], metric="recall", margin=0.05, ceiling=ceiling)[0].verdict
        for ceiling in (1.0, 0.5)
    ]
    assert words == ["equivalent", "inconclusive"]
