"""The encoded windows on disk, and baselines that are fitted on a part of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import polars as pl
import pytest

from fraud.evaluation import baselines
from fraud.evaluation.baselines import fit_baseline
from fraud.evaluation.training_jobs import WINDOWS, lay_out
from fraud.features import table_rows
from fraud.features.encoding import Encoder


@dataclass
class Rows:
    rows: np.ndarray
    y: np.ndarray


@dataclass
class Cut:
    train: Rows
    validation: Rows
    test: Rows


def table() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "transaction_id": [f"t{place}" for place in range(300)],
            "number": rng.normal(size=300),
            "gaps": pl.Series(np.where(rng.random(300) < 0.3, np.nan, rng.random(300)), nan_to_null=True),
            "kind": rng.choice(["a", "b"], 300),
        }
    )


@pytest.mark.parametrize("stretch", [1, 37, 1000])
def test_windows_laid_out_a_stretch_at_a_time_are_the_encoded_rows(stretch: int, tmp_path: Path) -> None:
    frame = table()
    places = {"train": np.arange(0, 150, 2), "validation": np.arange(160, 220), "test": np.array([230, 231, 299])}
    cut: Any = Cut(**{name: Rows(rows, (rows % 5 == 0).astype(np.int8)) for name, rows in places.items()})
    encoder = Encoder.fit(frame[cut.train.rows], numeric=["number", "gaps"], categorical=["kind"])
    with mock.patch.object(table_rows, "BATCH_ROWS", stretch):
        lay_out(frame.lazy(), cut, encoder, tmp_path)
    for name in WINDOWS:
        X, y = (np.load(tmp_path / f"{name}_{part}.npy") for part in "Xy")
        assert np.array_equal(X, encoder.transform(frame[places[name]]))
        assert (y.dtype, y.tolist()) == (np.int8, getattr(cut, name).y.tolist())
    assert not list(tmp_path.glob("*.part*"))


def test_a_baseline_of_too_many_rows_is_fitted_on_every_second_or_third(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(1000, 3)).astype(np.float32)
    y = (X[:, 0] + rng.normal(size=1000) > 1).astype(np.int8)
    monkeypatch.setattr(baselines, "MOST_ROWS", 400)
    fitted = fit_baseline("logistic-regression", X, y, n_numeric=3, seed=0, row_cap=1000)
    monkeypatch.setattr(baselines, "MOST_ROWS", 2000)
    third = fit_baseline("logistic-regression", X[::3], y[::3], n_numeric=3, seed=0, row_cap=1000)
    assert fitted.rows == third.rows == 334
    assert np.array_equal(fitted.score(X), third.score(X))
