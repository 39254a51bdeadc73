"""Training jobs of a comparison: one strategy, its knobs and one seed, trained and kept.

Every finished job is a folder that appears whole or not at all, so that a killed comparison goes on where it was.
The encoded matrix lies in memory maps that all processes share.
"""

import hashlib
import json
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

import joblib
import numpy as np
import polars as pl
import torch
from safetensors.torch import save_file
from threadpoolctl import threadpool_limits

from fraud.config import NetworkConfig, TrainingConfig
from fraud.engine import Kind, run_all
from fraud.errors import EngineError, StrategyError
from fraud.evaluation.baselines import fit_baseline, is_baseline
from fraud.features import Encoder, Split, TableRows, Window, chunks, release
from fraud.files import write_atomically
from fraud.imbalance import KnobValue, check_kept_weights, get_strategy
from fraud.metrics import average_precision
from fraud.model import score_logits, train_candidate

WINDOWS = ("train", "validation", "test")

_TRAINS = (
    "windows.py",
    "features",
    "imbalance",
    "metrics",
    "model",
    "evaluation/baselines.py",
    "evaluation/training_jobs.py",
    "evaluation/comparison_data.py",
)
"""Parts of the library that decide what a job's folder contains."""


@dataclass(frozen=True)
class TrainingJob:
    """A strategy with its knobs, its learning rate and one seed; or a baseline, which has no knobs."""

    strategy: str
    seed: int
    learning_rate: float
    knobs: tuple[tuple[str, KnobValue], ...] = ()
    fold: int = 0
    """Which fold's windows it is trained on, counted from 0."""

    @property
    def name(self) -> str:
        """Folder name within its fold: readable, and different for every setting."""
        setting = hashlib.sha256(repr((self.learning_rate, self.knobs)).encode()).hexdigest()[:8]
        return f"{self.strategy}-{setting}-seed{self.seed}"


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """What a finished job left: logits on validation and test at natural prevalence, and how it came about."""

    job: TrainingJob
    folder: Path
    steps: int | None
    best_step: int | None
    rows: int
    seconds: float
    logit_shift: float | None
    validation_average_precision: float
    notes: tuple[str, ...]
    curve: tuple[Mapping[str, float], ...]

    def logits(self, window: str) -> np.ndarray:
        """Raw logits (N,) float64 of ``validation`` or ``test``."""
        return np.asarray(np.load(self.folder / f"{window}.npy"), dtype=np.float64)

    @classmethod
    def open(cls, job: TrainingJob, folder: Path) -> Self:
        """Read a finished job."""
        metadata = json.loads((folder / "cell.json").read_text(encoding="utf-8"))
        return cls(
            job=job, folder=folder, **{**metadata, "notes": tuple(metadata["notes"]), "curve": tuple(metadata["curve"])}
        )


@dataclass(frozen=True)
class FailedJob:
    """A training job whose strategy cannot work on these training rows, and why."""

    job: TrainingJob
    reason: str


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How every network of a comparison is built and trained."""

    network: NetworkConfig
    training: TrainingConfig
    row_cap: int
    """Training rows that samplers which search neighbours may see."""


@dataclass(frozen=True, kw_only=True)
class TrainingInputs:
    """What every job is trained on: the encoded windows on disk and the settings that all share."""

    folder: Path
    cardinalities: tuple[int, ...]
    settings: TrainingSettings

    def window(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """X (N, F) float32 as a memory map, and y (N,) int8, of one window."""
        # NOTE: mode "c" is copy-on-write: torch wants writable memory, and the file can never change.
        return np.load(self.folder / f"{name}_X.npy", mmap_mode="c"), np.load(self.folder / f"{name}_y.npy")


def lay_out(table: pl.LazyFrame, split: Split, encoder: Encoder, folder: Path) -> None:
    """Encode the three windows into memory maps, a stretch of the table at a time; finished files are left alone.

    Args:
        table: the whole feature table, in its order.
        split: positions and labels of the windows.
        encoder: fitted on the training rows.
        folder: of this comparison's jobs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in WINDOWS:
        window: Window = getattr(split, name)
        if not (folder / f"{name}_X.npy").exists():
            encode_rows(TableRows(table, window.rows), encoder, folder / f"{name}_X.npy")
        _save(folder / f"{name}_y.npy", window.y)


def encode_rows(rows: TableRows, encoder: Encoder, path: Path) -> None:
    """Write encoded rows (N, F) float32 into a ``.npy`` file, which appears whole or not at all."""
    with write_atomically(path) as part:
        X = np.lib.format.open_memmap(part, mode="w+", dtype=np.float32, shape=(len(rows), encoder.n_features))
        for start, stretch in rows.batches(encoder.columns):
            encoder.fill(X[start : start + len(stretch)], stretch)
            release(X)
        X.flush()
        del X


def train_jobs(
    jobs: Iterable[TrainingJob], folds: Sequence[TrainingInputs], *, processes: int, kind: Kind = "local"
) -> Iterator[JobResult | FailedJob]:
    """Train jobs side by side, yielding each as it ends; jobs that are finished already come first.

    Args:
        jobs: what to train.
        folds: what to train it on, by the number of the job's fold.
        processes: how many; each uses one torch thread, so that figures do not depend on their number.
        kind: where they run, as ``run_all`` takes it.

    Yields:
        JobResult, or FailedJob where the strategy cannot work on these rows; in the order in which they end.

    Raises:
        EngineError: a machine of the cluster does not see the inputs, or has other code.
    """
    inputs = [replace(one, folder=one.folder.absolute()) for one in folds]  # another machine starts elsewhere
    waiting: list[TrainingJob] = []
    for job in dict.fromkeys(jobs):
        folder = inputs[job.fold].folder / job.name
        if (folder / "cell.json").exists():
            yield JobResult.open(job, folder)
        else:
            waiting.append(job)
    if not waiting:
        return
    calls = [joblib.delayed(_try_job)(job, inputs[job.fold], _source_digest()) for job in waiting]
    yield from run_all(calls, kind=kind, jobs=min(processes, len(waiting)))


