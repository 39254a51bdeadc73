"""Sources of an interval: clusters one or two ways, seeds, folds; and that differences are paired in all of them."""

import numpy as np
import pytest
from scipy import sparse

from fraud.errors import LeakageError, TargetError
from fraud.evaluation.statistics.clusters import Clusters
from fraud.evaluation.statistics.components import Component, SeedSpread, between_folds, between_seeds, satterthwaite
from fraud.evaluation.statistics.estimates import Estimate
from fraud.evaluation.statistics.figures import Alerts, ranking, share, without_each
from fraud.evaluation.statistics.sampling import Sampling, describe_sources

CARDS, TERMINALS, EACH = 60, 40, 10
N = CARDS * EACH
CARD = np.repeat(np.arange(CARDS, dtype=np.int32), EACH)
RNG = np.random.default_rng(5)
TERMINAL = RNG.integers(0, TERMINALS, N).astype(np.int32)
FRAUD = np.ones(N, dtype=bool)
BY_CARD, BY_TERMINAL = Clusters(CARD, CARDS, "card"), Clusters(TERMINAL, TERMINALS, "terminal")


def variance(estimate: Estimate) -> float:
    return estimate.components[0].variance


def found_by(codes: np.ndarray, count: int) -> np.ndarray:
    """Frauds that stand and fall with their cluster."""
    return (np.random.default_rng(1).random(count) < 0.5)[codes]


def test_the_variance_by_cluster_is_that_of_the_sums() -> None:
    alerts = RNG.random(N) < 0.3
    one = share(Sampling.of(BY_CARD), Alerts.of(alerts), FRAUD)
    sums = np.bincount(CARD, weights=alerts - alerts.mean()) / N
    assert variance(one) == pytest.approx(CARDS / (CARDS - 1) * np.sum(sums**2))
    assert one.components[0].freedom == pytest.approx(CARDS - 1)


def test_two_ways_add_up_less_their_intersection() -> None:
    alerts = RNG.random(N) < 0.3
    ways = [Sampling.of(BY_CARD), Sampling.of(BY_TERMINAL), Sampling.of(BY_CARD, BY_TERMINAL)]
    pair = np.unique(CARD.astype(np.int64) * TERMINALS + TERMINAL, return_inverse=True)[1]
    both = Sampling.of(Clusters(pair.astype(np.int32), int(pair.max()) + 1, "pair"))
    first, second, two, third = (variance(share(way, Alerts.of(alerts), FRAUD)) for way in (*ways, both))
    assert two == pytest.approx(max(first + second - third, first, second))


def test_frauds_that_fall_with_their_terminal_need_the_second_way() -> None:
    alerts = Alerts.of(found_by(TERMINAL, TERMINALS))
    one = share(Sampling.of(BY_CARD), alerts, FRAUD)
    two = share(Sampling.of(BY_CARD, BY_TERMINAL), alerts, FRAUD)
    assert two.standard_error > 2 * one.standard_error
    assert two.components[0].freedom < TERMINALS
    narrow, wide = one.interval(), two.interval()
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_a_shift_of_all_frauds_from_seed_to_seed_is_in_the_interval() -> None:
    base = np.random.default_rng(3).random(N)
    seeds = np.stack([base < level for level in (0.3, 0.4, 0.5, 0.6)]).astype(float)
    one = share(Sampling.of(BY_CARD), Alerts.of(base < 0.45, without_each(seeds)), FRAUD)
    assert one.seeds[0].left_out.shape == (1, 4)
    assert one.components[1].variance > 5 * one.components[0].variance


def test_which_single_frauds_a_seed_finds_is_not_counted_twice() -> None:
    """Clusters contain it: the variance of the mean of 4 seeds that shuffle all is a quarter of a single one's."""
    rng, sampling = np.random.default_rng(3), Sampling.of(BY_CARD)
    parts = []
    for _ in range(40):
        seeds = (rng.random((4, N)) < 0.45).astype(float)
        one = share(sampling, Alerts.of(seeds.mean(axis=0), without_each(seeds)), FRAUD)
        parts.append([one.components[1].variance, one.components[0].variance])
    between, within = np.mean(parts, axis=0)
    assert between < 0.5 * within


def test_the_jackknife_over_two_seeds_is_half_their_variance() -> None:
    influence = sparse.csr_array(np.zeros((2, Sampling.of(BY_CARD).cells)))
    part = between_seeds(Sampling.of(BY_CARD), [SeedSpread(np.array([[0.4, 0.6]]), influence)], (60.0,))
    assert part == Component(pytest.approx(np.var([0.4, 0.6], ddof=1) / 2), 1)


