"""Train one candidate and say how it does on validation.

With several processes, each of which trains on its share of every batch:

torchrun --nproc-per-node 2 -m fraud.cli.train --strategy NAME --config run.toml
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fraud.cli.options import ConfigPath, Overrides, WorkspacePath, progress_bar, say
from fraud.config import RunConfig, load_config
from fraud.workspace import Workspace

if TYPE_CHECKING:
    from fraud.evaluation import TrainingInputs, TrainingJob

    Task = tuple[TrainingJob, TrainingInputs]


def train(
    *,
    strategy: str,
    config: ConfigPath,
    seed: int = 0,
    out: Path | None = None,
    workspace: WorkspacePath = Path(),
    **overrides: Overrides,
) -> None:
    """Train one strategy with one seed; the test window stays untouched.

    Started by torchrun, every process trains on its share of each batch; the first one prepares, writes and speaks.

    Args:
        strategy: name of the strategy.
        config: the run's TOML file.
        seed: of everything random.
        out: folder that the bundle is written to; left out: nothing is kept.
        workspace: folder of data/ and reports/.
        overrides: any key of the configuration.
    """
    from fraud.evaluation import take_part
    from fraud.imbalance import get_strategy
    from fraud.model import from_first, join_process_group, wait_for_all

    settings, place = load_config(config, overrides), Workspace(workspace)
    get_strategy(strategy)
    with join_process_group() as shard:
        if not shard.is_first:
            task: Task | None = from_first(None)
            if task is not None:
                take_part(*task)
                wait_for_all()
            return
        with place.lock(settings.dataset.name, "fraud train"):
            _train_locked(place, settings, strategy, seed=seed, out=out)


def _train_locked(place: Workspace, settings: RunConfig, strategy: str, *, seed: int, out: Path | None) -> None:
    from fraud.cli.prepare import prepare_in
    from fraud.cli.run_record import bundle_origin, comparison_data, jobs_folder
    from fraud.evaluation import TrainingJob, train_job, trained_bundle
    from fraud.lifecycle import begin_attempt
    from fraud.model import from_first, wait_for_all

    table = prepare_in(place, settings)
    version, dataset = table.store_version, settings.dataset.name
    folder = jobs_folder(place, settings, version, "train")
    attempt = begin_attempt(folder, now=datetime.now(UTC), dataset=dataset, store_version=version)
    data = comparison_data(place, settings, table, folder=folder)
    inputs = replace(data.inputs, folder=data.inputs.folder.absolute())  # another process may have started elsewhere
    job, inputs = from_first((TrainingJob(strategy, seed, settings.training.learning_rate), inputs))
    with progress_bar("train", total=1) as step:
        result = train_job(job, inputs)
        step(f"{result.steps} steps")
    say(
        f"train: {strategy}, seed {seed}: average precision on validation "
        f"{result.validation_average_precision:.4f} at step {result.best_step} of {result.steps}, "
        f"{result.seconds:.1f} s"
    )
    if out is not None:
        trained_bundle(result, data, policy=settings.policy, origin=bundle_origin(settings)).save(out)
        say(f"train: bundle in {out}")
    wait_for_all()  # the others read the job's folder to the end of their training
    attempt.end()


if __name__ == "__main__":
    from fraud.cli.main import main

    main(["train", *sys.argv[1:]])
