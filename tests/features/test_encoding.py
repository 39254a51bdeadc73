"""Encoding: learned from training rows alone, bounded, and the same again after a trip through JSON."""

import json
from unittest import mock

import numpy as np
import polars as pl
import pytest
from drawing import examples
from hypothesis import given
from hypothesis import strategies as st

from fraud.errors import LeakageError
from fraud.features import table_rows
from fraud.features.encoding import Encoder, check_fitted_on, rows_digest
from fraud.features.scaling import CLIP
from fraud.features.table_rows import Columns, TableRows

NUMERIC = ("even", "tail", "rate", "constant", "gaps", "gaps_too")
CATEGORICAL = ("kind", "empty")


def rows(count: int = 400, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    gaps = np.where(rng.random(count) < 0.3, np.nan, rng.normal(50, 10, count))
    kinds = rng.choice(["a", "b", "c"], count).astype("<U9")
    kinds[:3] = "seldom"
    return pl.DataFrame(
        {
            "transaction_id": [f"t{n}" for n in range(count)],
            "even": rng.uniform(-1, 1, count),
            "tail": np.exp(rng.normal(0, 3, count)),
            "rate": np.where(rng.random(count) < 0.02, rng.random(count), 0),
            "constant": np.full(count, 7.0),
            "gaps": pl.Series(gaps, nan_to_null=True),
            "gaps_too": pl.Series(gaps * 2, nan_to_null=True),
            "kind": kinds,
            "empty": pl.Series([None] * count, dtype=pl.String),
        }
    )


def fitted(frame: Columns) -> Encoder:
    return Encoder.fit(frame, numeric=NUMERIC, categorical=CATEGORICAL)


def column(encoder: Encoder, X: np.ndarray, name: str) -> np.ndarray:
    return X[:, encoder.feature_names.index(name)]


def test_the_matrix_has_numeric_columns_first_then_codes() -> None:
    frame = rows()
    encoder = fitted(frame)
    X = encoder.transform(frame)
    assert encoder.feature_names == ("even", "tail", "rate", "gaps", "gaps_missing", "gaps_too", "kind", "empty")
    assert X.shape == (400, encoder.n_features)
    assert X.dtype == np.float32
    assert X.flags.c_contiguous
    assert (encoder.n_numeric, encoder.categorical_positions) == (6, (6, 7))
    assert encoder.cardinalities == (4, 1)


def test_columns_that_do_not_vary_in_training_are_left_out() -> None:
    assert "constant" not in fitted(rows()).feature_names


def test_only_columns_with_long_tails_go_on_a_logarithmic_scale() -> None:
    assert {scale.name: scale.log for scale in fitted(rows()).scales_} == {
        "even": False,
        "tail": True,
        "rate": False,
        "gaps": False,
        "gaps_too": False,
    }


def test_scaling_is_by_mean_and_deviation_of_the_training_rows() -> None:
    frame = rows()
    even = column(fitted(frame), fitted(frame).transform(frame), "even")
    expected = (frame["even"] - frame["even"].mean()) / frame["even"].std()
    assert np.abs(even - expected.to_numpy()).max() < 0.02  # the outermost 0.1 % are pulled in before both


def test_missing_values_become_zero_and_one_flag_serves_columns_missing_together() -> None:
    frame = rows()
    encoder = fitted(frame)
    X = encoder.transform(frame)
    missing = frame["gaps"].is_null().to_numpy()
    assert np.array_equal(column(encoder, X, "gaps_missing"), missing.astype(np.float32))
    assert (column(encoder, X, "gaps")[missing] == 0).all()
    assert "gaps_too_missing" not in encoder.feature_names


def test_a_rate_that_is_mostly_zero_is_not_cut_off_where_it_begins_to_speak() -> None:
    frame = rows(5000)
    rate = column(fitted(frame), fitted(frame).transform(frame), "rate")
    assert (rate < CLIP).mean() > 0.998


@examples(30)
@given(st.floats(allow_nan=True, allow_infinity=True, width=32), st.sampled_from(["a", "seldom", "never seen", None]))
def test_whatever_comes_later_stays_within_bounds(value: float, kind: str | None) -> None:
    encoder = fitted(rows())
    later = pl.DataFrame(
        {name: [value] for name in NUMERIC} | {"kind": [kind], "empty": ["new"]},
        schema_overrides={"kind": pl.String},
    )
    X = encoder.transform(later)
    assert np.isfinite(X).all()
    assert (np.abs(X[:, : encoder.n_numeric]) <= CLIP).all()
    assert X[0, -1] == 0


def test_rare_unseen_and_missing_categories_share_code_zero() -> None:
    frame = rows()
    encoder = fitted(frame)
    later = frame.head(4).with_columns(kind=pl.Series(["seldom", "never seen", None, "b"]))
    assert column(encoder, encoder.transform(later), "kind").tolist() == [0, 0, 0, 2]
    assert frame["kind"].value_counts().filter(kind="seldom")["count"].to_list() == [3]


def test_the_encoder_comes_back_from_json_as_it_was() -> None:
    frame = rows()
    encoder = fitted(frame)
    again = Encoder.from_dict(json.loads(json.dumps(encoder.to_dict())))
    assert again == encoder
    assert np.array_equal(again.transform(frame), encoder.transform(frame))


def test_encoding_one_row_equals_encoding_it_among_others() -> None:
    frame = rows()
    encoder = fitted(frame)
    assert np.array_equal(encoder.transform(frame[17:18]), encoder.transform(frame)[17:18])


def test_an_encoder_fitted_on_as_many_other_rows_is_caught() -> None:
    frame = rows()
    with pytest.raises(LeakageError, match="not the 300 training rows"):
        check_fitted_on(fitted(frame[100:]), frame[:300])


def test_the_digest_knows_rows_and_their_order() -> None:
    frame = rows()
    assert rows_digest(frame) == rows_digest(frame.clone())
    assert len({rows_digest(other) for other in (frame, frame.reverse(), frame[1:], frame[:-1])}) == 4


@examples(25)
@given(st.sets(st.integers(0, 399), min_size=30), st.integers(1, 120), st.integers(1, 2000))
def test_fitted_from_disk_a_stretch_and_a_few_columns_at_a_time_it_is_the_same(
    places: set[int], stretch: int, held: int
) -> None:
    frame, chosen = rows(), np.array(sorted(places), dtype=np.int64)
    with mock.patch.multiple(table_rows, BATCH_ROWS=stretch, HELD_BYTES=held * 8):
        from_disk = fitted(TableRows(frame.lazy(), chosen))
    assert from_disk == fitted(frame[chosen])
