"""Both sides of every benchmark do the same work: a faster wrong answer is no answer."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from bench import handbook_features, ingestion, inputs, intervals, scoring, strategies, training_steps
from bench.sizes import Sizes
from polars.testing import assert_frame_equal

from fraud.metrics import average_precision
from fraud.model.network import Network
from fraud.simulation.dumps import Simulation, write_dumps

EXTRA = 'is not installed: pip install -e ".[bench]"'
needs_pandas = pytest.mark.skipif(
    find_spec("pandas") is None or find_spec("pyarrow") is None, reason=f"pandas with pyarrow {EXTRA}"
)
needs_duckdb = pytest.mark.skipif(find_spec("duckdb") is None, reason=f"duckdb {EXTRA}")
needs_lightgbm = pytest.mark.skipif(find_spec("lightgbm") is None, reason=f"lightgbm {EXTRA}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small handbook world as the benchmarks read it."""
    folder = tmp_path_factory.mktemp("sides")
    world = Simulation(days=50, customers=25, terminals=12, fraud_factor=8.0)
    inputs.transactions(folder, list(map(str, write_dumps(folder / "dumps", world))))
    return folder


@pytest.fixture(scope="module")
def ours(folder: Path) -> pl.DataFrame:
    return handbook_features.by_library(pl.read_parquet(folder / "transactions.parquet")).cast(pl.Float64)


