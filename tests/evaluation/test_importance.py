"""Permutation importance finds the features that a known score uses, and no others."""

from types import SimpleNamespace

import numpy as np
import pytest

from fraud.evaluation import importance
from fraud.evaluation.importance import origins_of, permutation_importance
from fraud.features.encoding import Encoder
from fraud.features.scaling import NumericScale, Vocabulary
from fraud.metrics import average_precision

ROWS = 20_000


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(ROWS, 5)).astype(np.float32)
    X[:, 3] = X[:, 0] + 0.1 * X[:, 3]  # says the same as the first column
    y = (2 * X[:, 0] + X[:, 1] + rng.normal(size=ROWS) > 4.5).astype(np.int8)
    return X, y


def by_name(measured):
    return {one["feature"]: one for one in measured["features"]}


def test_a_feature_matters_as_much_as_its_weight_in_the_score(rows) -> None:
    X, y = rows
    origins = {"strong": (0,), "weak": (1,), "unused": (2, 4)}
    measured = permutation_importance(
        lambda x: 2 * x[:, 0] + x[:, 1], X, y, origins=origins, rng=np.random.default_rng(2)
    )
    found = by_name(measured)
    assert list(found) == ["strong", "weak", "unused"]
    assert found["strong"]["drop"] > 1.5 * found["weak"]["drop"] > 0.1
    assert found["unused"] == {"feature": "unused", "columns": 2, "drop": 0.0, "lowest": 0.0, "highest": 0.0}
    assert all(one["lowest"] <= one["drop"] <= one["highest"] for one in measured["features"])


def test_equal_columns_hide_each_other_until_shuffled_together(rows) -> None:
    X, y = rows

    def score(x: np.ndarray) -> np.ndarray:
        return x[:, 0] + x[:, 3] + x[:, 1]

    apart = by_name(permutation_importance(score, X, y, origins={"a": (0,), "b": (3,)}, rng=np.random.default_rng(2)))
    together = by_name(permutation_importance(score, X, y, origins={"ab": (0, 3)}, rng=np.random.default_rng(2)))
    assert together["ab"]["drop"] > 1.2 * max(apart["a"]["drop"], apart["b"]["drop"])


def test_a_sample_of_the_genuine_rows_stands_for_all(rows, monkeypatch) -> None:
    X, y = rows
    origins = {"a": (0,), "b": (1,)}
    whole = permutation_importance(lambda x: x[:, 0], X, y, origins=origins, rng=np.random.default_rng(2))
    monkeypatch.setattr(importance, "MOST_SCORED", 30_000)
    measured = permutation_importance(
        lambda x: x[:, 0], X, y, origins={"a": (0,), "b": (1,)}, rng=np.random.default_rng(2)
    )
    assert measured["rows"] < ROWS / 2
    assert measured["frauds"] == y.sum()
    assert measured["average_precision"] == pytest.approx(average_precision(y, X[:, 0]), rel=0.03)
    assert by_name(measured)["a"]["drop"] == pytest.approx(by_name(whole)["a"]["drop"], rel=0.05)


def test_neither_rows_nor_labels_are_written_to(rows) -> None:
    X, y = rows
    before = X.copy()
    permutation_importance(lambda x: x[:, 0], X, y, origins={"a": (0,)}, rng=np.random.default_rng(2))
    assert np.array_equal(X, before)


def test_windows_flags_and_cycles_are_one_origin() -> None:
    names = ("amount", "amount_log", "hour_sin", "hour_cos", "card_count_1d", "card_count_30d", "V14")
    scales = tuple(
        NumericScale(name=name, log=False, mean=0.0, deviation=1.0, missing=name == "card_count_1d") for name in names
    )
    encoder = Encoder(
        scales_=scales, vocabularies_=(Vocabulary(name="country", categories=("BE", "NL")),), fitted_on_=""
    )
    found = origins_of(encoder)
    assert found == {"amount": (0, 1), "hour": (2, 3), "card_count": (4, 5, 6), "V14": (7,), "country": (8,)}
    assert sorted(place for places in found.values() for place in places) == list(range(encoder.n_features))


def test_a_window_without_fraud_measures_nothing(rows) -> None:
    X, y = rows
    window = SimpleNamespace(window=lambda _: (X, np.zeros_like(y)))
    data = SimpleNamespace(latest=SimpleNamespace(inputs=window))
    assert importance.importance_of(None, data) is None