def test_a_single_seed_adds_nothing_and_the_description_says_so() -> None:
    one = share(Sampling.of(BY_CARD), Alerts.of(FRAUD, without_each(FRAUD[None])), FRAUD)
    assert one.seeds == ()
    assert one.components[1].variance == 0
    for seeds, included in ((1, False), (3, True)):
        sources = describe_sources(Sampling.of(BY_CARD, BY_TERMINAL), [seeds, 3])["sources"]
        assert [source["source"] for source in sources] == ["card", "terminal", "seed", "fold"]
        assert [source["included"] for source in sources] == [True, True, included, False]


def test_seeds_are_paired_where_there_are_as_many_and_added_where_not() -> None:
    rng = np.random.default_rng(7)
    sampling = Sampling.of(BY_CARD)
    base = rng.random(N)
    a, b = (
        share(sampling, Alerts.of(base < at, without_each(np.stack([base < at + s for s in (-0.2, 0, 0.2)]))), FRAUD)
        for at in (0.5, 0.4)
    )
    single = share(sampling, Alerts.of(base < 0.4), FRAUD)
    assert (a - b).components[1].variance < 0.05 * a.components[1].variance
    assert (a - single).components[1].variance == pytest.approx(a.components[1].variance, rel=0.3)


def test_differences_are_paired_by_cluster() -> None:
    sampling = Sampling.of(BY_CARD)
    alerts = found_by(CARD, CARDS)
    a = share(sampling, Alerts.of(alerts), FRAUD)
    b = share(sampling, Alerts.of(alerts & (RNG.random(N) < 0.95)), FRAUD)
    assert (a - b).standard_error < 0.2 * a.standard_error
    assert (a - b).value == a.value - b.value


def test_figures_of_different_samplings_have_no_difference() -> None:
    a, b = (share(Sampling.of(BY_CARD), Alerts.of(FRAUD), FRAUD) for _ in range(2))
    with pytest.raises(LeakageError, match="different samplings"):
        _ = a - b


def test_too_few_clusters_or_values_of_other_rows_are_refused() -> None:
    few = Clusters((CARD % 5).astype(np.int32), 5, "fold")
    with pytest.raises(LeakageError, match=r"sampling: expected at least 10 clusters.*found 5 \(fold\)"):
        Sampling.of(few)
    with pytest.raises(TargetError, match="sampling: expected"):
        share(Sampling.of(BY_CARD), Alerts.of(FRAUD), FRAUD[1:])


def test_windows_that_differ_widen_the_interval_and_windows_that_do_not_leave_it() -> None:
    weight = np.full(3, 1 / 3)
    assert between_folds(np.array([0.5, 0.51, 0.49]), weight, 0.0004).variance == 0
    apart = between_folds(np.array([0.3, 0.5, 0.7]), weight, 0.0004)
    # DerSimonian and Laird by hand: v = .0012 a window, Q = .08 / .0012, tau^2 = (Q - 2) v / 2
    tau_squared = (0.08 / 0.0012 - 2) * 0.0012 / 2
    assert apart == Component(pytest.approx(tau_squared / 3), 2)
    assert between_folds(np.array([0.3, np.nan, 0.7]), weight, 0.0004).freedom == 1
    assert between_folds(np.array([0.3]), np.ones(1), 0.0004).variance == 0


def test_degrees_of_freedom_are_satterthwaites() -> None:
    assert satterthwaite([Component(2.0, 10), Component(0.0, 1)]) == (2.0, 10)
    assert satterthwaite([Component(1.0, 4), Component(1.0, 4)]) == (2.0, 8)


def test_the_mean_of_the_seeds_is_judged() -> None:
    rng = np.random.default_rng(9)
    y = rng.random(N) < 0.2
    scores = rng.normal(size=(3, N)) + y
    sampling = Sampling.of(BY_CARD)
    together, of_mean = ranking(sampling, y, scores), ranking(sampling, y, scores.mean(axis=0))
    assert [one.value for one in together] == [one.value for one in of_mean]
    assert together[0].value > max(ranking(sampling, y, one)[0].value for one in scores)


def test_a_fold_without_frauds_counts_for_nothing() -> None:
    fold = np.repeat([0, 1, 2], N // 3)
    y = (RNG.random(N) < 0.3) & (fold != 1)
    scores = RNG.normal(size=N) + y
    sampling = Sampling.of(BY_CARD, fold=fold)
    for one in ranking(sampling, y, scores):
        assert 0 < one.interval().low < one.value < one.interval().high < 1
        assert np.isnan(one.by_fold[1])
    recall = share(sampling, Alerts.of(scores > 0.5), y)
    assert recall.value == pytest.approx((scores > 0.5)[y].mean())
    assert recall.interval().low < recall.value


def test_a_figure_that_does_not_exist_has_no_bounds() -> None:
    none = share(Sampling.of(BY_CARD), Alerts.of(FRAUD), ~FRAUD)
    assert np.isnan(none.value)
    assert np.isnan(none.interval().low)
    assert none.p_value() == 1
