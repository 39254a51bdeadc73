"""Five strategies x three seeds: by the training jobs of fraud, and by imbalanced-learn's Pipeline with MLPClassifier.

The same rows, network, batches, optimizer family and number of passes over each strategy's own rows; two processes of
one thread each on both sides, which are up and have imported what they need before the clock starts. No early stopping
on either. The network takes every number and a sine of it; as MLPClassifier cannot learn frequencies, it gets sines of
fixed ones, made after the sampling, which is less work than learning them. Beside it stands MLPClassifier on the
numbers alone: half as many inputs, another network.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import joblib
import numpy as np

from bench.inputs import Rows, handbook_config, training_of, window_of
from bench.sizes import Sizes
from fraud.config import TrainingConfig
from fraud.model.network import WAVE_SPREAD

STRATEGIES = ("none", "weight-inverse", "over-random", "over-smote", "under-random")
PASSES = 3
OURS = ("bench.inputs", "fraud.evaluation.training_jobs")
THEIRS = (
    "bench.inputs",
    "imblearn.over_sampling",
    "imblearn.under_sampling",
    "imblearn.pipeline",
    "sklearn.neural_network",
)
Scores = dict[tuple[str, int], np.ndarray]
"""(strategy, seed) -> probabilities or logits of the test rows."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What both sides train and score."""

    train: Rows
    test: Rows
    training: TrainingConfig
    seeds: int = 3
    jobs: int = 1
    """Processes."""

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The last training rows of the inputs, and their test window."""
        sizes, (X, y) = Sizes.of(folder), window_of(folder, "train")
        train, test = (X[-sizes.compared_rows :], y[-sizes.compared_rows :]), window_of(folder, "test")
        return cls(train=train, test=test, training=training_of(folder), seeds=sizes.seeds, jobs=sizes.jobs)


def library(folder: Path) -> Callable[[], None]:
    """``train_jobs`` over memory maps."""
    task = Task.of(folder)
    start_processes(OURS, task.jobs)

    def work() -> None:
        with TemporaryDirectory(dir=folder) as made:
            by_library(task, Path(made))

    return work


def imblearn(folder: Path) -> Callable[[], Scores]:
    """One fitted Pipeline a strategy and seed, side by side through joblib."""
    task = Task.of(folder)
    start_processes(THEIRS, task.jobs)
    return lambda: by_imblearn(task)


def imblearn_without_sines(folder: Path) -> Callable[[], Scores]:
    """The same on the numbers alone."""
    task = Task.of(folder)
    start_processes(THEIRS, task.jobs)
    return lambda: by_imblearn(task, sines=False)


def start_processes(modules: Sequence[str], jobs: int) -> None:
    """Have joblib's processes, which later calls use again, and this one import what a side needs."""
    if jobs > 1:
        joblib.Parallel(n_jobs=jobs)(joblib.delayed(_import)(modules) for _ in range(jobs))
    for name in modules:
        import_module(name)


def _import(modules: Sequence[str]) -> None:
    for name in modules:
        import_module(name)
    time.sleep(1)  # so that no process takes two of these calls


def by_library(task: Task, folder: Path) -> Scores:
    """Logits of the test rows."""
    from fraud.evaluation.training_jobs import JobResult, TrainingInputs, TrainingJob, TrainingSettings, train_jobs

    for name, (X, y) in {"train": task.train, "validation": _few(task.test), "test": task.test}.items():
        np.save(folder / f"{name}_X.npy", X)
        np.save(folder / f"{name}_y.npy", y)
    scores: Scores = {}
    by_rows: dict[int, list[str]] = {}
    for strategy, rows in trained_rows(task.train[1]).items():
        by_rows.setdefault(rows, []).append(strategy)
    for rows, strategies in by_rows.items():
        steps = max(2, PASSES * rows // task.training.batch_size)
        inputs = TrainingInputs(
            folder=folder,
            cardinalities=(),
            settings=TrainingSettings(
                network=replace(handbook_config().network, dropout=0.0),  # MLPClassifier has none
                training=replace(task.training, max_steps=steps, check_every=steps),
                row_cap=2 * len(task.train[1]),  # no cap: imbalanced-learn has none
            ),
        )
        rate = task.training.learning_rate
        jobs = [TrainingJob(strategy, seed, rate) for strategy in strategies for seed in range(task.seeds)]
        for result in train_jobs(jobs, [inputs], processes=task.jobs):
            assert isinstance(result, JobResult)
            scores[result.job.strategy, result.job.seed] = result.logits("test")
    return scores


def _few(rows: Rows) -> Rows:
    """Some rows of both classes, to check on once: nothing is decided there, and MLPClassifier needs none."""
    X, y = rows
    some = np.concatenate([np.flatnonzero(y == 1)[:16], np.flatnonzero(y == 0)[:240]])
    return X[some], y[some]


def trained_rows(y: np.ndarray) -> dict[str, int]:
    """Rows that each strategy trains on in one pass."""
    frauds, genuine = int(y.sum()), int((y == 0).sum())
    over = dict.fromkeys(("over-random", "over-smote"), 2 * genuine)
    return dict.fromkeys(("none", "weight-inverse"), len(y)) | over | {"under-random": 2 * frauds}


def by_imblearn(task: Task, *, sines: bool = True) -> Scores:
    """Probabilities of the test rows."""
    named = [(strategy, seed) for strategy in STRATEGIES for seed in range(task.seeds)]
    fit = partial(_fit_pipeline, task=task, sines=sines)
    found = joblib.Parallel(n_jobs=task.jobs)(joblib.delayed(fit)(*one) for one in named)
    return dict(zip(named, found, strict=True))


def _fit_pipeline(strategy: str, seed: int, *, task: Task, sines: bool) -> np.ndarray:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    X, y = task.train
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a fixed number of passes is what is wanted
        pipeline = _pipeline(strategy, seed, task.training.batch_size, sines=sines)
        weight = {"network__sample_weight": np.where(y == 1, y.size / y.sum(), y.size / (y == 0).sum())}
        pipeline.fit(X, y, **(weight if strategy == "weight-inverse" else {}))
        return np.asarray(pipeline.predict_proba(task.test[0])[:, 1])


def _pipeline(strategy: str, seed: int, batch_size: int, *, sines: bool) -> Any:
    from imblearn.over_sampling import SMOTE, RandomOverSampler
    from imblearn.pipeline import Pipeline
    from imblearn.under_sampling import RandomUnderSampler
    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import FunctionTransformer

    samplers = {"over-random": RandomOverSampler, "over-smote": SMOTE, "under-random": RandomUnderSampler}
    network = MLPClassifier(
        hidden_layer_sizes=tuple(handbook_config().network.hidden),
        batch_size=batch_size,
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
