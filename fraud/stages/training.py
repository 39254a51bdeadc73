"""Train one candidate; with several processes, each of which trains on its share of every batch."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from fraud.config import RunConfig
from fraud.evaluation import TrainingInputs, TrainingJob, take_part, train_job, trained_bundle
from fraud.imbalance import get_strategy
from fraud.lifecycle import begin_attempt
from fraud.model import from_first, join_process_group, wait_for_all
from fraud.stages.preparation import prepare
from fraud.stages.progress import OnProgress, ignore, steps_of
from fraud.stages.run_record import bundle_origin, comparison_data, jobs_folder
from fraud.workspace import Workspace

Task = tuple[TrainingJob, TrainingInputs]


@dataclass(frozen=True, kw_only=True)
class TrainedOnce:
    """One strategy, trained with one seed."""

    validation_average_precision: float
    best_step: int
    """Step after which validation was best; its weights are kept."""
    steps: int
    seconds: float


def train(
    strategy: str,
    config: RunConfig,
    *,
    workspace: Workspace,
    seed: int = 0,
    out: Path | None = None,
    on_progress: OnProgress = ignore,
) -> TrainedOnce | None:
    """Train one strategy with one seed on the stored transactions; the test window stays untouched.

    Started by torchrun, every process trains on its share of each batch; the first one prepares and writes.

    Args:
        strategy: its name.
        config: of the run.
        workspace: where the store is.
        seed: of everything random.
        out: folder that the bundle is written to; None: nothing is kept.
        on_progress: called at each step.

    Returns:
        How it does on validation; None in a process of torchrun that is not the first.

    Raises:
        FraudError: the configuration, the data or the workspace is at fault; the message names it.
    """
    get_strategy(strategy)
    with join_process_group() as shard:
        if not shard.is_first:
            task: Task | None = from_first(None)
            if task is not None:
                take_part(*task)
                wait_for_all()
            return None
        with workspace.lock(config.dataset.name, "fraud train"):
            return _train_locked(strategy, config, workspace, seed=seed, out=out, on_progress=on_progress)


def _train_locked(
    strategy: str, config: RunConfig, workspace: Workspace, *, seed: int, out: Path | None, on_progress: OnProgress
) -> TrainedOnce:
    table = prepare(config, workspace=workspace, on_progress=on_progress)
    version, dataset = table.store_version, config.dataset.name
    folder = jobs_folder(workspace, config, version, "train")
    attempt = begin_attempt(folder, now=datetime.now(UTC), dataset=dataset, store_version=version)
    data = comparison_data(workspace, config, table, folder=folder, split=replace(config.split, folds=1))
    inputs = data.latest.inputs
    inputs = replace(inputs, folder=inputs.folder.absolute())  # another process may have started elsewhere
    job, inputs = from_first((TrainingJob(strategy, seed, config.training.learning_rate), inputs))
    with steps_of("train", on_progress, total=1) as step:
        result = train_job(job, inputs)
        step(f"{result.steps} steps")
    if out is not None:
        trained_bundle(result, data, policy=config.policy, origin=bundle_origin(config)).save(out)
    wait_for_all()  # the others read the job's folder to the end of their training
    attempt.end()
    return TrainedOnce(
        validation_average_precision=result.validation_average_precision,
        best_step=result.best_step or 0,
        steps=result.steps or 0,
        seconds=result.seconds,
    )
