"""Five strategies x three seeds: by the training jobs of fraud, and by imbalanced-learn's Pipeline with MLPClassifier.

The same rows, network, batches, optimizer family and number of passes over each strategy's own rows; two processes of
one thread each on both sides, which are up and have imported what they need before the clock starts. No early stopping
on either. The network takes every number and a sine of it; as MLPClassifier cannot learn frequencies, it gets sines of
fixed ones, made after the sampling, which is less work than learning them. Beside it stands MLPClassifier on the
numbers alone: half as many inputs, another network.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import joblib
import numpy as np

from fraud.model.network import WAVE_SPREAD

STRATEGIES = ("none", "weight-inverse", "over-random", "over-smote", "under-random")
SEEDS = (0, 1, 2)
PASSES = 3
JOBS = 2
OURS = ("bench.inputs", "fraud.evaluation.training_jobs")
THEIRS = (
    "bench.inputs",
    "imblearn.over_sampling",
    "imblearn.under_sampling",
    "imblearn.pipeline",
    "sklearn.neural_network",
)
Rows = tuple[np.ndarray, np.ndarray]
Scores = dict[tuple[str, int], np.ndarray]
"""(strategy, seed) -> probabilities or logits of the test rows."""


def library(folder: Path) -> Callable[[], None]:
    """``train_jobs`` over memory maps."""
    train, test = _rows(folder)
    place = Path(mkdtemp(dir=folder))
    start_processes(OURS)

    def work() -> None:
        by_library(train, test, place)
        shutil.rmtree(place)

    return work


def imblearn(folder: Path) -> Callable[[], None]:
    """One fitted Pipeline a strategy and seed, side by side through joblib."""
    train, test = _rows(folder)
    start_processes(THEIRS)
    return lambda: _drop(by_imblearn(train, test))


def imblearn_without_sines(folder: Path) -> Callable[[], None]:
    """The same on the numbers alone."""
    train, test = _rows(folder)
    start_processes(THEIRS)
    return lambda: _drop(by_imblearn(train, test, sines=False))


def start_processes(modules: Sequence[str]) -> None:
    """Have joblib's processes, which later calls use again, and this one import what a side needs."""
    joblib.Parallel(n_jobs=JOBS)(joblib.delayed(_import)(modules) for _ in range(JOBS))
    _import(modules)


def _import(modules: Sequence[str]) -> None:
    for name in modules:
        import_module(name)
    time.sleep(1)  # so that no process takes two of these calls


def _rows(folder: Path) -> tuple[Rows, Rows]:
    from bench.inputs import PIECE_OF_TRAINING, window_of

    X, y = window_of(folder, "train")
    return (X[-PIECE_OF_TRAINING:], y[-PIECE_OF_TRAINING:]), window_of(folder, "test")


def by_library(train: Rows, test: Rows, place: Path, *, jobs: int = JOBS, batch_size: int | None = None) -> Scores:
    """Logits of the test rows."""
    from bench.inputs import handbook_config
    from fraud.evaluation.training_jobs import JobResult, TrainingInputs, TrainingJob, TrainingSettings, train_jobs

    config = handbook_config()
    few = (test[0][:256], test[1][:256])  # nothing is decided on it; MLPClassifier looks at nothing either
    for name, (X, y) in {"train": train, "validation": few, "test": test}.items():
        np.save(place / f"{name}_X.npy", X)
        np.save(place / f"{name}_y.npy", y)
    scores: Scores = {}
    training = replace(config.training, batch_size=batch_size or config.training.batch_size)
    by_rows: dict[int, list[str]] = {}
    for strategy, rows in trained_rows(train[1]).items():
        by_rows.setdefault(rows, []).append(strategy)
    for rows, strategies in by_rows.items():
        steps = max(2, PASSES * rows // training.batch_size)
        inputs = TrainingInputs(
            folder=place,
            cardinalities=(),
            settings=TrainingSettings(
                network=replace(config.network, dropout=0.0),  # MLPClassifier has none
                training=replace(training, max_steps=steps, check_every=steps),
                row_cap=2 * len(train[1]),  # no cap: imbalanced-learn has none
            ),
        )
        jobs_to_do = [TrainingJob(strategy, seed, training.learning_rate) for strategy in strategies for seed in SEEDS]
        for result in train_jobs(jobs_to_do, inputs, processes=jobs):
            assert isinstance(result, JobResult)
            scores[result.job.strategy, result.job.seed] = result.logits("test")
    return scores


def trained_rows(y: np.ndarray) -> dict[str, int]:
    """Rows that each strategy trains on in one pass."""
    frauds, genuine = int(y.sum()), int((y == 0).sum())
    over = dict.fromkeys(("over-random", "over-smote"), 2 * genuine)
    return dict.fromkeys(("none", "weight-inverse"), len(y)) | over | {"under-random": 2 * frauds}


def by_imblearn(
    train: Rows, test: Rows, *, jobs: int = JOBS, batch_size: int | None = None, sines: bool = True
) -> Scores:
    """Probabilities of the test rows."""
    named = [(strategy, seed) for strategy in STRATEGIES for seed in SEEDS]
    fit = partial(_fit_pipeline, train=train, test=test, batch_size=batch_size, sines=sines)
    found = joblib.Parallel(n_jobs=jobs)(joblib.delayed(fit)(*one) for one in named)
    return dict(zip(named, found, strict=True))


def _fit_pipeline(
    strategy: str, seed: int, *, train: Rows, test: Rows, batch_size: int | None, sines: bool
) -> np.ndarray:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    X, y = train
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a fixed number of passes is what is wanted
        pipeline = _pipeline(strategy, seed, batch_size, sines=sines)
        weight = {"network__sample_weight": np.where(y == 1, y.size / y.sum(), y.size / (y == 0).sum())}
        pipeline.fit(X, y, **(weight if strategy == "weight-inverse" else {}))
        return np.asarray(pipeline.predict_proba(test[0])[:, 1])


def _pipeline(strategy: str, seed: int, batch_size: int | None, *, sines: bool) -> Any:
    from imblearn.over_sampling import SMOTE, RandomOverSampler
    from imblearn.pipeline import Pipeline
    from imblearn.under_sampling import RandomUnderSampler
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import FunctionTransformer

    from bench.inputs import handbook_config

    config = handbook_config()
    samplers = {"over-random": RandomOverSampler, "over-smote": SMOTE, "under-random": RandomUnderSampler}
    network = MLPClassifier(
        hidden_layer_sizes=tuple(config.network.hidden),
        batch_size=batch_size or config.training.batch_size,
        learning_rate_init=1e-3,
        max_iter=PASSES,
        n_iter_no_change=PASSES,
        random_state=seed,
    )
    steps: list[tuple[str, Any]] = [("network", network)]
    if sines:
        steps.insert(0, ("sines", FunctionTransformer(partial(with_sines, seed=seed))))
    if strategy in samplers:
        steps.insert(0, ("sampler", samplers[strategy](random_state=seed)))
    return Pipeline(steps)


def with_sines(X: np.ndarray, *, seed: int) -> np.ndarray:
    """Numbers (N, F) and behind them a sine of each, (N, 2 F), of frequencies as the network's start."""
    rng = np.random.default_rng(seed)
    turns = 2 * np.pi
    frequency = np.float32(WAVE_SPREAD * turns) * rng.standard_normal(X.shape[1], dtype=np.float32)
    phase = np.float32(turns) * rng.random(X.shape[1], dtype=np.float32)
    return np.hstack([X, np.sin(X * frequency + phase)])


def _drop(_: object) -> None:
    """The result is made, and not looked at."""
