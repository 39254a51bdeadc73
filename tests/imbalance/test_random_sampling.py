"""Random over- and undersampling on indices: the counts of imbalanced-learn, without a copy of the table."""

import numpy as np
import pytest
from imblearn.over_sampling import RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler

from fraud.imbalance.strategies import get_strategy

rng = np.random.default_rng(0)
X = rng.standard_normal((977, 3), dtype=np.float32)
y = (np.arange(977) % 31 == 0).astype(np.int8)
REFERENCES = {"over-random": RandomOverSampler, "under-random": RandomUnderSampler}


def sample(name, seed=0, **knobs):
    return get_strategy(name, **knobs).rows(X, y, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("correction", [1.0, 0.75, 0.5, 0.25])
@pytest.mark.parametrize("name", REFERENCES)
def test_the_counts_are_those_of_imbalanced_learn(name, correction):
    ratio = (32 / 945) ** (1 - correction)  # frauds to one genuine row
    _, expected = REFERENCES[name](sampling_strategy=ratio).fit_resample(X, y)
    rows = sample(name, correction=correction)
    counts = [int(expected.sum()), int((expected == 0).sum())]
    assert [rows.positive, rows.negative] == pytest.approx(counts, abs=1)  # they cut the fraction off, we round
    assert rows.labels(y).sum() == rows.positive


def test_oversampling_keeps_every_row_once_and_repeats_frauds_alone():
    rows = sample("over-random")
    times = np.bincount(rows.index, minlength=len(y))
    assert (times[y == 0] == 1).all()
    assert (times[y == 1] >= 1).all()
    assert times[y == 1].max() > times[y == 1].min()


def test_undersampling_keeps_every_fraud_once_and_no_genuine_row_twice():
    rows = sample("under-random")
    times = np.bincount(rows.index, minlength=len(y))
    assert (times[y == 1] == 1).all()
    assert set(times[y == 0]) == {0, 1}


def test_genuine_rows_are_left_out_without_regard_to_their_place():
    kept = np.concatenate([sample("under-random", seed).index for seed in range(60)])
    genuine = kept[y[kept] == 0]
    assert np.bincount(genuine // 100, minlength=10)[:9].min() > 0.7 * len(genuine) / 9.77


@pytest.mark.parametrize("name", REFERENCES)
def test_no_correction_samples_nothing_and_says_so(name):
    rows = sample(name, correction=0.0)
    np.testing.assert_array_equal(rows.index, np.arange(len(y)))
    assert rows.notes == ("Nothing sampled: 32 frauds to 945 genuine rows are enough for a correction of 0.",)


@pytest.mark.parametrize("name", [*REFERENCES, "batch-balanced", "none"])
def test_no_row_is_copied_or_synthetic(name):
    rows = sample(name)
    assert rows.synthetic_X is None
    assert rows.index.dtype == np.int64


def test_balanced_batches_name_every_row_once_and_the_share_of_frauds_to_draw():
    rows = sample("batch-balanced", correction=0.5)
    np.testing.assert_array_equal(rows.index, np.arange(len(y)))
    assert rows.balanced_batches
    odds = (32 / 945) ** 0.5
    assert rows.positive_share == pytest.approx(odds / (1 + odds))