def assert_same(ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    made = theirs.select(handbook_features.NAMES).cast(pl.Float64).fill_nan(None)
    assert_frame_equal(ours.fill_nan(None), made, rel_tol=1e-5, abs_tol=1e-6)  # ours are float32


def test_the_world_has_known_frauds_and_empty_windows(ours: pl.DataFrame) -> None:
    assert ours["terminal_fraud_count_30d"].max() > 3  # type: ignore[operator]
    assert 0 < ours["customer_amount_mean_1d"].null_count() < len(ours) / 2
    assert 0 < ours["terminal_fraud_rate_7d"].mean() < 1  # type: ignore[operator]


@needs_pandas
@pytest.mark.parametrize("made_by", ["by_pandas", "by_pandas_grouped"])
def test_pandas_makes_the_same_features(folder: Path, ours: pl.DataFrame, made_by: str) -> None:
    rows = handbook_features.published(folder)
    made = getattr(handbook_features, made_by)(rows)
    assert_same(ours, pl.DataFrame({name: made[name].to_numpy() for name in made.columns}))


@needs_duckdb
def test_duckdb_makes_the_same_features(folder: Path, ours: pl.DataFrame) -> None:
    connection = handbook_features.connected(folder)
    made = handbook_features.by_duckdb(connection).execute("SELECT * FROM features").fetchnumpy()
    assert_same(ours, pl.DataFrame({name: np.ma.filled(values.astype(float), np.nan) for name, values in made.items()}))


@needs_pandas
@pytest.mark.parametrize("engine", ["c", "pyarrow"])
def test_pandas_stores_the_same_rows(tmp_path: Path, engine: str) -> None:
    inputs.big_csv(tmp_path, Simulation(preset="rich", days=20, customers=80, terminals=300, fraud_factor=5.0))
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    stored = ingestion.by_library(tmp_path / "big.csv", tmp_path / "ours")
    made = ingestion.by_pandas(tmp_path / "big.csv", tmp_path / "theirs", engine=engine).rename(ingestion.NAMES)
    # The store fills in when an unreported transaction counts as genuine; a data frame does not.
    columns = ["transaction_id", "event_time", "amount", "customer", "merchant", "device", "CATEGORY", "fraud_type"]
    text = [name for name in columns if name not in ("event_time", "amount")]
    time = pl.col("event_time").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    theirs = made.select(columns).with_columns(time, pl.col(text).cast(pl.String).replace("", None))
    assert_frame_equal(
        stored.select(columns).sort("transaction_id").collect(), theirs.sort("transaction_id").collect(), rel_tol=1e-12
    )
    reported = pl.col("is_fraud").cast(pl.Boolean).sum()
    assert stored.select(reported).collect().item() == made.select(reported).collect().item() > 0


def task(X: np.ndarray, y: np.ndarray, *, steps: int) -> training_steps.Task:
    config = inputs.handbook_config()
    return training_steps.Task(
        train=(X, y),
        network=replace(config.network, hidden=(16,), dropout=0.0),
        training=replace(config.training, batch_size=32, precision="fp32"),
        steps=steps,
    )


def some_rows(count: int, *, features: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((count, features)).astype(np.float32)
    return X, (X[:, 0] + 0.3 * rng.standard_normal(count) > 1.2).astype(np.int8)


def test_a_plain_torch_loop_trains_the_same_network() -> None:
    X, y = some_rows(700)
    trained = task(X, y, steps=20)
    (ours, _), (theirs, _) = (by(trained) for by in (training_steps.by_library, training_steps.by_torch))
    rows = torch.from_numpy(X)
    start = trained.classifier()(rows)
    torch.testing.assert_close(ours(rows), theirs(rows), rtol=1e-4, atol=1e-5)
    assert (ours(rows) - start).abs().mean() > 0.01


def test_the_usual_loader_takes_the_same_step_over_the_same_rows() -> None:
    X, y = some_rows(700)
    one = task(X, y, steps=1)
    one = replace(one, training=replace(one.training, batch_size=700))  # one batch: no order matters
    sides = (training_steps.by_library, training_steps.by_default_loader)
    (ours, _), (theirs, _) = (by(one) for by in sides)
    rows = torch.from_numpy(X)
    assert ours(rows).abs().min() > 0  # it starts at 0
    torch.testing.assert_close(ours(rows), theirs(rows), rtol=0.01, atol=0)


def test_the_usual_loader_takes_as_many_steps() -> None:
    model, seconds = training_steps.by_default_loader(task(*some_rows(700), steps=20))
    assert len(model._losses) == 20
    assert seconds > 0


@needs_lightgbm
def test_lightgbm_scores_with_200_trees_of_15_leaves() -> None:
    X, y = some_rows(2000)
    booster = scoring.fitted_booster(X, y, trees=Sizes().trees, threads=1)
    assert booster.num_trees() == 200
    assert max(tree["num_leaves"] for tree in booster.dump_model()["tree_info"]) == 15
    assert booster.predict(X, raw_score=True).shape == y.shape


def test_the_loop_over_scikit_learn_finds_about_the_same_intervals() -> None:
    rng = np.random.default_rng(1)
    y = (rng.random(6000) < 0.05).astype(np.int8)
    rows = intervals.noisy(y, rng.integers(0, 200, y.size), 2.0 * y + rng.standard_normal(y.size), alerts=400)
    ours, theirs = intervals.by_library(rows), intervals.by_loop(rows, 60)
    assert len(ours) == 2 * (10 + 9)
    assert ours.keys() == theirs.keys()
    widths = [[high - low for low, high in bounds.values()] for bounds in (ours, theirs)]
    assert np.divide(*widths) == pytest.approx(np.ones(len(ours)), abs=0.75)
    assert np.mean(np.divide(*widths)) == pytest.approx(1, abs=0.2)


def test_imbalanced_learn_trains_on_as_many_rows_of_each_class() -> None:
    from imblearn.over_sampling import SMOTE, RandomOverSampler
    from imblearn.under_sampling import RandomUnderSampler

    X, y = some_rows(3000)
    rows = strategies.trained_rows(y)
    samplers = {"over-random": RandomOverSampler(), "over-smote": SMOTE(), "under-random": RandomUnderSampler()}
    assert {name: len(sampler.fit_resample(X, y)[1]) for name, sampler in samplers.items()}.items() <= rows.items()
    assert rows["none"] == rows["weight-inverse"] == len(y)


def test_every_strategy_ranks_alike_on_both_sides(tmp_path: Path) -> None:
    training = replace(inputs.handbook_config().training, batch_size=64)
    compared = strategies.Task(train=some_rows(1500), test=some_rows(2000), training=training, seeds=1)
    ours, theirs = strategies.by_library(compared, tmp_path), strategies.by_imblearn(compared)
    assert ours.keys() == theirs.keys()
    assert len(ours) == len(strategies.STRATEGIES)
    y = compared.test[1]
    found = {name: [average_precision(y, one[name]) for one in (ours, theirs)] for name in ours}
    assert all(abs(a - b) < 0.15 and min(a, b) > 0.5 for a, b in found.values()), found


def test_the_classifier_of_scikit_learn_gets_as_many_inputs_as_the_network() -> None:
    X, _ = some_rows(50)
    widened = strategies.with_sines(X, seed=0)
    first = next(layer for layer in Network(X.shape[1], (), hidden=(4,), dropout=0.0).body)
    assert widened.shape == (50, first.in_features)
    np.testing.assert_array_equal(widened[:, : X.shape[1]], X)
    assert np.abs(widened[:, X.shape[1] :]).max() <= 1
