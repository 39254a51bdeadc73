"""What each process of ``test_processes`` runs: trains the strategies, notes the rows that it was given."""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fraud.config import NetworkConfig, TrainingConfig
from fraud.imbalance.strategies import get_strategy
from fraud.model.batches import RowBlocks
from fraud.model.processes import from_all, from_first, join_process_group, wait_for_all
from fraud.model.training import train_candidate

STRATEGIES = ("weight-inverse", "batch-balanced", "over-random")
TRAINING = TrainingConfig(batch_size=256, max_steps=200, check_every=40, learning_rate=0.01, precision="fp32")


def rare_class(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A rare class inside a ring; the last column numbers the rows, in numbers too small to learn from."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 4)).astype(np.float32)
    y = ((X[:, 0] ** 2 + X[:, 1] ** 2) < 0.15).astype(np.int8)
    X[:, 3] = np.arange(rows) * 1e-6
    return X, y


def train_all() -> dict[str, Any]:
    """For each strategy its validation checks, its steps and the rows that this process was given."""
    found = {}
    given: list[np.ndarray] = []
    take = RowBlocks.__getitem__

    def noted(blocks: RowBlocks, index: Any) -> Any:
        batch = take(blocks, index)
        if not isinstance(index, slice):
            given.append(np.rint(batch[0][:, 3].numpy() * 1e6).astype(int))
        return batch

    RowBlocks.__getitem__ = noted  # type: ignore[method-assign]
    for name in STRATEGIES:
        given.clear()
        candidate = train_candidate(
            rare_class(6000, 1),
            rare_class(3001, 2),
            strategy=get_strategy(name),
            cardinalities=(),
            network=NetworkConfig(hidden=(32,), dropout=0.1),
            training=TRAINING,
            row_cap=10_000,
            seed=0,
        )
        checks = [check["validation_average_precision"] for check in candidate.curve]
        found[name] = {
            "checks": checks,
            "steps": candidate.steps,
            "batches": [part.tolist() for part in given[:20]],
            "weights": float(sum(float(value.double().sum()) for value in candidate.network.state_dict().values())),
        }
    RowBlocks.__getitem__ = take  # type: ignore[method-assign]
    return found


def arrive(folder: Path, rank: int) -> int:
    """How many processes had come when this one went on; the first one comes at once, the others a second later."""
    time.sleep(min(rank, 1))
    (folder / f"{rank}.arrived").touch()
    wait_for_all()
    return len(list(folder.glob("*.arrived")))


def main() -> None:
    """One process of those that torchrun started."""
    torch.set_num_threads(1)
    with join_process_group() as shard:
        seed = from_first(41 + shard.rank)
        ranks = from_all(np.array([shard.rank])).tolist()
        arrived = arrive(Path(sys.argv[1]), shard.rank)
        result = {"seed": seed, "ranks": ranks, "arrived": arrived, "found": train_all()}
    Path(sys.argv[1], f"{shard.rank}.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
