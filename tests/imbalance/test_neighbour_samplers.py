"""Neighbour samplers: imbalanced-learn's rows where all rows are searched, stated caps elsewhere."""

import numpy as np
import pytest
from imblearn.over_sampling import ADASYN, SMOTE, BorderlineSMOTE
from imblearn.under_sampling import EditedNearestNeighbours, NearMiss, TomekLinks

from fraud.errors import StrategyError
from fraud.imbalance.guards import check_training_rows
from fraud.imbalance.strategies import get_strategy

N, FRAUDS = 1200, 60
SEED = 7


@pytest.fixture(scope="module")
def data():
    """Two overlapping clouds, five features."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((N, 5), dtype=np.float32)
    y = np.zeros(N, dtype=np.int8)
    y[rng.choice(N, FRAUDS, replace=False)] = 1
    X[y == 1, :2] += 1.5
    return X, y


def sample(data, name, *, row_cap=100_000, categorical=(), seed=SEED, **knobs):
    X, y = data
    rows = get_strategy(name, **knobs).rows(
        X, y, categorical=categorical, rng=np.random.default_rng(seed), row_cap=row_cap
    )
    check_training_rows(rows, X, y)
    return rows


def with_categories(data):
    X, y = data
    codes = np.random.default_rng(2).integers(0, [4, 30], (N, 2)) + 100 * y[:, None]
    return np.hstack([X, codes.astype(np.float32)]), y


def frauds_first(data):
    X, y = data
    return np.concatenate([X[y == 1], X[y == 0]]), np.sort(y)[::-1]


@pytest.mark.parametrize(
    ("name", "reference"),
    [("over-smote", SMOTE()), ("over-borderline", BorderlineSMOTE()), ("over-adasyn", ADASYN())],
)
def test_synthetic_frauds_are_those_of_imbalanced_learn(data, name, reference):
    seed = int(np.random.default_rng(SEED).integers(2**31 - 1))
    X, y = frauds_first(data)
    expected = reference.set_params(random_state=seed, sampling_strategy=1.0).fit_resample(X, y)[0][N:]
    synthetic = sample(data, name).synthetic_X
    # ADASYN rounds per fraud and makes some more than requested; the requested ratio is kept
    assert len(synthetic) == N - 2 * FRAUDS <= len(expected)
    assert {row.tobytes() for row in synthetic} <= {row.tobytes() for row in expected}


@pytest.mark.filterwarnings("ignore:The number of the samples to be selected")  # version 3 finds fewer
@pytest.mark.parametrize("version", [1, 3])
def test_nearmiss_keeps_what_imbalanced_learn_keeps(data, version):
    X, y = data
    ratio = (FRAUDS / (N - FRAUDS)) ** 0.2  # frauds to one genuine row
    reference = NearMiss(version=version, sampling_strategy=ratio, n_neighbors_ver3=3)
    reference.fit_resample(X, y)
    rows = sample(data, "under-nearmiss", correction=0.8, version=version)
    np.testing.assert_array_equal(rows.index, np.sort(reference.sample_indices_))


def test_tomek_links_found_from_the_frauds_alone_are_all_of_them(data):
    X, y = data
    reference = TomekLinks()
    reference.fit_resample(X, y)
    rows = sample(data, "under-tomek")
    assert rows.negative < N - FRAUDS
    np.testing.assert_array_equal(rows.index, np.sort(reference.sample_indices_))


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("combined-smote-tomek", TomekLinks(sampling_strategy="all")),
        ("combined-smote-enn", EditedNearestNeighbours(sampling_strategy="all", kind_sel="mode")),
    ],
)
def test_cleaning_keeps_the_rows_that_imbalanced_learn_keeps(data, name, reference):
    X, y = frauds_first(data)
    seed = int(np.random.default_rng(SEED).integers(2**31 - 1))
    survivors, _ = reference.fit_resample(*SMOTE(random_state=seed).fit_resample(X, y))
    kept = reference.sample_indices_[reference.sample_indices_ < N]
    order = np.concatenate([np.flatnonzero(data[1]), np.flatnonzero(data[1] == 0)])
    rows = sample(data, name)
    np.testing.assert_array_equal(rows.index[rows.index < N], np.sort(order[kept]))
    assert {row.tobytes() for row in rows.synthetic_X} <= {row.tobytes() for row in survivors}
    assert rows.positive == rows.negative


def test_synthetic_frauds_lie_between_frauds(data):
    X, y = data
    synthetic = sample(data, "over-smote").synthetic_X
    assert (synthetic >= X[y == 1].min(axis=0)).all()
    assert (synthetic <= X[y == 1].max(axis=0)).all()


@pytest.mark.parametrize("name", ["over-smote", "over-borderline", "over-adasyn", "combined-smote-enn"])
def test_synthetic_frauds_have_categories_that_frauds_have(data, name):
    X, y = with_categories(data)
    synthetic = sample((X, y), name, categorical=(5, 6)).synthetic_X
    for column in (5, 6):
        assert set(synthetic[:, column]) <= set(X[y == 1, column])
    assert len(np.unique(synthetic[:, 6])) > 3
    assert synthetic.dtype == np.float32


SMOTES = ["over-smote", "over-borderline", "over-adasyn", "combined-smote-tomek", "combined-smote-under"]


@pytest.mark.parametrize("categorical", [(), (5, 6)])
@pytest.mark.parametrize("name", SMOTES)
def test_no_synthetic_fraud_has_a_value_between_the_two_of_a_flag(data, name, categorical):
    X, y = with_categories(data)
    X = X[:, : 7 if categorical else 5].copy()
    rng = np.random.default_rng(4)
    X[:, 2] = np.where(rng.random(N) < 0.3, 2.5, -0.1)
    X[:, 3] = np.where(rng.random(N) < 0.5, 1.0, 0.0)
    X[0, 3] = 0.5  # three values: a number
    synthetic = sample((X, y), name, categorical=categorical).synthetic_X
    assert set(synthetic[:, 2]) == set(X[:, 2])
    assert len(np.unique(synthetic[:, 3])) > 3


def test_a_synthetic_fraud_has_the_flags_of_one_of_its_two_frauds(data):
    X, y = data
    X = X.copy()
    X[:, 3] = np.where(X[:, 0] > 1, 2.0, -1.0)
    X[:, 4] = np.where(X[:, 3] == 2.0, 0.0, 1.0)  # the opposite flag
    synthetic = sample((X, y), "over-smote").synthetic_X
    assert {tuple(flags) for flags in synthetic[:, 3:]} == {(2.0, 0.0), (-1.0, 1.0)}


@pytest.mark.parametrize("name", ["over-borderline", "under-nearmiss", "under-tomek"])
def test_category_codes_have_no_distance(data, name):
    X, y = with_categories(data)
    renamed = X.copy()
    renamed[:, 5:] = renamed[:, 5:] * 13 % 401
    first, second = (sample((matrix, y), name, categorical=(5, 6)) for matrix in (X, renamed))
    np.testing.assert_array_equal(first.index, second.index)


def test_one_hot_columns_that_would_not_fit_make_fewer_rows(data, monkeypatch):
    monkeypatch.setattr("fraud.imbalance.oversampling.SMOTENC_BYTES", 100 * 5 * 4 * 40)
    rows = sample(with_categories(data), "over-smote", categorical=(5, 6))
    assert len(rows.synthetic_X) < 200
    assert rows.positive == rows.negative
    assert "distinct synthetic frauds, each used" in rows.notes[-1]


@pytest.mark.parametrize("name", ["over-smote", "over-borderline", "over-adasyn"])
def test_the_cap_bounds_the_synthetic_rows_and_each_is_used_about_as_often(data, name):
    rows = sample(data, name, row_cap=300)
    assert len(rows.synthetic_X) == pytest.approx(300, abs=20)
    assert rows.positive == rows.negative == N - FRAUDS
    times = np.bincount(rows.index, minlength=N + len(rows.synthetic_X))[N:]
    assert times.max() - times.min() <= 1
    assert (np.bincount(rows.index, minlength=N)[:N] == 1).all()


@pytest.mark.parametrize("name", ["over-borderline", "over-adasyn", "under-nearmiss", "under-tomek"])
def test_a_capped_search_sees_all_frauds_and_notes_it(data, name):
    rows = sample(data, name, row_cap=300)
    assert (
        rows.notes[0] == "Neighbours were searched among 300 of 1200 rows: 60 frauds (all) and 240 genuine rows, "
        "drawn at random."
    )
    assert np.isin(np.flatnonzero(data[1]), rows.index).all()


def test_genuine_rows_that_tomek_did_not_see_stay_and_those_that_nearmiss_did_not_see_go(data):
    all_seen = sample(data, "under-tomek")
    capped = sample(data, "under-tomek", row_cap=300)
    assert N - 1 - 240 < len(capped.index) < N
    assert len(all_seen.index) < N
    searched = sample(data, "under-nearmiss", row_cap=300)
    assert searched.negative == FRAUDS
    mild = sample(data, "under-nearmiss", row_cap=300, correction=0.25)
    assert mild.negative == round(FRAUDS / (FRAUDS / (N - FRAUDS)) ** 0.75) > 240
    assert mild.notes[1] == f"{mild.negative - 240} genuine rows that were not searched were kept at random."


def test_natural_rows_outside_the_pool_stay_when_tomek_links_are_cleaned(data):
    rows = sample(data, "combined-smote-tomek", row_cap=1000)
    natural = rows.index[rows.index < N]
    assert len(natural) >= N - 200
    assert len(natural) == len(np.unique(natural))
    assert rows.positive == rows.negative


def test_edited_nearest_neighbours_clean_rows_outside_the_pool_as_those_in_it(data):
    """A pool of a sixth of the rows removes about the share of each class that a pool of all rows removes."""
    y = data[1]
    whole, part = (sample(data, "combined-smote-enn", row_cap=cap) for cap in (100_000, 1000))
    for label in (0, 1):
        left = [np.isin(np.flatnonzero(y == label), rows.index).mean() for rows in (whole, part)]
        assert left[1] == pytest.approx(left[0], abs=0.15)
        assert left[1] < 0.95
    assert part.positive == part.negative
    assert len(part.synthetic_X) > 300  # not those of the pool alone


def test_frauds_beyond_the_cap_stay_in_the_training_rows(data):
    rows = sample(data, "over-smote", row_cap=60)
    assert np.isin(np.flatnonzero(data[1]), rows.index).all()
    assert rows.notes[0] == "Synthetic rows come from 30 of 60 frauds, drawn at random."


def test_too_many_neighbours_are_lowered_with_a_note(data):
    X, y = data
    few = np.concatenate([np.flatnonzero(y)[:4], np.flatnonzero(y == 0)])
    rows = sample((X[few], y[few]), "over-smote", neighbours=10)
    assert rows.notes[0] == "Neighbours lowered from 10 to 3: there are 4 frauds."
    assert rows.positive == rows.negative


@pytest.mark.parametrize("name", ["over-smote", "over-borderline", "over-adasyn", "combined-smote-enn"])
def test_one_fraud_is_too_few_to_interpolate(data, name):
    X, y = data
    one = np.concatenate([np.flatnonzero(y)[:1], np.flatnonzero(y == 0)])
    with pytest.raises(StrategyError, match="expected at least 2 frauds in the training rows, found 1"):
        sample((X[one], y[one]), name)


def test_frauds_far_from_every_genuine_row_have_no_border(data):
    X, y = data
    far = X + 1000 * y[:, None].astype(np.float32)
    with pytest.raises(StrategyError, match="over-borderline: no fraud lies on the border"):
        sample((far, y), "over-borderline")
    with pytest.raises(StrategyError, match="ADASYN cannot resample these rows"):
        sample((far, y), "over-adasyn")


def test_category_codes_alone_cannot_be_searched(data):
    X, y = with_categories(data)
    for name in ("over-smote", "under-nearmiss", "combined-smote-tomek"):
        with pytest.raises(StrategyError, match="needs a numeric feature"):
            sample((np.ascontiguousarray(X[:, 5:]), y), name, categorical=(0, 1))


def test_not_a_number_is_a_fault_of_one_line(data):
    X, y = data
    X = X.copy()
    X[np.flatnonzero(y)[0], 0] = np.nan
    with pytest.raises(StrategyError, match="SMOTE cannot resample these rows") as caught:
        sample((X, y), "over-smote")
    assert "\n" not in str(caught.value)


def test_smote_under_meets_in_the_middle(data):
    rows = sample(data, "combined-smote-under", correction=0.5)
    natural = np.log(FRAUDS / (N - FRAUDS))
    half, whole = (np.log(rows.positive / genuine) - natural for genuine in (N - FRAUDS, rows.negative))
    assert (half, whole) == pytest.approx((-natural / 4, -natural / 2), abs=0.01)
    assert len(np.unique(rows.index)) == len(rows.index)
