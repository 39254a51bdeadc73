"""Train one candidate and print how it does on validation.

With several processes, each of which trains on its share of every batch:

torchrun --nproc-per-node 2 -m fraud train --strategy NAME --config run.toml
"""

from pathlib import Path

from fraud.cli.options import ConfigPath, Overrides, WorkspacePath, show, shown_progress
from fraud.config import load_config
from fraud.workspace import Workspace


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

    Started by torchrun, every process trains on its share of each batch; the first one prepares, writes and prints.

    Args:
        strategy: name of the strategy.
        config: the run's TOML file.
        seed: of everything random.
        out: folder that the bundle is written to; left out: nothing is kept.
        workspace: folder of data/ and reports/.
        overrides: any key of the configuration.
    """
    from fraud import stages

    settings = load_config(config, overrides)
    with shown_progress() as shown:
        trained = stages.train(
            strategy, settings, workspace=Workspace(workspace), seed=seed, out=out, on_progress=shown
        )
    if trained is None:
        return
    show(
        f"train: {strategy}, seed {seed}: average precision on validation "
        f"{trained.validation_average_precision:.4f} at step {trained.best_step} of {trained.steps}, "
        f"{trained.seconds:.1f} s"
    )
    if out is not None:
        show(f"train: bundle in {out}")