def _try_job(job: TrainingJob, inputs: TrainingInputs, code: str) -> JobResult | FailedJob:
    _check_machine(inputs, code)
    try:
        return train_job(job, inputs)
    except StrategyError as error:
        return FailedJob(job, str(error))


def _check_machine(inputs: TrainingInputs, code: str) -> None:
    """Stop where a machine of a cluster would train on nothing, or by other code than the job's name stands for.

    Raises:
        EngineError: which machine, and what it lacks.
    """
    if not inputs.folder.is_dir():
        raise EngineError(
            f"{platform.node()}: does not see {inputs.folder}; give a --workspace on a file system that every machine "
            "of the cluster mounts at the same path"
        )
    if _source_digest() != code:
        raise EngineError(
            f"{platform.node()}: its fraud package differs from the one that started the run; install the same "
            "version on every machine of the cluster"
        )


def train_job(job: TrainingJob, inputs: TrainingInputs) -> JobResult:
    """Train one job and write its folder.

    Raises:
        StrategyError: the strategy cannot work on these rows.
        LeakageError: a guard saw its training use other rows than it should.
    """
    torch.set_num_threads(1)
    y = inputs.window("validation")[1]
    with threadpool_limits(limits=1):
        score, metadata, weights = (
            _fit_baseline(job, inputs) if is_baseline(job.strategy) else _train_network(job, inputs)
        )
        logits = {name: score_rows(score, inputs.window(name)[0]) for name in ("validation", "test")}
    metadata["validation_average_precision"] = average_precision(y, logits["validation"])
    _write_result(inputs.folder / job.name, metadata, logits, weights)
    return JobResult.open(job, inputs.folder / job.name)


def take_part(job: TrainingJob, inputs: TrainingInputs) -> None:
    """Train a job as one of several processes of which another one, with ``train_job``, writes its folder.

    Raises:
        StrategyError, LeakageError: as ``train_job``.
    """
    torch.set_num_threads(1)
    with threadpool_limits(limits=1):
        _train_network(job, inputs)


def score_rows(score: Callable[[np.ndarray], np.ndarray], X: np.ndarray) -> np.ndarray:
    """Logits (N,) float32 of rows X (N, F), which are never held all at once."""
    logits = np.empty(len(X), dtype=np.float32)
    for chunk in chunks(X):
        logits[chunk] = score(X[chunk])
    return logits


Fitted = tuple[Callable[[np.ndarray], np.ndarray], dict[str, Any], Mapping[str, torch.Tensor]]


def _train_network(job: TrainingJob, inputs: TrainingInputs) -> Fitted:
    settings = inputs.settings
    trained = train_candidate(
        inputs.window("train"),
        inputs.window("validation"),
        strategy=get_strategy(job.strategy, **dict(job.knobs)),
        cardinalities=inputs.cardinalities,
        network=settings.network,
        training=replace(settings.training, learning_rate=job.learning_rate),
        row_cap=settings.row_cap,
        seed=job.seed,
    )
    check_kept_weights(trained.checked_on, inputs.window("validation")[1])
    metadata = {name: getattr(trained, name) for name in ("steps", "best_step", "rows", "seconds", "logit_shift")}
    metadata |= {"notes": list(trained.notes), "curve": list(trained.curve)}
    score = partial(score_logits, trained.network, precision=settings.training.precision)
    return score, metadata, trained.network.state_dict()


def _fit_baseline(job: TrainingJob, inputs: TrainingInputs) -> Fitted:
    X, y = inputs.window("train")
    began = time.perf_counter()
    n_numeric = X.shape[1] - len(inputs.cardinalities)
    fitted = fit_baseline(job.strategy, X, y, n_numeric=n_numeric, seed=job.seed, row_cap=inputs.settings.row_cap)
    metadata: dict[str, Any] = {
        "steps": None,
        "best_step": None,
        "rows": fitted.rows,
        "seconds": time.perf_counter() - began,
    }
    metadata |= {"logit_shift": fitted.logit_shift, "notes": list(fitted.notes), "curve": []}
    return fitted.score, metadata, {}


def fingerprint(*parts: Any) -> str:
    """A name for everything that decides a job's result; dataclasses, texts and numbers go in."""
    described = json.dumps(
        [asdict(part) if hasattr(part, "__dataclass_fields__") else part for part in parts], default=str
    )
    return hashlib.sha256((described + _source_digest()).encode()).hexdigest()[:16]


def _source_digest() -> str:
    """Digest of the code that trains: a job that other code trained is not this comparison's; judging is done anew."""
    root, digest = Path(__file__).parents[1], hashlib.sha256()
    for part in _TRAINS:
        for path in [root / part] if part.endswith(".py") else sorted((root / part).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _write_result(
    folder: Path, metadata: Mapping[str, Any], logits: Mapping[str, np.ndarray], weights: Mapping[str, torch.Tensor]
) -> None:
    with write_atomically(folder) as part:
        part.mkdir()
        for name, values in logits.items():
            np.save(part / f"{name}.npy", values.astype(np.float32))
        save_file(dict(weights), part / "network.safetensors")
        (part / "cell.json").write_text(json.dumps(metadata), encoding="utf-8")


def _save(path: Path, values: np.ndarray) -> None:
    with write_atomically(path) as part:
        np.save(part, values)
